"""Answers of endpoints, kept by the content of what was asked.

    sha256(endpoint, model, messages, settings).json  ->  the answer, and when it was

One folder for each dataset version, so that deleting the version deletes what was
answered about it. The question is not kept, only its hash. What is damaged or too
old counts as absent.
"""

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trainer.answering import Answer
from trainer.files import write_json

SECONDS_A_DAY = 86_400


class AnswerCache:
    """Holds answers for some days; without a folder it holds none."""

    def __init__(
        self,
        folder: Path | None,
        *,
        days: float,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder if days else None
        self._days, self._now = days, now
        self.used = 0  # answers that were not asked again
        self.oldest = 0.0  # when the oldest of these was given, seconds since 1970

    def get(self, asked: Mapping[str, Any]) -> tuple[Answer, str] | None:
        """Return the answer to this request and who gave it, None where none is kept.

        Parameters
        ----------
        asked : all that the answer depends on
        """
        if self._folder is None:
            return None
        try:
            kept = json.loads(self._path(self._folder, asked).read_text("utf-8"))
            answer, at = Answer(**kept["answer"]), float(kept["at"])
            served = str(kept["served"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if at < self._now() - self._days * SECONDS_A_DAY:
            return None
        self.used += 1
        self.oldest = min(at, self.oldest or at)
        return answer, served

    def put(self, asked: Mapping[str, Any], answer: Answer, served: str) -> None:
        """Keep the answer to this request, and the model that it names."""
        if self._folder is None:
            return
        path = self._path(self._folder, asked)
        path.parent.mkdir(parents=True, exist_ok=True)
        kept = {"at": self._now(), "served": served, "answer": asdict(answer)}
        write_json(path, kept)

    @staticmethod
    def _path(folder: Path, asked: Mapping[str, Any]) -> Path:
        text = json.dumps(asked, ensure_ascii=False, sort_keys=True)
        key = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        return folder / key[:2] / f"{key}.json"
