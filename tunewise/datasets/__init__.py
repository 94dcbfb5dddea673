"""Dataset files: canonical form, hashes, checks, duplicates, leakage, diff."""
