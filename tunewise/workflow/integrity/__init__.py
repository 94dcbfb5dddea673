"""Integrity: is everything as it was recorded?

checking    the chain and the bytes; copies that prove it
anchoring   the head of the chain put outside, and held against today's
outside     where: a tag of a git repository, a line of a file
timestamps  RFC 3161: an authority signs that a head existed
"""
