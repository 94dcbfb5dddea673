"""What was decided, run and trained; the only package that speaks SQLite."""
