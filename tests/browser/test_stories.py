"""What people come for, done by mouse, by keyboard, without scripts."""

import re

import pytest

from tunewise.workflow import decisions

pytestmark = pytest.mark.browser


def answer_some(tab, times):
    """Answer the first choice of each question, and "I don't know" where none is."""
    for _ in range(times):
        if not tab.locator("form.act").count():
            return
        choices = tab.locator(".choices input")
        if choices.count():
            choices.first.check()
            tab.get_by_role("button", name="Next").click()
        else:
            tab.get_by_role("button", name="I don't know").click()


def put_on_record(tab, title):
    """Record the preliminary verdict that the tab shows; return the decision's id."""
    tab.get_by_label("Which question does it answer?").fill(title)
    tab.get_by_label("Your name").fill("Ada Marsh")
    tab.get_by_role("button", name="Put it on record").click()
    tab.wait_for_url(re.compile(r"/decisions/d-"))
    return tab.url.rpartition("/")[2]


def accept(tab, by):
    tab.get_by_role("link", name="Accept").first.click()
    tab.get_by_label("Your name").fill(by)
    tab.get_by_role("button", name=re.compile("record")).click()
    tab.wait_for_url(re.compile(r"/decisions/[^/]+$"))


def test_from_a_task_to_an_accepted_decision(service, page):
    page.goto("/")
    page.goto("/decisions/new")

    answer_some(page, 8)
    page.get_by_role("link", name="Look at the whole verdict").click()
    id = put_on_record(page, "Which option for complaints?")
    accept(page, "Tomas Lind")

    view = decisions.show(service.filled.home, id)
    assert (view["status"], view["by"]) == ("accepted", "Ada Marsh")
    assert view["accepted_by"] == "Tomas Lind"
    assert view["choice"] == view["verdict"]["recommended"]
    assert page.get_by_text("Tomas Lind").first.is_visible()


def test_the_verdict_follows_an_answer_before_it_is_sent(page):
    page.goto("/decisions/new?task_type=classification")
    verdict = page.locator("#verdict")
    with page.expect_response(re.compile("/decisions/new/verdict")) as answered:
        page.locator("fieldset input").first.focus()
        page.keyboard.press("Space")
        page.keyboard.type("1")
        page.keyboard.press("Tab")

    assert answered.value.status == 200
    assert "Verdict so far" in verdict.inner_text() or verdict.inner_text()


def test_a_task_is_described_by_keyboard_alone(page):
    page.goto("/decisions/new")

    for _ in range(3):
        before = page.url
        to_the_button(page, "I don't know")
        page.keyboard.press("Enter")
        page.wait_for_url(lambda url, before=before: url != before)
    to_the_button(page, "Look at the whole verdict")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/preliminary"))

    assert page.url.count("skip=") == 3
    assert page.get_by_text("Preliminary, rules only.").is_visible()


def test_the_first_tab_leads_to_the_content(page):
    page.goto("/decisions")

    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
    page.keyboard.press("Enter")

    assert page.url.endswith("#main")


def to_the_button(page, name):
    """Press Tab until what has the focus bears the name; it must be seen to."""
    for _ in range(60):
        page.keyboard.press("Tab")
        said = page.evaluate("document.activeElement.textContent.trim()")
        if said == name:
            outline = page.evaluate(
                "getComputedStyle(document.activeElement).outlineStyle"
            )
            assert outline != "none", f"no outline on {name}"
            return
    pytest.fail(f"no Tab leads to {name}")


def test_everything_goes_without_scripts(service, plain):
    plain.goto("/decisions/new")

    answer_some(plain, 3)
    plain.get_by_role("link", name="Look at the whole verdict").click()
    id = put_on_record(plain, "Without scripts")
    accept(plain, "Ines Okafor")

    assert decisions.show(service.filled.home, id)["status"] == "accepted"


def test_a_form_that_cannot_be_taken_gives_everything_back_without_scripts(
    service, plain
):
    plain.goto(f"/decisions/{service.filled.proposed}/reject")
    plain.get_by_label("Your name").fill("")
    plain.locator("textarea").first.fill("Typed with care")

    plain.get_by_role("button").last.click()

    assert plain.get_by_text("Not recorded.").is_visible()
    assert plain.locator("textarea").first.input_value() == "Typed with care"
