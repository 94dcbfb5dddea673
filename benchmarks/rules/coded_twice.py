"""How much of the advice depends on who codes a case?

    python -m benchmarks.rules.coded_twice

``coded_again.jsonl`` holds 60 of the cases of ``cases.jsonl``, drawn at random among
those that were read, and coded from their sources a second time by somebody who had
seen neither the first coding nor the rules. Prints how far the two agree on facts,
outcome and advice.
"""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.rules.published import advice, share
from tunewise import resources
from tunewise.engine.loader import load

Case = Mapping[str, Any]


def main() -> None:
    """Print the agreement of both codings."""
    first, second = (_read(n) for n in ("cases.jsonl", "coded_again.jsonl"))
    pairs = [(first[id_], second[id_]) for id_ in second]
    rules = load(resources.rule_texts())
    said = [(advice(rules, a), advice(rules, b)) for a, b in pairs]
    either = [set(a["facts"]) | set(b["facts"]) for a, b in pairs]
    both = [set(a["facts"]) & set(b["facts"]) for a, b in pairs]
    same = [
        sum(a["facts"][f] == b["facts"][f] for f in facts)
        for (a, b), facts in zip(pairs, both, strict=True)
    ]
    print(f"{len(pairs)} cases, facts: {sum(map(len, either))} set by either coder,")
    print(f"  {sum(map(len, both))} by both, {sum(same)} of these with the same value")
    for name, hits in (
        ("the same outcome", [a["outcome"] == b["outcome"] for a, b in pairs]),
        ("the same advice", [x is y for x, y in said]),
        ("right on the first", _right(pairs, said, 0)),
        ("right on the second", _right(pairs, said, 1)),
    ):
        print(f"  {name:<20} {share(hits)}")


def _right(pairs: list[Any], said: list[Any], at: int) -> list[bool]:
    return [
        option.value in case["acceptable"]
        for option, case in ((s[at], p[at]) for s, p in zip(said, pairs, strict=True))
    ]


def _read(name: str) -> dict[str, Case]:
    lines: Iterable[str] = Path(__file__).with_name(name).read_text().splitlines()
    return {case["id"]: case for case in map(json.loads, lines)}


if __name__ == "__main__":
    main()
