"""Use cases: where clock, ids, files, processes and the parts meet.

home, statements, facts, advice     who asks, what is said, facts in, verdict out
intake                              the questions, one at a time
decisions/                          what the rules say, what a person decides
experiments/ answers/ costs/ drift/ what was measured, here or elsewhere, and then
datasets/ models/                   versions of what goes in and of what comes out
lineage/ integrity/ reports/        from a model back to its data; proof; files
rules/                              the rule set, and old decisions asked again
history, overview, event_words      what happened; what needs attention
background, jobs/, processes        heavy work in children, one after the other
output                              files written whole
views, schemas                      domain values as JSON, and their schemas
demo, doctor                        the shipped example; what is installed
"""
