"""Lineage: where a model came from, and what is left of what was deleted.

document    "why was this model fine-tuned?" in one document
events      what happened to its records, and who did what
forgetting  what a deleted dataset version leaves in the folders of runs
"""
