"""The context of an experiment's page and report: arms, charts, sentences."""

from collections.abc import Iterable, Mapping
from typing import Any

from tunewise.domain.experiment import DEFAULT_MARGIN
from tunewise.report import answering, charts, numbers, words
from tunewise.report.costs import complete_costs
from tunewise.report.off_task import complete_off_task
from tunewise.report.reading import complete_reading
from tunewise.report.shapes import View, fill, rows, shape
from tunewise.report.slices import complete_slices
from tunewise.report.trainings import complete_trainings

_KEYS = shape(
    text="experiment title status dataset heldout_digest primary_metric decision at "
    "by error prices",
    lists="comparisons beside_lookups labels notes warnings forecasts",
    tables="arms diagnostics slices",
    none="target_score margin margin_stated spec tuning_costs costs judge prediction "
    "reading verdict verdict_before curve unflagged in_brief",
)
_ARM = shape(
    text="run status model model_version error",
    lists="setups slices prompt",
    tables="metrics",
    none="setup latency_seconds answers_per_second prompt_tokens_mean "
    "answer_tokens_mean answering_memory_bytes cost train seconds by_seed labels "
    "retrieval grounding abstention described off_task sent_to imported "
    "passages_tried",
)
_JUDGE = shape(
    text="run status model error prompt_blob",
    tables="scores",
    none="agreement sent_to examples judged unreadable",
)
_SENT = shape(
    text="base_url model data_up_to classification currency",
    none="cost requests from_cache",
)
_IMPORTED = shape(
    text="file digest tool by at",
    lists="missing_ids replaces unread",
    none="identity n missing failed left_out latency_stated",
)
_PREDICTION = shape(
    text="recommended because outcome",
    lists="best left_out",
    none="regret reconstructed lead",
)
_VERDICT = shape(text="recommended lead because")
_COMPARISON = shape(text="conclusion metric", none="low high p_value needs_n models")


def complete_experiment(
    view: View, *, target: float | None = None, recommended: str = ""
) -> dict[str, Any]:
    """Return the context of the experiment body: arms, charts, sentences."""
    experiment = fill(view, _KEYS)
    metric = experiment["primary_metric"]
    arms = _arms(experiment["arms"], metric)
    diagnostics = _arms(experiment["diagnostics"], metric)
    comparisons = [
        words.from_the_winner(entry)
        for entry in rows(experiment["comparisons"], _COMPARISON)
    ]
    if not isinstance(target, (int, float)):
        target = experiment["target_score"] or _stated_target(experiment["spec"])
    return {
        "experiment": experiment,
        "metric": metric,
        "target": target,
        "margin": margin_of(experiment),
        "arms": arms,
        "diagnostics": diagnostics,
        "metrics": _metric_names([*arms, *diagnostics], metric),
        "scores_chart": charts.interval_chart(
            [_score_row(arm, strong=arm["name"] == recommended) for arm in arms],
            target=target,
        ),
        "differences_chart": charts.interval_chart(
            [_difference_row(c) for c in comparisons], zero=True
        ),
        "comparisons": _told(comparisons),
        "beside_lookups": _told(
            words.from_the_winner(entry)
            for entry in rows(experiment["beside_lookups"], _COMPARISON)
        ),
        "reading": complete_reading(experiment["reading"]),
        "slices": complete_slices(arms, experiment["slices"]),
        "trainings": complete_trainings(experiment),
        "judge": fill(experiment["judge"], _JUDGE) if experiment["judge"] else None,
        "sent": sent_of(experiment),
        "tuning_costs": experiment["tuning_costs"],
        "foreseen": _foreseen(experiment),
        "costs": complete_costs(experiment["costs"], experiment["prices"]),
        "answering": answering.tables([*arms, *diagnostics]),
        "labels": experiment["labels"],
    }


def _foreseen(experiment: View) -> dict[str, Any] | None:
    """Return the blind verdict, and the verdicts before and after measuring."""
    found, after = experiment["prediction"], experiment["verdict"]
    if not after:
        return None
    before = experiment["verdict_before"]
    return {
        "prediction": fill(found, _PREDICTION) if found else None,
        "before": fill(before, _VERDICT) if before else None,
        "after": fill(after, _VERDICT),
    }


def _told(comparisons: Iterable[View]) -> list[dict[str, Any]]:
    return [{**c, "sentence": words.comparison(c)} for c in comparisons]


def sent_of(experiment: View) -> list[dict[str, Any]]:
    """Return where arms, diagnostics and the judge sent data, as far as it is known."""
    judge = {"judge": experiment["judge"]} if experiment.get("judge") else {}
    asked = {**experiment["arms"], **experiment["diagnostics"], **judge}
    return [
        {"who": who, **fill(view["sent_to"], _SENT)}
        for who, view in asked.items()
        if view.get("sent_to")
    ]


def _stated_target(spec: object) -> Any:  # noqa: ANN401
    return _task(spec).get("target_score")


def margin_of(view: View) -> dict[str, Any] | None:
    """Return an experiment's equivalence margin, and whether somebody stated one.

    Older reports do not say who did: the default is nobody's.
    """
    spec = view.get("spec") or {}
    value = view.get("margin")
    value = _task(spec).get("margin") if value is None else value
    if value is None:
        return None
    stated = view.get("margin_stated")
    stated = spec.get("margin_stated") if stated is None else stated
    stated = value != DEFAULT_MARGIN if stated is None else stated
    return {"value": value, "stated": stated}


def _task(spec: object) -> View:
    task = spec.get("task") if isinstance(spec, Mapping) else None
    return task if isinstance(task, Mapping) else {}


def _arms(arms: View, metric: str) -> list[dict[str, Any]]:
    rows = []
    for name, entry in arms.items():
        arm = fill(entry, _ARM)
        arm["name"] = name
        arm["score"] = arm["metrics"].get(metric)
        if arm["imported"]:
            arm["imported"] = fill(arm["imported"], _IMPORTED)
        picked = arm["passages_tried"]
        arm["passages_text"] = answering.passages_picked(picked) if picked else ""
        arm["off_task"] = complete_off_task(arm["off_task"])
        arm["notes"] = answering.notes(arm)
        arm["setup_text"] = numbers.plain(arm["setup"]) if arm["setup"] else ""
        rows.append(arm)
    return rows


def _metric_names(arms: Iterable[View], primary: str) -> list[str]:
    names = dict.fromkeys(name for arm in arms for name in arm["metrics"])
    return sorted(names, key=lambda name: name != primary)


def _score_row(arm: View, *, strong: bool) -> dict[str, Any]:
    score = arm["score"] or {}
    return {
        **{key: score.get(key) for key in ("value", "low", "high")},
        "label": words.arm_title(arm["name"]),
        "text": numbers.score(score),
        "strong": strong,
    }


def _difference_row(entry: View) -> dict[str, Any]:
    return {
        "label": f"{words.arm_title(entry['a'])} − {words.arm_title(entry['b'])}",
        "value": entry["difference"],
        "low": entry.get("low"),
        "high": entry.get("high"),
        "text": f"{numbers.signed(entry['difference'])}: {entry['conclusion']}",
        "strong": entry["conclusion"] in ("win", "lose"),
    }
