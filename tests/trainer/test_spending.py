from pathlib import Path

import pytest

from trainer.spending import Account, Spent
from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.experiment import EndpointSpec

SPEC = EndpointSpec("http://one", "m", retries=2, most_requests=5)


def test_runs_of_one_experiment_share_an_account_by_endpoint_and_model(
    tmp_path: Path,
) -> None:
    file = tmp_path / "spent.json"
    first = Account(SPEC, file)
    first.begin(0.0)
    first.reserve()
    other = Account(EndpointSpec("http://two", "m"), file)
    other.begin(0.0)
    other.reserve()
    other.reserve()

    assert Account(SPEC, file).spent == Spent(1, 0.0)
    assert Account(EndpointSpec("http://two", "m"), file).spent == Spent(2, 0.0)


def test_an_attempt_is_written_down_before_it_is_made(tmp_path: Path) -> None:
    file = tmp_path / "spent.json"
    account = Account(SPEC, file)
    account.begin(0.5)

    account.reserve()  # and then the process is killed

    assert Account(SPEC, file).spent == Spent(1, 0.5)


def test_retries_are_what_the_caps_leave() -> None:
    account = Account(SPEC)
    allowed = []
    for _ in range(5):
        allowed.append(account.begin(0.0))
        account.reserve()

    assert allowed == [2, 2, 2, 1, 0]
    with pytest.raises(EnvironmentProblem, match="cap of 5 requests"):
        account.begin(0.0)


def test_prices_are_of_a_million_tokens() -> None:
    account = Account(EndpointSpec("http://one", "m", price_in=2.0, price_out=8.0))

    assert account.price(500_000, 250_000) == 3.0


def test_a_damaged_account_is_no_empty_one(tmp_path: Path) -> None:
    file = tmp_path / "spent.json"
    file.write_text("{")

    with pytest.raises(EnvironmentProblem, match=r"spent\.json: what was spent cannot"):
        Account(SPEC, file)
