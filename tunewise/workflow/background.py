"""What the service goes on with by itself: jobs, and experiments that were cut off.

All of it goes through the queue: one child at a time, so that the service stays small;
the child ends with the service, and the next start goes on.
"""

import threading
from contextlib import suppress

from tunewise.domain.errors import StatusError
from tunewise.workflow.experiments.stopping import interrupted
from tunewise.workflow.home import Home
from tunewise.workflow.jobs import queue, records


def resume_interrupted(home: Home) -> list[threading.Thread]:
    """Go on with every job and experiment whose process ended without a word."""
    seen_to = {
        job.experiment
        for job in records.list_all(home)
        if records.state(home, job.id).status in records.OPEN
    }
    waiting = [id for id in interrupted(home) if id not in seen_to]
    with suppress(StatusError):  # the queue is full: the next start takes the others
        for id in waiting:
            records.add(home, records.RESUME, id, experiment=id)
    return [queue.wake(home, lane) for lane in records.LANES]
