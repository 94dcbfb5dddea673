"""What stands in the way of an endpoint's answer, in one message that says what to do.

down, slow, refusing, rate-limiting, sending elsewhere, answering nonsense
"""

from typing import Any

from tunewise.domain.errors import EnvironmentProblem
from tunewise.domain.experiment import EndpointSpec

SHOWN = 200  # characters of what an endpoint says about an error


def problem(spec: EndpointSpec, error: Any, attempts: int) -> EnvironmentProblem:
    """Return what an error of the openai client means.

    Parameters
    ----------
    attempts : how often the request was sent
    """
    from openai import APIConnectionError, APIStatusError, APITimeoutError

    times = "once" if attempts == 1 else f"{attempts} times"
    if isinstance(error, APITimeoutError):
        return _problem(
            spec,
            f"no answer within {spec.timeout_seconds:g} s, asked {times}",
            "Raise timeout_seconds under [endpoint], or see whether it is overloaded.",
        )
    if isinstance(error, APIConnectionError):
        cause = f" ({_line(error.__cause__)})" if error.__cause__ else ""
        return _problem(
            spec,
            f"nobody answers there{cause}, asked {times}",
            "Check base_url, and that the server runs and can be reached from here.",
        )
    if isinstance(error, APIStatusError):
        return _of_status(spec, error, times)
    return _problem(
        spec,
        f"the endpoint did not answer ({_line(error)})",
        "Check base_url, the model's name and the key in key_env.",
    )


def nonsense(spec: EndpointSpec) -> EnvironmentProblem:
    """Return what to say where something came that is no chat completion."""
    return _problem(
        spec,
        "what it answers is no chat completion",
        "Check base_url: it usually ends in /v1, and a page of a proxy or a login "
        "is no endpoint.",
    )


def no_text(spec: EndpointSpec, times: int, finish: str) -> EnvironmentProblem:
    """Return what to say where one answer after the other has no text."""
    return _problem(
        spec,
        f"{times} answers in a row had no text (the last one: {finish})",
        "Look at what the model does: a filter may refuse the questions, or it "
        "thinks for longer than an answer may be.",
    )


def _of_status(spec: EndpointSpec, error: Any, times: str) -> EnvironmentProblem:
    status, said = error.status_code, _line(error)
    if status in (401, 403):
        held = f"that {spec.key_env} holds" if spec.key_env else "key_env should name"
        return _problem(
            spec, f"it refuses the key ({status})", f"Check the key {held}."
        )
    if status == 429:
        return _problem(
            spec,
            f"it takes no more requests for now (429, asked {times}): {said}",
            "Wait, or raise retries under [endpoint]: what is answered is kept.",
        )
    if status in range(300, 400):
        target = error.response.headers.get("location", "nowhere")
        return _problem(
            spec,
            f"it sends elsewhere ({status}, to {target[:SHOWN]})",
            "Check base_url: only the address that stands there is asked.",
        )
    return _problem(
        spec,
        f"it answered with {status}, asked {times}: {said}",
        "Check base_url, the model's name, and how long prompts and answers may be.",
    )


def _problem(spec: EndpointSpec, what: str, do: str) -> EnvironmentProblem:
    return EnvironmentProblem(f"{spec.base_url}: {what}\n  {do}")


def _line(error: object) -> str:
    """Return an error in one line, clipped: servers send whole pages."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"
