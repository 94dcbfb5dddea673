"""Statistics, comparisons, costs and drift.

    counts per example --intervals--> a Score   --comparisons--> win, lose, …
    price table + amounts --cost_plans--> money between bounds --> break_even
    earlier and later examples --drift--> what to ask again

Importing it loads numpy only; scipy and scikit-learn are loaded by the functions that
need them, so that the web service never does.
"""
