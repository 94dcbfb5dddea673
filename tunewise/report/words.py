"""Names and sentences for ids, statuses and conclusions.

Ids stay what scripts see; people read these words. A name that is not listed is
printed as it is, so a house metric or a new action never breaks a page.
"""

from collections.abc import Mapping
from typing import Any

from tunewise.domain.description import FIELDS
from tunewise.report import numbers
from tunewise.report.shown import contained

OPTIONS = {
    "prompt": "Prompt",
    "rag": "RAG",
    "finetune": "Fine-tune",
    "hybrid": "Hybrid",
    "defer": "Not yet",
}
_OPTION_GLOSSES = {
    "prompt": "instructions and examples in the prompt, weights untouched",
    "rag": "retrieved passages beside the question, weights untouched",
    "finetune": "weights adapted to the task",
    "hybrid": "weights adapted, and retrieved passages beside the question",
    "defer": "something is missing before any option can be chosen",
}
_METRICS = {
    "macro_f1": "macro F1",
    "exact_match": "exact match",
    "token_f1": "token F1",
    "answer_contained": "answer contained",
    "rouge_l": "ROUGE-L",
    "chrf": "chrF",
    "json_valid": "valid JSON",
    "schema_valid": "valid against the schema",
    "field_f1": "field F1",
}
_ARMS = {
    "prompt": "prompt",
    "rag": "RAG",
    "finetune": "fine-tune",
    "hybrid": "hybrid",
    "gold_passage": "gold passage",
    "nearest_example": "nearest example",
    "finetune_quarter": "fine-tune, a quarter",
    "finetune_half": "fine-tune, half",
    "finetune_unflagged": "fine-tune, unflagged",
}
_LEADS = {
    "clear": "clear lead",
    "narrow": "narrow lead",
    "open": "open: an unknown fact or a tie may turn it",
}
_EVIDENCE = {
    "run": "measured in",
    "experiment": "measured in",
    "imported": "imported from",
    "dataset": "dataset",
    "model": "model version",
    "decision": "decision",
    "document": "document:",
    "person": "said by",
}
_IDENTITIES = {"account": "account", "token": "token", "sso": "single sign-on"}


def option_title(option: object) -> str:
    """Return what people call an option."""
    return OPTIONS.get(str(option), str(option)) if option else "none"


def option_gloss(option: object) -> str:
    """Return what an option means, in half a sentence."""
    return _OPTION_GLOSSES.get(str(option), "")


def arm_title(arm: object) -> str:
    """Return what people call an arm or a diagnostic."""
    return _ARMS.get(str(arm), str(arm))


def split_title(split: object) -> str:
    """Return what people call a split.

    >>> split_title("heldout"), split_title("train")
    ('held-out', 'train')
    """
    return "held-out" if split == "heldout" else str(split)


def metric_title(metric: object) -> str:
    """Return what people call a metric."""
    return _METRICS.get(str(metric), str(metric).replace("_", " "))


def lead_title(lead: object) -> str:
    """Return how far the recommended option is ahead, in words."""
    return _LEADS.get(str(lead), str(lead))


def humanise(name: object) -> str:
    """Return an id of ours as words: ``peak_memory`` becomes *peak memory*."""
    return str(name).replace("_", " ")


def act(action: str) -> str:
    """Return an action of the log as words.

    >>> act("decision.risk-assigned"), act("anchor")
    ('decision: risk assigned', 'anchor')
    """
    kind, dot, did = action.partition(".")
    return f"{kind}: {did.replace('-', ' ')}" if dot else kind


def evidence(entry: object, *, stated: bool = False) -> str:
    """Return what a fact rests on; without evidence it is assumed.

    A score that the named run does not hold is ``stated``, and no measurement; so
    is one that is called imported where no import here holds it.

    >>> evidence({"kind": "run", "reference": "r-3"}), evidence(None)
    ('measured in r-3', 'assumed')
    >>> evidence({"kind": "run", "reference": "r-3"}, stated=True)
    'stated, not what r-3 holds'
    """
    kind, reference = _evidence_parts(entry)
    reference = contained(reference)
    if stated and kind == "imported":
        return f"stated, {reference} was not imported here"
    if stated:
        return f"stated, not what {reference} holds"
    if kind == "assumed":
        return f"assumed ({reference})" if reference else "assumed"
    return f"{_EVIDENCE.get(kind, kind)} {reference or 'no reference given'}"


def is_assumed(entry: object) -> bool:
    """Return whether nothing but a guess stands behind a fact."""
    return _evidence_parts(entry)[0] == "assumed"


def recorded_later(entry: Mapping[str, Any]) -> str:
    """Return when a decision was recorded and when it was made.

    >>> recorded_later({"decided_at": "2025-03-01", "source": "minutes",
    ...     "recorded_at": "2026-11-26T10:00:00+00:00"})
    'recorded 2026-11-26, decided 2025-03-01, source minutes'
    """
    recorded = numbers.day(entry["recorded_at"])
    decided = numbers.day(entry["decided_at"])
    return f"recorded {recorded}, decided {decided}, source {entry['source']}"


def change_of_draft(entry: Mapping[str, Any]) -> str:
    """Return what one saved draft says otherwise than the one before.

    >>> change_of_draft({"name": "target_score", "before": 0.9, "after": 0.8})
    'target score: 0.9 → 0.8'
    """
    name = "equivalence margin" if entry["name"] == "margin" else entry["name"]
    before, after = (
        numbers.short_digest(value)
        if str(value).startswith("sha256:")
        else contained(numbers.plain(value))
        for value in (entry["before"], entry["after"])
    )
    return f"{humanise(name)}: {before} → {after}"


def claim(entry: Mapping[str, Any]) -> str:
    """Return what a fact says of a record that it names, beside the record.

    >>> claim({"fact": "rag_score", "evidence": "run:r-3", "said": "0.9",
    ...     "recorded": "accuracy 0.8 of the arm rag", "standing": "contradicted"})
    'rag score 0.9, but run:r-3 holds accuracy 0.8 of the arm rag'
    """
    same = entry["said"] == entry["recorded"]
    recorded = "the same" if same else contained(entry["recorded"])
    holds = f"{contained(entry['evidence'])} holds {recorded}"
    name = f"{humanise(entry['fact'])} {contained(entry['said'])}"
    match str(entry["standing"]):
        case "contradicted":
            return f"{name}, but {holds}"
        case "stated":
            return f"{name} is only stated: {holds}"
        case "measured":
            return f"{name} is measured: {holds}"
    return f"{name} agrees: {holds}"


def checked(entry: Mapping[str, Any]) -> str:
    """Return what was looked at of a piece of evidence; older records say less.

    >>> checked({"found": "not checked", "checked": "not checked: a URL"})
    'not checked: a URL'
    >>> checked({"found": "not checked"})
    'not checked'
    """
    return str(entry.get("checked") or entry.get("found") or "")


def person(who: object, identity: object = None) -> str:
    """Return a name and how it was established; a stated name is not verified.

    >>> person({"name": "Ana", "identity": "stated"}), person("Ana", "sso")
    ('Ana (not verified)', 'Ana (verified: single sign-on)')
    """
    if not who:
        return "nobody yet"
    if isinstance(who, Mapping):
        return person(who.get("name"), who.get("identity", identity))
    how = _IDENTITIES.get(str(identity or "stated"))
    name = contained(who)  # or it would turn what is said of it
    return f"{name} (verified: {how})" if how else f"{name} (not verified)"


def comparison(entry: Mapping[str, Any]) -> str:
    """Return a paired comparison as a sentence.

    >>> comparison({"a": "finetune", "b": "prompt", "metric": "accuracy",
    ...     "difference": 0.14, "low": 0.05, "high": 0.22, "p_value": 0.004,
    ...     "conclusion": "win", "needs_n": None})
    'fine-tune beats prompt: accuracy +0.14 (0.05–0.22), p = 0.004'
    """
    entry = from_the_winner(entry)
    a, b = arm_title(entry["a"]), arm_title(entry["b"])
    figures = _difference(entry)
    match str(entry["conclusion"]):
        case "win":
            return f"{a} beats {b}: {figures}{models_too(entry)}"
        case "equivalent":
            said = f"{a} and {b} are equivalent within the margin: {figures}"
            return said + models_too(entry)
    needs = entry.get("needs_n")
    settle = (
        f"; about {numbers.count(needs)} held-out examples would settle it"
        if needs
        else ""
    )
    said = f"no difference shown between {a} and {b}: {figures}{settle}"
    return said + models_too(entry)


def models_too(entry: Mapping[str, Any]) -> str:
    """Return what follows a comparison whose arms ran on two models, else "".

    >>> models_too({"models": {"a": "gpt-4.1", "b": "smollm2"}})
    '; the models differ too (gpt-4.1, smollm2), so it is not the option alone'
    """
    models = entry.get("models")
    if not models:
        return ""
    named = f"{models['a'] or 'unknown'}, {models['b'] or 'unknown'}"
    return f"; the models differ too ({named}), so it is not the option alone"


def from_the_winner(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return a comparison with the winner as its first arm."""
    if entry["conclusion"] != "lose":
        return dict(entry)
    low, high = entry.get("low"), entry.get("high")
    models = entry.get("models")
    turned = {"models": {"a": models["b"], "b": models["a"]}} if models else {}
    return {
        **entry,
        **turned,
        "a": entry["b"],
        "b": entry["a"],
        "difference": -entry["difference"],
        "low": None if high is None else -high,
        "high": None if low is None else -low,
        "conclusion": "win",
    }


def description_label(name: str) -> str:
    """Return what a field of a decision's description is called.

    >>> description_label("cost_of_error")
    'Cost of error'
    """
    return FIELDS[name].label if name in FIELDS else humanise(name)


def sentence(text: object) -> str:
    """Return the text with its first letter in upper case."""
    shown = str(text)
    return shown[:1].upper() + shown[1:]


def change(entry: Mapping[str, Any]) -> str:
    """Return the change of facts that a flip needs.

    >>> change({"must_cite_sources": True, "training_examples": 80})
    'must cite sources = yes and training examples = 80'
    """
    return " and ".join(f"{humanise(k)} = {numbers.plain(v)}" for k, v in entry.items())


def _difference(entry: Mapping[str, Any]) -> str:
    text = f"{metric_title(entry['metric'])} {numbers.signed(entry['difference'])}"
    if entry.get("low") is not None and entry.get("high") is not None:
        text += f" ({numbers.interval(entry['low'], entry['high'])})"
    p = numbers.p_value(entry.get("p_value"))
    return f"{text}, {p}" if p else text


def _evidence_parts(entry: object) -> tuple[str, str]:
    if isinstance(entry, Mapping):
        kind = str(entry.get("kind") or "assumed")
        return kind, str(entry.get("reference") or "")
    kind, _, reference = str(entry or "assumed").partition(":")
    return kind.strip(), reference.strip()
