"""Does memory grow with the number of evaluations?

    python -m benchmarks.rules.memory [EVALUATIONS]

The worked cases in turn, by durable-rules. Resident memory is read (from /proc, so on
Linux only) after a warm-up of 1,000; ends with status 1 where more than 20 MB came.
"""

import sys
from itertools import cycle, islice
from pathlib import Path

from tunewise import resources
from tunewise.engine.durable_adapter import DURABLE, available, evaluate_criteria
from tunewise.engine.intake import fact_sheet
from tunewise.engine.loader import load

WARM_UP = 1_000
MOST_MEGABYTES = 20


def main(evaluations: int = 100_000) -> int:
    """Evaluate, print the memory before and after, and return the exit status."""
    if not available():
        print(f"{DURABLE} is not installed: pip install 'tunewise[rules]'")
        return 1
    rule_set = load(resources.rule_texts())
    sheets = cycle(fact_sheet(c.facts, rule_set.facts).sheet for c in rule_set.cases)
    for sheet in islice(sheets, WARM_UP):
        evaluate_criteria(rule_set, sheet)
    before = _resident_megabytes()
    for sheet in islice(sheets, evaluations):
        evaluate_criteria(rule_set, sheet)
    after = _resident_megabytes()
    print(
        f"{evaluations:,} evaluations of {len(rule_set.criteria)} criteria, {DURABLE}: "
        f"{before:.1f} MB before, {after:.1f} MB after"
    )
    return int(after - before > MOST_MEGABYTES)


def _resident_megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    line = next(ln for ln in status.splitlines() if ln.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024 / 1e6


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
