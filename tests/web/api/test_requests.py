"""What a request may be: checked by the published schemas, refused in plain words."""

import json
import re
from pathlib import Path
from threading import Thread

import pytest
from jsonschema import Draft202012Validator
from werkzeug.serving import make_server

from tunewise.web.api import problems
from tunewise.web.api.table import NOT_OVER_HTTP, ROUTES

V1 = "/api/v1"
DOCS = Path(__file__).parents[3] / "docs" / "api.md"
SERVED = "http://127.0.0.1:8765"
REJECT = {"by": "Ada", "because": "Too dear."}


def test_the_document_has_every_route_and_stands_at_two_addresses(api):
    document = api.get("/openapi.json").json

    assert document == api.client.get("/openapi.json").json
    assert document["openapi"] == "3.1.0"
    described = {
        (method.upper(), path)
        for path, operations in document["paths"].items()
        for method in operations
    }
    assert described == {(route.method, route.path) for route in ROUTES}
    assert len({route.name for route in ROUTES}) == len(ROUTES)
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)


def test_every_problem_is_one_that_the_document_knows(api):
    holds = Draft202012Validator(problems.schema())

    for path in ("/nowhere", "/decisions/none", "/decisions?limit=0", "/decisions?x=1"):
        refused = api.get(path)
        assert refused.mimetype == "application/problem+json"
        assert refused.json["status"] == refused.status_code
        holds.validate(refused.json)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "less than the minimum"),
        ("limit=many", "is not of type 'integer'"),
        ("limit=1&limit=2", "Give it once."),
        ("limits=1", "known: limit, after"),
    ],
)
def test_a_query_that_cannot_be_taken_is_said(query, said, api):
    refused = api.get(f"/decisions?{query}")

    assert refused.status_code == 400
    assert said in refused.json["errors"][0]["message"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ('{"by": "Ada"}', "'because' is a required property"),
        ('{"because": "x"}', "'by' is a required property"),
        ('{"by": " ", "because": "x"}', "is not: Who does this"),
        ('{"by": "Ada", "because": "a\\u001bb"}', "is not: The reason"),
        ('{"by": "Ada", "because": "x", "wieght": 1}', "'wieght' was unexpected"),
        ('{"by": "Ada", "because": 3}', "is not of type 'string'"),
        ('{"by": "Ada", "by": "Bo", "because": "x"}', "'by' stands there twice"),
        ('{"by": "Ada", "because": "\\ud800"}', "half a character"),
        ('{"by": "Ada", "because": NaN}', "NaN is not a number"),
        ('{"by": "Ada", "because": 1e999}', "too large a number"),
        ("[" * 100_000, "No JSON"),
        ("[]", "is not of type 'object'"),
        ("", "No JSON"),
    ],
)
def test_a_body_that_is_not_as_described_says_what_and_records_nothing(api, body, said):
    id = api.propose().json["id"]

    refused = api.client.post(
        f"{V1}/decisions/{id}/reject", data=body, content_type="application/json"
    )

    assert refused.status_code == 400
    assert said in json.dumps(refused.json, ensure_ascii=False).replace("\\\\", "\\")
    assert api.get(f"/decisions/{id}").json["status"] == "proposed"


def test_a_very_long_value_is_not_repeated(api):
    id = api.propose().json["id"]

    refused = api.post(f"/decisions/{id}/reject", by="Ada", because="x" * 100_000)

    assert refused.status_code == 400
    assert "100,000 characters; 20,000 fit." in refused.json["detail"]
    assert len(refused.text) < 2000


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Type": "application/json"}, 200),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin"}, 200),
        ({"Content-Type": "application/json", "Sec-Fetch-Site": "cross-site"}, 403),
        ({"Content-Type": "application/json", "Origin": "http://evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 403),
        ({"Content-Type": "text/plain", "Sec-Fetch-Site": "same-origin"}, 415),
    ],
)
def test_a_program_writes_json_and_another_sites_page_does_not(api, headers, status):
    id = api.propose().json["id"]

    answered = api.client.post(
        f"{V1}/decisions/{id}/reject", data=json.dumps(REJECT), headers=headers
    )

    assert answered.status_code == status
    open_still = api.get(f"/decisions/{id}").json["status"] == "proposed"
    assert open_still == (status != 200)


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_method_that_is_not_served_says_which_are(api, method):
    refused = getattr(api.client, method)(f"{V1}/decisions")

    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) >= {"GET", "POST"}
    assert refused.json["type"] == "urn:tunewise:problem:wrong-method"


def test_a_body_that_is_too_large_is_refused_and_an_upload_may_be_larger(api):
    large = "x" * 2_000_000

    refused = api.post("/advice", facts={"task_type": large})
    upload = api.post("/dataset-check", files={"train": large})

    assert refused.status_code == 413
    assert upload.status_code != 413


def test_the_hosts_that_are_answered_are_those_of_the_pages(api):
    refused = api.get("/decisions", headers={"Host": "evil.example"})

    assert refused.status_code == 400
    assert refused.mimetype == "application/problem+json"


def test_the_docs_name_every_address_and_every_command_without_one():
    text = DOCS.read_text(encoding="utf-8")

    assert [r.path for r in ROUTES if f"`{r.path}`" not in text] == []
    assert [c for c in NOT_OVER_HTTP if f"`{c}`" not in text] == []


def test_the_example_of_the_docs_runs(api, capsys):
    text = DOCS.read_text(encoding="utf-8")
    (example,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    server = make_server("127.0.0.1", 0, api.client.application, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        address = f"http://127.0.0.1:{server.port}"
        exec(compile(example.replace(SERVED, address), "docs/api.md", "exec"), {})
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

    assert "accepted" in capsys.readouterr().out
    (decision,) = api.get("/decisions").json["items"]
    assert decision["status"] == "accepted"
