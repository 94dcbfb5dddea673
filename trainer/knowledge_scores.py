"""What an answer that rests on documents does with them: cites, keeps to, abstains.

Words are all that is compared here. That an answer's words stand in a passage does not
prove that the passage says so; that they do not is a good sign that it does not.
"""

import re
from collections.abc import Collection, Sequence

from trainer.text_scores import answer_contained, normalise
from tunewise.domain.dataset import Example
from tunewise.domain.refusals import refuses

_BRACKETS = re.compile(r"\[([^\[\]\n]{1,200})\]")  # passages are shown as "[id] title"
_ID = re.compile(r"[\w.:/#@-]+")  # what an id looks like

_ABSTENTIONS = (  # how an answer says that it does not know, in four languages
    r"i (?:do not|don['’]?t|cannot|can['’]?t) (?:know|tell|say|find|determine)\b",
    r"(?:it is |this is |that is )?(?:unanswerable\b|not (?:stated|mentioned|given|"
    r"specified|provided|answerable)(?: in\b| here\b|[.!]?$))",
    r"(?:the |these |this )?(?:documents?|passages?|context|texts?) (?:do(?:es)? not|"
    r"don['’]?t|doesn['’]?t) (?:say|state|mention|contain|provide|specify|answer|give)",
    r"(?:there is )?(?:no|not enough|insufficient) (?:answer|information|mention)\b",
    r"(?:the |this )?question cannot be answered",
    r"(?:das )?(?:weiß ich|ich weiß) (?:es |das )?nicht|keine (?:angabe|antwort)\b|"
    r"(?:das |die antwort )?steht nicht in|nicht (?:angegeben|beantwortbar)\b",
    r"je ne sais pas|(?:pas de|aucune) (?:réponse|information)\b|non précisé\b",
    r"no (?:lo )?sé\b|sin respuesta\b|no se (?:indica|menciona)\b",
)
_ABSTAINS = re.compile(rf"(?:{'|'.join(_ABSTENTIONS)})", re.IGNORECASE)


def abstains(answer: str, references: Collection[str] = ()) -> bool:
    """Tell whether an answer says that it cannot answer, or is empty.

    ``references`` are those of the unanswerable examples: how this data set says so,
    whatever the language.

    >>> abstains("I don't know."), abstains("n/a", {"N/A"}), abstains("30 days")
    (True, True, False)
    """
    text = answer.strip()
    if not text or refuses(text) or _ABSTAINS.match(text):
        return True
    plain = normalise(text)
    return bool(plain) and any(plain == normalise(r) for r in references)


def cited(answer: str, known: Collection[str]) -> tuple[str, ...]:
    """Return the document ids that an answer names in brackets, each once.

    ``known`` are the ids of all documents. What stands in brackets and is none of
    them counts as an id where it looks like one (no blank): it is invented then.

    >>> cited("30 days [returns], or 14 [a, b]. [Sic!]", {"returns", "a"})
    ('returns', 'a', 'b')
    >>> cited("Within [about a month].", {"returns"})
    ()
    """
    found: dict[str, None] = {}
    for inside in _BRACKETS.findall(answer):
        if inside.strip() in known:
            found[inside.strip()] = None
            continue
        for one in (part.strip() for part in re.split(r"[,;]", inside)):
            if one in known or _ID.fullmatch(one):
                found[one] = None
    return tuple(found)


def supported(answer: str, passages: Sequence[str]) -> float | None:
    """Return the share of an answer's content words that stand in its passages.

    Content words: those left by SQuAD's normalisation and the English stop words of
    bm25s, citations left out. None where there are none, or no passage was shown.
    It is K-Precision (Adlakha et al., TACL 2024, arXiv 2307.16877) without stop words;
    they found such word overlap to agree well with people's judgement of faithfulness.

    >>> supported("Within 30 days [returns]", ["Send it back within 30 days."])
    1.0
    >>> supported("Within 90 days", ["Send it back within 30 days."]) == 2 / 3
    True
    """
    from bm25s.stopwords import STOPWORDS_EN

    words = normalise(_BRACKETS.sub(" ", answer)).split()
    content = [word for word in words if word not in STOPWORDS_EN]
    if not content or not passages:
        return None
    shown = {word for text in passages for word in normalise(text).split()}
    return sum(word in shown for word in content) / len(content)


def answer_stands_in(example: Example, passages: Sequence[str]) -> bool:
    """Tell whether an accepted answer stands word for word in one of the passages."""
    accepted = example.answers or (example.reference,)
    return any(answer_contained(a, text) for a in accepted for text in passages)
