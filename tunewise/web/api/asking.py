"""A request, read as its route describes it, or what is wrong with it.

Parameters and body are held against the schemas that the OpenAPI document publishes;
what these cannot say (a day that is over, a fact that contradicts another) is the
workflow's to refuse.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flask import Response, request
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError

from tunewise.engine.source_text import is_unicode
from tunewise.web.api.etags import seen_in
from tunewise.web.api.problems import Wrong, problem
from tunewise.web.api.route import JSON, Asked, Route, Schema
from tunewise.web.api.shapes import PARAMETERS
from tunewise.web.site import acting, home
from tunewise.workflow.facts import once

_DATES = FormatChecker(["date"])
_SHOWN = 60  # characters of a value that a message repeats
_ERRORS = 20  # that are named one by one
_DEEPEST = 40  # arrays and objects within each other
_INTEGER = re.compile(r"-?[0-9]{1,18}")

Raw = Mapping[str, Any]


def asked(route: Route, path: Mapping[str, str]) -> Asked | Response:
    """Return the request at hand as its route takes it, else a problem."""
    values, wrong = _parameters(route, path)
    if wrong:
        where = "\n".join(f"{e.where}: {e.message}" for e in wrong)
        return problem(404, "Nothing has this address.", hint=where, errors=wrong)
    query, wrong = _query(route)
    if wrong:
        return _not_as_described("The query", wrong)
    seen = seen_in(request.headers.get("If-Match")) if route.conditional else ""
    if seen is None:
        return _not_as_described(
            "If-Match", [Wrong("If-Match", 'Give the ETag as it came, such as "217".')]
        )
    body = _body(route)
    if isinstance(body, Response):
        return body
    by = str(body.get("by", "")).strip()
    return Asked(acting(by) if by else home(), values, query, body, seen)


def _parameters(route: Route, path: Mapping[str, str]) -> tuple[Raw, list[Wrong]]:
    schemas = {name: PARAMETERS[name] for name in route.parameters}
    return _texts(path, schemas, where="path")


def _query(route: Route) -> tuple[Raw, list[Wrong]]:
    """Return the query; a name that is not known is a typo, and is said."""
    given: dict[str, Any] = {}
    wrong = []
    for name, values in request.args.lists():
        kind = route.query.get(name, {}).get("type")
        if name not in route.query:
            known = ", ".join(route.query) or "none"
            wrong.append(Wrong(f"query/{name}", f"Not known here; known: {known}."))
        elif kind != "array" and len(values) > 1:
            wrong.append(Wrong(f"query/{name}", "Give it once."))
        else:
            given[name] = values if kind == "array" else values[0]
    needed = [name for name in route.needs_query if name not in given]
    wrong += [Wrong(f"query/{name}", "This is needed.") for name in needed]
    typed, more = _texts(given, route.query, where="query")
    return typed, [*wrong, *more]


def _texts(
    given: Mapping[str, Any], schemas: Mapping[str, Schema], *, where: str
) -> tuple[Raw, list[Wrong]]:
    """Return texts of an address as their schemas' types, and what is wrong."""
    values = {k: _typed(v, schemas[k].get("type")) for k, v in given.items()}
    wrong = [
        Wrong(f"{where}/{name}", message)
        for name, value in values.items()
        for message in messages(schemas[name], value)
    ]
    return values, wrong


def _typed(value: Any, kind: object) -> Any:  # noqa: ANN401
    if kind == "integer" and _INTEGER.fullmatch(value):
        return int(value)
    if kind == "boolean" and value in ("true", "false"):
        return value == "true"
    return value


def messages(schema: Schema, value: object) -> Iterator[str]:
    """Yield what is wrong with one value, in words."""
    for _, message in _errors(schema, value):
        yield message


def _body(route: Route) -> Raw | Response:
    schema = route.body_schema
    if schema is None:
        return {}
    request.max_content_length = route.largest
    if request.mimetype != JSON:
        return problem(
            415,
            f"The body is {request.mimetype or 'of no stated type'!r}, not JSON.",
            hint=f"Send a JSON object, and Content-Type: {JSON}.",
        )
    try:
        value = json.loads(
            request.get_data(),
            object_pairs_hook=once,
            parse_constant=_no_number,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:
        said = "it is nested too deeply" if isinstance(error, RecursionError) else error
        return _not_as_described("The body", [Wrong("body", f"No JSON: {said}")])
    if _too_deep(value):
        return _not_as_described("The body", [Wrong("body", "Nested too deeply.")])
    if not is_unicode(json.dumps(value, ensure_ascii=False)):
        halves = "A text holds half a character (a lone surrogate)."
        return _not_as_described("The body", [Wrong("body", halves)])
    wrong = [Wrong(where, said) for where, said in _errors(schema, value)]
    return _not_as_described("The body", wrong) if wrong else value


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is not a number")


def _finite(text: str) -> float:
    value = float(text)
    if value - value != 0:  # 1e999
        raise ValueError(f"{text[:_SHOWN]} is too large a number")
    return value


def _too_deep(value: object, depth: int = 0) -> bool:
    if depth > _DEEPEST:
        return True
    inside = value.values() if isinstance(value, dict) else value
    return isinstance(value, dict | list) and any(
        _too_deep(entry, depth + 1)
        for entry in inside  # type: ignore[attr-defined]
    )


def _errors(schema: Schema, value: object) -> Iterator[tuple[str, str]]:
    validator = Draft202012Validator(schema, format_checker=_DATES)
    for error in validator.iter_errors(value):
        where = "/".join(("body", *(str(part) for part in error.absolute_path)))
        yield where, _in_words(error)


def _in_words(error: ValidationError) -> str:
    """Return what is wrong; a pattern says what it is for instead of itself."""
    value = repr(error.instance)
    bound: Any = error.validator_value
    shown = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
    match error.validator:
        case "pattern":
            about: Any = error.schema
            return f"{shown} is not: {about.get('description', 'a name')}"
        case "format":
            return f"{shown} is no date: write it as 2027-01-31."
        case "enum":
            return f"{shown} is none of {', '.join(map(str, bound))}."
        case "maxLength":
            return f"{len(str(error.instance)):,} characters; {bound:,} fit."
    return error.message.replace(value, shown)


def _not_as_described(what: str, wrong: list[Wrong]) -> Response:
    first = wrong[0]
    return problem(
        400,
        f"{what} is not as described: {first.where}: {first.message}",
        hint="/api/v1/openapi.json describes what this address takes.",
        errors=wrong[:_ERRORS],
    )
