from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.served import Asked, Reply, Service, echo, pieces, says, serving
from trainer.answer_cache import AnswerCache
from trainer.answering import Answer
from trainer.endpoint import Endpoint
from trainer.spending import Account
from tunewise.domain.dataset import Message
from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.experiment import EndpointSpec

QUESTION = (Message("system", "Be short."), Message("user", "Where?"))
OTHER = (Message("user", "When?"),)
PAGE = Reply(b"<html><body>Please log in</body></html>", kind="text/html")
LONG = b'{"error": {"message": "' + b"x" * 100_000 + b'"}}'
BUSY = Reply(b'{"error": "busy"}', status=429, headers={"Retry-After": "0.01"})


def silent(done: int, total: int) -> None:
    pass


@pytest.fixture
def service() -> Iterator[Service]:
    pytest.importorskip("openai", reason="needs the extra [endpoint]")
    with serving() as server:
        yield server


def endpoint_of(
    service: Service,
    *,
    file: Path | None = None,
    folder: Path | None = None,
    **keys: Any,
) -> Endpoint:
    """An endpoint with short patience; ``file`` and ``folder`` keep what it knows."""
    spec = replace(EndpointSpec(service.url, "m", timeout_seconds=5, retries=0), **keys)
    return Endpoint(
        spec,
        max_new_tokens=9,
        cache=AnswerCache(folder, days=spec.cache_days),
        account=Account(spec, file),
    )


def test_it_is_asked_the_chat_greedily_and_its_answer_stripped(
    service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOUSE_KEY", " k-123\n")
    endpoint = endpoint_of(service, model="house-model", key_env="HOUSE_KEY")

    answers = endpoint.answer([QUESTION], progress=silent)

    assert answers == [Answer("Where? said", 7, 2)]
    assert service.asked == [
        {
            "model": "house-model",
            "messages": [
                {"role": "system", "content": "Be short."},
                {"role": "user", "content": "Where?"},
            ],
            "temperature": 0,
            "max_tokens": 9,
        }
    ]
    assert service.keys == ["Bearer k-123"]
    assert endpoint.served() == {"snapshot": "house-model"}


def test_it_answers_in_order_and_tells_how_far_it_is(service: Service) -> None:
    seen: list[tuple[int, int]] = []

    answers = endpoint_of(service).answer(
        [QUESTION, OTHER], progress=lambda done, total: seen.append((done, total))
    )

    assert [a.text for a in answers] == ["Where? said", "When? said"]
    assert seen == [(1, 2), (2, 2)]


def test_without_usage_no_tokens_are_counted(service: Service) -> None:
    service.answer = lambda asked: says(asked, "yes", usage=None)

    assert endpoint_of(service).answer([OTHER], progress=silent) == [
        Answer("yes", 0, 0)
    ]


def test_the_first_token_is_timed_and_an_empty_piece_is_none(service: Service) -> None:
    service.answer = lambda asked: pieces(asked, "", "a", "b")

    timed = endpoint_of(service).time_alone(OTHER)

    assert timed.first_token_seconds is not None
    assert 0 < timed.first_token_seconds <= timed.seconds


def test_an_answer_that_comes_in_one_piece_has_no_first_token(service: Service) -> None:
    service.answer = lambda asked: says(asked, "whole")

    assert endpoint_of(service).time_alone(OTHER).first_token_seconds is None


def test_tokens_are_estimated_four_for_three_words(service: Service) -> None:
    endpoint = endpoint_of(service)

    assert endpoint.count("one two three four five six") == 8
    assert endpoint.count("") == 1


# --- keys


@pytest.mark.parametrize(("key", "said"), [(None, "is not set"), ("ключ", "no key")])
def test_a_key_that_is_missing_is_never_replaced_by_another(
    service: Service, monkeypatch: pytest.MonkeyPatch, key: str | None, said: str
) -> None:
    monkeypatch.delenv("HOUSE_KEY", raising=False)
    if key:
        monkeypatch.setenv("HOUSE_KEY", key)

    with pytest.raises(EnvironmentProblem, match=rf"HOUSE_KEY .*{said}(.|\n)*export"):
        endpoint_of(service, key_env="HOUSE_KEY")


# --- endpoints that do not answer, or answer nonsense


def listed(asked: Asked) -> Reply:
    return Reply(b'["no completion"]')


BAD = {
    "page": (lambda asked: PAGE, "no chat completion\n  Check base_url"),
    "json by its heading": (
        lambda asked: Reply(PAGE.body),
        "no chat completion\n  Check base_url",
    ),
    "list": (listed, "no chat completion"),
    "nothing": (lambda asked: Reply(b"{}"), "no chat completion"),
    "choices null": (
        lambda asked: Reply(b'{"model": "m", "choices": null}'),
        "no chat completion",
    ),
    "busy": (lambda asked: BUSY, r"429, asked once.*\n  Wait, or raise retries"),
    "key": (lambda asked: Reply(b"{}", status=401), r"refuses the key \(401\)"),
    "broken": (lambda asked: Reply(b"oh", status=500), "answered with 500, asked once"),
    "too long": (
        lambda asked: Reply(
            b'{"error": {"message": "4096 tokens at most"}}', status=400
        ),
        "with 400, asked once: .*4096 tokens at most",
    ),
    "100,000 letters": (
        lambda asked: Reply(LONG, status=503),
        "with 503, asked once: .*x{100}…\n",
    ),
}


@pytest.mark.parametrize(("answer", "said"), BAD.values(), ids=BAD)
def test_what_is_no_answer_is_told_in_one_message_that_says_what_to_do(
    service: Service, answer: Any, said: str
) -> None:
    service.answer = answer

    with pytest.raises(EnvironmentProblem, match=said) as told:
        endpoint_of(service).answer([OTHER], progress=silent)

    assert str(told.value).startswith(f"{service.url}: ")
    assert len(str(told.value)) < 600


def test_an_endpoint_that_is_down_is_named_with_what_to_do(service: Service) -> None:
    with serving() as gone:
        pass  # its port is free again

    with pytest.raises(EnvironmentProblem, match=r"nobody answers there.*asked once"):
        endpoint_of(service, base_url=gone.url).answer([OTHER], progress=silent)


def test_an_address_that_does_not_exist_is_named(service: Service) -> None:
    spec = {"base_url": f"{service.url}/elsewhere"}

    with pytest.raises(
        EnvironmentProblem, match=r"/elsewhere: .*404.*\n  Check base_u"
    ):
        endpoint_of(service, **spec).answer([OTHER], progress=silent)


def test_an_endpoint_that_is_too_slow_is_asked_as_often_as_was_said(
    service: Service,
) -> None:
    service.answer = lambda asked: replace(echo(asked), after_seconds=0.6)

    with pytest.raises(EnvironmentProblem, match=r"within 0\.2 s, asked 2 times"):
        endpoint_of(service, timeout_seconds=0.2, retries=1).answer(
            [OTHER], progress=silent
        )

    assert len(service.asked) == 2


def test_a_rate_limit_is_waited_out(service: Service) -> None:
    asked_before = count()
    service.answer = lambda asked: BUSY if next(asked_before) < 2 else echo(asked)
    endpoint = endpoint_of(service, retries=2)

    assert endpoint.answer([OTHER], progress=silent)[0].text == "When? said"
    assert endpoint.asked()["requests"] == 3


def test_a_redirection_is_not_followed(service: Service) -> None:
    with serving() as elsewhere:
        to = {"Location": f"{elsewhere.url}/chat/completions"}
        service.answer = lambda asked: Reply(b"", status=307, headers=to)

        with pytest.raises(EnvironmentProblem, match=r"sends elsewhere \(307, to http"):
            endpoint_of(service).answer([OTHER], progress=silent)

    assert elsewhere.asked == []


NO_TEXT = {
    "null": lambda asked: says(asked, None),
    "parts": lambda asked: says(asked, [{"type": "text", "text": "yes"}]),
    "no choice": lambda asked: says(asked, "", choices=[]),
    "no message": lambda asked: says(asked, "", choices=[{"index": 0}]),
}


@pytest.mark.parametrize("answer", NO_TEXT.values(), ids=NO_TEXT)
def test_a_reply_without_text_is_a_wrong_answer_that_is_flagged(
    service: Service, answer: Any, tmp_path: Path
) -> None:
    service.answer = answer
    endpoint = endpoint_of(service, folder=tmp_path)

    [said] = endpoint.answer([OTHER], progress=silent)

    assert said.text == ""
    assert said.finish.startswith("no text")
    assert endpoint.asked()["without_text"] == 1
    assert endpoint.asked()["warnings"] == ["1 answers had no text and count as wrong"]
    assert list(tmp_path.rglob("*.json")) == []  # another time it may have one


def test_after_five_without_text_in_a_row_nobody_waits_for_the_next(
    service: Service,
) -> None:
    service.answer = lambda asked: says(asked, None)

    with pytest.raises(EnvironmentProblem, match="5 answers in a row had no text"):
        endpoint_of(service).answer([OTHER] * 9, progress=silent)

    assert len(service.asked) == 5


def test_an_empty_text_is_an_answer(service: Service) -> None:
    service.answer = lambda asked: says(asked, "")

    answers = endpoint_of(service).answer([OTHER] * 9, progress=silent)

    assert answers == [Answer("", 7, 2)] * 9


def test_an_answer_that_was_cut_says_so(service: Service) -> None:
    cut = {"index": 0, "message": {"content": "so lo"}, "finish_reason": "length"}
    service.answer = lambda asked: says(asked, "", choices=[cut])

    [answer] = endpoint_of(service).answer([OTHER], progress=silent)

    assert (answer.text, answer.finish) == ("so lo", "length")


@pytest.mark.parametrize(
    ("served", "odd"),
    [
        ("m", False),
        ("m-2026-11-01", False),
        ("/models/m", False),
        ("m2", True),
        ("other", True),
        (None, False),
    ],
)
def test_another_model_than_was_asked_is_flagged(
    service: Service, served: str | None, odd: bool
) -> None:
    service.answer = lambda asked: says(asked, "yes", model=served)
    endpoint = endpoint_of(service)

    endpoint.answer([OTHER], progress=silent)

    warned = [f"asked was m, and the answers name {served}"] if odd else []
    assert endpoint.asked()["warnings"] == warned


def test_answers_of_two_snapshots_are_flagged(service: Service) -> None:
    names = iter(["m-1", "m-2"])
    service.answer = lambda asked: says(asked, "yes", model=next(names))
    endpoint = endpoint_of(service)

    endpoint.answer([OTHER, QUESTION], progress=silent)

    assert endpoint.asked()["warnings"] == ["the answers come from 2 models: m-1, m-2"]


# --- answers that are kept


def test_what_was_answered_is_not_asked_again(service: Service, tmp_path: Path) -> None:
    first = endpoint_of(service, folder=tmp_path).answer([QUESTION], progress=silent)
    again = endpoint_of(service, folder=tmp_path)

    answers = again.answer([QUESTION, OTHER], progress=silent)

    assert answers[0] == first[0]
    assert len(service.asked) == 2
    assert again.asked()["from_cache"] == 1
    assert again.asked()["requests"] == 1
    assert again.served() == {"snapshot": "m"}


def test_another_setting_is_another_question(service: Service, tmp_path: Path) -> None:
    endpoint_of(service, folder=tmp_path).answer([OTHER], progress=silent)

    endpoint_of(service, folder=tmp_path, model="n").answer([OTHER], progress=silent)

    assert [a["model"] for a in service.asked] == ["m", "n"]


def test_the_latency_pass_asks_all_the_same(service: Service, tmp_path: Path) -> None:
    endpoint = endpoint_of(service, folder=tmp_path)
    endpoint.answer([OTHER], progress=silent)

    endpoint.time_alone(OTHER)

    assert len(service.asked) == 2


def test_a_failure_keeps_what_was_answered_before(
    service: Service, tmp_path: Path
) -> None:
    asked_before = count()
    service.answer = lambda asked: echo(asked) if next(asked_before) != 1 else PAGE
    with pytest.raises(EnvironmentProblem):
        endpoint_of(service, folder=tmp_path).answer([QUESTION, OTHER], progress=silent)

    answers = endpoint_of(service, folder=tmp_path).answer(
        [QUESTION, OTHER], progress=silent
    )

    assert [a.text for a in answers] == ["Where? said", "When? said"]
    assert len(service.asked) == 3  # the first was not asked twice


# --- caps


def test_the_request_that_would_pass_the_cap_is_not_sent(
    service: Service, tmp_path: Path
) -> None:
    file = tmp_path / "spent.json"
    endpoint = endpoint_of(service, file=file, most_requests=2)

    with pytest.raises(EnvironmentProblem, match=r"cap of 2 requests(.|\n)*is kept"):
        endpoint.answer([OTHER] * 3, progress=silent)
    with pytest.raises(EnvironmentProblem, match="cap of 2 requests"):  # another run
        endpoint_of(service, file=file, most_requests=2).time_alone(OTHER)

    assert len(service.asked) == 2


def test_retries_stay_within_the_cap(service: Service) -> None:
    service.answer = lambda asked: BUSY

    with pytest.raises(EnvironmentProblem, match=r"429, asked 2 times"):
        endpoint_of(service, retries=9, most_requests=2).answer(
            [OTHER], progress=silent
        )

    assert len(service.asked) == 2


def test_spending_stops_before_the_request_that_could_pass_the_cap(
    service: Service, tmp_path: Path
) -> None:
    # One request costs at most 5 bytes + 16 for the template + 9 tokens back = 30;
    # it then takes 7 + 2 = 9. At 1 a token: 9, 18, 27 spent, and 27 + 30 > 50.
    file = tmp_path / "spent.json"
    endpoint = endpoint_of(
        service, file=file, price_in=1e6, price_out=1e6, most_cost=50.0
    )

    with pytest.raises(EnvironmentProblem, match=r"cap of 50 USD \(27\.0000 are spent"):
        endpoint.answer([OTHER] * 9, progress=silent)

    assert len(service.asked) == 3
    assert endpoint.asked()["cost"] == 27


def test_what_is_refused_costs_nothing_and_what_is_not_answered_may(
    service: Service,
) -> None:
    prices = {"price_in": 1e6, "price_out": 1e6}
    service.answer = lambda asked: BUSY
    refused = endpoint_of(service, **prices)
    with pytest.raises(EnvironmentProblem):
        refused.answer([OTHER], progress=silent)
    service.answer = lambda asked: replace(echo(asked), after_seconds=0.4)
    slow = endpoint_of(service, timeout_seconds=0.1, **prices)
    with pytest.raises(EnvironmentProblem):
        slow.answer([OTHER], progress=silent)

    assert (refused.asked()["cost"], slow.asked()["cost"]) == (0, 30)
