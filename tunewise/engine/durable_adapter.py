"""The one door to durable-rules: which criteria fire for a fact sheet.

    criterion  --compile-->  one rule: the atoms that it needs, all in its shard's fact
    fact sheet --Python decides each atom-->  one fact a shard: the atoms that hold
               --durable-rules matches-->  fired criteria  ==  reference evaluator

durable-rules mishandles ordinary input (``1e-05`` is a parse error, property names
collide, types coerce, ``any`` fires twice, ``$not`` is late), so it never sees a
value: an *atom* is a leaf, or a whole ``any`` tree, that Python has decided, and the
engine gets only the names of the atoms that hold. Laws, each from a crash, a wrong
answer or a cost measured in ``research/rules-engines.md`` or ``docs/rules-engine.md``:

* only the engine itself, ``durable_rules_engine``, never the Python around it: its
  ``Host`` starts timers that never end, and actions run inside its loop may be lost;
* so the rules have no actions: the engine says which rule comes next until none does;
* a rule is one pattern over one fact. Joining a fact an atom costs ten times as much:
  every join has 8 KB of its own, cleared for every session;
* so criteria stand in shards: a fact has at most 255 properties, and one that matches
  more than 64 tests side by side is refused;
* one session a rule set, under one lock: its facts are retracted after each sheet. A
  new session each time takes three times as long. Facts have their own ids, because
  the engine's are a hash of the content;
* the session is deleted, then the rule set: either leaks 0.7 MB or more otherwise.
  ``delete_state`` before any rule has come up is a segmentation fault; the self-test at
  compile time lets every rule come up. A rule set that failed is freed too, so that
  nothing is left of the sheet that it failed on.
"""

import json
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import AllOf, Condition, Criterion, RuleSet, Truth
from tunewise.engine.asking import Asking
from tunewise.engine.conditions import MAX_CONJUNCTS
from tunewise.engine.kept import Kept
from tunewise.engine.readings import CriterionReading, read_criteria
from tunewise.engine.reference import evaluate

try:
    import durable_rules_engine
except ImportError:  # no C compiler where it was installed: the reference decides
    _INSTALLED = False
else:
    _INSTALLED = True

DURABLE = "durable-rules 2.0.28"

_SESSION = "s"
# 20 criteria of 12 tests each need 240 of the 255 properties, and 20 of the 64 matches.
_SHARD = 20
# 0: done; 1: no rule matches this fact. 2, seen before, would be one left of a sheet.
_HANDLED = (0, 1)
_HOLDS = Truth.HOLDS  # found ten times as fast as through its enum

_Criteria = tuple[Criterion, ...]


class EngineMismatch(RuntimeError):
    """durable-rules and the reference evaluator disagree: a bug."""


class _Atom(NamedTuple):
    """One decided test: the shard that needs it, and its name there."""

    shard: int
    name: str


class _Compiled:
    """One rule set in the engine's memory."""

    def __init__(self, criteria: _Criteria) -> None:
        self.criteria = criteria
        rules = {}
        atoms: dict[_Atom, Condition] = {}
        for shard, start in enumerate(range(0, len(criteria), _SHARD)):
            names: dict[Condition, str] = {}
            for position, criterion in enumerate(criteria[start:][:_SHARD], start):
                parts = _parts(criterion.when)
                needed = [names.setdefault(p, f"a{len(names)}") for p in parts]
                rules[str(position)] = _rule(shard, needed)
            atoms |= {_Atom(shard, name): part for part, name in names.items()}
        self._atoms = atoms
        self._asking = Asking(atoms.items())
        nothing = FactSheet()
        self._truths = {atom: evaluate(c, nothing) for atom, c in atoms.items()}
        self._handle = durable_rules_engine.create_ruleset(
            "tunewise", json.dumps(rules)
        )
        self._self_test(atoms)

    def fire(self, sheet: FactSheet) -> list[str]:
        """Return the criteria that fire, each once, in the engine's order."""
        truths = self._truths.copy()
        for atom in self._asking.touched(sheet):
            truths[atom] = evaluate(self._atoms[atom], sheet)
        return self._run(truths)

    def free(self) -> None:
        """Give the engine's memory back; the object is of no use afterwards."""
        if self.criteria:  # without any there was never a session
            durable_rules_engine.delete_state(self._handle, _SESSION)
        durable_rules_engine.delete_ruleset(self._handle)

    def _run(self, truths: Mapping[_Atom, Truth]) -> list[str]:
        held: dict[int, str] = {}
        for shard, name in [atom for atom, truth in truths.items() if truth is _HOLDS]:
            held[shard] = f'{held.get(shard, "")},"{name}":1'
        if not held:
            return []
        facts = [_fact(shard, f',"k":{shard}{names}') for shard, names in held.items()]
        state = self._tell(durable_rules_engine.assert_facts, facts)
        rules = self._rules_that_come_up(state)
        self._tell(durable_rules_engine.retract_facts, [_fact(shard) for shard in held])
        return [self.criteria[int(rule)].id for rule in rules]

    def _tell(self, how: Callable[..., tuple[int, int]], facts: Iterable[str]) -> int:
        """Assert or retract facts, and return the number of the session."""
        text = f"[{','.join(facts)}]"
        code, state = how(self._handle, text)
        if code not in _HANDLED:
            raise EngineMismatch(f"{DURABLE} answers {code} to the facts {text}")
        return state

    def _rules_that_come_up(self, state: int) -> list[str]:
        first = durable_rules_engine.start_action_for_state(self._handle, state)
        rules = []
        matched = first[1] if first else None
        while matched:
            rules.append(matched.split('"', 2)[1])  # of '{"12": {…}}'
            matched = durable_rules_engine.complete_and_start_action(
                self._handle, state
            )
        return rules

    def _self_test(self, atoms: Iterable[_Atom]) -> None:
        """Assert every atom once: no limit met, and all rules fire."""
        fired = sorted(self._run(dict.fromkeys(atoms, _HOLDS)))
        if fired != sorted(criterion.id for criterion in self.criteria):
            raise EngineMismatch(f"{DURABLE} fires {fired} when all atoms hold")


def available() -> bool:
    """Return whether durable-rules is installed here."""
    return _INSTALLED


def evaluate_criteria(
    rule_set: RuleSet,
    sheet: FactSheet,
    *,
    readings: Mapping[str, CriterionReading] | None = None,
) -> frozenset[str]:
    """Return the ids of the criteria that fire; ask ``available()`` first.

    Parameters
    ----------
    readings : mapping of criterion id to CriterionReading, optional
        What the reference evaluator found for this sheet, where that is known.

    Raises
    ------
    EngineMismatch
        If durable-rules fires anything else than what the reference evaluator
        finds to hold, or fires it twice: a bug, never the user's mistake.
    """
    criteria = rule_set.criteria
    found = readings or read_criteria(criteria, sheet)
    expected = sorted([i for i, r in found.items() if r.truth is _HOLDS])
    with _LOCK:
        agreed = False
        try:
            fired = sorted(_KEPT.of(criteria).fire(sheet))
            agreed = fired == expected
        finally:
            if not agreed:  # the session may hold facts of this sheet still
                _KEPT.forget(criteria)
    if not agreed:
        raise EngineMismatch(f"{DURABLE} fired {fired}, the reference {expected}")
    return frozenset(fired)


_LOCK = threading.Lock()  # held while the engine runs, so that none is freed meanwhile
_KEPT = Kept(_Compiled, _Compiled.free)


def _fact(shard: int, properties: str = "") -> str:
    return f'{{"sid":"{_SESSION}","id":"{shard}"{properties}}}'


def _rule(shard: int, needed: Iterable[str]) -> dict[str, object]:
    """Return the rule that fires on its shard's fact when all of these are in it."""
    tests = [{"k": shard}, *({name: 1} for name in needed)]
    return {"all": [{"f": {"$and": tests}}]}


def _parts(condition: Condition) -> list[Condition]:
    """Split a condition into its atoms, each once; the last may be many together."""
    parts = list(dict.fromkeys(_conjuncts(condition))) or [AllOf()]
    if len(parts) <= MAX_CONJUNCTS:
        return parts
    kept = MAX_CONJUNCTS - 1
    return [*parts[:kept], AllOf(tuple(parts[kept:]))]


def _conjuncts(condition: Condition) -> list[Condition]:
    if isinstance(condition, AllOf):
        return [part for c in condition.conditions for part in _conjuncts(c)]
    return [condition]
