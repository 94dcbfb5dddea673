"""Start the web service and say where it is.

``tunewise.cli`` and ``tunewise.web`` do not know each other, so the service runs as
``python -m tunewise.web`` in this process's place.
"""

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

    from tunewise.workflow.home import Home


def serve_forever(home: "Home", host: str, port: int, console: "Console") -> None:
    """Replace this process by the web service; does not return."""
    address = f"http://{host}:{port}"
    console.print(f"serving {home.path} on {address}  (Ctrl-C ends it)", markup=False)
    arguments = [sys.executable, "-P", "-m", "tunewise.web"]
    arguments += [str(home.path), host, str(port), home.actor.name]
    sys.stderr.flush()
    if os.name == "nt":  # exec would leave the terminal at once there
        sys.exit(subprocess.call(arguments))
    os.execv(sys.executable, arguments)
