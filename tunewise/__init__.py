"""Tunewise: decide how to adapt a language model, measure it, and record why."""

__version__ = "0.2.0"
