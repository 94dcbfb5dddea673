"""``python -m trainer.estimate FOLDER``: what the runs in a folder would take.

Reads ``FOLDER/*/run.json``, writes ``FOLDER/estimate.json`` (estimating.py). Exit
status 2: the user can mend it, and standard error says how.
"""

import sys
from pathlib import Path

from trainer.alone import keep_to_itself
from trainer.parent import end_with_parent
from tunewise.domain.errors import TunewiseError


def main(arguments: list[str]) -> int:
    """Estimate the runs of a folder."""
    folder = Path(arguments[0]).resolve()
    end_with_parent()
    keep_to_itself()
    from trainer.estimating import estimate
    from trainer.files import write_json

    try:
        write_json(folder / "estimate.json", estimate(folder))
    except TunewiseError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
