def test_criteria_are_kept_to_those_that_speak_of_an_option(client):
    every = client.get("/rules.json").json

    found = client.get("/rules.json?option=rag").json

    assert 0 < len(found) < len(every)
    assert all("rag" in [t["option"] for t in row["consequences"]] for row in found)
    assert '<a href="/rules">Show all' in client.get("/rules?option=rag").text
