"""Copy buttons: there with scripts, gone without; each copies what stands beside it."""

import pytest

pytestmark = pytest.mark.browser


def test_a_button_copies_the_id_beside_it(service, page, browsing):
    browsing.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"/decisions/{service.conditional}")

    page.get_by_role("button", name=f"Copy {service.conditional}").click()

    page.get_by_text("Copied").first.wait_for()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == service.conditional


def test_a_button_is_reached_by_keyboard_and_says_what_it_did(service, page):
    page.goto(f"/decisions/{service.conditional}")
    button = page.get_by_role("button", name=f"Copy {service.conditional}")
    button.focus()

    page.keyboard.press("Enter")

    page.locator("[role=status]", has_text="Copied").wait_for(state="attached")
    assert button.evaluate("e => getComputedStyle(e).opacity") == "1"


def test_without_scripts_there_is_no_button_and_the_id_is_there(service, plain):
    plain.goto(f"/decisions/{service.conditional}")

    assert plain.get_by_role("button", name="Copy").count() == 0
    assert plain.get_by_text(service.conditional).first.is_visible()
