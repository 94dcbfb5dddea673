"""`tunewise run`: pages of runs and one run, of a measured experiment."""

from .conftest import Measured, Tunewise, mended


def test_the_best_runs_by_a_metric_come_first(
    tunewise: Tunewise, measured: Measured
) -> None:
    view = tunewise("run", "list", "--sort", "-accuracy", "--json").json

    scores = [row["metrics"]["accuracy"] for row in view["runs"]]
    assert {row["experiment"] for row in view["runs"]} == {measured.id}
    assert len(scores) == 4  # prompt, rag, majority, nearest example
    assert scores == sorted(scores, reverse=True)
    assert view["more"] is False


def test_runs_are_filtered_and_cut_into_pages(
    tunewise: Tunewise, measured: Measured
) -> None:
    view = tunewise(
        "run", "list", "--where", "accuracy > 0", "--where", "arm = rag", "--json"
    ).json
    page = tunewise("run", "list", "--limit", "1", "--offset", "1")

    assert [row["arm"] for row in view["runs"]] == ["rag"]
    assert measured.id.removeprefix("e") in page.out
    assert "There are more: see --limit and --offset." in page.out


def test_the_metric_that_orders_a_page_stands_first(
    tunewise: Tunewise, measured: Measured
) -> None:
    said = tunewise("run", "list", "--sort", "-macro_f1").out

    header = said.splitlines()[0].split()
    assert header[:5] == ["run", "arm", "seed", "status", "macro_f1"]


def test_a_run_is_shown_with_what_it_was_asked_and_where_it_ran(
    tunewise: Tunewise, measured: Measured
) -> None:
    id = measured.said.json["arms"]["prompt"]["run"]

    said = tunewise("run", "show", id).out

    assert said.startswith(f"{id}  (finished)")
    for part in ("Scores", "Environment", "Asked for", "prompt.shots", "accuracy"):
        assert part in said


def test_nothing_found_and_a_wrong_condition_are_said(
    tunewise: Tunewise, measured: Measured
) -> None:
    assert (
        "No run is recorded that meets this."
        in tunewise("run", "list", "--where", "arm = finetune").out
    )
    assert "'accuracy' is not a condition" in mended(
        tunewise("run", "list", "--where", "accuracy")
    )
    assert "No run 'r-none' is recorded" in mended(tunewise("run", "show", "r-none"))


def test_a_run_is_found_by_its_model(tunewise: Tunewise, measured: Measured) -> None:
    found = tunewise("search", "toy-large", "--json").json

    kinds = {hit["kind"] for hit in found}
    assert "run" in kinds
