"""Chat JSON Lines into examples.

    {"messages": [{"role", "content"}, …], "metadata": {…}?}     one a line

The last message is the assistant's: the reference. Codes of the format's faults are
those of OpenAI's cookbook (Data preparation and analysis for chat model
fine-tuning), and some of our own. A line with a fault that blocks yields no example;
nothing is repaired in silence.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from tunewise.datasets.findings import FindingLog
from tunewise.datasets.jsonl import Entry, Source, parse_entries
from tunewise.domain.dataset import Example, Message, QualityFinding

ROLES = ("system", "user", "assistant", "tool")
METADATA_KEYS = (
    "id",
    "group",
    "timestamp",
    "gold_doc_ids",
    "answers",
    "unanswerable",
)
_MESSAGE_KEYS = ("role", "content", "name")

_FORMAT = 'A line is {"messages": [{"role": …, "content": …}, …]}.'
_TEXT = "Write the text as one string."


@dataclass(frozen=True, slots=True)
class Parsed:
    """The examples of one file, in file order, and what is wrong with it."""

    examples: tuple[Example, ...]
    findings: tuple[QualityFinding, ...]


def parse(data: Source, *, file: str, unanswered: bool = False) -> Parsed:
    """Return the examples of a chat file and the faults of its lines.

    With ``unanswered`` a line may end with what is asked, or be ``{"prompt": …}``:
    the example's reference is "" then.

    >>> parse('{"messages": []}', file="train.jsonl").findings[0].code
    'missing_messages_list'
    """
    log = FindingLog(file)
    entries = parse_entries(data, log)
    parsed = (_example(entry, log, unanswered=unanswered) for entry in entries)
    known: dict[Message, Message] = {}
    examples = tuple(_sharing(e, known) for e in parsed if e is not None)
    _check_ids(examples, log)
    return Parsed(examples, log.findings())


def _sharing(example: Example, known: dict[Message, Message]) -> Example:
    """Keep a system message once, however many examples begin with it."""
    first = example.messages[0]
    shared = known.setdefault(first, first) if first.role == "system" else first
    if shared is first:
        return example
    return replace(example, messages=(shared, *example.messages[1:]))


def _example(entry: Entry, log: FindingLog, *, unanswered: bool) -> Example | None:
    if not isinstance(entry.value, dict):
        what = f"the line is {_kind(entry.value)}, not an object"
        log.block("data_type", entry.line, what, _FORMAT)
        return None
    for key in sorted(entry.value.keys() - {"messages", "metadata"}):
        if key != "messages" and "messages" in entry.value:
            _unknown_key(entry.line, key, log)
    messages = _messages(entry, entry.value, log, unanswered=unanswered)
    metadata = _metadata(entry.line, entry.value.get("metadata"), log)
    if messages is None or metadata is None:
        return None
    return Example(
        messages=messages,
        id=_text(metadata.get("id")),
        group=_text(metadata.get("group")),
        timestamp=_text(metadata.get("timestamp")),
        gold_doc_ids=_texts(metadata.get("gold_doc_ids")),
        answers=_texts(metadata.get("answers")),
        line=entry.line,
        unanswerable=metadata.get("unanswerable") is True,
    )


def _messages(
    entry: Entry, record: dict[str, object], log: FindingLog, *, unanswered: bool
) -> tuple[Message, ...] | None:
    raw = record.get("messages")
    if unanswered and raw is None and isinstance(record.get("prompt"), str):
        raw = [{"role": "user", "content": record["prompt"]}]
    if not isinstance(raw, list) or not raw:
        what = "there is no list of messages"
        log.block("missing_messages_list", entry.line, what, _other_format(record))
        return None
    read = [_message(entry.line, m, log, last=m is raw[-1]) for m in raw]
    messages = tuple(m for m in read if m is not None)
    if len(messages) < len(raw):
        return None
    if unanswered and messages[-1].role in ("user", "tool"):
        return (*messages, Message("assistant", ""))
    if unanswered and messages[-1] == Message("assistant", ""):
        return messages
    return messages if _ends_with_reference(entry.line, messages, log) else None


def _message(line: int, raw: object, log: FindingLog, *, last: bool) -> Message | None:
    if not isinstance(raw, dict):
        log.block("data_type", line, f"a message is {_kind(raw)}", _FORMAT)
        return None
    if missing := [k for k in ("role", "content") if k not in raw]:
        what = f"a message has no {' and no '.join(missing)}"
        log.block("message_missing_key", line, what, _without_content(raw))
        return None
    for key in sorted(raw.keys() - set(_MESSAGE_KEYS)):
        _unknown_message_key(line, key, log)
    role, content = raw["role"], raw["content"]
    sound = _known_role(line, role, log)
    if not isinstance(content, str):
        what = f"the content of a message is {_kind(content)}, not text"
        log.block("missing_content", line, what, _without_content(raw))
        return None
    if not content.strip() and not last:
        what = f"the {role} message is empty"
        log.warn("missing_content", line, what, "Fill it or leave it out.")
    return Message(str(role), content) if sound else None


def _known_role(line: int, role: object, log: FindingLog) -> bool:
    if role in ROLES:
        return True
    hint = {"developer": "system", "human": "user", "gpt": "assistant"}
    do = f"The roles are {', '.join(ROLES)}."
    if isinstance(role, str) and role in hint:
        do = f"Write {hint[role]!r} instead."
    named = repr(role) if isinstance(role, str) else _kind(role)
    log.block("unrecognized_role", line, f"the role {named} is not known", do)
    return False


def _ends_with_reference(
    line: int, messages: tuple[Message, ...], log: FindingLog
) -> bool:
    if all(m.role != "assistant" for m in messages):
        what = "no message is the assistant's"
        do = "The last message must be the answer that is wanted."
        log.block("example_missing_assistant_message", line, what, do)
        return False
    if messages[-1].role != "assistant":
        what = f"the last message is the {messages[-1].role}'s"
        do = "End with the assistant's answer, or cut what follows it."
        log.block("last_message_not_assistant", line, what, do)
        return False
    if not messages[-1].content.strip():
        what = "the reference (the assistant's last message) is empty"
        log.block("empty_reference", line, what, "Write the answer that is wanted.")
        return False
    if any(m.role == "system" for m in messages[1:]):
        what = "a system message stands after the first message"
        log.warn("role_order", line, what, "Many chat templates refuse it: move it up.")
    return True


def _metadata(line: int, raw: object, log: FindingLog) -> Mapping[str, object] | None:
    if raw is None:
        return {}
    if not isinstance(raw, dict):
        do = f"metadata is an object with the keys {', '.join(METADATA_KEYS)}."
        log.block("data_type", line, f"metadata is {_kind(raw)}", do)
        return None
    for key in sorted(raw.keys() - set(METADATA_KEYS)):
        what = f"metadata.{key} is not known and is left out"
        log.note("unknown_metadata_key", line, what, f"Known: {_known(METADATA_KEYS)}.")
    sound = True
    for key in ("id", "group", "timestamp"):
        value = raw.get(key)
        if value is not None and (isinstance(value, bool) or not _is_label(value)):
            what = f"metadata.{key} is {_kind(value)}"
            log.block("data_type", line, what, "Write it as text.")
            sound = False
    for key in ("gold_doc_ids", "answers"):
        value = raw.get(key)
        if value is not None and not _is_text_list(value):
            what = f"metadata.{key} is {_kind(value)}"
            log.block("data_type", line, what, "Write it as a list of texts.")
            sound = False
    unanswerable = raw.get("unanswerable")
    if unanswerable is not None and not isinstance(unanswerable, bool):
        what = f"metadata.unanswerable is {_kind(unanswerable)}"
        log.block("data_type", line, what, "Write true, or leave it out.")
        sound = False
    if sound:
        _check_timestamp(line, _text(raw.get("timestamp")), log)
    return raw if sound else None


def _check_timestamp(line: int, timestamp: str, log: FindingLog) -> None:
    if not timestamp:
        return
    try:
        datetime.fromisoformat(timestamp)
    except ValueError:
        what = f"metadata.timestamp {timestamp!r} is no ISO 8601 date"
        do = "Write it like 2026-03-31 or 2026-03-31T08:00:00Z; drift needs it."
        log.warn("bad_timestamp", line, what, do, cause="date")


def _check_ids(examples: tuple[Example, ...], log: FindingLog) -> None:
    first: dict[str, Example] = {}
    for example in examples:
        if not example.id:
            continue
        known = first.setdefault(example.id, example)
        if known is example:
            continue
        what = f"the id {example.id!r} stands in line {known.line} already"
        if known.messages == example.messages:
            do = "The examples are the same: keep one."
            log.warn("duplicate_id", example.line, what, do, cause="same")
        else:
            do = "An id names one example: give each its own."
            log.block("duplicate_id", example.line, what, do, cause="other")


def _unknown_key(line: int, key: str, log: FindingLog) -> None:
    do = "Put what shall be kept under metadata, and leave the rest out."
    if key in ("tools", "functions", "parallel_tool_calls"):
        do = "Tools are not trained here: write them into the system message."
    log.warn("unknown_key", line, f"the key {key!r} is not known and is ignored", do)


def _unknown_message_key(line: int, key: str, log: FindingLog) -> None:
    what = f"the key {key!r} of a message is not known and is ignored"
    do = "A message has the keys role and content."
    if key in ("weight", "loss_weight"):
        do = "Every message of the assistant is trained on, with equal weight."
    if key in ("tool_calls", "function_call"):
        do = "Calls are not trained here: write the call as the content."
    log.warn("message_unrecognized_key", line, what, do)


def _other_format(record: dict[str, object]) -> str:
    """Say what to do with the records of other tools."""
    if "conversations" in record:
        return (
            "These are ShareGPT's conversations: rename the key to messages, "
            "from/value to role/content, human/gpt to user/assistant."
        )
    for question, answer in (("instruction", "output"), ("prompt", "completion")):
        if question in record and answer in record:
            return f"Make {question} the user's message and {answer} the assistant's."
    if {"id", "text"} <= record.keys():
        return "These look like documents: give the file with --documents."
    return _FORMAT


def _without_content(message: dict[str, object]) -> str:
    if message.get("tool_calls") or message.get("function_call"):
        return "Calls are not trained here: write the call as the content."
    content = message.get("content")
    if isinstance(content, list):
        return "Join its text parts into one string; other parts are not supported."
    return _TEXT if "content" in message else _FORMAT


def _kind(value: object) -> str:
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if value is None else names.get(type(value), "a number")


def _known(keys: tuple[str, ...]) -> str:
    return ", ".join(keys)


def _is_label(value: object) -> bool:
    return isinstance(value, str | int)


def _is_text_list(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(v, str) for v in value)


def _text(value: object) -> str:
    return "" if value is None else str(value)


def _texts(value: object) -> tuple[str, ...]:
    return tuple(str(v) for v in value) if isinstance(value, list) else ()
