"""Requests that no page of ours makes: each gets an answer that helps, none a 500."""

import re
from html import unescape

import pytest

from tunewise.web.app import create_app
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.jobs import records as jobs

from .conftest import INES
from .test_app import address
from .test_jobs import OURS

METHODS = ("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO")
HALF = (
    b'--B\r\nContent-Disposition: form-data; name="by"\r\n\r\nAda\r\n'
    b'--B\r\nContent-Disposition: form-data; name="train"; filename="../a\x00.csv"\r\n'
    b"\r\nprompt,answer\r\na,"
)
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=B"
DEEP = b"[" * 100_000 + b"]" * 100_000
BODIES = {
    "text": ("text/plain", b"by=Ada", {415}),
    "XML": ("application/xml", b"<!DOCTYPE a SYSTEM 'file:///a'><a/>", {415}),
    "JSON": ("application/json", b'{"by": "Ada"}', {415}),
    "deep JSON": ("application/json", DEEP, {415}),
    "no type": (None, b"by=Ada", {415}),
    "half a form": (PARTS, HALF, {400}),
    "parts without a boundary": ("multipart/form-data", HALF, {400}),
    "many fields": (FORM, b"&".join(b"f%d=" % n for n in range(50_000)), {422}),
    "many parts": (
        PARTS,
        b"".join(
            b'--B\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n\r\n' % n
            for n in range(2000)
        )
        + b"--B--\r\n",
        {413},
    ),
    "a megabyte": (FORM, b"by=" + b"x" * (1 << 20), {413}),
    "no text": (FORM, b"by=%00&because=%00&name=%00&title=%00&do=%00", {422}),
    "bytes that are no UTF-8": (FORM, b"by=&because=%FF&title=%ED%A0%80", {422}),
    "numbers that are none": (
        FORM,
        b"by=Ada&score=1e999&cost=nan&volume=-inf&due=9999-99-99&review_on=0",
        {422},
    ),
}


@pytest.fixture(scope="module")
def app(filled):
    return create_app(filled.home)


def concrete(rule, filled):
    """Return an address that an address rule serves, of records that are there."""
    known = {
        "decision_id": filled.decision, "experiment_id": filled.experiment,
        "run_id": filled.run, "name": filled.model.partition("@")[0], "number": "1",
        "risk": "catastrophic-forgetting", "kind": "base", "record": "tiny",
        "criterion_id": "narrow-task", "n": "1", "before": "1", "after": "2",
        "filename": "tunewise.css", "act": "close",
    }  # fmt: skip

    def value(found):
        offered = re.search(r"any\(([\w,-]+)\)", found.group())
        if offered:
            return offered.group(1).split(",")[0]
        return known.get(re.split(r"[:<>]", found.group())[-2], "none")

    return re.sub(r"<[^>]+>", value, rule.rule)


def rules(app, *, writing=False):
    found = [r for r in app.url_map.iter_rules() if not r.rule.startswith("/api/")]
    return [r for r in found if not writing or "POST" in r.methods]


@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_an_address_does_not_take_is_told_which_it_takes(
    method, app, filled
):
    client = app.test_client()
    for path in {concrete(rule, filled) for rule in rules(app)}:
        adapter = app.url_map.bind("localhost")
        if not adapter.test(path) and not adapter.test(path, method="POST"):
            continue  # a number that is none, where the address wants one
        if method in adapter.allowed_methods(path):
            continue

        response = client.open(path, method=method, headers=OURS)

        assert response.status_code == 405, (method, path)
        allowed = response.headers["Allow"].split(", ")
        assert set(allowed) == set(adapter.allowed_methods(path)), path
        if not path.endswith(".json") and method != "HEAD":
            text = unescape(response.text)
            assert f"It takes {' or '.join(allowed)}, not {method}." in text, path
            assert "</main>" in text


def test_an_address_that_only_takes_a_form_leads_to_the_page_with_it(client, filled):
    text = client.get(f"/experiments/{filled.experiment}/cancel").text

    assert f'href="/experiments/{filled.experiment}"' in text


@pytest.mark.parametrize("kind", BODIES)
def test_a_body_that_is_no_form_of_a_page_changes_nothing(kind, app, filled):
    client = app.test_client()
    media, body, expected = BODIES[kind]
    at = client.get("/history.json").json["total"]
    waiting = jobs.list_all(filled.home)

    for rule in rules(app, writing=True):
        path = concrete(rule, filled)
        if kind == "a megabyte" and path in ("/datasets/new", "/experiments/import"):
            continue  # uploads may be larger
        if "resume" in path or rule.rule.startswith("/jobs/"):
            continue  # they take any form: the test below
        response = client.post(path, data=body, content_type=media, headers=OURS)

        assert response.status_code in expected | {404, 409}, (path, response.text)
        assert "</main>" in response.text

    assert client.get("/history.json").json["total"] == at
    assert jobs.list_all(filled.home) == waiting


def test_what_has_finished_is_not_gone_on_with(client, filled):
    response = client.post(f"/experiments/{filled.experiment}/resume", headers=OURS)

    assert response.status_code == 409
    assert "nothing to go on with" in response.text
    assert jobs.list_all(filled.home) == []


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/history?offset=99999999999999999999", 200),
        ("/history?offset=-1&page=1e9", 200),
        ("/history?at=9999-99-99", 400),
        ("/history?at=%00", 400),
        ("/history?since=%E2%80%AE", 400),
        ("/history?kind=%25&by=%00&subject=%ED%A0%80", 200),
        ("/decisions?page=99999999999999999999999", 200),
        ("/decisions?page=-1", 200),
        ("/experiments/{experiment}/answers?offset=99999999999999999999&limit=-1", 200),
        ("/search?q=%00", 200),
        ("/search?q=NEAR(%22%20OR%20*", 200),
        ("/search?q=" + "a+" * 300, 400),
        ("/search?q=" + "%22" * 400, 200),
        ("/search?kind=%3Cscript%3E&q=a", 200),
        ("/datasets/triage/99999999999999999999/diff/1", 404),
        ("/datasets/triage/diff?before=1&after=99999999999999999999", 303),
        ("/datasets/triage/diff?before=x", 400),
        ("/rests-on/x/y", 400),
        ("/static/../../../../etc/passwd", 404),
        ("/static/..%2f..%2fetc/passwd", 404),
        ("/static/%00", 404),
        ("/decisions/%00", 404),
        ("/decisions/%ED%A0%80", 404),
        ("/decisions/" + "a" * 9000, 404),
    ],
)
def test_an_odd_address_is_answered(path, status, client, filled):
    response = client.get(address(path, filled))

    assert response.status_code == status
    assert len(response.data) < 60_000


@pytest.mark.parametrize(
    ("path", "way"),
    [
        ("/decisions/{decision}x", "/decisions/{decision}"),
        ("/experiments/e-triag", "/experiments/e-triage"),
        ("/runs/r-tune", "/runs/r-tuned"),
        ("/datasets/triag", "/datasets/triage"),
        ("/datasets/triage/9", "/datasets/triage/2"),
        ("/models/{name}/9", "/models/{name}/1"),
        ("/lineage/{name}x/1", "/models/{name}/1"),
        ("/datasets/triage/1/diff/9", "/datasets/triage/2"),
        ("/decisions/none", "/decisions"),
        ("/decisions/none", "/search?q=none"),
        ("/rules/none", "/rules"),
        ("/jobs/none", "/jobs"),
        ("/runs/none", "/experiments"),
        ("/decison", "/decisions"),
        ("/experiment/{experiment}", "/experiments/{experiment}"),
        ("/portfolo", "/portfolio"),
    ],
)
def test_an_unknown_address_leads_to_what_is_near_it(path, way, client, filled):
    response = client.get(address(path, filled))

    assert response.status_code == 404
    assert f'href="{address(way, filled)}"' in response.text
    assert client.get(address(way, filled)).status_code == 200


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/rules/narow-task", "Did you mean 'narrow-task'?"),
        ("/decisions/{decision}/risks/catastrofic/control", "Its risks: catastrophic"),
        ("/decisions/{decision}/conditions/7/close", "Its conditions: none"),
        ("/decisions/{decision}/conditions/99999999999999999999/assign", "conditions"),
        ("/experiments/{experiment}/answers?at=none", "no example 'none'"),
    ],
)
def test_an_unknown_part_of_a_record_says_which_there_are(path, said, client, filled):
    response = client.get(address(path, filled))

    assert response.status_code == 404
    assert said in unescape(response.text)


@pytest.mark.parametrize("end", ["", ".json"])
def test_a_version_as_people_write_it_leads_to_its_page(end, client, filled):
    to = client.get(f"/datasets/triage@2{end}").headers["Location"]
    model = client.get(f"/models/{filled.model}{end}").headers["Location"]

    assert to == f"/datasets/triage/2{end}"
    assert client.get(model).status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "[::1]", "127.0.0.1.evil.example"])
def test_a_strange_host_is_told_where_the_service_is_and_why(host, client):
    page = client.get("/", headers={"Host": host}).text
    hint = client.get("/api/v1/models", headers={"Host": host}).json["hint"]

    for text in (page, hint):
        assert "answers on http://localhost and http://127.0.0.1 alone" in text
        assert "no accounts yet" in text


def test_a_page_that_is_not_there_shows_hostile_names_as_text(client):
    path = "/decisions/%3Cscript%3Ealert(1)%E2%80%AE"

    text = client.get(path).text

    assert "<script>alert" not in text
    assert "&lt;script&gt;" in text


def test_no_address_leads_elsewhere(tmp_path):
    home = Home(tmp_path / "home", INES)
    id = decisions.propose(home, {}, title="Desk")["id"]
    client = create_app(home).test_client()

    for path in (f"/{id}//evil.example", "//evil.example/%2f..", "/models//evil@1"):
        place = client.get(path).headers.get("Location", "/")
        assert re.match(r"(http://localhost)?/(?!/)", place)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a = " + "[" * 20_000, "nested too deeply"),
        ("a = " + "{a=" * 3_000, "nested too deeply"),
        (".".join("a" * 20_000) + " = 1", "more than 20 deep"),
        ("seeds = [" + "9" * 5_000 + "]", "Exceeds the limit (4300 digits)"),
        ('title = "a\\u0000b"', "holds a control character"),
        ('title = "a\\u001b[31m"', "holds a control character"),
        ('title = "\\ud800"', "not TOML"),
        ("title = 1979-05-27", "must be a text"),
        ("task.target_score = nan", "must lie between 0 and 1"),
        ("task.target_score = 1e999", "must lie between 0 and 1"),
    ],
)
def test_a_hostile_specification_is_refused_in_words(line, said, client, filled):
    spec = 'dataset = "triage@1"\narms = ["prompt"]\n' + line
    spec += "" if "title" in line else '\ntitle = "Desk"'
    spec += '\ntask.type = "classification"\ntask.metric = "accuracy"'

    data = {"by": "Ada", "do": "run", "spec": spec}
    response = client.post("/experiments/new/spec", data=data, headers=OURS)

    assert response.status_code == 422
    assert said in unescape(response.text)
    assert jobs.list_all(filled.home) == []
