"""Answers that were produced elsewhere, brought in as an arm of an experiment.

files, promptfoo   CSV, JSON Lines, promptfoo's results
given              one answer as a value, and what its fields may be
matching           held beside the held-out examples, each once
importing          the use case, from a file to new conclusions
imported_run       their record: a run without a process
"""
