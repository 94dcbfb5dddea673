"""Writes come from here or from a program; another site's page is refused."""

import pytest
from flask import Blueprint

from tunewise.web.app import create_app


@pytest.fixture
def written(filled):
    """Return a client of an application that has one address to write to."""
    app = create_app(filled.home)
    part = Blueprint("written", __name__)
    part.add_url_rule("/w", view_func=lambda: "done", methods=["POST"])
    app.register_blueprint(part)
    return app.test_client()


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "http://localhost"},
        {"Content-Type": "application/json"},
    ],
)
def test_a_form_of_ours_and_a_program_may_write(written, headers):
    assert written.post("/w", headers=headers).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "null"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "text/plain"},
        {},
    ],
)
def test_a_page_of_another_site_may_not(written, headers):
    response = written.post("/w", headers=headers)

    assert response.status_code == 403
    assert "Nothing was changed" in response.text


def test_a_body_that_is_too_large_is_refused(filled):
    app = create_app(filled.home)
    part = Blueprint("sized", __name__)
    from tunewise.web.forms import Form

    part.add_url_rule(
        "/w", view_func=lambda: Form.of_request().text("a"), methods=["POST"]
    )
    app.register_blueprint(part)
    headers = {"Sec-Fetch-Site": "same-origin"}

    response = app.test_client().post(
        "/w", data={"a": "x" * 2_000_000}, headers=headers
    )

    assert response.status_code == 413
    assert "64 MB" in response.text
