"""The one door to durable-rules: which criteria fire for a fact sheet.

    criterion  --compile-->  one rule over the atoms that it needs
    fact sheet --Python decides each atom-->  {k, n} facts of those that hold
               --durable-rules joins-->  fired criteria  ==  reference evaluator

durable-rules mishandles ordinary input (``1e-05`` is a parse error, property names
collide, types coerce, ``any`` fires twice, ``$not`` is late), so it never sees a
value: an *atom* is a leaf, or a whole ``any`` tree, that Python has decided, and the
engine gets only short strings for the atoms that hold. Laws, each from a crash or a
wrong answer measured in ``research/rules-engines.md``:

* only the engine itself, ``durable_rules_engine``, never the Python around it: its
  ``Host`` starts timers that never end, and actions run inside its loop may be lost;
* so the rules have no actions: the engine says which rule comes next until none does;
* one fixed session, under one lock: content hashes are then the same on every call,
  so the self-test at compile time proves that no two atoms collide;
* a mark fact is run first, because ``delete_state`` before any rule has come up is a
  segmentation fault;
* rule sets are freed: one that is dropped leaks 0.7 MB otherwise.

The few compiled rule sets kept here are the package's only state between calls, a
memo of a pure function: compiling takes ten times as long as evaluating.
"""

import json
import threading
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import AllOf, Condition, Criterion, RuleSet, Truth
from tunewise.engine.conditions import MAX_CONJUNCTS
from tunewise.engine.reference import Reading, evaluate, read_all

try:
    import durable_rules_engine
except ImportError:  # no C compiler where it was installed: the reference decides
    _INSTALLED = False
else:
    _INSTALLED = True

DURABLE = "durable-rules 2.0.28"

_SESSION = "s"
_MARK = {"k": "mark", "n": "start"}
_MARK_FACT = json.dumps({"sid": _SESSION, **_MARK})
# 512 tests under one node hang (research 1.7); 20 a shard is fastest at 600 rules.
_SHARD = 20
# 256 rules may share an atom (research 1.7); beyond this an atom gets a twin.
_MOST_SHARING = 200
_MOST_KEPT = 4
_HOLDS = Truth.HOLDS  # found ten times as fast as through its enum

_Criteria = tuple[Criterion, ...]
_Names = Mapping[str, str]


class EngineMismatch(RuntimeError):
    """durable-rules and the reference evaluator disagree: a bug."""


class _Compiled:
    """One rule set in the engine's memory."""

    def __init__(self, criteria: _Criteria) -> None:
        self.criteria = criteria
        rules = {"mark": _rule([_MARK])}
        atoms: dict[tuple[Condition, int], _Names] = {}
        sharing: Counter[Condition] = Counter()
        for position, criterion in enumerate(criteria):
            needed = []
            for part in _parts(criterion.when):
                twin = sharing[part] // _MOST_SHARING
                sharing[part] += 1
                needed.append(atoms.setdefault((part, twin), _names(len(atoms))))
            rules[f"r{position}"] = _rule(needed)
        self._atoms = [(part, _fact(names)) for (part, _), names in atoms.items()]
        self._handle = durable_rules_engine.create_ruleset(
            "tunewise", json.dumps(rules)
        )
        self._self_test()

    def fire(self, sheet: FactSheet) -> list[str]:
        """Return the criteria that fire, each once, in the engine's order."""
        facts = [f for atom, f in self._atoms if evaluate(atom, sheet) is _HOLDS]
        return self._run(facts)

    def free(self) -> None:
        """Give the engine's memory back; the object is of no use afterwards."""
        durable_rules_engine.delete_ruleset(self._handle)

    def _run(self, facts: Sequence[str]) -> list[str]:
        self._assert([_MARK_FACT])
        try:
            rules = self._assert(facts) if facts else []
        finally:
            durable_rules_engine.delete_state(self._handle, _SESSION)
        return [self.criteria[int(rule.removeprefix("r"))].id for rule in rules]

    def _assert(self, facts: Sequence[str]) -> list[str]:
        """Assert facts, and return the rules that come up, by name."""
        text = f"[{','.join(facts)}]"
        code, state = durable_rules_engine.assert_facts(self._handle, text)
        if code:
            raise EngineMismatch(f"{DURABLE} answers {code} to the facts {text}")
        first = durable_rules_engine.start_action_for_state(self._handle, state)
        rules = []
        matched = first[1] if first else None
        while matched:
            rules.append(matched.split('"', 2)[1])  # of '{"r12": {…}}'
            matched = durable_rules_engine.complete_and_start_action(
                self._handle, state
            )
        return rules

    def _self_test(self) -> None:
        """Assert every atom once: no false duplicate, no limit met, all rules fire."""
        fired = sorted(self._run([fact for _, fact in self._atoms]))
        if fired != sorted(criterion.id for criterion in self.criteria):
            raise EngineMismatch(f"{DURABLE} fires {fired} when all atoms hold")


def available() -> bool:
    """Return whether durable-rules is installed here."""
    return _INSTALLED


def evaluate_criteria(
    rule_set: RuleSet,
    sheet: FactSheet,
    *,
    readings: Mapping[str, Reading] | None = None,
) -> frozenset[str]:
    """Return the ids of the criteria that fire; ask ``available()`` first.

    Parameters
    ----------
    readings : mapping of criterion id to Reading, optional
        What the reference evaluator found for this sheet, where that is known.

    Raises
    ------
    EngineMismatch
        If durable-rules fires anything else than what the reference evaluator
        finds to hold, or fires it twice: a bug, never the user's mistake.
    """
    found = readings or read_all(rule_set.criteria, sheet)
    expected = sorted(i for i, r in found.items() if r.truth is _HOLDS)
    with _LOCK:
        fired = sorted(_compiled(rule_set.criteria).fire(sheet))
    if fired != expected:
        raise EngineMismatch(f"{DURABLE} fired {fired}, the reference {expected}")
    return frozenset(fired)


_LOCK = threading.Lock()
_KEPT: list[_Compiled] = []  # the last used one last


def _compiled(criteria: _Criteria) -> _Compiled:
    """Return the compiled rule set, the least recently used one making room."""
    for position, kept in enumerate(_KEPT):
        if kept.criteria == criteria:
            _KEPT.append(_KEPT.pop(position))
            return kept
    if len(_KEPT) >= _MOST_KEPT:
        _KEPT.pop(0).free()
    _KEPT.append(_Compiled(criteria))
    return _KEPT[-1]


def _names(number: int) -> _Names:
    """Return what the engine knows an atom by: its shard and its name."""
    return {"k": f"c{number // _SHARD}", "n": f"a{number}"}


def _fact(names: _Names) -> str:
    return json.dumps({"sid": _SESSION, **names})


def _rule(needed: Iterable[_Names]) -> dict[str, object]:
    """Return the rule that fires when all of these facts are there."""
    patterns = ({"$and": [{key: name} for key, name in n.items()]} for n in needed)
    return {"all": [{f"c{place}": p} for place, p in enumerate(patterns)]}


def _parts(condition: Condition) -> list[Condition]:
    """Split a condition into its atoms, each once: two patterns need two facts."""
    parts = list(dict.fromkeys(_conjuncts(condition))) or [AllOf()]
    if len(parts) <= MAX_CONJUNCTS:
        return parts
    kept = MAX_CONJUNCTS - 1
    return [*parts[:kept], AllOf(tuple(parts[kept:]))]


def _conjuncts(condition: Condition) -> list[Condition]:
    if isinstance(condition, AllOf):
        return [part for c in condition.conditions for part in _conjuncts(c)]
    return [condition]
