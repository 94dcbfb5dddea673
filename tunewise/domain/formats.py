"""The formats that ``tunewise schema`` and the API describe by JSON Schema."""

FORMATS = (
    *("facts", "criterion", "experiment", "model"),  # files that people write
    "decision",
    *("report", "experiment-report", "lineage"),
)
