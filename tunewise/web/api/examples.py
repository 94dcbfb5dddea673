"""A body for each write, as the document shows it; a test sends every one.

They name what a home would have after a first experiment: the dataset version
``triage@1``, the experiment that measured on it, a model version of one of its arms.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_BY = {"by": "Ines Okafor"}
_REASON = {**_BY, "because": "Agreed in the meeting of the product team."}
_FACTS = {"facts": {"task_type": "classification", "must_cite_sources": False}}
_SPEC = {
    "title": "Sort letters",
    "dataset": "triage@1",
    "task": {"type": "classification", "metric": "accuracy"},
    "arms": ["prompt"],
}
_LABELS = ("card", "refund", "transfer")


def _lines(records: Iterator[Mapping[str, Any]]) -> str:
    return "".join(f"{json.dumps(record)}\n" for record in records)


def _chats(numbers: Sequence[int]) -> str:
    return _lines(
        {
            "messages": [
                {"role": "user", "content": f"message {n} about {_LABELS[n % 3]}"},
                {"role": "assistant", "content": _LABELS[n % 3]},
            ],
            "metadata": {"id": f"letter-{n}"},
        }
        for n in numbers
    )


_DATA = {
    "files": {"train": _chats(range(6)), "heldout": _chats(range(6, 9))},
    "owner": "Mia Berg",
    "accept_because": "A first look; more examples are being labelled.",
}
_ANSWERS = {
    "arm": "prompt",
    "answers": _lines({"id": f"t-{n}", "answer": "card"} for n in range(2000, 2003)),
    "model": "the vendor's model",
}
_CASE = {"id": "letters", **_FACTS, "acceptable": ["prompt", "defer"]}
BODIES: Mapping[str, Mapping[str, Any]] = {
    "advise": _FACTS,
    "openQuestions": _FACTS,
    "replayDecisions": {},
    "proposeDecision": {**_BY, "title": "Sort letters", **_FACTS},
    "supersedeDecision": {**_BY, **_FACTS},
    "acceptDecision": {**_REASON, "choice": "prompt"},
    "rejectDecision": _REASON,
    "withdrawDecision": _REASON,
    "signDecision": {**_BY, "role": "data protection officer"},
    "reviewDecision": {**_REASON, "score": 0.84},
    "describeDecision": {**_BY, "owner": "Mia Berg", "informed": ["Tomas Lind"]},
    "assignRisk": {**_BY, "control": "A person reads every tenth letter."},
    "assignCondition": {**_BY, "owner": "Mia Berg"},
    "closeCondition": {**_REASON, "evidence": "person:Mia Berg"},
    "scoreRules": {"cases": _lines(iter([_CASE]))},
    "checkDataset": {"files": _DATA["files"]},
    "registerDataset": {**_BY, **_DATA},
    "uploadDataset": {**_BY, **_DATA},
    "describeDataset": {**_REASON, "owner": "Mia Berg"},
    "deleteDataset": _REASON,
    "estimateExperiment": {**_BY, "spec": _SPEC},
    "runExperiment": {**_BY, "spec": _SPEC},
    "resumeExperiment": _BY,
    "cancelExperiment": _REASON,
    "importAnswers": {**_BY, **_ANSWERS},
    "importAnswersAlone": {**_BY, "spec": _SPEC, **_ANSWERS},
    "cancelJob": _REASON,
    "registerModel": {
        **_BY,
        "described": {"option": "finetune", "base_model": {"id": "mistral-7b"}},
    },
    "aliasModel": {**_REASON, "alias": "production"},
    "describeModel": {**_REASON, "monitoring": "Fifty answers are read every week."},
    "retireModel": _REASON,
    "deployModel": {
        **_REASON,
        "product": "Help desk",
        "environment": "production",
        "as": "triage-llm",
    },
    "undeployModel": {**_REASON, "environment": "production"},
    "checkDrift": {**_BY, "data": _chats(range(40)), "here": False},
    "forgetDriftCheck": _REASON,
    "verifyReport": _BY,
}
