"""Print experiments as Markdown tables: python benchmarks/table.py REPORT.json…

A report is what ``tunewise --json experiment show ID`` prints.
"""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tunewise.report import off_task, trainings
from tunewise.report.reading import complete_reading

View = Mapping[str, Any]


def table(report: View) -> str:
    """Return one experiment: arms and diagnostics, then the comparisons in words."""
    metric = report["primary_metric"]
    others = [m for m in _first(report)["metrics"] if m != metric]
    counts = ", ".join(f"{n} {split}" for split, n in report["data"].items())
    lines = [
        f"### {report['title']}",
        f"{counts}; held-out `{report['heldout_digest'][:19]}…`; verdict before "
        f"**{report['verdict_before']['recommended']}**, after "
        f"**{report['verdict']['recommended']}** (lead {report['verdict']['lead']}).",
        "",
        f"| arm | set-up | {metric} (95 %) | {' | '.join(others)} | p50 / p95 s | "
        "training | run |",
        "|---" * (len(others) + 6) + "|",
    ]
    for name, arm in {**report["arms"], **report["diagnostics"]}.items():
        lines.append(_row(name, arm, metric, others))
    lines += ["", *(f"- {_sentence(c)}" for c in report["comparisons"])]
    lines += [f"- {said}" for said in _told(report)]
    lines += ["", report["verdict"]["because"]]
    return "\n".join(lines) + "\n"


def _told(report: View) -> Iterator[str]:
    """Yield in words what the diagnostics show."""
    if found := complete_reading(report.get("reading")):
        yield f"{found['title']}. {' '.join(found['sentences'][-2:])}"
    for key in ("curve", "unflagged"):
        if found := report.get(key):
            yield f"{key}: {trainings.sentence(found)}"
    for arm, view in report["arms"].items():
        if found := view.get("off_task"):
            yield f"{arm} {off_task.sentence(found)}"


def _first(report: View) -> View:
    return next(a for a in report["arms"].values() if a["status"] == "finished")


def _row(name: str, arm: View, metric: str, others: list[str]) -> str:
    label = name.replace("_", " ")
    if arm["status"] != "finished":
        return f"| {label} | {arm['status']} |" + " |" * (len(others) + 4)
    score, latency, train = (
        arm["metrics"][metric],
        arm["latency_seconds"],
        arm["train"],
    )
    cells = [
        label,
        arm["setup"],
        f"**{score['value']:.3f}** ({score['low']:.3f}–{score['high']:.3f})",
        *(f"{arm['metrics'][m]['value']:.3f}" for m in others),
        f"{latency['p50']:.2f} / {latency['p95']:.2f}" if latency else "–",
        f"{train['steps']} steps, {train['tokens']:,} tokens, {train['seconds']:.0f} s"
        if train
        else "–",
        f"{arm['seconds']:.0f} s",
    ]
    return "| " + " | ".join(cells) + " |"


def _sentence(c: View) -> str:
    needs = f"; about {c['needs_n']} examples would settle it" if c["needs_n"] else ""
    return (
        f"{c['a']} − {c['b']}: {c['difference']:+.3f} ({c['low']:+.3f} to "
        f"{c['high']:+.3f}), p = {c['p_value']:.4f}: {c['conclusion']}{needs}"
    )


if __name__ == "__main__":
    for path in sys.argv[1:]:
        print(table(json.loads(Path(path).read_text(encoding="utf-8"))))
