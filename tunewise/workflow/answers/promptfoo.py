"""Results of promptfoo: what ``promptfoo eval -o results.json`` writes (or ``.jsonl``).

    {"evalId", "results": {"version": 3, "results": [row, …], …}, "config", …}
    row: vars, testCase (with metadata), prompt {raw, label}, provider {id, label},
         response {output, tokenUsage, cached, error}, latencyMs, error, …

One file holds the answers to several prompts by several providers: the names of both
pick one. The id of an example is the test's ``metadata.id``, else its variable ``id``.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tunewise.domain.errors import DatasetError
from tunewise.workflow.answers.given import AnswerFile, GivenAnswer, id_of, text_of

Row = Mapping[str, Any]
Entries = Iterable[tuple[int, object]]  # number from 1, row

TOOL = "promptfoo"
_ROW = ("provider", "prompt", "vars")
_LONGEST = 80  # characters of a name that is shown


def is_one(document: object) -> bool:
    """Tell whether a JSON document is what promptfoo wrote."""
    return isinstance(document, dict) and isinstance(document.get("results"), dict)


def is_row(value: object) -> bool:
    """Tell whether a JSON value is one result of promptfoo's."""
    return isinstance(value, dict) and all(key in value for key in _ROW)


def rows_of(document: object, name: str) -> list[tuple[int, object]]:
    """Return the numbered results of a whole document."""
    results = document["results"] if isinstance(document, dict) else {}
    rows = results.get("results")
    if not isinstance(rows, list):
        raise DatasetError(
            f"{name}: results.results is missing\n"
            "  Write the file with 'promptfoo eval -o results.json'."
        )
    return list(enumerate(rows, start=1))


def answer_file(
    entries: Entries, name: str, digest: str, prompts: Sequence[str]
) -> AnswerFile:
    """Return the answers to one prompt by one provider.

    Parameters
    ----------
    prompts : each is the label of a prompt, or the id or label of a provider; what is
        left of them must be one prompt by one provider

    Raises
    ------
    DatasetError
        If a result is not of the form above, has no id, or several prompts are left.
    """
    rows = [(place, _row(value, f"{name}: entry {place}")) for place, value in entries]
    if not rows:
        raise DatasetError(f"{name}: the file holds no result")
    columns: dict[tuple[str, str, str], list[tuple[int, Row]]] = {}
    for place, row in rows:
        columns.setdefault(_column(row), []).append((place, row))
    chosen = [c for c in columns if all(p in _names(columns[c][0][1]) for p in prompts)]
    if len(chosen) != 1:
        raise _several(name, columns, chosen, prompts)
    mine = columns[chosen[0]]
    first = mine[0][1]
    return AnswerFile(
        name=name,
        digest=digest,
        tool=TOOL,
        answers=tuple(
            _answer(row, place, f"{name}: entry {place}") for place, row in mine
        ),
        model=_shown(first["provider"].get("label") or first["provider"].get("id")),
        prompt=_shown(_label(first)),
    )


def _row(value: object, where: str) -> Row:
    parts = ("provider", "prompt")
    if not is_row(value) or not all(isinstance(value[p], dict) for p in parts):  # type: ignore[index]
        raise DatasetError(
            f"{where}: this is no result of promptfoo: it needs {', '.join(_ROW)}"
        )
    return value  # type: ignore[return-value]


def _column(row: Row) -> tuple[str, str, str]:
    """Return what tells prompts and providers apart: two may share a label."""
    return str(row.get("promptIdx", "")), _label(row), str(row["provider"].get("id"))


def _label(row: Row) -> str:
    prompt = row["prompt"]
    return str(prompt.get("label") or prompt.get("raw") or "")


def _shown(name: object) -> str:
    """Return a name as it can stand in a line: a prompt without one is its own text."""
    words = " ".join(str(name or "").split())
    return "".join(sign for sign in words if sign.isprintable())[:_LONGEST]


def _names(row: Row) -> set[str]:
    """Return the names by which a prompt and its provider are picked."""
    provider = row["provider"]
    named = (provider.get("id"), provider.get("label"))
    return {_label(row), _shown(_label(row)), *(str(name) for name in named if name)}


def _several(
    name: str,
    columns: Mapping[tuple[str, str, str], Sequence[tuple[int, Row]]],
    chosen: Sequence[tuple[str, str, str]],
    prompts: Sequence[str],
) -> DatasetError:
    shown = chosen or list(columns)
    listed = "\n".join(
        f"    --prompt {_shown(_label(row))!r} --prompt {row['provider'].get('id')!r}"
        for row in (columns[column][0][1] for column in shown)
    )
    named = " and ".join(map(repr, prompts))
    what = (
        f"no prompt and provider have the names {named}"
        if not chosen
        else f"{len(chosen)} prompts or providers are in it"
        + (f" with the names {named}" if named else "")
    )
    return DatasetError(f"{name}: {what}\n  Name one of:\n{listed}")


def _answer(row: Row, place: int, where: str) -> GivenAnswer:
    response = row.get("response")
    response = response if isinstance(response, dict) else {}
    text = text_of(response.get("output"), where)
    cached = bool(response.get("cached"))  # then the time is that of a look-up
    usage = response.get("tokenUsage")
    usage = usage if isinstance(usage, dict) else {}
    error = "" if text else str(response.get("error") or row.get("error") or "")
    return GivenAnswer(
        id=_id(row, where),
        text=text,
        place=place,
        seconds=None if cached else _seconds(row.get("latencyMs")),
        prompt_tokens=_tokens(usage.get("prompt")),
        answer_tokens=_tokens(usage.get("completion")),
        error=error,
    )


def _id(row: Row, where: str) -> str:
    test = row.get("testCase")
    metadata = test.get("metadata") if isinstance(test, dict) else None
    for said in (metadata, row["vars"]):
        if isinstance(said, dict) and said.get("id") not in (None, ""):
            return id_of(said["id"], where)
    raise DatasetError(
        f"{where}: the test has no id\n"
        "  Give each test of the configuration the id of its held-out example: "
        "metadata: {id: …}, or a variable id."
    )


def _seconds(value: object) -> float | None:
    number = _number(value)
    return None if number is None else number / 1000


def _tokens(value: object) -> int | None:
    """Return a number of tokens; promptfoo writes 0 where it knows none."""
    number = _number(value)
    return int(number) if number else None


def _number(value: object) -> float | None:
    known = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if known and value >= 0 else None  # type: ignore[arg-type,operator]
