"""The one door to durable-rules: which criteria fire for a fact sheet.

    criterion  --compile-->  one rule over the atoms that it needs
    fact sheet --Python decides each atom-->  {k, n} facts of those that hold
               --durable-rules joins-->  fired criteria  ==  reference evaluator

durable-rules mishandles ordinary input (``1e-05`` is a parse error, property names
collide, types coerce, ``any`` fires twice, ``$not`` is late), so it never sees a
value: an *atom* is a leaf, or a whole ``any`` tree, that Python has decided, and the
engine gets only short strings for the atoms that hold. Laws, each from a crash or a
wrong answer measured in ``research/rules-engines.md``:

* ``engine.Ruleset`` with a stub host, never ``Host`` (its timers never end);
* one fixed session, under one lock: content hashes are then the same on every call,
  so the self-test at compile time proves that no two atoms collide;
* a mark fact is run first, because ``delete_state`` before any action is a
  segmentation fault;
* actions only append to the trace: an exception in one would be swallowed;
* handles are freed: a rule set that is dropped leaks 0.7 MB otherwise.

The few compiled rule sets kept here are the package's only state between calls, a
memo of a pure function: compiling takes ten times as long as evaluating.
"""

import threading
from collections import Counter, OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tunewise.domain.facts import FactSheet
from tunewise.domain.rules import AllOf, Condition, RuleSet, Truth
from tunewise.engine.conditions import MAX_CONJUNCTS
from tunewise.engine.reference import evaluate

try:
    import durable_rules_engine
    from durable import engine
except ImportError:  # no C compiler where it was installed: the reference decides
    _INSTALLED = False
else:
    _INSTALLED = True
    # Each firing asks the clock, by a call that Python 3.12 deprecates, only to drop
    # actions of over ten seconds silently. Ours append to a list: no clock.
    engine._unix_now = lambda: 0.0

DURABLE = "durable-rules 2.0.28"

_SESSION = "s"
_MARK = {"sid": _SESSION, "k": "mark", "n": "start"}
_MARK_PATTERN = {"$and": [{"k": "mark"}, {"n": "start"}]}
# 512 tests under one node hang (research 1.7); 20 a shard is fastest at 600 rules.
_SHARD = 20
# 256 rules may share an atom (research 1.7); beyond this an atom gets a twin.
_MOST_SHARING = 200
_MOST_KEPT = 4

_Conditions = tuple[tuple[str, Condition], ...]


class EngineMismatch(RuntimeError):
    """durable-rules and the reference evaluator disagree: a bug."""


@dataclass(frozen=True, slots=True)
class _Atom:
    """One condition that Python decides, and what the engine knows it by."""

    condition: Condition
    number: int

    @property
    def names(self) -> dict[str, str]:
        """The fact's properties: its shard and its name."""
        return {"k": f"c{self.number // _SHARD}", "n": f"a{self.number}"}

    @property
    def pattern(self) -> dict[str, object]:
        """The condition of a rule that needs this atom."""
        return {"$and": [{key: name} for key, name in self.names.items()]}


class _Host:
    """Stands where durable-rules expects its Host: actions never call it."""


class _Compiled:
    """One rule set in the engine's memory."""

    def __init__(self, conditions: _Conditions) -> None:
        self._trace: list[str] = []
        rules: dict[str, dict[str, object]] = {
            "mark": {"all": [{"m": _MARK_PATTERN}], "pri": 1, "run": _ignore}
        }
        atoms: dict[tuple[Condition, int], _Atom] = {}
        sharing: Counter[Condition] = Counter()
        for position, (criterion, condition) in enumerate(conditions):
            patterns: list[dict[str, object]] = []
            for part in _parts(condition):
                key = (part, sharing[part] // _MOST_SHARING)
                sharing[part] += 1
                atom = atoms.setdefault(key, _Atom(part, len(atoms)))
                patterns.append({f"c{len(patterns)}": atom.pattern})
            run = _appending(self._trace, criterion)
            rules[f"r{position}"] = {"all": patterns, "pri": 0, "run": run}
        self._atoms = tuple(atoms.values())
        self._ruleset = engine.Ruleset("tunewise", _Host(), rules)
        self._self_test(sorted(criterion for criterion, _ in conditions))

    def fire(self, sheet: FactSheet) -> list[str]:
        """Return the criteria that fire, each once, in the engine's order."""
        truths: dict[Condition, bool] = {}
        holding = []
        for atom in self._atoms:
            if atom.condition not in truths:
                truth = evaluate(atom.condition, sheet)
                truths[atom.condition] = truth is Truth.HOLDS
            if truths[atom.condition]:
                holding.append(atom)
        return self._run(holding)

    def free(self) -> None:
        """Give the engine's memory back; the object is of no use afterwards."""
        durable_rules_engine.delete_ruleset(self._ruleset._handle)

    def _run(self, holding: Sequence[_Atom]) -> list[str]:
        self._trace.clear()
        self._do_actions(self._ruleset.assert_fact(dict(_MARK)))
        try:
            if holding:
                facts = [{"sid": _SESSION, **atom.names} for atom in holding]
                self._do_actions(self._ruleset.assert_facts(facts))
            state = self._ruleset.get_state(_SESSION)
        finally:
            self._ruleset.delete_state(_SESSION)
        if "exception" in state:
            raise EngineMismatch(f"{DURABLE} swallowed {state['exception']}")
        return list(self._trace)

    def _do_actions(self, state_handle: int) -> None:
        errors: list[object] = []
        self._ruleset.do_actions(state_handle, lambda error, _: errors.append(error))
        for error in errors:
            if error is not None:
                raise EngineMismatch(f"{DURABLE} failed: {error!r}")

    def _self_test(self, everything: list[str]) -> None:
        """Assert every atom once: no false duplicate, no limit met, all rules fire."""
        fired = sorted(self._run(self._atoms))
        if fired != everything:
            raise EngineMismatch(f"{DURABLE} fires {fired} when all atoms hold")


def available() -> bool:
    """Return whether durable-rules is installed here."""
    return _INSTALLED


def evaluate_criteria(rule_set: RuleSet, sheet: FactSheet) -> frozenset[str]:
    """Return the ids of the criteria that fire; ask ``available()`` first.

    Raises
    ------
    EngineMismatch
        If durable-rules fires anything else than what the reference evaluator
        finds to hold, or fires it twice: a bug, never the user's mistake.
    """
    conditions = tuple((c.id, c.when) for c in rule_set.criteria)
    expected = sorted(i for i, w in conditions if evaluate(w, sheet) is Truth.HOLDS)
    with _LOCK:
        fired = sorted(_compiled(conditions).fire(sheet))
    if fired != expected:
        raise EngineMismatch(f"{DURABLE} fired {fired}, the reference {expected}")
    return frozenset(fired)


_LOCK = threading.Lock()
_KEPT: OrderedDict[_Conditions, _Compiled] = OrderedDict()


def _compiled(conditions: _Conditions) -> _Compiled:
    """Return the compiled rule set, the least recently used one making room."""
    if conditions in _KEPT:
        _KEPT.move_to_end(conditions)
        return _KEPT[conditions]
    if len(_KEPT) >= _MOST_KEPT:
        _KEPT.popitem(last=False)[1].free()
    compiled = _KEPT[conditions] = _Compiled(conditions)
    return compiled


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


def _appending(trace: list[str], criterion: str) -> Callable[[object], None]:
    # Exactly one argument: durable-rules calls a function of two asynchronously.
    def run(_: object) -> None:
        trace.append(criterion)

    return run


def _ignore(_: object) -> None:
    """Take the mark, so that the session may be deleted."""
