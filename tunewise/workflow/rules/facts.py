"""The fact dictionary and the risks as people look at them: what reads each of them."""

from tunewise.engine.conditions import facts_of
from tunewise.workflow.home import Home
from tunewise.workflow.views import View


def dictionary(home: Home) -> View:
    """Return the facts by group with the criteria that read each, and the risks."""
    rules = home.rules()
    reads: dict[str, list[View]] = {}
    for criterion in rules.criteria:
        for name in dict.fromkeys(facts_of(criterion.when)):
            shown = {"id": criterion.id, "title": criterion.title}
            reads.setdefault(name, []).append(shown)
    return {
        "facts": [
            {
                "name": fact.name,
                "group": fact.group,
                "question": fact.question,
                "why": fact.why,
                "help": fact.help,
                "who": fact.who,
                "type": fact.type.value,
                "values": list(fact.values),
                "unit": fact.unit,
                "low": fact.low,
                "high": fact.high,
                "criteria": reads.get(fact.name, []),
            }
            for fact in rules.facts.values()
        ],
        "risks": [
            {
                "id": risk.id,
                "title": risk.title,
                "why": risk.why,
                "options": [option.value for option in risk.options],
                "usual_control": risk.usual_control,
                "source": risk.source,
                "origin": risk.origin,
            }
            for risk in rules.risks
        ],
    }
