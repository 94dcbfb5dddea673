"""What pages show of a field that is empty, or that names no page of ours."""

from tests.report.views.experiments import experiment_view, run_view
from tunewise.report.environment import environment
from tunewise.report.pages import page


def test_the_base_model_of_a_run_links_to_no_page_that_is_not_there():
    html = page(environment(), "run", run_view() | {"result": {"model": "example-2b"}})

    assert "example-2b" in html
    assert "/models/example-2b" not in html


def test_a_model_version_of_a_run_is_a_link():
    html = page(environment(), "run", run_view() | {"result": {"model": "desk@2"}})

    assert 'href="/models/desk/2"' in html


def test_empty_fields_are_named_at_the_end():
    result = {"checks": [], "details": {}, "imported": {"missing_ids": []}, "n": 0}
    html = page(environment(), "run", run_view() | {"result": result, "config": {}})

    assert "Empty, or not recorded: checks, details." in html
    assert "missing ids:</span> none" in html
    assert "<dd>0" in html.replace("<dd>\n", "<dd>")


def test_a_finished_run_without_progress_is_not_waited_for():
    finished = page(
        environment(), "run", run_view() | {"progress": [], "status": "finished"}
    )
    running = page(
        environment(), "run", run_view() | {"progress": [], "status": "running"}
    )

    assert "It reported no progress." in finished
    assert "Nothing is reported yet." in running


def test_costs_without_an_option_have_no_empty_table():
    view = experiment_view()
    view["costs"] |= {"options": [], "today": None}

    html = page(environment(), "experiment", view)

    assert "No option is priced in this record." in html
    assert 'aria-label="What each option costs"' not in html
