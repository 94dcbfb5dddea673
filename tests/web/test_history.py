"""The history page: a filter is in the address, is told, and can be left."""

import csv
import io

from tunewise.report.pages import page


def test_events_are_kept_to_a_kind_a_person_a_record_and_a_time(client):
    every = client.get("/history.json").json
    event = every["events"][0]
    kind = event["action"].split(".")[0]
    asked = {"kind": kind, "by": event["actor"], "subject": event["subject"]}

    found = client.get("/history.json", query_string=asked).json

    assert 0 < found["total"] < every["total"]
    for row in found["events"]:
        assert row["action"].startswith(f"{kind}.")
        assert (row["actor"], row["subject"]) == (event["actor"], event["subject"])
    newest = max(row["at"] for row in every["events"])
    late = client.get("/history.json", query_string={"since": newest}).json
    assert [r["at"] >= newest for r in late["events"]] == [True] * late["total"]
    assert late["total"] > 0


def test_a_filter_is_told_and_can_be_left(client):
    text = client.get("/history?kind=decision&by=Nobody").text

    assert "0 events of decisions by Nobody" in text
    assert '<a href="/history">Show all events</a>' in text


def test_a_filter_is_kept_by_the_link_to_older_events(client):
    site = client.application.extensions["tunewise"]
    view = client.get("/history.json").json | {"total": 500}
    asked = {"kind": "run", "by": "Bea & Co", "subject": "", "since": ""}

    text = page(site.environment, "history", view, at="", asked=asked, rules_error="")

    assert 'href="/history?kind=run&amp;by=Bea%20%26%20Co&amp;offset=' in text


def test_the_newest_event_comes_first(client):
    events = client.get("/history.json").json["events"]
    text = client.get("/history").text

    places = [text.index(f"no. {event['seq']}<") for event in events]
    assert places == sorted(places, reverse=True)


def test_the_table_has_every_event_that_the_filters_keep(client):
    def table(**asked):
        answered = client.get("/history.csv", query_string=asked)
        assert answered.mimetype == "text/csv"
        return [*csv.DictReader(io.StringIO(answered.text))]

    view = client.get("/history.json").json
    every = table()

    assert [int(row["seq"]) for row in every] == [*range(1, view["total"] + 1)]
    kept = table(kind="decision", by=view["events"][0]["actor"])
    assert 0 < len(kept) < len(every)
    assert {row["action"].partition(".")[0] for row in kept} == {"decision"}
    assert client.get("/history.csv?at=2999-01-01").status_code == 400
