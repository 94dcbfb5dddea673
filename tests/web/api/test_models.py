"""Models over HTTP: registered, described, deployed, explained."""

from tunewise.workflow.lineage import document as lineage

V1 = "/api/v1"
MADE = {"option": "finetune", "base_model": {"id": "acme/small"}, "purpose": "Triage"}


def register(api, **more):
    return api.post("/models/triage", by="Ada", described={**MADE, **more})


def test_a_model_made_elsewhere_is_registered_with_what_is_known(api):
    made = register(api)

    assert made.status_code == 201, made.text
    assert made.headers["Location"] == f"{V1}/models/triage/1"
    shown = api.get("/models/triage/1").json
    assert shown == lineage.shown(api.home, "triage@1")
    assert shown["by"] == "Ada"


def test_no_folder_of_the_server_is_taken_for_weights(api, tmp_path):
    (tmp_path / "adapter").mkdir()

    for key in ("adapter", "merged"):
        refused = register(api, **{key: str(tmp_path / "adapter")})
        assert refused.status_code == 422
        assert "do not come in a body" in refused.json["detail"]
    assert api.get("/models").json["items"] == []


def test_what_is_not_as_a_description_is_says_so_without_a_folder(api):
    refused = register(api, purpos="Triage")

    assert refused.status_code == 422
    assert "did you mean 'purpose'" in refused.json["detail"]
    assert "/tmp" not in refused.text


def test_a_version_is_described_aliased_deployed_and_retired(api):
    register(api)
    at = "/models/triage/1"

    said = api.post(f"{at}/describe", by="Ada", limits="Short texts.", because="Asked.")
    alias = api.post(f"{at}/alias", by="Ada", alias="production", because="Best.")
    runs = api.post(
        f"{at}/deploy",
        {
            "by": "Ada",
            "product": "Help desk",
            "environment": "production",
            "as": "triage-llm",
            "because": "Accepted.",
        },
    )
    why = api.get("/lineage?of=triage-llm")
    ended = api.post("/models/triage/production/undeploy", by="Ada", because="Slow.")
    retired = api.post(f"{at}/retire", by="Ada", because="Replaced.")

    done = (said, alias, runs, why, ended, retired)
    assert [r.status_code for r in done] == [200] * 6, [r.text[:200] for r in done]
    assert alias.json["aliases"] == ["production"]
    assert why.json["model"]["model"] == "triage@1"
    assert len(api.get("/deployments").json["items"]) == 1
    assert retired.json["retired"] == "Replaced."


def test_an_arm_becomes_a_version_only_if_both_are_named(read, filled):
    half = read.post("/models/other", by="Ada", experiment=filled.experiment)

    assert half.status_code == 422
    assert "one of its arms" in half.json["hint"]


def test_the_card_is_markdown_and_base_models_say_no_folder(read, filled):
    name, _, number = filled.model.partition("@")

    card = read.get(f"/models/{name}/{number}/card.md")

    assert card.mimetype == "text/markdown"
    assert read.get("/base-models").json == {"items": [], "next": None}
