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
    token_in: Price | None
    token_out: Price | None
    always_on: bool
    shared_by: int

    @property
    def ids(self) -> tuple[str, ...]:
        """Their ids in the price table."""
        every = (
            *(self.machine, self.training, self.labour),
            *(self.token_in, self.token_out),
        )
        return tuple(dict.fromkeys(p.id for p in every if p))


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
    model = spec.endpoint.model if spec.endpoint else ""
    tokens = [
        _named(prices, key, named or listed, tuple(TOKEN_UNITS))
        if named or listed in prices.prices
        else None
        for key, named, listed in (
            ("token_in", asked.token_in, f"{model}-in"),
            ("token_out", asked.token_out, f"{model}-out"),
        )
    ]
    return Chosen(
        machine=machine,
        training=_named(prices, "training", training, (HOUR,)),
        labour=_named(prices, "labour", asked.labour, (HOUR,)),
        token_in=tokens[0],
        token_out=tokens[1],
        always_on=asked.always_on or machine.per == MONTH,
        shared_by=asked.shared_by,
    )


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
