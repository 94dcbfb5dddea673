"""Which prices of the table the costs of an experiment rest on."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from tunewise.domain.errors import SpecError
from tunewise.domain.experiment import ExperimentSpec
from tunewise.evidence.prices import Price, Prices

OWN_MACHINE = "own-machine"  # trains where the machine that answers is monthly
HOUR, MONTH = "hour", "month"
TOKEN_UNITS = {"million tokens": 1e6, "1000 tokens": 1e3, "token": 1.0}


@dataclass(frozen=True, slots=True)
class Chosen:
    """The prices that the costs of an experiment rest on."""

    machine: Price
    training: Price
    labour: Price
    token_in: Price | None  # None: that of the model that answers
    token_out: Price | None
    always_on: bool
    shared_by: int


def chosen(spec: ExperimentSpec, prices: Prices) -> Chosen:
    """Return the prices that a specification names, or that go without saying.

    Raises
    ------
    SpecError
        If the table has no such price, or one that is paid by something else.
    """
    asked = spec.costs
    machine = _named(prices, "machine", asked.machine, (HOUR, MONTH))
    training = asked.training or (asked.machine if machine.per == HOUR else OWN_MACHINE)
    token_in, token_out = (
        _named(prices, key, named, tuple(TOKEN_UNITS)) if named else None
        for key, named in (
            ("token_in", asked.token_in),
            ("token_out", asked.token_out),
        )
    )
    return Chosen(
        machine=machine,
        training=_named(prices, "training", training, (HOUR,)),
        labour=_named(prices, "labour", asked.labour, (HOUR,)),
        token_in=token_in,
        token_out=token_out,
        always_on=asked.always_on or machine.per == MONTH,
        shared_by=asked.shared_by,
    )


def of_tokens(prices: Prices, named: Price | None, id: str) -> Price | None:
    """Return the price that was named, else the one of this id, None without any."""
    found = prices.prices.get(id)
    if named or found is None or found.per not in TOKEN_UNITS:
        return named
    return prices.price(id)


def _named(prices: Prices, key: str, id: str, units: Sequence[str]) -> Price:
    found = prices.prices.get(id)
    if found is None:
        near = difflib.get_close_matches(id, prices.prices, n=1)
        mean = f", did you mean '{near[0]}'?" if near else ""
        raise SpecError(
            f"costs.{key}: there is no price '{id}'{mean}\n"
            f"  The price table has {', '.join(sorted(prices.prices))}."
        )
    if found.per not in units:
        raise SpecError(
            f"costs.{key}: '{id}' is paid per {found.per}\n"
            f"  Name a price per {' or '.join(units)}."
        )
    return prices.price(id)
