"""The one Jinja environment: autoescape on, undefined names refused, sandboxed.

A template is data, also one from a home's ``house/templates`` folder, which lies
over the shipped ones: the sandbox keeps it from reaching into Python.
"""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import FileSystemLoader, StrictUndefined, TemplateError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from tunewise import __version__, resources
from tunewise.report import (
    answering,
    markdown,
    marks,
    numbers,
    off_task,
    predictions,
    reviews,
    words,
)
from tunewise.report.answer_text import spaced
from tunewise.report.compiled import compiled
from tunewise.report.shown import clipped, shown, verbatim

_FILTERS: dict[str, Callable[..., Any]] = {
    "score": numbers.score,
    "decimal": numbers.decimal,
    "signed": numbers.signed,
    "count": numbers.count,
    "plain": numbers.plain,
    "percent": numbers.percent,
    "duration": numbers.duration,
    "size": numbers.size,
    "money": numbers.money,
    "amount": numbers.amount,
    "amounts": numbers.amounts,
    "moment": numbers.moment,
    "day": numbers.day,
    "short_digest": numbers.short_digest,
    "option_title": words.option_title,
    "option_gloss": words.option_gloss,
    "arm_title": words.arm_title,
    "metric_title": words.metric_title,
    "lead_title": words.lead_title,
    "humanise": words.humanise,
    "act": words.act,
    "person": words.person,
    "recorded_later": words.recorded_later,
    "change_of_draft": words.change_of_draft,
    "claim": words.claim,
    "checked": words.checked,
    "sentence": words.sentence,
    "marked": marks.marked,
    "verbatim": verbatim,
    "clipped": clipped,
    "spaced": spaced,
    "description_label": words.description_label,
    "prediction": predictions.prediction,
    "predictions": predictions.predictions,
    "outcome": predictions.outcome,
    "regret": predictions.regret,
    "promise": reviews.promise,
    "realised": reviews.realised,
    "figure": reviews.figure,
    "confused": answering.confused,
    "recall_at": answering.recall_at,
    "speed": answering.speed,
    "timed": answering.timed,
    "changed": off_task.changed,
    "off_task": off_task.sentence,
    "off_task_concluded": off_task.concluded,
    "change": words.change,
    "md": markdown.inline,
    "md_code": markdown.code,
    "yaml": markdown.yaml,
}


Templates = ImmutableSandboxedEnvironment


# what a template may raise over a view of another shape
RENDERING_FAULT: type[Exception] = TemplateError


def environment(house: Sequence[Path] = ()) -> Templates:
    """Return an environment over the shipped templates, ``house`` folders first."""
    folders = [*house, resources.templates_dir()]
    env = Templates(
        loader=FileSystemLoader(folders),
        autoescape=True,
        finalize=shown,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=compiled(_made_with()),
    )
    env.filters.update(_FILTERS)
    env.filters["segment"] = segment
    env.globals["version"] = __version__
    env.globals["tunewise_version"] = __version__  # where a page has a `version`
    env.globals["maker"] = maker(folders)
    # A record keeps the order of its keys; a report that is handed on is short.
    env.policies["json.dumps_kwargs"] = {
        "separators": (",", ":"),
        "ensure_ascii": False,
    }
    return env


def _made_with() -> str:
    """Return what a compiled template depends on besides its text: this module."""
    options = hashlib.sha256(Path(__file__).read_bytes()).hexdigest()
    return f"{__version__}-{options[:12]}"


def maker(folders: Sequence[Path]) -> str:
    """Return the digest of all that a report is made by: templates, style, this code.

    The same record gives the same report wherever it is the same.
    """
    sha = hashlib.sha256(__version__.encode())
    code = sorted(Path(__file__).parent.glob("*.py"))
    for file in [*code, *(f for folder in folders for f in sorted(folder.rglob("*")))]:
        if file.suffix in (".py", ".html", ".md", ".css"):
            sha.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return f"sha256:{sha.hexdigest()}"


def segment(value: object) -> str:
    """Return a value as one segment of a web path: nothing in it can leave it.

    >>> segment("a/../b?c")
    'a%2F..%2Fb%3Fc'
    """
    return quote(str(value), safe="@")
