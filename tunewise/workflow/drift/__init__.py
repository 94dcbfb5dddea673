"""Drift: does later data still look like what the decision rested on?

checking   the use case: later data beside a model's own
answering  the model answers the later examples, in a child process
answers    their score beside the old one
verdict    the decision asked again
records    checks on record
"""
