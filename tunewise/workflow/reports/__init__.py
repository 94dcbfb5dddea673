"""Reports: a record as one file, and whether a file says what was recorded.

files           writing them
made            what they hold: the smaller, and without texts of the data
examples        … unless somebody asked for some
shortened       the telling rows of an experiment's long tables
check           the use case: head, record and text
record, diff    what it says, key by key
text, wording   its text, line by line
then            what it would have said as of its head
"""
