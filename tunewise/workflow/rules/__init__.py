"""Rules: the rule set as people look at it, and old decisions asked again.

records          list, show, check, coverage, published cases
worked           a criterion's condition as a tree, its worked cases whole
house            the house's own files
last_good        a running service keeps the last set that could be read
replay           decisions under the current or another rule set
verdict_changes  two verdicts on one task
"""
