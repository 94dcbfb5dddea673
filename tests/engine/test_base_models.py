import datetime as dt

import pytest

from tunewise.domain.facts import Fact, FactSheet
from tunewise.domain.rules import BaseModel, Option, RuleSet
from tunewise.engine.base_models import shortlist


def model(name="m", **more):
    figures = {
        "title": name.upper(),
        "parameters_b": 1.0,
        "context_tokens": 8192,
        "licence": "MIT",
        "good_for": ("extraction",),
        "memory_to_serve_gb": 2.0,
        "memory_to_tune_gb": 8.0,
        "tunable_how": "LoRA",
        "hosted": False,
        "source": "S",
        "as_of": "2026-11-23",
    }
    return BaseModel(id=name, **{**figures, **more})


def suggestions(*models, option=Option.PROMPT, **facts):
    rule_set = RuleSet("sha256:0", {}, (), (), models, (), {})
    entries = {n: v if isinstance(v, Fact) else Fact(n, v) for n, v in facts.items()}
    return shortlist(rule_set, FactSheet(entries), option, today=dt.date(2026, 11, 23))


def test_suitable_models_come_first_and_those_shown_to_serve_the_task_before_others():
    ordered = suggestions(
        model("hosted", hosted=True, parameters_b=0.1),
        model("large", parameters_b=7.0),
        model("other", parameters_b=0.5, good_for=("dialogue",)),
        model("small", parameters_b=0.2),
        on_prem_required=True,
        task_type="extraction",
    )

    assert [s.id for s in ordered] == ["small", "large", "other", "hosted"]
    assert ordered[0].because == (
        "SMALL: shown to serve extraction; 0.2 B parameters, 8192 tokens of context, "
        "2 GB to serve, MIT."
    )
    assert "not shown to serve extraction" in ordered[2].because
    assert ordered[3].because.startswith("Ruled out: it runs only at a vendor")


@pytest.mark.parametrize(
    ("figures", "facts", "reason"),
    [
        ({}, {"prompt_tokens_p99": 9000}, "below prompt_tokens_p99 (9000)"),
        ({"hosted": True}, {"on_prem_required": True}, "runs only at a vendor"),
        ({"end_of_life": "2027-01-14"}, {"needed_until": "2028-01-01"}, "life ends"),
        ({"end_of_life": "2026-11-22"}, {}, "its life ended on 2026-11-22"),
        (
            {},
            {"serving_memory_gb": 1.5},
            "needs 2 GB, above serving_memory_gb (1.5 GB)",
        ),
        ({"licence": "Llama"}, {"licences_allowed": "MIT, Apache-2.0"}, "name Llama"),
    ],
)
def test_model_is_ruled_out_with_its_reason(figures, facts, reason):
    (suggestion,) = suggestions(model(**figures), **facts)

    assert len(suggestion.ruled_out_by) == 1
    assert reason in suggestion.ruled_out_by[0]


@pytest.mark.parametrize(
    "facts",
    [
        {},
        {"prompt_tokens_p99": 8192},
        {"prompt_tokens_p99": Fact("prompt_tokens_p99", None, low=4000, high=9000)},
        {"serving_memory_gb": Fact("serving_memory_gb", None, low=1, high=4)},
        {"needed_until": "2027-01-14", "on_prem_required": False},
        {"licences_allowed": "apache-2.0 , mit"},
        {"training_memory_gb": 1.0},  # matters only where the verdict is to tune
    ],
)
def test_model_is_not_ruled_out_by_what_is_unknown_or_suffices(facts):
    (suggestion,) = suggestions(model(end_of_life="2027-01-14"), **facts)

    assert suggestion.ruled_out_by == ()


@pytest.mark.parametrize("option", [Option.FINETUNE, Option.HYBRID])
def test_model_that_cannot_be_tuned_is_ruled_out_where_the_verdict_is_to_tune(option):
    (untunable,) = suggestions(model(memory_to_tune_gb=None), option=option)
    (too_large,) = suggestions(model(), option=option, training_memory_gb=4)

    assert untunable.ruled_out_by == (
        f"there is no way to tune it, and the verdict is {option}",
    )
    assert too_large.ruled_out_by == ("it needs 8 GB, above training_memory_gb (4 GB)",)
