"""The JSON Schemas that several routes share: of parameters, bodies and replies."""

from collections.abc import Mapping, Sequence

from tunewise.domain.formats import FORMATS
from tunewise.domain.rules import Option
from tunewise.web.api.route import Schema

LONGEST_TEXT = 20_000  # characters, as in a form
LONGEST_LINE = 200
UPLOAD = 64 << 20  # bytes of a body with the contents of files
MOST = 1000  # entries of a page
PAGE = 100

# No control character that a terminal would obey, and something that can be seen.
# Classes that say what is not in them: a made-up text is drawn from these at once.
_NEITHER = r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
_LINE = rf"^[^\n\r\t{_NEITHER}]*[^\s{_NEITHER}][^\n\r\t{_NEITHER}]*$"
_TEXT = rf"^[^{_NEITHER}]*[^\s{_NEITHER}][^{_NEITHER}]*$"


def line(description: str, *, longest: int = LONGEST_LINE) -> Schema:
    """Return the schema of one line that says something."""
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": longest,
        "pattern": _LINE,
        "description": description,
    }


def text(description: str) -> Schema:
    """Return the schema of a text that says something; it may have several lines."""
    return {
        "type": "string",
        "minLength": 1,
        "maxLength": LONGEST_TEXT,
        "pattern": _TEXT,
        "description": description,
    }


def said(description: str) -> Schema:
    """Return the schema of a text that may be empty, which takes it back."""
    return {"type": "string", "maxLength": LONGEST_TEXT, "description": description}


def content(description: str) -> Schema:
    """Return the schema of a file's content."""
    return {"type": "string", "maxLength": UPLOAD, "description": description}


def day(description: str) -> Schema:
    """Return the schema of a date."""
    return {"type": "string", "format": "date", "description": description}


def flag(description: str) -> Schema:
    """Return the schema of yes or no."""
    return {"type": "boolean", "description": description}


def whole(description: str, *, low: int = 0, high: int = 10**9) -> Schema:
    """Return the schema of a whole number."""
    bounds = {"minimum": low, "maximum": high}
    return {"type": "integer", **bounds, "description": description}


def many(item: Schema, description: str, *, most: int = 100) -> Schema:
    """Return the schema of a list."""
    return {
        "type": "array",
        "items": item,
        "maxItems": most,
        "description": description,
    }


def closed(properties: Mapping[str, Schema], needed: Sequence[str] = ()) -> Schema:
    """Return the schema of an object that has no other keys."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": dict(properties),
        "required": list(needed),
    }


def shown(*keys: str) -> Schema:
    """Return the schema of a reply that has these keys, and may get more."""
    return {
        "type": "object",
        "properties": {key: {} for key in keys},
        "required": list(keys),
    }


def paged(*keys: str) -> Schema:
    """Return the schema of a page of a list, of objects with these keys."""
    return {
        "type": "object",
        "properties": {
            "items": {"type": "array", "items": shown(*keys)},
            "next": {
                "type": ["string", "null"],
                "description": "What `after` takes for the page that follows, "
                "null on the last.",
            },
        },
        "required": ["items", "next"],
    }


BY = line(
    "Who does this, as the record names them. There are no accounts: the name goes on "
    "record as stated, not verified."
)
BECAUSE = text("The reason. It stays on record, and is read years later.")
REVIEW_ON = day("When to look again; a day that is still to come.")
OPTION: Schema = {"enum": [option.value for option in Option]}
FACTS: Schema = {
    "type": ["object", "string"],
    "maxLength": LONGEST_TEXT * 10,
    "description": "The answers by fact, or the content of a fact file (TOML or JSON). "
    "A value, or {value, evidence, …}; GET /schemas/facts says what each may be. "
    "Evidence that names a document stays a name: no file of the server is read.",
    "examples": [
        {"task_type": "classification", "must_cite_sources": False},
        'task_type = "qa"\nmust_cite_sources = true\n',
    ],
}
DATASET = line("name@n: take the facts about the data from this version's report.")
DECISION: Schema = {"$ref": "#/components/schemas/Decision"}

EXAMPLES: Mapping[str, Schema] = {
    "with_examples": flag(
        "With texts of the data: held-out examples, answers, quotations."
    )
}

PARAMETERS: Mapping[str, Schema] = {
    "id": {
        "type": "string",
        "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        "description": "The id of the record.",
    },
    "name": {
        "type": "string",
        "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        "description": "A name, without a version.",
    },
    "version": {
        "type": "string",
        "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$",
        "description": "The number of a version, or an alias.",
    },
    "risk": {
        "type": "string",
        "pattern": "^[a-z0-9][a-z0-9-]{0,99}$",
        "description": "The id of a risk, as the decision lists it.",
    },
    "n": whole("A number, from 1.", low=1),
    "role": {"enum": ["train", "validation", "heldout", "documents"]},
    "kind": {"enum": list(FORMATS)},
}
PAGING: Mapping[str, Schema] = {
    "limit": whole("How many, at most.", low=1, high=MOST) | {"default": PAGE},
    "after": line("What `next` said: go on after it.", longest=300),
}
