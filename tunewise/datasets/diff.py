"""What changed from one version to the next.

    a, b  -->  added, removed, changed (before, after), moved (split), unchanged

What is equal is set aside first. The rest is paired by key where there is one (the
metadata id, or a field that the user names), else by equal prompt, else by
similarity; what finds no partner was added or removed. Where nothing differs the
order may: that is said, and is no change.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tunewise.datasets.canonical import canonical, document_record, record
from tunewise.datasets.nearness import nearest_pairs
from tunewise.datasets.texts import asked, normal, prompt_key
from tunewise.domain.dataset import Dataset, Example, Split
from tunewise.domain.errors import DatasetError

_ID = "metadata.id"
_SIMILAR = 0.6  # an edit of a sentence mostly leaves more in common


@dataclass(frozen=True, slots=True)
class Change:
    """One record that differs; a record that was added has no ``before``."""

    key: str
    before: Mapping[str, object] | None = None
    after: Mapping[str, object] | None = None
    fields: tuple[str, ...] = ()  # which fields changed, for those that changed
    paired_by: str = ""  # of those that changed: key, prompt or similarity
    similarity: float | None = None  # of what was paired by it, in [0, 1]


@dataclass(frozen=True, slots=True)
class Diff:
    """Everything that differs between two versions."""

    added: tuple[Change, ...]
    removed: tuple[Change, ...]
    changed: tuple[Change, ...]
    moved: tuple[Change, ...]  # the same content in another split
    unchanged: int
    reordered: bool = False  # nothing differs but the order


@dataclass(frozen=True, slots=True)
class _Item:
    key: str  # "" where it has none
    place: str  # its split
    content: Mapping[str, object]
    mark: bytes  # equal content, equal mark
    prompt: str  # equal prompt, one record edited
    text: str  # for similarity


@dataclass(frozen=True, slots=True)
class _Match:
    """A record and what became of it."""

    before: _Item
    after: _Item
    paired_by: str
    similarity: float | None = None

    @property
    def moved(self) -> bool:
        same = self.before.mark == self.after.mark
        return same and self.before.key == self.after.key


def diff(a: Dataset, b: Dataset) -> Diff:
    """Return what changed between two datasets, their documents included.

    A document's key is ``document:`` and its id.
    """
    found = _compare(_items(a), _items(b))
    documents = _compare(_document_items(a), _document_items(b))
    return Diff(
        added=found.added + documents.added,
        removed=found.removed + documents.removed,
        changed=found.changed + documents.changed,
        moved=found.moved,
        unchanged=found.unchanged + documents.unchanged,
        reordered=(found.reordered or documents.reordered)
        and not any(_differences(found) + _differences(documents)),
    )


def diff_records(
    a: Sequence[Mapping[str, object]],
    b: Sequence[Mapping[str, object]],
    key: str | None = None,
) -> Diff:
    """Return what changed between two lists of JSON objects.

    Parameters
    ----------
    key : str, optional
        The field that names a record; ``metadata.id`` reads a field inside another,
        and is taken by itself where it names every record of both lists.

    Raises
    ------
    DatasetError
        If a record lacks the key, or two records of one side share it.
    """
    key = key or (_ID if _names_all(a) and _names_all(b) else None)
    return _compare(
        _record_items(a, key, "the first"), _record_items(b, key, "the second")
    )


def _compare(a: Sequence[_Item], b: Sequence[_Item]) -> Diff:
    unchanged, old, new = _without_equal(a, b, lambda i: (i.place, i.key, i.mark))
    matches: list[_Match] = []
    marks: tuple[tuple[str, Callable[[_Item], str]], ...] = (
        ("key", lambda i: i.key),
        ("content", lambda i: i.mark.hex()),
        ("prompt", lambda i: i.prompt),
    )
    for paired_by, mark in marks:
        more, old, new = _paired(old, new, mark, paired_by)
        matches += more
    more, old, new = _similar(old, new)
    matches += more
    found = Diff(
        added=tuple(Change(_name(i), after=_shown(i)) for i in new),
        removed=tuple(Change(_name(i), before=_shown(i)) for i in old),
        changed=tuple(_change(m) for m in matches if not m.moved),
        moved=tuple(_moved(m) for m in matches if m.moved),
        unchanged=unchanged,
    )
    in_order = [i.mark for i in a] == [i.mark for i in b]
    return replace(found, reordered=not in_order and not any(_differences(found)))


def _differences(found: Diff) -> tuple[tuple[Change, ...], ...]:
    return (found.added, found.removed, found.changed, found.moved)


def _without_equal(
    a: Sequence[_Item], b: Sequence[_Item], mark: Callable[[_Item], object]
) -> tuple[int, list[_Item], list[_Item]]:
    """Set aside what both sides have, as often as both have it."""
    common = Counter(map(mark, a)) & Counter(map(mark, b))
    rest: list[list[_Item]] = []
    for side in (a, b):
        left = common.copy()
        kept = []
        for item in side:
            if left[mark(item)] > 0:
                left[mark(item)] -= 1
            else:
                kept.append(item)
        rest.append(kept)
    return common.total(), rest[0], rest[1]


def _paired(
    a: Sequence[_Item],
    b: Sequence[_Item],
    mark: Callable[[_Item], str],
    paired_by: str,
) -> tuple[list[_Match], list[_Item], list[_Item]]:
    """Pair what has an equal, non-empty mark, first with first."""
    waiting: dict[str, list[_Item]] = defaultdict(list)
    for item in reversed(a):
        if mark(item):
            waiting[mark(item)].append(item)
    pairs, new = [], []
    for item in b:
        partners = waiting.get(mark(item))
        if partners:
            pairs.append(_Match(partners.pop(), item, paired_by))
        else:
            new.append(item)
    taken = {id(match.before) for match in pairs}
    return pairs, [x for x in a if id(x) not in taken], new


def _similar(
    a: Sequence[_Item], b: Sequence[_Item]
) -> tuple[list[_Match], list[_Item], list[_Item]]:
    """Pair what has no key and reads alike, the most similar first."""
    old, new = [i for i in a if not i.key], [i for i in b if not i.key]
    found = nearest_pairs([i.text for i in old], [i.text for i in new], _SIMILAR)
    pairs, taken_old, taken_new = [], set(), set()
    for pair in sorted(found, key=lambda p: (-p.similarity, p.second)):
        if pair.first not in taken_old:
            taken_old.add(pair.first)
            taken_new.add(pair.second)
            before, after = old[pair.first], new[pair.second]
            pairs.append(_Match(before, after, "similarity", pair.similarity))
    gone = {id(old[i]) for i in taken_old}
    come = {id(new[i]) for i in taken_new}
    return (
        pairs,
        [i for i in a if id(i) not in gone],
        [i for i in b if id(i) not in come],
    )


def _items(dataset: Dataset) -> list[_Item]:
    return [_item(e, s) for s in Split for e in dataset.split(s)]


def _item(example: Example, split: Split) -> _Item:
    content = record(example)
    return _Item(
        key=example.id,
        place=str(split),
        content=content,
        mark=canonical(content),
        prompt=prompt_key(example),
        text=f"{asked(example)}\n{normal(example.reference)}",
    )


def _document_items(dataset: Dataset) -> list[_Item]:
    contents = [document_record(d) for d in dataset.documents]
    keys = [f"document:{d.id}" for d in dataset.documents]
    return [
        _Item(k, "documents", c, canonical(c), "", "")
        for k, c in zip(keys, contents, strict=True)
    ]


def _names_all(records: Sequence[Mapping[str, object]]) -> bool:
    """Return whether each record has an id of its own, as examples can have."""
    ids = [_value_of(content, _ID) for content in records]
    return all(isinstance(i, str) and i for i in ids) and len({*ids}) == len(ids)


def _record_items(
    records: Sequence[Mapping[str, object]], key: str | None, side: str
) -> list[_Item]:
    items = []
    seen: set[str] = set()
    for number, content in enumerate(records, start=1):
        name = _key_of(content, key, f"record {number} of {side}") if key else ""
        if key and name in seen:
            raise DatasetError(
                f"record {number} of {side}: a second record has {key} = {name!r}\n"
                "  Choose a field that is different in every record."
            )
        seen.add(name)
        mark = canonical(content)
        items.append(_Item(name, "", content, mark, "", normal(mark.decode())))
    return items


def _key_of(content: Mapping[str, object], key: str, where: str) -> str:
    value = _value_of(content, key)
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise DatasetError(
            f"{where}: it has no {key!r}\n"
            f"  Its fields are {', '.join(map(str, content))}."
        )
    return str(value)


def _value_of(content: Mapping[str, object], key: str) -> object:
    value: object = content
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return value


def _change(match: _Match) -> Change:
    old, new = _shown(match.before), _shown(match.after)
    fields = tuple(f for f in {**old, **new} if old.get(f) != new.get(f))
    name = _name(match.after)
    return Change(name, old, new, fields, match.paired_by, match.similarity)


def _moved(match: _Match) -> Change:
    before, after = {"split": match.before.place}, {"split": match.after.place}
    return Change(_name(match.after), before, after, ("split",))


def _shown(item: _Item) -> Mapping[str, object]:
    return {**item.content, "split": item.place} if item.place else item.content


def _name(item: _Item) -> str:
    """Return the key, or the beginning of a record that has none."""
    return item.key or (item.prompt.rsplit("\x1f", 1)[-1] or item.text)[:80]
