"""Every page and its twin, over a real home and over an empty one."""

import re
import shutil
import subprocess
import sys
from dataclasses import replace

import pytest

from tunewise.domain.errors import EnvironmentProblem
from tunewise.report.documents import style_source
from tunewise.web.app import create_app
from tunewise.web.security import LOOPBACK
from tunewise.web.server import is_loopback, serve
from tunewise.workflow import decisions
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.experiments import records as experiments
from tunewise.workflow.integrity import checking as integrity
from tunewise.workflow.lineage import document as lineage

PAGES = {
    "/": "/index.json",
    "/decisions": "/decisions.json",
    "/decisions/{decision}": "/decisions/{decision}.json",
    "/decisions/{proposed}": "/decisions/{proposed}.json",
    "/portfolio": "/portfolio.json",
    "/datasets": "/datasets.json",
    "/datasets/triage": "/datasets/triage.json",
    "/datasets/triage/2": "/datasets/triage/2.json",
    "/datasets/triage/1/diff/2": "/datasets/triage/1/diff/2.json",
    "/models": "/models.json",
    "/models/{name}": "/models/{name}.json",
    "/models/{name}/1": "/models/{name}/1.json",
    "/experiments": "/experiments.json",
    "/experiments/predictions": "/experiments/predictions.json",
    "/jobs": "/jobs.json",
    "/experiments/{experiment}": "/experiments/{experiment}.json",
    "/experiments/{experiment}/answers": "/experiments/{experiment}/answers.json",
    "/runs/{run}": "/runs/{run}.json",
    "/runs/{failed}": "/runs/{failed}.json",
    "/lineage/{name}/1": "/lineage/{name}/1.json",
    "/history": "/history.json",
    "/rules": "/rules.json",
    "/rules/facts": "/rules/facts.json",
    "/rules/coverage": "/rules/coverage.json",
    "/rests-on/experiment/{experiment}": "/rests-on/experiment/{experiment}.json",
    "/rests-on/criterion/narrow-task": "/rests-on/criterion/narrow-task.json",
    "/rules/must-cite-sources": "/rules/must-cite-sources.json",
    "/search?q=triage": "/search.json?q=triage",
}
# the one script of every page: without it there are no copy buttons, and nothing else
COPY_BUTTONS = '<script src="/static/tunewise.js" defer></script>'
EMPTY_PAGES = [
    "/", "/decisions", "/decisions/new", "/portfolio", "/datasets", "/models",
    "/experiments", "/experiments/predictions", "/history", "/rules", "/search",
    "/search?q=x", "/jobs", "/experiments/new", "/experiments/new/spec",
    "/experiments/import", "/datasets/new", "/models/explain",
]  # fmt: skip


def address(path, filled):
    return path.format(
        decision=filled.decision,
        proposed=filled.proposed,
        experiment=filled.experiment,
        run=filled.run,
        failed=filled.failed,
        name=filled.model.partition("@")[0],
    )


@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_served_and_escapes_what_people_wrote(path, client, filled):
    response = client.get(address(path, filled))

    assert response.status_code == 200
    assert response.mimetype == "text/html"
    assert "<script" not in response.text.replace(COPY_BUTTONS, "")
    assert "</main>" in response.text


@pytest.mark.parametrize(("path", "twin"), PAGES.items())
def test_every_page_has_a_json_twin_and_names_it(path, twin, client, filled):
    twin = address(twin, filled)

    response = client.get(twin)

    assert response.status_code == 200
    assert response.json is not None
    page = client.get(address(path, filled)).text
    assert f'<link rel="alternate" type="application/json" href="{twin}">' in page


@pytest.mark.parametrize("path", EMPTY_PAGES)
def test_an_empty_home_has_every_page(path, empty):
    response = empty.get(path)

    assert response.status_code == 200


def test_an_empty_home_offers_a_finished_report_under_its_own_policy(empty):
    page = empty.get("/").text
    report = empty.get("/sample")

    assert '<a href="/sample">' in page
    assert "DEMO" in report.text
    assert "What was measured" in report.text
    assert "default-src 'none'" in report.headers["Content-Security-Policy"]
    assert len(report.data) < 250_000
    assert not re.findall(r'"/(?:tmp|home|root|work|Users)/[^"]*"', report.text)


def test_an_empty_home_opens_with_three_doors(empty):
    text = empty.get("/").text

    for door in ("/decisions/new", "/experiments/import", "/models/explain"):
        assert f'<h2><a href="{door}">' in text
    assert "<table" not in text
    assert empty.get("/index.json").json["empty"] is True


def test_a_twin_is_what_the_command_prints(client, filled):
    home = filled.home
    name, _, _ = filled.model.partition("@")

    def twin(path):
        return client.get(path).json

    assert twin(f"/decisions/{filled.decision}.json") == decisions.show(
        home, filled.decision
    )
    assert twin("/datasets/triage/2.json") == datasets.show(home, "triage@2")
    assert twin("/experiments/e-triage.json") == experiments.show(home, "e-triage")
    assert twin(f"/lineage/{name}/1.json") == lineage.why(home, f"{name}@1")


def test_the_decision_page_is_made_of_what_is_recorded(client, filled):
    text = client.get(f"/decisions/{filled.decision}").text

    assert "DEMO" in text
    assert "Ines Okafor (not verified)" in text
    assert "Tomas Lind (verified: account)" in text
    assert "0.82 (0.70–0.90, n = 9)" in text
    assert "&lt;script&gt;" in text


@pytest.mark.parametrize(
    "path",
    [
        "/decisions/{decision}/report.html",
        "/experiments/{experiment}/report.html",
        "/lineage/{name}/1/report.html",
    ],
)
def test_a_report_comes_under_a_policy_that_allows_its_style_alone(
    path, client, filled, tmp_path
):
    response = client.get(address(path, filled))

    policy = response.headers["Content-Security-Policy"]
    style = re.search(r"<style>(.*?)</style>", response.text, re.DOTALL)[1]
    assert response.status_code == 200
    assert "default-src 'none'" in policy
    assert f"style-src {style_source(style)};" in policy
    assert "unsafe" not in policy
    report = tmp_path / "report.html"
    report.write_bytes(response.data)
    assert integrity.verify(filled.home, report)["problems"] == []


@pytest.mark.parametrize(
    ("page", "report"),
    [
        ("/experiments/{experiment}", "/experiments/{experiment}/report.html"),
        ("/lineage/{name}/1", "/lineage/{name}/1/report.html"),
    ],
)
def test_a_page_that_has_a_report_links_it(page, report, client, filled):
    text = client.get(address(page, filled)).text

    assert f'href="{address(report, filled)}"' in text


@pytest.mark.parametrize(
    "path", ["/experiments/none/report.html", "/lineage/none/1/report.html"]
)
def test_a_report_of_what_is_not_recorded_is_not_found(path, client):
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "path", ["/decisions/{decision}/report.md", "/models/{name}/1/card.md"]
)
def test_markdown_is_served_as_markdown(path, client, filled):
    response = client.get(address(path, filled))

    assert response.status_code == 200
    assert response.mimetype == "text/markdown"
    assert "<script" not in response.text


def test_answers_are_paged(client):
    one = client.get("/experiments/e-triage/answers?limit=4&offset=4").text

    assert one.count('<th scope="row"') == 4
    assert "offset=0" in one
    assert "offset=8" in one


@pytest.mark.parametrize(
    "path",
    ["/decisions/none", "/datasets/none", "/datasets/triage/99", "/models/none",
     "/models/none/1", "/experiments/none", "/runs/none", "/lineage/none/1",
     "/rules/none", "/no/such/page", "/datasets/triage/x"],
)  # fmt: skip
def test_what_is_not_recorded_is_404_in_both_forms(path, client):
    page, twin = client.get(path), client.get(f"{path}.json")

    assert (page.status_code, twin.status_code) == (404, 404)
    assert page.mimetype == "text/html"
    assert twin.json["error"]["code"] == 404


def test_the_message_of_a_missing_record_is_shown(client):
    assert "none" in client.get("/decisions/none.json").json["error"]["message"]


def test_a_bug_shows_a_page_and_no_traceback(filled):
    app = create_app(filled.home)
    app.add_url_rule("/bug", view_func=lambda: 1 / 0)

    response = app.test_client().get("/bug")

    assert response.status_code == 500
    assert "A bug in tunewise" in response.text
    assert "ZeroDivisionError" not in response.text


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_a_page_that_is_read_is_not_written_to(method, client):
    response = getattr(client, method)(
        "/portfolio", headers={"Sec-Fetch-Site": "same-origin"}
    )

    assert response.status_code == 405


@pytest.mark.parametrize("path", ["/", "/index.json", "/static/tunewise.css", "/nope"])
def test_every_response_carries_the_security_headers(path, client):
    headers = client.get(path, buffered=True).headers

    assert headers["Content-Security-Policy"].startswith(
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    )
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in headers


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1"])
def test_a_strange_host_is_refused(host, client):
    assert client.get("/", headers={"Host": host}).status_code == 400
    assert client.get("/index.json", headers={"Host": host}).status_code == 400


@pytest.mark.parametrize("host", [*LOOPBACK, "localhost:8321", "127.0.0.1:9"])
def test_loopback_hosts_are_answered(host, client):
    assert client.get("/", headers={"Host": host}).status_code == 200


def test_a_named_host_is_answered(filled):
    app = create_app(filled.home, trusted_hosts=("tunewise.example",))

    response = app.test_client().get("/", headers={"Host": "tunewise.example"})

    assert response.status_code == 200


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::1", "192.168.1.7", "a.example"])
def test_serving_beyond_this_machine_is_refused_with_the_way_around(host, filled):
    with pytest.raises(EnvironmentProblem) as refused:
        serve(filled.home, host, 8321)

    assert "no accounts yet" in str(refused.value)
    assert "ssh -L 8321:127.0.0.1:8321" in str(refused.value)
    assert is_loopback("127.0.0.1")
    assert not is_loopback(host)


def test_a_service_that_is_refused_does_not_say_that_it_serves(tmp_path):
    arguments = [str(tmp_path / "home"), "0.0.0.0", "8321", "Ines"]

    done = subprocess.run(
        [sys.executable, "-m", "tunewise.web", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert done.returncode == 2
    assert done.stderr.startswith("--host 0.0.0.0: only localhost and 127.0.0.1")
    assert "serving" not in done.stderr


def test_alive_and_ready(client):
    assert client.get("/healthz").json == {"ok": True}
    assert client.get("/readyz").json == {"ok": True, "rules_error": ""}


def test_not_ready_while_the_records_cannot_be_read(tmp_path, filled):
    from tunewise.workflow.home import Home

    client = create_app(Home(tmp_path / "h", filled.home.actor)).test_client()
    (tmp_path / "h" / "tunewise.db").write_bytes(b"not a database" * 100)

    response = client.get("/readyz")

    assert response.status_code == 503
    assert response.json["ok"] is False


BROKEN = "house/criteria/ours.toml:1: not valid TOML"
OURS = """
title = "Ours"
since = 2026-11-26
source = "A test"
[when]
must_cite_sources = true
[[then]]
option = "prompt"
weight = 1
because = "B"
"""


def write_house(home, text):
    path = home.path / "house" / "criteria" / "ours.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture
def own_house(tmp_path, filled):
    """A home with records whose house a test may break."""
    path = tmp_path / "home"
    shutil.copytree(filled.home.path, path)
    return replace(filled.home, path=path)


def test_no_page_has_an_alert_while_the_rules_are_good(client):
    for path in ("/", "/rules", "/no/such/page"):
        assert 'role="alert"' not in client.get(path).text


def test_a_broken_house_file_is_told_on_every_page_and_the_rest_goes_on(
    own_house, filled
):
    write_house(own_house, OURS)
    client = create_app(own_house).test_client()
    before = client.get("/rules.json").json

    write_house(own_house, "broken <script>")

    for path in ("/", "/rules", "/rules/ours", f"/decisions/{filled.decision}"):
        response = client.get(path)
        assert response.status_code == 200
        alert = response.text.partition('role="alert"')[2].partition("</div>")[0]
        assert BROKEN in alert
        assert "What could be read last keeps deciding" in alert
        assert "<script" not in response.text.replace(COPY_BUTTONS, "")
    assert BROKEN in client.get("/no/such/page").text
    assert client.get("/rules.json").json == before
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json["ok"]) == (200, True)
    assert ready.json["rules_error"].startswith(BROKEN)


def test_the_rules_of_the_start_serve_where_none_were_asked_before_the_break(
    own_house,
):
    client = create_app(own_house).test_client()

    write_house(own_house, "broken")

    assert client.get("/rules").status_code == 200


def test_a_mended_house_file_counts_without_a_restart(own_house):
    client = create_app(own_house).test_client()
    client.get("/rules")
    write_house(own_house, "broken")
    assert BROKEN in client.get("/").text

    write_house(own_house, OURS)

    assert 'role="alert"' not in client.get("/").text
    assert client.get("/rules/ours.json").json["origin"] == "house"
    assert client.get("/readyz").json == {"ok": True, "rules_error": ""}


def test_a_service_that_starts_with_a_broken_house_file_says_so(own_house):
    write_house(own_house, "broken")

    client = create_app(own_house).test_client()

    front, listed = client.get("/"), client.get("/rules")
    assert front.status_code == 200
    assert BROKEN in front.text
    assert listed.status_code == 400
    assert BROKEN in listed.text
    assert client.get("/readyz").json["rules_error"].startswith(BROKEN)

    write_house(own_house, OURS)

    assert client.get("/rules/ours").status_code == 200
    assert 'role="alert"' not in client.get("/").text


def test_a_criterion_that_is_switched_off_says_by_whom(own_house):
    client = create_app(own_house).test_client()
    assert client.get("/rules/must-cite-sources").status_code == 200

    off = own_house.path / "house" / "switched-off.toml"
    off.parent.mkdir(parents=True, exist_ok=True)
    off.write_text('[must-cite-sources]\nby = "Ada"\nbecause = "By hand."\n')

    assert "switched off</strong> by Ada" in client.get("/rules").text
    assert "Ada: By hand." in client.get("/rules/must-cite-sources").text
    assert 'role="alert"' not in client.get("/rules").text


def test_the_style_sheet_and_the_icon_are_served(client):
    assert client.get("/static/tunewise.css", buffered=True).mimetype == "text/css"
    assert client.get("/static/icon.svg", buffered=True).mimetype == "image/svg+xml"
    assert client.get("/static/../base.html").status_code == 404


def test_the_service_imports_no_heavy_library():
    code = (
        "import sys, tunewise.web.server\n"
        "heavy = {'torch', 'transformers', 'scipy', 'sklearn', 'peft'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert done.stdout.strip() == "[]", done.stderr
