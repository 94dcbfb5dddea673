"""A route of the API: where it is, what it takes, what it does, what comes back."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Response

from tunewise.web.security import LARGEST
from tunewise.workflow.home import Home

Data = Mapping[str, Any] | Sequence[Any]
Schema = dict[str, Any]

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that is as its route describes it; what was left out is absent."""

    home: Home  # with whoever acts
    path: Mapping[str, Any]
    query: Mapping[str, Any]
    body: Mapping[str, Any]
    seen: str = ""  # the log's newest entry about a decision, when it was read


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handler replies where data alone would not say it."""

    data: Data
    status: int = 200
    location: str = ""
    etag: str = ""


Handler = Callable[[Asked], Data | Reply | Response]


@dataclass(frozen=True, slots=True)
class Route:
    """One operation.

    ``path`` is as OpenAPI writes it, below ``/api/v1``. ``body`` holds the properties
    of the JSON object that a write takes; those of ``needs`` must be there, and who
    acts (``by``) where ``acts``.
    """

    method: str
    path: str
    name: str  # operationId
    summary: str
    handler: Handler
    command: str = ""  # of the command line, that does the same
    description: str = ""
    query: Mapping[str, Schema] = field(default_factory=dict)
    needs_query: tuple[str, ...] = ()
    body: Mapping[str, Schema] | None = None
    needs: tuple[str, ...] = ()
    acts: bool = True  # a POST without it records nothing
    returns: Schema = field(default_factory=lambda: {"type": "object"})
    status: int = 200
    media: str = JSON
    etagged: bool = False  # its reply says which state of a decision it shows
    conditional: bool = False  # takes If-Match
    largest: int = LARGEST  # bytes of a body

    @property
    def parameters(self) -> tuple[str, ...]:
        """The names in the path, in order."""
        parts = self.path.replace(".", "/").split("/")
        return tuple(part[1:-1] for part in parts if part.startswith("{"))

    @property
    def tag(self) -> str:
        """The noun that it is about."""
        return self.path.split("/")[1].partition(".")[0]

    @property
    def body_schema(self) -> Schema | None:
        """The schema of the body, None where there is none."""
        if self.body is None:
            return None
        from tunewise.web.api.shapes import BY, closed

        acting = {"by": BY} if self.acts else {}
        needed = ("by", *self.needs) if self.acts else self.needs
        return closed({**acting, **self.body}, needed)
