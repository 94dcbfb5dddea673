"""Do durable-rules, the reference evaluator and a second opinion always agree?

    python -m benchmarks.rules.agreement [SHEETS] [SEED]

The first half of the fact sheets is asked of the shipped rule set, with every worked
case; the second half of generated rule sets, fifty sheets each. What is generated and
what the second opinion is, is told in tests/engine/generated.py and second_opinion.py.
Prints how many agreed, or the first sheet that did not, and then ends with status 1.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from random import Random
from typing import Any

from tests.engine.generated import rule_texts
from tests.engine.second_opinion import FAILS, HOLDS, WAITS
from tests.engine.three_ways import ThreeWays
from tunewise import resources
from tunewise.engine.durable_adapter import DURABLE, available

SHEETS_A_RULE_SET = 50


def main(sheets: int = 100_000, seed: int = 20261126) -> int:
    """Ask the three ways, print what they said, and return the exit status."""
    if not available():
        print(f"{DURABLE} is not installed: pip install 'tunewise[rules]'")
        return 1
    random = Random(seed)
    truths: Counter[int] = Counter()
    started = time.monotonic()
    shipped = ThreeWays(resources.rule_texts())
    cases = [case.facts for case in shipped.rule_set.cases]
    try:
        _ask(shipped, cases, truths)
        _ask(shipped, (shipped.draw(random) for _ in range(sheets // 2)), truths)
        left, rule_sets = sheets - sheets // 2, 0
        while left:
            asked = ThreeWays(rule_texts(random))
            now = min(left, SHEETS_A_RULE_SET)
            _ask(asked, (asked.draw(random) for _ in range(now)), truths)
            left, rule_sets = left - now, rule_sets + 1
    except AssertionError as error:
        print(f"seed {seed}: {error}")
        return 1
    print(
        f"{sheets:,} fact sheets and {len(cases)} worked cases agreed three ways: "
        f"{sheets // 2:,} sheets of the shipped rule set, "
        f"{sheets - sheets // 2:,} of {rule_sets:,} generated rule sets"
    )
    print(
        f"criteria that matched {truths[HOLDS]:,}, did not {truths[FAILS]:,}, "
        f"waited {truths[WAITS]:,}"
    )
    print(f"seed {seed}, {time.monotonic() - started:.0f} s, {DURABLE}")
    return 0


def _ask(
    asked: ThreeWays, sheets: Iterable[Mapping[str, Any]], truths: Counter[int]
) -> None:
    for answers in sheets:
        truths.update(asked.truths(answers).values())


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
