"""How a text begins that refuses to answer, in four languages.

References are looked at with it when a dataset is checked, answers when they are
scored: a tuned model refuses as often as its examples do.
"""

import re

_REFUSALS = (  # English, German, French and Spanish
    r"i['’]?m sorry,? (?:but|i)|sorry,? (?:but )?i (?:can|am)|"
    r"i (?:cannot|can['’]t|am unable to|am not able to) "
    r"(?:help|assist|provide|answer|do)|as an ai\b|"
    r"i (?:do not|don['’]t) have (?:access|enough information)",
    r"(?:es )?tut mir leid, (?:aber|ich kann|das kann ich|dabei kann ich)|"
    r"(?:entschuldigung, )?(?:aber )?(?:leider )?(?:ich kann|kann ich) "
    r"(?:\w+ ){0,3}nicht (?:\w+ )?(?:helfen|weiterhelfen|beantworten|antworten|"
    r"unterstützen)|als (?:eine? )?ki\b",
    r"(?:je suis )?(?:vraiment )?désolée?, (?:mais|je ne (?:peux|suis))|"
    r"je ne (?:peux|suis) pas (?:(?:vous|t['’]) ?)?(?:aider|répondre|fournir|"
    r"en mesure|autorisée?)|en tant qu['’](?:une? )?(?:ia\b|intelligence artificielle|"
    r"assistant virtuel)|en tant que modèle de langage",
    r"lo siento,? (?:pero|no puedo)|no puedo (?:ayudar|responder|proporcionar|asistir)|"
    r"como (?:una? )?(?:ia\b|inteligencia artificial|modelo de lenguaje)",
)
_REFUSAL = re.compile(rf"(?:{'|'.join(_REFUSALS)})", re.I)


def refuses(text: str) -> bool:
    """Tell whether a text begins as a refusal does.

    >>> refuses("I'm sorry, but I cannot help with that."), refuses("Sorry to hear it.")
    (True, False)
    """
    return bool(_REFUSAL.match(text.strip()))
