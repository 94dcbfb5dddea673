"""The application factory: parts in, a WSGI application out."""

from contextlib import suppress
from dataclasses import replace

from flask import Flask

from tracker.known import Known
from tunewise import resources
from tunewise.domain.errors import TunewiseError
from tunewise.report.environment import environment
from tunewise.web import (
    acts,
    bringing,
    datasets,
    decisions,
    experiments,
    front,
    history,
    intake,
    jobs,
    model_acts,
    models,
    resting,
    rules,
    starting,
    trying,
)
from tunewise.web.api import serving as api
from tunewise.web.problems import explain_problems
from tunewise.web.security import protect
from tunewise.web.site import Site
from tunewise.web.transfer import compress
from tunewise.workflow.home import Home
from tunewise.workflow.rules.last_good import LastGood


def create_app(home: Home, *, trusted_hosts: tuple[str, ...] = ()) -> Flask:
    """Return the application over one home.

    ``trusted_hosts`` names the hosts that are answered besides the loopback ones,
    e.g. the name under which a proxy is reached.
    """
    if not home.has_records():
        home.store(create=True).close()  # an empty home is shown, not refused
    app = Flask(
        "tunewise.web",
        static_folder=resources.templates_dir() / "static",
        template_folder=None,
    )
    home = replace(home, last_good=LastGood(), known=Known())
    with suppress(TunewiseError):  # pages say so, until the files are mended
        home.rules()  # the last good one, should the files break later
    house = home.path / "house" / "templates"
    app.extensions["tunewise"] = Site(home, environment([house]))
    compress(app)  # at last: Flask calls what comes after a request backwards
    protect(app, trusted_hosts)
    explain_problems(app)
    for part in (
        front,
        intake,
        decisions,
        acts,
        experiments,
        datasets,
        models,
        rules,
        history,
        jobs,
        starting,
        trying,
        resting,
        bringing,
        model_acts,
        api,
    ):
        app.register_blueprint(part.blueprint)
    return app
