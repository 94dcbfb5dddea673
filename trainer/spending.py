"""What was asked of an endpoint, and the caps that stop the next request in time.

One experiment has one account with each endpoint and model, in a file that its runs
share: they run one after the other. An attempt is written down before it is made, at
the most it may cost; what the answer says it took puts that right. A process that is
killed in between leaves the account too high, never too low.

    reserve --> sent --> answered: settle at its tokens
                    '--> refused (4xx, 5xx): release, nobody bills that
                    '--> no answer: it stays, someone may bill that
"""

import hashlib
import json
from dataclasses import asdict, dataclass, replace
from math import inf
from pathlib import Path
from typing import Any

from trainer.files import write_json
from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.experiment import EndpointSpec

TOKENS_PRICED = 1_000_000


@dataclass(frozen=True, slots=True)
class Spent:
    """What one account holds."""

    requests: int = 0  # attempts that were made, retries included
    cost: float = 0.0  # in the endpoint's currency


class Account:
    """Keeps what an experiment asked of one endpoint within its caps.

    Without a file it is kept in memory alone.
    """

    def __init__(self, spec: EndpointSpec, file: Path | None = None) -> None:
        self._spec, self._file = spec, file
        named = f"{spec.base_url}\n{spec.model}"
        self._key = hashlib.sha256(named.encode()).hexdigest()[:16]
        self.spent = self._read()
        self._most = 0.0  # of the request that is under way

    def price(self, tokens_in: float, tokens_out: float) -> float:
        """Return what so many tokens cost, 0 where no price is known."""
        paid = tokens_in * self._spec.price_in + tokens_out * self._spec.price_out
        return paid / TOKENS_PRICED

    def begin(self, most: float) -> int:
        """Make room for a request and return how often it may be tried again.

        Parameters
        ----------
        most : what an attempt may cost at most

        Raises
        ------
        EnvironmentProblem
            If even one attempt would pass a cap; nothing was sent then.
        """
        spec, spent = self._spec, self.spent
        by_requests = spec.most_requests - spent.requests if spec.most_requests else inf
        by_cost = inf
        if spec.most_cost and most:
            by_cost = (spec.most_cost - spent.cost) // most
        if by_requests < 1:
            self._refuse(
                f"the cap of {spec.most_requests} requests is reached", "most_requests"
            )
        if by_cost < 1:
            self._refuse(
                f"the next request could pass the cap of {spec.most_cost:g} "
                f"{spec.currency} ({spent.cost:.4f} are spent)",
                "most_cost",
            )
        self._most = most
        return int(min(spec.retries, by_requests - 1, by_cost - 1))

    def reserve(self) -> None:
        """Write an attempt down that is about to be made."""
        self._change(requests=1, cost=self._most)

    def release(self) -> None:
        """Take back the cost of an attempt that was refused."""
        self._change(requests=0, cost=-self._most)

    def settle(self, cost: float) -> None:
        """Replace what an answer could cost by what it did."""
        self._change(requests=0, cost=cost - self._most)

    def _change(self, *, requests: int, cost: float) -> None:
        spent = self.spent
        self.spent = replace(
            spent, requests=spent.requests + requests, cost=max(0.0, spent.cost + cost)
        )
        if self._file is not None:
            write_json(self._file, {**_accounts(self._file), self._key: self._row()})

    def _row(self) -> dict[str, object]:
        named = {"base_url": self._spec.base_url, "model": self._spec.model}
        return {**named, "currency": self._spec.currency, **asdict(self.spent)}

    def _read(self) -> Spent:
        row = _accounts(self._file).get(self._key) if self._file else None
        return Spent(row["requests"], row["cost"]) if row else Spent()

    def _refuse(self, what: str, key: str) -> None:
        spec = self._spec
        kept = (
            "What is answered is kept and is not asked again"
            if spec.cache_days
            else "cache_days is 0, so everything will be asked again"
        )
        raise EnvironmentProblem(
            f"{spec.base_url}: {what}\n"
            f"  Raise {key} and run the specification again. {kept}."
        )


def _accounts(file: Path) -> dict[str, dict[str, Any]]:
    """Read every account of an experiment.

    Raises
    ------
    EnvironmentProblem
        If the file is damaged: nobody then knows what was spent.
    """
    try:
        found: dict[str, dict[str, Any]] = json.loads(file.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise EnvironmentProblem(
            f"{file}: what was spent cannot be read ({error})\n"
            "  Run the specification again: a new experiment has a new account."
        ) from None
    return found
