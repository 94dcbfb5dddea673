"""An OpenAI-compatible endpoint as the one who answers.

    kept? --no--> within the caps? --> sent --> text --> kept
                                            '--> no text: a wrong answer, flagged
                                            '--> no answer: one clear message

Only the address that is named is asked: a redirection is not followed, since nobody
said that the data may go there.
"""

import math
import os
import time
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from trainer.answer_cache import AnswerCache
from trainer.answering import Answer, Chat, OnProgress, Timed
from trainer.endpoint_problems import no_text, nonsense, problem
from trainer.spending import Account
from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.experiment import EndpointSpec

IN_A_ROW = 5  # answers without any text after which nobody waits for the next
# Tokens that a chat template may add to a message: role, marks, line breaks.
TEMPLATE_TOKENS = 16


class Endpoint:
    """Asks an OpenAI-compatible chat-completions endpoint, one chat after the other.

    Parameters
    ----------
    max_new_tokens : most tokens of an answer
    cache, account : where answers and spending are kept; in memory without them
    """

    window = math.inf  # unknown: the endpoint refuses what is too long

    def __init__(
        self,
        spec: EndpointSpec,
        *,
        max_new_tokens: int,
        cache: AnswerCache | None = None,
        account: Account | None = None,
    ) -> None:
        try:
            from openai import DefaultHttpxClient, OpenAI
        except ModuleNotFoundError:
            raise EnvironmentProblem(
                "endpoint: the package openai is not installed\n"
                "  Install it: pip install 'tunewise[endpoint]'"
            ) from None
        self._spec, self.limit = spec, max_new_tokens
        self._cache = cache or AnswerCache(None, days=0)
        self._account = account or Account(spec)
        self._before = self._account.spent  # by earlier runs of the experiment
        self._without_text = 0  # in all
        self._in_a_row = 0
        self._served: dict[str, None] = {}
        key = _key(spec)
        http = DefaultHttpxClient(
            follow_redirects=False, event_hooks=_hooks(self._account)
        )
        weakref.finalize(self, http.close)
        self._client = OpenAI(
            base_url=spec.base_url,
            api_key=key,
            timeout=spec.timeout_seconds,
            http_client=http,
        )

    def answer(self, chats: Sequence[Chat], *, progress: OnProgress) -> list[Answer]:
        """Answer one request after the other; what is kept is not asked again."""
        answers = []
        for number, chat in enumerate(chats, start=1):
            answers.append(self._ask(chat))
            progress(number, len(chats))
        return answers

    def time_alone(self, chat: Chat) -> Timed:
        """Ask for the answer piece by piece, and time the first and the last."""
        asked = self._asked(chat)
        retries = self._account.begin(self._most_cost(chat))
        first: float | None = None
        used: object = None
        began = time.perf_counter()
        with self._told():
            client = self._client.with_options(max_retries=retries)
            for piece in client.chat.completions.create(**asked, stream=True):
                choices = getattr(piece, "choices", None)
                delta = getattr(choices[0], "delta", None) if choices else None
                if first is None and getattr(delta, "content", None):
                    first = time.perf_counter() - began
                used = getattr(piece, "usage", None) or used
        seconds = time.perf_counter() - began
        self._settle(_number(used, "prompt_tokens"), _number(used, "completion_tokens"))
        return Timed(first, seconds)

    def count(self, text: str) -> int:
        """Estimate four tokens for three words: the endpoint keeps its tokenizer."""
        return max(1, round(len(text.split()) * 4 / 3))

    def longest(self, chats: Sequence[Chat]) -> int:
        """Estimate it as :meth:`count` does."""
        return max(sum(self.count(m.content) for m in c) for c in chats) + self.limit

    def served(self) -> dict[str, str]:
        """Return the snapshots that the answers name, such as gpt-4o-2024-08-06."""
        return {"snapshot": ", ".join(sorted(filter(None, self._served)))}

    def asked(self) -> dict[str, object]:
        """Return what this run asked: how much, of whom, and what was odd about it."""
        spec, cache = self._spec, self._cache
        spent, before = self._account.spent, self._before
        priced = spec.price_in or spec.price_out
        return {
            "base_url": spec.base_url,
            "model": spec.model,
            "requests": spent.requests - before.requests,
            "from_cache": cache.used,
            "oldest_kept": cache.oldest or None,
            "without_text": self._without_text,
            "cost": spent.cost - before.cost if priced else None,
            "currency": spec.currency,
            "warnings": list(self._warnings()),
        }

    def _ask(self, chat: Chat) -> Answer:
        asked = self._asked(chat)
        kept = self._cache.get({"base_url": self._spec.base_url, **asked})
        if kept is not None:
            answer, served = kept
            self._served.setdefault(served)
            return answer
        retries = self._account.begin(self._most_cost(chat))
        with self._told():
            client = self._client.with_options(max_retries=retries)
            reply = _read(client.chat.completions.create(**asked))
        if reply is None:
            raise nonsense(self._spec)
        self._served.setdefault(reply.served)
        answer = reply.answer
        self._settle(answer.prompt_tokens, answer.answer_tokens)
        if reply.has_text:
            self._in_a_row = 0
            self._cache.put(
                {"base_url": self._spec.base_url, **asked}, answer, reply.served
            )
            return answer
        self._without_text += 1
        self._in_a_row += 1
        if self._in_a_row == IN_A_ROW:
            raise no_text(self._spec, IN_A_ROW, answer.finish)
        return answer

    def _asked(self, chat: Chat) -> dict[str, Any]:
        return {
            "model": self._spec.model,
            "messages": [{"role": m.role, "content": m.content} for m in chat],
            "temperature": 0,
            "max_tokens": self.limit,
        }

    def _most_cost(self, chat: Chat) -> float:
        """Return what a request may cost: no tokenizer makes more tokens than bytes."""
        read = sum(len(m.content.encode("utf-8", "replace")) for m in chat)
        return self._account.price(read + TEMPLATE_TOKENS * len(chat), self.limit)

    def _settle(self, tokens_in: int, tokens_out: int) -> None:
        """Pay what was reported; else it stays at the most that it can have cost."""
        if tokens_in:
            self._account.settle(self._account.price(tokens_in, tokens_out))

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Turn what the client raises into one message that says what to do."""
        from openai import OpenAIError

        before = self._account.spent.requests
        try:
            yield
        except OpenAIError as error:
            attempts = self._account.spent.requests - before
            raise problem(self._spec, error, attempts) from None
        except ValueError:  # JSON by its heading, and none
            raise nonsense(self._spec) from None

    def _warnings(self) -> Iterator[str]:
        spec, named = self._spec, sorted(filter(None, self._served))
        others = [name for name in named if not _is(name, spec.model)]
        if others:
            yield f"asked was {spec.model}, and the answers name {', '.join(others)}"
        if len(named) > 1:
            yield f"the answers come from {len(named)} models: {', '.join(named)}"
        if self._without_text:
            yield f"{self._without_text} answers had no text and count as wrong"


@dataclass(frozen=True, slots=True)
class _Reply:
    answer: Answer
    served: str  # the model that it names, "" where it names none
    has_text: bool


def _hooks(account: Account) -> dict[str, list[Callable[[Any], None]]]:
    """Return what the client calls at every attempt: it is counted as it is made."""

    def came(response: Any) -> None:
        if response.status_code >= 300:
            account.release()

    return {"request": [lambda _: account.reserve()], "response": [came]}


def _read(found: Any) -> _Reply | None:
    """Read a chat completion that nobody validated; None where it is none."""
    choices = getattr(found, "choices", None)
    if not isinstance(choices, list):
        return None
    message = getattr(choices[0], "message", None) if choices else None
    content = getattr(message, "content", None)
    has_text = isinstance(content, str)
    finish = str(getattr(choices[0], "finish_reason", "") or "") if choices else ""
    if not has_text:
        finish = f"no text ({finish})" if finish else "no text"
    used = getattr(found, "usage", None)
    answer = Answer(
        content.strip() if isinstance(content, str) else "",
        _number(used, "prompt_tokens"),
        _number(used, "completion_tokens"),
        finish="" if finish == "stop" else finish,
    )
    served = str(getattr(found, "model", "") or "")
    return _Reply(answer, served, has_text=has_text)


def _number(used: object, name: str) -> int:
    found = getattr(used, name, None)
    return found if isinstance(found, int) and found > 0 else 0


def _is(served: str, asked: str) -> bool:
    """Tell whether a name in an answer is the model asked, or a snapshot of it.

    Servers name paths, owners and snapshots: ``/models/tiny`` and ``owner/tiny`` are
    tiny, and gpt-4o-2024-08-06 is gpt-4o.
    """
    names = [name.rstrip("/").rpartition("/")[2] for name in (served, asked)]
    short, long = sorted(names, key=len)
    return long.startswith(short) and long[len(short) :][:1] in "-:@"


def _key(spec: EndpointSpec, environment: Mapping[str, str] = os.environ) -> str:
    """Return the key; "none" for an endpoint that asks for none."""
    if not spec.key_env:
        return "none"
    key = environment.get(spec.key_env, "").strip()
    if not key or not key.isascii():
        what = "holds no key" if key else "is not set"
        raise EnvironmentProblem(
            f"endpoint.key_env: the environment variable {spec.key_env} {what}\n"
            f"  Set it where Tunewise runs: export {spec.key_env}=…"
        )
    return key
