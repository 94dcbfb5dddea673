"""Start the web service.

``tunewise.cli`` and ``tunewise.web`` do not know each other, so the service runs as
``python -m tunewise.web`` in this process's place. It says where it is, once it is.
"""

import os
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tunewise.workflow.home import Home


def serve_forever(home: "Home", host: str, port: int) -> None:
    """Replace this process by the web service; does not return."""
    arguments = [sys.executable, "-P", "-m", "tunewise.web"]
    arguments += [str(home.path), host, str(port), home.actor.name]
    sys.stderr.flush()
    if os.name == "nt":  # exec would leave the terminal at once there
        sys.exit(subprocess.call(arguments))
    os.execv(sys.executable, arguments)
