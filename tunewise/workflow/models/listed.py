"""Every model version, without reading those again that did not change."""

from tracker import models
from tracker.models import ModelRow
from tracker.records import Raw
from tracker.schema import MODEL
from tracker.store import Store
from tunewise.workflow.home import Home


def every_version(home: Home, store: Store) -> list[ModelRow]:
    """Return every version of every model in the order they were recorded.

    The records are what is kept: who has an alias is told by all versions of a name.
    """
    raws: list[Raw] = [*home.rows(store, "models", MODEL, _same).values()]
    return models.derive_all(raws)


def _same(raw: Raw) -> Raw:
    return raw
