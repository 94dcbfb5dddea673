"""Write the record of the sample report, which an empty home offers to open.

    python docs/pictures/home.py FOLDER
    python docs/pictures/sample.py FOLDER

The page is made of it at each request, by the templates of the day. Paths of the
machine that made the home are cut off.
"""

import json
import sys
from pathlib import Path

from tunewise import resources
from tunewise.domain.decision import Actor
from tunewise.workflow import decisions
from tunewise.workflow.home import Home
from tunewise.workflow.reports.files import decision_report

ROOT = Path(__file__).resolve().parents[2]


def main(folder: Path) -> None:
    """Write the record of the accepted decision that an experiment measured."""
    home = Home(folder, Actor("Ines Okafor"))
    (id,) = (
        row["id"]
        for row in decisions.list_all(home)
        if row["status"] == "accepted" and "DEMO" in row["labels"]
    )
    text = json.dumps(decision_report(home, id), ensure_ascii=False, indent=1)
    for root in (ROOT, folder.resolve()):
        text = text.replace(f"{root}/", "")
    target = resources.templates_dir() / "sample" / "decision.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(text + "\n", encoding="utf-8")
    print(f"{target}: {target.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
