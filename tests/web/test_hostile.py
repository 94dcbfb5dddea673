"""Hostile text in every field: all that shows it stays what it is.

The home is filled through forms, uploads and rule files; then every address that any
page links to is opened, and the downloads with it.
"""

import csv
import io
import json
import re
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urlencode, urlsplit

import pytest
import yaml
from markdown_it import MarkdownIt

from tests import hostile
from tests.bidi import spills, turned
from tests.report.conftest import Page
from tunewise.web.app import create_app
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home
from tunewise.workflow.integrity import checking as integrity

from .conftest import INES
from .test_odd_requests import concrete

OURS = ("/static/tunewise.js", "/static/vendor/htmx-4.0.1.min.js")
INLINE = {
    "a", "abbr", "b", "bdi", "br", "code", "del", "em", "i", "ins", "kbd", "label",
    "mark", "q", "s", "small", "span", "strong", "sub", "sup", "time", "u", "var",
    "wbr",
}  # fmt: skip
VOID = {"meta", "link", "input", "br", "img", "hr", "wbr"}
QUERIES = (
    "/search?q={}", "/history?by={}", "/history?subject={}", "/history?kind={}",
    "/experiments/e-triage/answers?q={}", "/rules?option={}", "/rests-on/base/{}",
    "/rests-on/price/{}", "/decisions/new?task_type.by={}", "/decisions?q={}",
    "/decisions/new?title={}&skip=latency_sensitive",
    "/decisions/new/preliminary?task_type=classification&task_type.by={}",
)  # fmt: skip
MOST = 1000  # addresses that are followed


class Blocks(HTMLParser):
    """The text of each block of a page; what forms send again is left out."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.blocks = [""]
        self._within: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag, attrs):
        if tag not in INLINE:
            self.blocks.append("")
        if tag not in VOID:
            self._within.append(tag)

    def handle_endtag(self, tag):
        self._within.pop()
        if tag not in INLINE:
            self.blocks.append("")

    def handle_data(self, data):
        if self._within and self._within[-1] not in ("script", "style", "textarea"):
            self.blocks[-1] += data


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    return hostile.fill(tmp_path_factory.mktemp("hostile") / "home")


@pytest.fixture(scope="module")
def site(filled):
    """Return every answer of the service, by the address that some page links to."""
    rules = filled.client.application.url_map.iter_rules()
    known = _Known(filled)
    seeds = [concrete(r, known) for r in rules if "GET" in r.methods]
    seeds += [q.format(urlencode({"": hostile.LINE})[1:]) for q in QUERIES]
    seeds += [f"/decisions/{filled.decision}/risks/ours/control", "/rules/ours"]
    waiting = [path for path in seeds if not path.startswith("/static")]
    found = {}
    while waiting and len(found) < MOST:
        path = waiting.pop(0)
        if path in found:
            continue
        found[path] = filled.client.get(path)
        if found[path].mimetype == "text/html":
            links = Page(found[path].text).values("href")
            waiting += [to for to in map(_local, links, [path] * len(links)) if to]
    assert len(found) < MOST, "the pages have no end"
    return found


class _Known:
    """What ``concrete`` asks of a filled home."""

    def __init__(self, filled):
        self.decision, self.experiment = filled.decision, filled.experiment
        self.run, self.model = "r-tuned", "old@2"


def _local(link, path):
    to = urldefrag(link).url
    if to.startswith("?"):
        to = urlsplit(path).path + to
    if len(dict(parse_qsl(urlsplit(to).query))) > 1:
        return ""  # combinations of filters, tried by tests of their own
    return to if to.startswith("/") and not to.startswith("/static") else ""


def of(site, media):
    found = {p: r for p, r in site.items() if r.mimetype == media}
    assert found
    return found


def test_every_link_leads_somewhere(site):
    expected = (200, 302, 303, 404)  # 404 of seeds that nothing is recorded under

    assert [p for p, r in site.items() if r.status_code not in (*expected, 400)] == []
    linked = {
        to
        for path, response in of(site, "text/html").items()
        for link in Page(response.text).values("href")
        if (to := _local(link, path))
    }
    assert [to for to in linked if site[to].status_code not in (200, 303)] == []


def test_no_text_becomes_markup(site):
    for path, response in of(site, "text/html").items():
        found = Page(response.text)
        reports = int(path.endswith("report.html") or path == "/sample")
        scripts = [src for src in found.values("src") if src in OURS]

        assert not {"img", "iframe", "object", "base"} & set(found.tags), path
        assert found.tags.count("script") == len(scripts) + reports, path
        assert found.tags.count("style") == reports, path
        assert not [n for _, n, _ in found.attributes if n.startswith("on")], path
        assert not [n for _, n, _ in found.attributes if n == "style"], path


def test_no_link_is_live(site):
    for path, response in of(site, "text/html").items():
        links = Page(response.text).values("href", "src", "action", "formaction")

        bad = [u for u in links if not re.match(r"/(?!/)|#|\?", u)]
        assert bad == [] or path == "/sample", (path, bad)


def test_no_text_turns_the_words_beside_it(site):
    for path, response in of(site, "text/html").items():
        for block in Blocks(response.text).blocks:
            assert spills(block) == "", (path, block)
            assert spills(block.replace("\n", " ")) == "", (path, block)


def test_no_name_turns_what_is_said_of_it(site):
    ours = "not verified|verified: | UTC|sees to it|who edited|characters more|ago"
    texts = [*of(site, "text/html").items(), *of(site, "text/markdown").items()]
    turning = 0
    for path, response in texts:
        for block in Blocks(response.text).blocks:
            said = turned(block)
            turning += bool(said)
            assert not re.search(ours, said), (path, block)
    assert turning > 100  # or nothing was tried


def test_what_was_written_is_there_to_read(site, filled):
    pages = of(site, "text/html")
    fields = {
        "/": 1, "/decisions": 1, f"/decisions/{filled.decision}": 20, "/portfolio": 1,
        "/datasets/desk/2": 3, "/datasets/desk/1/diff/2": 3, "/models/old/1": 10,
        "/models/old/2": 10, "/experiments": 2, "/jobs": 1, "/history": 10,
        "/rules/ours": 3, "/rules/facts": 1,
        f"/experiments/{filled.experiment}": 1,
        f"/experiments/{filled.experiment}/answers": 10,
        f"/decisions/{filled.decision}/report.html": 20, "/lineage/old/2": 5,
        "/lineage/old/2/report.html": 5,
        f"/experiments/{filled.experiment}/report.html": 1,
    }  # fmt: skip
    shown = {path: pages[path].text.count("hacked&lt;script&gt;") for path in fields}

    assert {p: n for p, n in shown.items() if n < fields[p]} == {}


def test_reports_are_whole(site, filled, tmp_path):
    reports = {p: r for p, r in site.items() if p.endswith("report.html")}
    assert {"decisions", "experiments", "lineage"} <= {p.split("/")[1] for p in reports}

    for path, response in reports.items():
        if response.status_code != 200:
            continue
        file = tmp_path / "report.html"
        file.write_bytes(response.data)
        assert integrity.verify(filled.home, file)["problems"] == [], path
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_markdown_keeps_its_structure(site):
    for path, response in of(site, "text/markdown").items():
        _, head, body = response.text.split("---\n", 2)
        assert "x" not in yaml.safe_load(head), path
        assert not set("\u202e\u2066\u2067") & set(head), path
        html = MarkdownIt("commonmark", {"html": True}).enable("table").render(body)
        found = Page(f"<html>{html}</html>".replace("<br>", ""))

        assert not {"script", "svg", "img", "style"} & set(found.tags), path
        assert not [u for u in found.values("href") if re.match("javascript|data", u)]
        assert not re.search(r"^\W*Injected", body, re.MULTILINE), path
        assert all(spills(block) == "" for block in Blocks(html).blocks), path


def test_a_table_has_one_row_a_record_and_no_formula(site, filled):
    for path, response in of(site, "text/csv").items():
        head, *rows = csv.reader(io.StringIO(response.text))

        assert rows, path
        assert {len(row) for row in rows} == {len(head)}, path
        cells = [cell for row in rows for cell in row]
        assert not [c for c in cells if c[:1] in ("=", "+", "@", "\t", "\r")], path
        assert any("'=1+1 hacked<script>" in c for c in cells), path


def test_every_twin_can_be_read(site):
    for path, response in of(site, "application/json").items():
        assert json.loads(response.data) is not None, path


@pytest.mark.parametrize("place", ["question", "answer"])
def test_a_record_of_a_megabyte_leaves_its_pages_short(place, tmp_path):
    home = Home(tmp_path / "home", INES)
    client = create_app(home).test_client()
    for n in (1, 2):
        _register(home, tmp_path / f"{place}-{n}", n, place)

    page = client.get("/datasets/desk/1/diff/2")
    twin = client.get("/datasets/desk/1/diff/2.json")

    assert len(page.data) < 100_000
    assert "characters more, in the JSON of this page" in page.text
    assert len(twin.data) > 2_000_000
    for path in ("/datasets/desk/2", "/datasets", "/history", "/search?q=word"):
        assert len(client.get(path).data) < 60_000


def _register(home, folder, n, place):
    folder.mkdir()
    files = {}
    for split in ("train", "validation", "heldout"):
        said = {"question": f"{split} {n}", "answer": "yes"}
        said[place] += " word" * 200_000 if split == "train" else ""
        messages = [
            {"role": "user", "content": said["question"]},
            {"role": "assistant", "content": said["answer"]},
        ]
        files[split] = folder / f"{split}.jsonl"
        files[split].write_text(json.dumps({"messages": messages}), "utf-8")
    datasets.register(home, "desk", files, accept_because="made for this test")


def test_no_page_is_endless(site):
    sizes = {p: len(r.data) for p, r in of(site, "text/html").items()}

    assert {p: n for p, n in sizes.items() if n > 500_000} == {}
