"""axe-core in a page: what keeps people out, as one line for each finding."""

from functools import lru_cache
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "vendor" / "axe-4.14.1.min.js"
SERIOUS = ("serious", "critical")

_RUN = """(rules) => axe.run(document, {
  preload: false,
  resultTypes: ["violations"],
  ...(rules ? {runOnly: {type: "rule", values: rules}} : {}),
}).then(found => found.violations.map(v => ({
  id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 200)),
  why: v.nodes[0].failureSummary,
})))"""


def findings(page: Any, *, rules: tuple[str, ...] = ()) -> list[str]:
    """Return the serious and critical findings of the page as it is now.

    ``rules`` names those to ask; none asks all.
    """
    if not page.evaluate("() => typeof axe === 'object'"):
        page.evaluate(_source())
    found = page.evaluate(_RUN, list(rules) or None)
    return [
        f"{one['impact']} {one['id']}: {one['nodes']} {one['why']}"
        for one in found
        if one["impact"] in SERIOUS
    ]


@lru_cache
def _source() -> str:
    return FILE.read_text(encoding="utf-8")
