"""Dataset versions: registered, checked, described, compared, taken out again.

records     the use cases
checks      files read, filled, checked and counted
facts       what a version says about a task, with its quality report
provenance  whose it is, and on what it may be used
stored      its bytes, put back where they were lost
views       versions and differences as JSON
"""
