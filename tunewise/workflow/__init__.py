"""Use cases: where clock, ids, files, processes and the parts meet."""
