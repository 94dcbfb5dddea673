"""A child process that must not outlive the one who asked for it."""

import os
import sys
import threading


def end_with_parent() -> None:
    """Leave at once when the parent closes its end of standard input, or dies.

    Nothing happens at a terminal, where there is no such parent.
    """
    if not sys.stdin.isatty():
        threading.Thread(target=_wait, daemon=True).start()


def _wait() -> None:
    # os.read, not sys.stdin: a daemon thread inside a buffered read holds a lock
    # that the interpreter wants at its end
    while os.read(0, 1024):
        pass
    os._exit(3)
