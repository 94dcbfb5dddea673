"""What the record of a proposal holds: it is written once and never changed.

ruled       facts, verdict, and the text of every rule file that decided
evidenced   what the facts rest on, and when it was decided
"""

from collections.abc import Sequence
from dataclasses import asdict

from tracker import blobs
from tracker.store import Store
from tunewise.domain.facts import FactSheet
from tunewise.domain.record import Claim, EvidenceLink
from tunewise.domain.rules import RuleSet
from tunewise.engine.intake import sheet_to_raw
from tunewise.workflow.decisions import links
from tunewise.workflow.decisions.claims import contradicting
from tunewise.workflow.decisions.retrospect import Retrospect
from tunewise.workflow.views import View


def ruled(store: Store, rules: RuleSet, sheet: FactSheet, verdict: View) -> View:
    """Return the facts, the verdict and what gave it, its rule files kept as blobs."""
    rule_files = {
        path: blobs.put_bytes(store.blobs, text.encode())
        for path, text in rules.texts.items()
    }
    return {
        "facts": sheet_to_raw(sheet),
        "verdict": verdict,
        "rule_set": rules.digest,
        "rule_files": rule_files,
        "house_files": list(rules.house_files),
        "prices": rule_files.get("prices.toml", ""),
        "engine": verdict["engine"],
    }


def evidenced(
    store: Store,
    evidence: Sequence[EvidenceLink],
    earlier: Retrospect | None,
    *,
    claims: Sequence[Claim],
    accepted_because: str,
) -> View:
    """Return the evidence as it was found, and when and by what it was decided.

    ``accepted_because`` says why facts were kept that contradict their evidence.
    """
    return {
        "claims": [asdict(claim) for claim in claims],
        "accepted_because": accepted_because if contradicting(claims) else "",
        "evidence": [f"{link.kind}:{link.reference}" for link in evidence],
        "evidence_links": [asdict(link) for link in evidence],
        "retrospective": _made_earlier(store, earlier),
    }


def blobs_of(body: View) -> list[str]:
    """Return the blobs that a record rests on."""
    made_earlier = body["retrospective"] or {}
    digests = {
        *body["rule_files"].values(),
        *(link["digest"] for link in body["evidence_links"]),
        made_earlier.get("source_digest", ""),
    }
    return sorted(digests - {""})


def _made_earlier(store: Store, earlier: Retrospect | None) -> View | None:
    if earlier is None:
        return None
    (source,) = links.keep(store, [earlier.source])
    return {
        "decided_at": earlier.decided_at,
        "source": source.reference,
        "source_digest": source.digest,
        "source_checked": source.checked,
    }
