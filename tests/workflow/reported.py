"""Reports as files: written, forged, and what verify says of them."""

import json
import re
from collections.abc import Callable
from pathlib import Path

from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.reports import files as reports

FACTS = {
    "must_cite_sources": {"value": True, "evidence": "person:Ada"},
    "training_examples": {"low": 80, "high": 150},
}


FORMS = ["html", "md", "json"]


def written(decided: tuple[Home, str], folder: Path, form: str) -> Path:
    home, id = decided
    return reports.write_decision(home, id, folder / f"report.{form}", form=form)


def said_of(home: Home, report: Path) -> list[str]:
    return [p["message"] for p in integrity.verify(home, report)["problems"]]


def put(record: dict, keys: list[str], value: object) -> None:
    *outer, last = [int(k) if k.isdigit() else k for k in keys]
    for key in outer:
        record = record[key]
    assert record[last] != value
    record[last] = value


def forge(report: Path, change: Callable[[dict], object]) -> None:
    """Change the JSON of a report, and nothing else of it."""
    text = report.read_text(encoding="utf-8")
    found = re.search(r'id="record-json">(.*?)</script>', text, re.DOTALL)
    source = found[1] if found else text
    record = json.loads(source)
    change(record)
    new = json.dumps(record, ensure_ascii=not found)
    new = new.replace("<", "\\u003c").replace(">", "\\u003e")
    new = new.replace("&", "\\u0026").replace("'", "\\u0027") if found else new
    report.write_text(text.replace(source, new), encoding="utf-8")
