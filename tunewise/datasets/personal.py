"""Personal data and secrets that a tuned model could repeat.

Patterns with a check where the format has one (IBAN mod 97, card Luhn, IPv4 range),
so that a report holds few false alarms; it finds formats, not names. Values are
masked in every message.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tunewise.datasets.findings import counted, file_of, finding, in_part
from tunewise.domain.dataset import Dataset, QualityFinding, Severity, Split

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@(?:[\w-]{1,63}\.)+[a-z]{2,24}\b", re.I)
_PHONE = re.compile(
    r"(?<![\w.+])(?:(?:\+|00)[1-9][\d ()./-]{7,17}\d|\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4})"
    r"(?![\w-])"
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}\b")
_CARD = re.compile(r"(?<![\w.-])[3-6]\d(?:[ -]?\d){11,17}(?![\w-])")
_IPV4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?![\w.]*\d)")
_VERSION = re.compile(
    r"(?:version|release|build|before|prior|through|than|update|firmware|\bv)\W*"
    r"(?:\w+\W+){0,2}$",
    re.I,
)
_SECRET = re.compile(
    r"\b(?:sk-[\w-]{20,}|AKIA[0-9A-Z]{16}|gh[pousr]_\w{36}|xox[abprs]-[\w-]{10,})"
    r"|-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----"
)
_SECRET_MARK = re.compile(r"sk-|AKIA|gh[pousr]_|xox[abprs]-|PRIVATE KEY-----")
_TWO_DIGITS = re.compile(r"\d\d")
_RESERVED = re.compile(
    r"@(?:[\w-]+\.)*example\.(?:com|org|net)$|\.(?:test|invalid)$", re.I
)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of personal data: how it is named and found."""

    code: str
    name: str
    find: Callable[[str], str | None]  # the first value in a text
    hint: re.Pattern[str]  # quick to look for; a text without it holds none


def check_personal(
    dataset: Dataset, files: Mapping[str, str]
) -> Iterator[QualityFinding]:
    """Find personal data and secrets in examples and documents."""
    for split in Split:
        texts = [
            (e.line, "\n".join(m.content for m in e.messages))
            for e in dataset.split(split)
        ]
        found = _of_texts(texts, "example", file_of(files, split))
        yield from in_part(found, files, split)
    texts = [(0, f"{d.title}\n{d.text}") for d in dataset.documents]
    yield from _of_texts(texts, "document", files.get("documents", "documents"))


def _of_texts(
    texts: list[tuple[int, str]], noun: str, file: str
) -> Iterator[QualityFinding]:
    for kind in KINDS:
        found = [
            (line, value)
            for line, text in texts
            if kind.hint.search(text) and (value := kind.find(text))
        ]
        if found:
            message = (
                f"{counted(len(found), noun)} with {kind.name} (such as "
                f"{_masked(found[0][1])}). Replace them, or make sure that you may "
                "train on them: a tuned model can repeat them."
            )
            yield finding(
                kind.code,
                Severity.WARN,
                file=file,
                lines=[line for line, _ in found],
                message=message,
            )


def _email(text: str) -> str | None:
    return _first(_EMAIL, text, lambda v: not _RESERVED.search(v))


def _phone(text: str) -> str | None:
    return _first(_PHONE, text, lambda v: 9 <= sum(c.isdigit() for c in v) <= 15)


def _iban(text: str) -> str | None:
    return _first(_IBAN, text, is_iban)


def _card(text: str) -> str | None:
    return _first(_CARD, text, is_card)


def _ipv4(text: str) -> str | None:
    for match in _IPV4.finditer(text):
        before = text[max(0, match.start() - 40) : match.start()]
        if _is_public(match.group()) and not _VERSION.search(before):
            return match.group()
    return None


def _secret(text: str) -> str | None:
    return _first(_SECRET, text, lambda v: True)


def is_iban(value: str) -> bool:
    """Tell whether a text is an IBAN by its check digits (ISO 13616, mod 97).

    >>> is_iban("GB82 WEST 1234 5698 7654 32"), is_iban("GB83 WEST 1234 5698 7654 32")
    (True, False)
    """
    plain = value.replace(" ", "")
    if not 15 <= len(plain) <= 34:
        return False
    return int("".join(str(int(c, 36)) for c in plain[4:] + plain[:4])) % 97 == 1


def is_card(value: str) -> bool:
    """Tell whether a text is a payment-card number by Luhn's check digit.

    >>> is_card("4111 1111 1111 1111"), is_card("4111 1111 1111 1112")
    (True, False)
    """
    digits = [int(c) for c in value if c.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [d * 2 - 9 * (d > 4) for d in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_public(value: str) -> bool:
    try:
        address = ipaddress.IPv4Address(value)
    except ValueError:
        return False
    return address.is_global and not value.endswith((".0", ".0.0.1"))


def _first(
    pattern: re.Pattern[str], text: str, accept: Callable[[str], bool]
) -> str | None:
    return next((m.group() for m in pattern.finditer(text) if accept(m.group())), None)


def _masked(value: str) -> str:
    shown = max(2, len(value) // 5)
    return value[:shown] + "…"


KINDS = (
    Kind("personal_email", "e-mail addresses", _email, re.compile("@")),
    Kind("personal_phone", "telephone numbers", _phone, _TWO_DIGITS),
    Kind("personal_iban", "bank account numbers (IBAN)", _iban, _TWO_DIGITS),
    Kind("personal_card", "payment-card numbers", _card, _TWO_DIGITS),
    Kind("personal_ip", "public IP addresses", _ipv4, re.compile(r"\d\.\d")),
    Kind("secret", "keys or passwords of services", _secret, _SECRET_MARK),
)
