"""Statistics, comparisons, costs and drift."""
