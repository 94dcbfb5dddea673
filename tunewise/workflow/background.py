"""What the service goes on with by itself: experiments that were cut off.

Each is worked on in a process of its own, one after the other, so that the service
stays small; the process ends with the service, and the next start goes on.
"""

import logging
import sys
import threading
from pathlib import Path

from tunewise.domain.decision import Actor
from tunewise.domain.errors import TunewiseError
from tunewise.workflow.experiments.stopping import interrupted
from tunewise.workflow.home import Home
from tunewise.workflow.processes import call_until_we_end

_LOG = logging.getLogger(__name__)


def resume_interrupted(home: Home) -> threading.Thread:
    """Go on with every experiment whose process ended without a word."""
    waiting = interrupted(home)
    thread = threading.Thread(target=_resume_all, args=(home, waiting), daemon=True)
    thread.start()
    return thread


def _resume_all(home: Home, ids: list[str]) -> None:
    for id in ids:
        _LOG.info("going on with experiment %s", id)
        ended = call_until_we_end(
            ["tunewise.workflow.background", str(home.path), home.actor.name, id]
        )
        if ended.status:
            _LOG.warning("experiment %s did not end well: %s", id, ended.reason)


def main(arguments: list[str]) -> int:
    """Go on with one experiment: ``HOME WHO ID``."""
    from trainer.parent import end_with_parent
    from tunewise.workflow.experiments import running

    end_with_parent()
    folder, who, id = arguments
    try:
        running.resume(Home(Path(folder), Actor(who)), id, tell=lambda _: None)
    except TunewiseError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
