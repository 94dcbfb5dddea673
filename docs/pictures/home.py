"""Make a home for pictures: the support desk of ``examples``, with invented answers.

    python docs/pictures/home.py FOLDER

Nothing is trained: four arms answer with the references, every so often with another
one, and are scored, compared, decided and accepted as any others. The figures mean
nothing; every record carries the label DEMO.
"""

import json
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from tunewise import resources
from tunewise.domain.decision import Actor
from tunewise.workflow import decisions
from tunewise.workflow.answers import importing
from tunewise.workflow.home import Home

# Of a hundred answers how many are another example's, by arm.
WRONG = {"prompt": 44, "rag": 33, "finetune": 9, "hybrid": 14}
PEOPLE = ("Ines Okafor", "Tomas Lind", "Ada Marsh")
DESCRIPTION = {
    "owner": "Ines Okafor",
    "purpose": "Route each message to the team that can settle it, for 1,200 a day.",
    "value": "A message that is routed right is answered a day earlier.",
    "cost_of_error": "A wrong route costs one hand-over, about 4 EUR.",
    "out_of_scope": "Answering the customer, and messages in other languages.",
    "today": "Two people sort the messages by hand.",
    "nothing": "They go on sorting; the queue grows by a tenth a year.",
    "maintainer": "Tomas Lind",
    "monitoring": "100 routed messages are read each month.",
    "rollback": "The prompt arm, which is kept deployed beside it.",
}


def main(folder: Path) -> None:
    """Make the home."""
    ines, tomas, ada = (Actor(name) for name in PEOPLE)
    home = Home(folder, ines)
    examples = resources.examples_dir() / "support-desk"
    for arm, wrong in WRONG.items():
        with tempfile.TemporaryDirectory() as scratch:
            file = Path(scratch) / f"{arm}.jsonl"
            file.write_text(answers(examples / "heldout.jsonl", wrong))
            view = importing.import_answers(
                home,
                examples / "experiment.toml",
                arm,
                file,
                model="example-2b",
                tell=lambda event: None,
            )
    facts = view["facts_after"]
    made = decisions.propose(
        home, facts, title="DEMO: how to route support messages", labels=("DEMO",)
    )
    decisions.describe(home, made["id"], DESCRIPTION)
    decisions.accept(
        replace(home, actor=tomas),
        made["id"],
        conditions=["Read 100 routed messages after a month"],
        review_on="2027-05-31",
    )
    decisions.sign(replace(home, actor=ada), made["id"], role="data protection officer")
    decisions.propose(
        home,
        {"task_type": "knowledge_qa", "must_cite_sources": True},
        title="DEMO: answers from the staff handbook",
        labels=("DEMO",),
    )


def answers(heldout: Path, wrong: int) -> str:
    """Return answers as JSON Lines, ``wrong`` of a hundred those of another example."""
    records = [json.loads(line) for line in heldout.read_text().splitlines()]
    said = [record["messages"][-1]["content"] for record in records]
    lines = []
    for i, record in enumerate(records):
        other = (i * 37 + 11) % 100 < wrong  # spread over the file
        answer = said[(i + 7) % len(said)] if other else said[i]
        lines.append(json.dumps({"id": record["metadata"]["id"], "answer": answer}))
    return "\n".join(lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
