"""``python -m tunewise.web HOME HOST PORT WHO``: what ``tunewise serve`` becomes."""

import ctypes
import gc
import sys
from contextlib import suppress
from pathlib import Path

_M_ARENA_MAX = -8  # of malloc.h


def main(arguments: list[str]) -> int:
    """Serve until interrupted."""
    # A third of the start went into looking for cycles, and rows make none: it begins
    # when they are read (server.py), and what is imported here need not wait either.
    gc.disable()
    from tunewise.domain.decision import Actor
    from tunewise.domain.errors import EnvironmentProblem, TunewiseError
    from tunewise.web.server import serve
    from tunewise.workflow.home import Home

    folder, host, port, who = arguments
    _share_memory()
    home = Home(Path(folder), Actor(who))
    try:
        home.store(create=True).close()
        try:
            serve(home, host, int(port))
        except OSError as error:
            raise EnvironmentProblem(
                f"{host}:{port}: cannot be served ({error.strerror})\n"
                "  Choose another port with --port, or end what holds this one."
            ) from None
    except TunewiseError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    except KeyboardInterrupt:
        pass
    return 0


def _share_memory() -> None:
    """Let all threads take memory from one place, where the C library is glibc.

    By default each keeps what it once needed: eight threads, some 100 MB more.
    """
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
