"""How fast is the adviser, beside zen-engine on the same criteria and fact sheets?

    pip install --target /tmp/zen zen-engine==2.1.3
    PYTHONPATH=/tmp/zen python -m benchmarks.rules.beside_zen [ROUNDS]

Both are given the same sheets (worked cases, and generated ones with unknown facts and
ranges) and must find the same criteria before the clock starts. Timed is processor time
of one evaluation: here durable-rules, its check against the reference evaluator, the
findings with their facts, and why each other criterion does not match; there
``evaluate`` with trace. Rounds of both take turns. Then: a verdict with every flip and
question, and the command in a fresh process. Ends with status 1 where a bar is not met.
"""

import datetime as dt
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import zen

from benchmarks.rules.zen_table import columns, expressions, fields_of
from tests.engine.generated import Answers
from tunewise import resources
from tunewise.domain.decision import Finding, NotMatched
from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import RuleSet
from tunewise.engine.durable_adapter import DURABLE, available, evaluate_criteria
from tunewise.engine.intake import fact_sheet
from tunewise.engine.loader import load
from tunewise.engine.readings import read_criteria
from tunewise.engine.verdict import advise
from tunewise.engine.weighing import findings_of, not_matched_of, weigh

GENERATED = 200
STARTS = 5
MOST_RATIO = 1.0
MOST_MILLISECONDS = 50.0
MOST_SECONDS_TO_START = 1.0
# zen-engine's numbers are decimals of 28 digits; integers beyond JSON's are left out.
LARGEST = 10**15


def main(rounds: int = 15) -> int:
    """Check, measure, print, and return the exit status."""
    if not available():
        print(f"{DURABLE} is not installed: pip install 'tunewise[rules]'")
        return 1
    rule_set = load(resources.rule_texts())
    sheets = _sheets(rule_set)
    tables = {"columns": columns(rule_set), "expressions": expressions(rule_set)}
    met = []
    for form, table in tables.items():
        decision = zen.ZenEngine().create_decision(table)
        fields = [fields_of(sheet, rule_set.facts) for sheet in sheets]
        _check_agreement(rule_set, sheets, decision, fields)
        ours, theirs = _race(rule_set, sheets, decision, fields, rounds=rounds)
        ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
        print(
            f"zen-engine, {form}: {_spread(theirs)} ms, tunewise {_spread(ours)} ms; "
            f"ratio {_spread(ratios)} (min, median, max of {rounds} rounds)"
        )
        met.append(statistics.median(ratios) <= MOST_RATIO)
    met.append(_verdicts(rule_set, sheets))
    met.append(_start())
    return int(not all(met))


def explained(
    rule_set: RuleSet, sheet: FactSheet
) -> tuple[tuple[Finding, ...], tuple[NotMatched, ...]]:
    """Return what ``advise`` says of the criteria, without ranking and flips."""
    readings = read_criteria(rule_set.criteria, sheet)
    fired = evaluate_criteria(rule_set, sheet, readings=readings)
    matched = [c for c in rule_set.criteria if c.id in fired]
    weighed = weigh(matched, sheet, rule_set.facts)
    return (
        findings_of(matched, readings, weighed),
        not_matched_of(readings),
    )


def _sheets(rule_set: RuleSet) -> list[FactSheet]:
    random, answers = Random(1), Answers(rule_set.texts)
    drawn = [fact_sheet(c.facts, rule_set.facts).sheet for c in rule_set.cases]
    while len(drawn) < len(rule_set.cases) + GENERATED:
        sheet = fact_sheet(answers.draw(random), rule_set.facts).sheet
        ends = (end for fact in sheet for end in (fact.lower, fact.upper))
        if all(isinstance(e, str) or e is None or abs(e) <= LARGEST for e in ends):
            drawn.append(sheet)
    return drawn


def _check_agreement(
    rule_set: RuleSet,
    sheets: Sequence[FactSheet],
    decision: Any,  # noqa: ANN401
    fields: Sequence[dict[str, Any]],
) -> None:
    for sheet, given in zip(sheets, fields, strict=True):
        ours = evaluate_criteria(rule_set, sheet)
        theirs = {row["id"] for row in decision.evaluate(given)["result"]}
        if ours != theirs:
            sys.exit(f"they differ in {sorted(ours ^ theirs)} on {given}")


def _race(
    rule_set: RuleSet,
    sheets: Sequence[FactSheet],
    decision: Any,  # noqa: ANN401
    fields: Sequence[dict[str, Any]],
    *,
    rounds: int,
) -> tuple[list[float], list[float]]:
    """Return milliseconds an evaluation, ours and theirs, of each round."""
    ours, theirs = [], []
    trace = {"trace": True}
    for _ in range(rounds):
        ours.append(_milliseconds(lambda sheet: explained(rule_set, sheet), sheets))
        theirs.append(_milliseconds(lambda f: decision.evaluate(f, trace), fields))
    return ours, theirs


def _milliseconds(evaluate: Callable[[Any], object], given: Sequence[Any]) -> float:
    started = time.process_time()
    for one in given:
        evaluate(one)
    return (time.process_time() - started) * 1000 / len(given)


def _verdicts(rule_set: RuleSet, sheets: Sequence[FactSheet]) -> bool:
    today = dt.date(2026, 11, 26)
    times = []
    for sheet in sheets:
        started = time.perf_counter()
        advise(rule_set, sheet, today=today)
        times.append((time.perf_counter() - started) * 1000)
    p95 = statistics.quantiles(times, n=20)[-1]
    print(
        f"verdict with every flip and question: median {statistics.median(times):.1f} "
        f"ms, p95 {p95:.1f} ms, most {max(times):.1f} ms"
    )
    return p95 < MOST_MILLISECONDS


def _start() -> bool:
    facts = str(resources.examples_dir() / "support-desk/facts.toml")
    command = [sys.executable, "-m", "tunewise.cli.main", "advise", facts]
    times = []
    for _ in range(STARTS):
        started = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    print(f"tunewise advise in a fresh process: {_spread(times)} s")
    return statistics.median(times) < MOST_SECONDS_TO_START


def _spread(values: Sequence[float]) -> str:
    return f"{min(values):.2f}, {statistics.median(values):.2f}, {max(values):.2f}"


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:])))
