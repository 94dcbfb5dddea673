"""Models: bases, versions, where they run, and how they leave.

bases, base_folder   base models: fetched, checked, converted, found again
fetching             one process fetches, others wait; never half a model
versions             what an experiment leaves behind, under a name that stays
contents             what a version consists of
imported, files, foreign_weights   models made elsewhere
deployments, in_force   where versions run, and what stands there today
exporting            a version as a folder that other software loads
views                versions and deployments as JSON
"""
