import datetime as dt
from dataclasses import replace

import pytest

from tunewise.workflow import decisions
from tunewise.workflow.home import Home

from .imports import register_model


def accepted(home: Home, facts: dict) -> str:
    id = decisions.propose(home, facts, title="Due")["id"]
    decisions.accept(home, id)
    return str(id)


def on(home: Home, day: str) -> Home:
    when = dt.datetime.fromisoformat(day).replace(tzinfo=dt.UTC)
    return replace(home, clock=lambda: when)


def messages(home: Home) -> list[str]:
    return [p["message"] for p in decisions.check(home)["problems"]]


def ending(home: Home) -> tuple[str, dt.date]:
    """Return a base model of the table that its vendor ends, and when."""
    model = next(m for m in home.rules().base_models if m.end_of_life)
    return model.id, dt.date.fromisoformat(model.end_of_life)


@pytest.mark.parametrize(
    ("days", "said"), [(-91, ""), (-90, "ends on"), (0, "was ended by its vendor")]
)
def test_the_end_of_a_base_model_is_told_three_months_ahead(
    home: Home, days: int, said: str
) -> None:
    base, end = ending(home)
    id = accepted(home, {})
    register_model(home, "mail", base_model={"id": base}, decision=id)

    found = messages(on(home, (end + dt.timedelta(days=days)).isoformat()))

    assert [said in m and base in m for m in found] == ([True] if said else [])


def test_the_end_of_what_answers_a_prompt_is_told_too(home: Home) -> None:
    base, end = ending(home)
    score = {"value": 0.9, "evidence": "person:Ada", "model": base}
    id = decisions.propose(home, {"prompt_score": score}, title="Due")["id"]
    decisions.accept(home, id, choice="prompt", because="It is enough.")

    assert any(base in m for m in messages(on(home, end.isoformat())))


def test_facts_that_age_and_the_end_of_tuning_raise_the_flag(home: Home) -> None:
    accepted(
        home,
        {
            "must_cite_sources": {
                "value": True,
                "evidence": "person:Ada",
                "valid_until": "2027-01-31",
            },
            "base_tunable_until": "2027-06-30",
        },
    )

    assert messages(on(home, "2027-01-31")) == []
    assert messages(on(home, "2027-02-01")) == [
        "its fact must_cite_sources was valid until 2027-01-31: ask again"
    ]
    assert "its base model, by the facts, ends on 2027-06-30, in 30 days" in messages(
        on(home, "2027-05-31")
    )


def test_a_retired_version_raises_no_flag(home: Home) -> None:
    from tunewise.workflow.models import versions as models

    base, end = ending(home)
    id = accepted(home, {})
    register_model(home, "mail", base_model={"id": base}, decision=id)
    models.retire(home, "mail@1", because="replaced")

    assert messages(on(home, end.isoformat())) == []
