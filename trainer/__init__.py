"""Runs one arm of an experiment and scores it; importing this costs nothing."""
