"""What is said beside the facts over HTTP, and reports of everything."""

import pytest


def test_a_decision_is_described_and_its_risks_are_controlled(api):
    made = api.propose()
    at = f"/decisions/{made.json['id']}"

    described = api.post(
        f"{at}/describe",
        {"by": "Ada", "owner": "Ines Okafor", "informed": ["Mia", "Bo"]},
        headers={"If-Match": made.headers["ETag"]},
    )
    stale = api.post(
        f"{at}/describe",
        {"by": "Bo", "owner": "Bo"},
        headers={"If-Match": made.headers["ETag"]},
    )
    risk = described.json["risks"][0]["id"]
    controlled = api.post(f"{at}/risks/{risk}", by="Ada", control="A person reads it.")
    unknown = api.post(f"{at}/risks/no-such-risk", by="Ada", control="x")

    assert described.json["description"]["owner"] == "Ines Okafor"
    assert described.json["description"]["informed"] == ["Mia", "Bo"]
    assert stale.status_code == 412
    (found,) = (r for r in controlled.json["risks"] if r["id"] == risk)
    assert found["control"] == "A person reads it."
    assert unknown.status_code == 404


@pytest.mark.parametrize(
    "path", ["/experiments/{experiment}/report", "/lineage/report.{{}}?of={model}"]
)
def test_experiments_and_lineages_are_reported(read, filled, path):
    at = path.format(experiment=filled.experiment, model=filled.model)
    page, record = (
        read.get(at.replace("{}", form) if "{}" in at else f"{at}.{form}")
        for form in ("html", "json")
    )

    assert page.status_code == record.status_code == 200, page.text[:300]
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert record.json["audit_head"].startswith("sha256:")
