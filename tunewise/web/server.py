"""Serve the application with waitress: one process, many threads, every system."""

import gc
import sys
from contextlib import suppress
from threading import Thread

import waitress

from tunewise.domain.errors import EnvironmentProblem, TunewiseError
from tunewise.web.app import create_app
from tunewise.web.security import LOOPBACK
from tunewise.web.uploads import LARGEST
from tunewise.workflow import overview
from tunewise.workflow.background import resume_interrupted
from tunewise.workflow.experiments import predictions
from tunewise.workflow.home import Home

# Bytes of a request that are taken in at all, before anybody says that an upload may
# be 64 MB: somewhat more, so that there is a page to say it.
_LARGEST = 4 * LARGEST


def serve(
    home: Home,
    host: str = "127.0.0.1",
    port: int = 8321,
    *,
    trusted_hosts: tuple[str, ...] = (),
) -> None:
    """Serve the home until interrupted; go on with experiments that were cut off.

    Raises
    ------
    EnvironmentProblem
        If ``host`` is not a loopback address and no trusted host is named: there
        is no login, so whoever reaches the port can read everything.
    """
    if not is_loopback(host) and not trusted_hosts:
        raise EnvironmentProblem(
            f"--host {host}: only {' and '.join(LOOPBACK)} are served\n"
            "  There are no accounts yet: whoever reaches the port could read every "
            "record\n"
            "  and act under any name. Leave --host out; from another machine, come "
            "through\n"
            f"  ssh -L {port}:127.0.0.1:{port} THIS-MACHINE, or a proxy here that has "
            "a login and\n"
            "  sends Host: 127.0.0.1."
        )
    app = create_app(home, trusted_hosts=trusted_hosts)
    shown: Home = app.extensions["tunewise"].home
    Thread(target=read_ahead, args=(shown,), daemon=True).start()
    resume_interrupted(home)
    server = waitress.create_server(
        app,
        host=host,
        port=port,
        threads=8,
        ident="tunewise",
        max_request_body_size=_LARGEST,
    )
    sys.stderr.write(f"serving {home.path} on http://{host}:{port}  (Ctrl-C ends it)\n")
    sys.stderr.flush()
    server.run()


def read_ahead(home: Home) -> None:
    """Read what the lists are made of, so that their first reader need not wait."""
    with suppress(TunewiseError):  # the pages say what is wrong
        overview.attention(home)
        predictions.of_home(home)
    if not gc.isenabled():  # by __main__, so that a start is quick
        gc.freeze()  # what is there by now stays
        gc.set_threshold(100_000, 20, 100)
        gc.enable()


def is_loopback(host: str) -> bool:
    """Return whether only this machine can reach ``host``, and it will be answered."""
    return host in LOOPBACK
