"""Texts are compressed for those who can read it, and not sent twice."""

import gzip


def test_a_page_is_compressed_where_that_is_asked_for(client):
    plain = client.get("/decisions")
    small = client.get("/decisions", headers={"Accept-Encoding": "gzip"})

    assert "Content-Encoding" not in plain.headers
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.data) == plain.data
    assert "Accept-Encoding" in small.headers["Vary"]


def test_a_page_that_the_reader_has_is_not_sent_again(client):
    first = client.get("/decisions")

    again = client.get("/decisions", headers={"If-None-Match": first.headers["ETag"]})

    assert (again.status_code, again.data) == (304, b"")
    assert "Content-Security-Policy" in again.headers


def test_files_of_others_are_kept_by_the_browser_for_a_year(client):
    response = client.get("/static/vendor/htmx-4.0.1.min.js", buffered=True)

    assert "immutable" in response.headers["Cache-Control"]
    assert "no-cache" in client.get("/").headers["Cache-Control"]


def test_the_first_page_is_under_60_kb_on_the_line(client):
    linked = ["/", "/static/site.css", "/static/tunewise.css", "/static/icon.svg",
              "/static/tunewise.js",
              "/static/vendor/pico-2.1.1.classless.min.css"]  # fmt: skip
    headers = {"Accept-Encoding": "gzip"}

    sent = sum(len(client.get(p, headers=headers, buffered=True).data) for p in linked)

    assert sent < 60_000
