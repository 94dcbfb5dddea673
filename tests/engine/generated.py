"""Generated rule sets, as TOML texts, and generated answers for any rule set.

Everything follows from one ``random.Random``, so that a seed repeats a whole run. The
dictionary has the names that collide in durable-rules' 32-bit hash of property names
(costarring, liquid), names that it reserves, and values that it parses wrongly.
"""

import datetime as dt
import json
import tomllib
from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

NUMBERS = (0, 1, -1, 0.5, 1e-05, 1.5e-05, 1e16, 1e16 + 2, 10**30, 2.5)
INTEGERS = (0, 1, 2, 50, 100, 2**53, 2**53 + 1, -(10**30), 10**300)
TEXTS = ("", "1", "true", 'a "b"', "abc d", "é\n\\", "$s", "x" * 70_000)
DAYS = tuple(dt.date(2026, 11, day) for day in (1, 2, 23))
LEVELS = ("low", "middle", "high", "true")

_EQUAL = ("is", "not")
_ORDER = ("at_least", "at_most", "above", "below")
_FACTS = {
    "costarring": "number",
    "liquid": "number",
    "score": "number",
    "id": "integer",
    "sid": "integer",
    "exception": "bool",
    "label": "bool",
    "level": "enum",
    "note": "text",
    "remark": "text",
    "day": "date",
    "until": "date",
}
_VALUES: Mapping[str, tuple[Any, ...]] = {
    "number": NUMBERS,
    "integer": INTEGERS,
    "bool": (True, False),
    "enum": LEVELS,
    "text": TEXTS,
    "date": DAYS,
}


def rule_texts(random: Random, criteria: int = 20) -> dict[str, str]:
    """Return the texts of a rule set by path, as the loader takes them."""
    texts = {"facts.toml": "\n".join(_definition(n, k) for n, k in _FACTS.items())}
    for number in range(criteria):
        when = _table(random, depth=2, most=random.choice((2, 4, 11)))
        texts[f"criteria/c{number}.toml"] = (
            f'title = "T"\nsince = 2026-11-23\nsource = "S"\nwhen = {when}\n'
            '[[then]]\noption = "rag"\nweight = 1\nbecause = "B"\n'
        )
    return texts


class Answers:
    """Answers to the fact dictionary of a rule set, at and around its thresholds."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._facts = tomllib.loads(texts["facts.toml"])
        self._asked: dict[str, list[Any]] = {name: [] for name in self._facts}
        for path, text in texts.items():
            if path.startswith("criteria/") and path.endswith(".toml"):
                for name, value in _constants(tomllib.loads(text)["when"]):
                    self._asked[name].append(value)

    def draw(self, random: Random) -> dict[str, Any]:
        """Return answers, from nearly all facts unknown to nearly all known."""
        known = random.choice((0.1, 0.5, 0.9))
        return {
            n: self._answer(random, n) for n in self._facts if random.random() < known
        }

    def _answer(self, random: Random, name: str) -> Any:
        definition = self._facts[name]
        kind = definition["type"]
        values = definition.get("values") or [*self._asked[name], *_VALUES[kind]]
        if kind not in ("number", "integer"):
            return random.choice((*values, "unknown"))
        nearby = (v for value in values for v in (value - 1, value, value + 1))
        usable = [v for v in nearby if _allowed(definition, v)]
        value = random.choice(usable)
        if random.random() < 0.6:
            return value
        floats = [
            v for v in usable if abs(v) <= 2**53
        ]  # a bound is a float: exact to here
        low, high = sorted((random.choice(floats), random.choice(floats)))
        return random.choice(({"low": low, "high": high}, {"low": low}, {"high": high}))


def _definition(name: str, kind: str) -> str:
    values = f"values = {json.dumps(LEVELS)}\n" if kind == "enum" else ""
    return f'[{name}]\ntype = "{kind}"\nquestion = "Q?"\nwhy = "W"\n{values}'


def _table(random: Random, depth: int, most: int) -> str:
    """Return an inline table of tests, all of which must hold."""
    names = random.sample(sorted(_FACTS), random.randint(1, most))
    tests = [f"{name} = {_test(random, name)}" for name in names]
    if depth and random.random() < 0.5:
        branches = random.randint(1, 3)
        inner = [_table(random, depth - 1, most=2) for _ in range(branches)]
        tests.append(f"any = [{', '.join(inner)}]")
    return f"{{ {', '.join(tests)} }}"


def _test(random: Random, name: str) -> str:
    kind = _FACTS[name]
    if random.random() < 0.1:
        return f"{{ known = {_toml(random.random() < 0.5)} }}"
    ordered = kind in ("number", "integer", "date")
    asked = random.choice(_EQUAL + (_ORDER if ordered else ()))
    others = [n for n, k in _FACTS.items() if n != name and k == kind]
    if others and random.random() < 0.2:
        return f'{{ {asked} = {{ fact = "{random.choice(others)}" }} }}'
    if kind != "bool" and random.random() < 0.2:
        values = random.sample(_VALUES[kind], 2)
        return f"{{ in = [{', '.join(_toml(v) for v in values)}] }}"
    value = _toml(random.choice(_VALUES[kind]))
    return value if asked == "is" else f"{{ {asked} = {value} }}"


def _toml(value: Any) -> str:
    if isinstance(value, dt.date):
        return value.isoformat()
    return json.dumps(value, ensure_ascii=False)


def _constants(table: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield every value that a fact is tested against, by the fact's name."""
    for name, test in table.items():
        if name == "any":
            for branch in test:
                yield from _constants(branch)
            continue
        for asked, value in test.items() if isinstance(test, dict) else [("is", test)]:
            if asked != "known" and not isinstance(value, dict):
                for one in value if isinstance(value, list) else [value]:
                    yield name, one


def _allowed(definition: Mapping[str, Any], value: float) -> bool:
    whole = definition["type"] == "number" or value == int(value)
    low, high = definition.get("low"), definition.get("high")
    return whole and (low is None or value >= low) and (high is None or value <= high)
