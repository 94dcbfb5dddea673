"""Hostile text, and a home with it in every field that takes any.

Everything comes in as it would from people: through forms, uploads, rule files of the
house. What a field refuses is not in the home, and ``fill`` says that it was.
"""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from tests.web.conftest import record_experiment
from tests.web.test_jobs import OURS, ended
from tunewise import resources
from tunewise.domain.decision import Actor
from tunewise.domain.description import FIELDS
from tunewise.web.app import create_app
from tunewise.workflow.datasets import records as datasets
from tunewise.workflow.home import Home

LINE = (  # what fits into a title of 200 characters
    "=1+1 hacked<script>hacked=1</script><svg onload=hacked=2><img src=x onerror="
    "hacked=3>\"'`|{{7*7}}![a](data:text/html,x)[b](javascript:hacked=4)\u202eאב 12"
    "\u2066<!--\\"
)
PRINTED = LINE.replace("\u202e", "").replace("\u2066", "")  # a name holds no mark
TEXT = (
    f"{LINE}\n\n# Injected\n\n* Injected\n---\nx: y\n</main></table></form></textarea>"
    f"</title></pre><style>*{{display:none}}</style>\u2069\u2069\u2067ג\n{'W' * 3000}"
)
LABELS = (f"card {LINE}", "refund", "transfer")
CRITERION = """
title = {line}
since = 2026-11-26
source = {line}
note = {text}
[when]
task_type = "classification"
[[then]]
option = "prompt"
weight = 1
because = {text}
"""


def fill(path: Path) -> "Filled":
    """Return a home in which hostile text stands wherever it is taken."""
    home = Home(path, Actor(LINE))
    _house(home)
    client = create_app(home).test_client()
    filled = Filled(home, client)
    filled.data()
    record_experiment(home, "desk@2")
    filled.answers()
    filled.models()
    filled.decisions()
    filled.jobs()
    return filled


def _house(home: Home) -> None:
    quoted = {"line": json.dumps(LINE), "text": json.dumps(TEXT)}
    house = home.path / "house"
    (house / "criteria").mkdir(parents=True)
    (house / "criteria" / "ours.toml").write_text(CRITERION.format(**quoted), "utf-8")
    (house / "switched-off.toml").write_text(
        "[stronger-model-allowed]\nby = {line}\nbecause = {text}\n".format(**quoted),
        "utf-8",
    )
    (house / "more-risks.toml").write_text(
        "[ours]\ntitle = {line}\nwhy = {text}\noptions = ['hybrid', 'prompt']\n"
        "usual_control = {text}\nsource = {line}\n".format(**quoted),
        "utf-8",
    )
    prices = (resources.rules_dir() / "prices.toml").read_text("utf-8")
    note = next(line for line in prices.splitlines() if line.startswith("note = "))
    prices = prices.replace(note, f"note = {quoted['text']}")
    (house / "prices.toml").write_text(prices, "utf-8")


class Filled:
    """The home, a client of its service, and what was done so far."""

    def __init__(self, home: Home, client: FlaskClient) -> None:
        self.home = home
        self.client = client
        self.decision = ""  # accepted, with everything on record
        self.experiment = ""  # of answers that were brought

    def send(self, path: str, **fields: Any) -> str:
        """Send a form, as its page would, and return where it leads."""
        files = {
            name: (io.BytesIO(value[1].encode()), value[0])
            if isinstance(value, tuple)
            else value
            for name, value in fields.items()
        }
        data = {"by": LINE, **files}
        media = "multipart/form-data" if files != fields else None
        done = self.client.post(path, data=data, headers=OURS, content_type=media)
        assert done.status_code in (302, 303), (path, done.status_code, done.text)
        return done.headers["Location"]

    def data(self) -> None:
        """Upload two versions of a dataset: CSV, then chat JSON Lines."""
        rows = [(f"{LINE} {n}", f"{TEXT} {n}", LABELS[n % 3]) for n in range(60)]
        said = {
            key: LINE for key in ("owner", "origin", "licence", "basis")
        } | {"accept_because": TEXT, "classification": "internal"}  # fmt: skip
        cells = [[_cell(v) for v in (*row, LINE)] for row in rows]
        csv = "\n".join(",".join(row) for row in cells)
        head = f"id,prompt,answer,{_cell(LINE)}"
        lines = [
            json.dumps(
                {
                    "messages": [
                        {"role": "system", "content": LINE},
                        {"role": "user", "content": question + " again"},
                        {"role": "assistant", "content": answer},
                    ],
                    "metadata": {"id": id, "group": f"{LINE} {n % 7}", LINE: LINE},
                }
            )
            for n, (id, question, answer) in enumerate(rows[5:])
        ]
        for content in (f"{head}\n{csv}\n", "\n".join(lines)):
            at = self.send(
                "/datasets/new", name="desk", train=(f"../{LINE}", content), **said
            )
            self.finished(at)

    def answers(self) -> None:
        """Import hostile answers as an experiment."""
        heldout = datasets.load(self.home, "desk@2").splits["heldout"]
        lines = [json.dumps({"id": e.id, "answer": TEXT}) for e in heldout]
        at = self.send(
            "/experiments/import", arm="prompt", model=LINE, title=LINE,
            dataset="desk@2", type="classification", metric="accuracy",
            answers=(f"..\\{LINE}.jsonl", "\n".join(lines)),
        )  # fmt: skip
        self.experiment = self.finished(at)["experiment"]

    def models(self) -> None:
        """Explain a model, and do all that is done about one."""
        texts = (
            *("purpose", "out_of_scope", "limits", "oversight", "monitoring"),
            *("rollback", "decision", "trained_by", "tool", "training"),
        )
        known = dict.fromkeys(texts, TEXT) | {
            "name": "old", "option": "finetune", "base": LINE, "licence": LINE,
            "revision": LINE, "dataset": "desk@2",
        }  # fmt: skip
        for _ in range(2):
            self.send("/models/explain", **known)
        served = dict.fromkeys(("product", "environment", "outside"), PRINTED)
        self.send("/models/old/1/deploy", because=TEXT, **served)
        self.send("/models/old/1/undeploy", because=TEXT)
        self.send("/models/old/2/deploy", because=TEXT, **served)
        for n in (1, 2):
            self.send(f"/models/old/{n}/alias", because=TEXT, alias="champion")
        self.send("/models/old/2/unalias", because=TEXT, alias="champion")
        self.send("/models/explain", name="bare", option="prompt", base="tiny")
        said = dict.fromkeys(texts[:6], TEXT)
        self.send("/models/bare/1/describe", because=TEXT, **said)
        self.send("/models/old/1/retire", because=TEXT)

    def decisions(self) -> None:
        """Propose, describe, accept, sign, review, succeed; reject; withdraw."""
        id = self.decision = self.proposed()
        described = {
            f.name: LINE if f.kind == "line" else TEXT for f in FIELDS.values()
        }
        acts: Sequence[tuple[str, dict[str, str]]] = (
            ("describe", {**described, "informed": LINE}),
            ("accept", {"choice": "hybrid", "because": TEXT, "conditions": LINE}),
            ("sign", {"role": LINE, "dissent": "yes", "comment": TEXT}),
            ("conditions/1/assign", {"owner": LINE}),
            ("conditions/1/close", {"evidence": f"person:{LINE}", "because": TEXT}),
            ("review", {"because": TEXT, "score": "0.5"}),
            ("risks/ours/control", {"control": TEXT, "owner": LINE}),
        )
        for act, fields in acts:
            self.send(f"/decisions/{id}/{act}", **fields)
        self.send(f"/decisions/{id}/try", must_cite_sources="yes")
        for act in ("reject", "withdraw"):
            self.send(f"/decisions/{self.proposed()}/{act}", because=TEXT)

    def proposed(self) -> str:
        """Propose a decision and return its id."""
        at = self.send(
            "/decisions",
            **{"task_type": "classification", "task_type.by": LINE, "title": LINE},
        )
        return at.rpartition("/")[2]

    def jobs(self) -> None:
        """Ask for an experiment whose endpoint is not there: it fails and says so."""
        spec = (
            f"title = {json.dumps(LINE)}\ndataset = 'desk@2'\narms = ['prompt']\n"
            "task = { type = 'classification', metric = 'accuracy' }\n"
            "prompt = { setups = ['zero-shot'] }\n"
            "endpoint = { base_url = 'http://127.0.0.1:9', model = "
            f"{json.dumps(LINE)} }}\n"
        )
        at = self.send("/experiments/new/spec", do="run", spec=spec)
        assert ended(self.client, at)["status"] == "failed"

    def finished(self, at: str) -> dict[str, Any]:
        """Wait for a job and return it."""
        job: dict[str, Any] = ended(self.client, at)
        assert job["status"] == "finished", job["because"]
        return job


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'
