"""The rule set: its criteria, whether it holds together, published cases."""

from tunewise.web.api.contents import as_files
from tunewise.web.api.paging import page
from tunewise.web.api.route import Asked, Data, Route
from tunewise.web.api.shapes import PAGING, UPLOAD, content, line, many, paged, shown
from tunewise.workflow.rules import records as rules

_CRITERION = ("id", "title", "source", "origin", "when", "consequences")


def index(asked: Asked) -> Data:
    """List every criterion."""
    return page(rules.list_all(asked.home), asked.query, key="id")


def show(asked: Asked) -> Data:
    """Show one criterion."""
    return rules.show(asked.home, asked.path["id"])


def check(asked: Asked) -> Data:
    """Check the rule set."""
    return rules.check(asked.home)


def coverage(asked: Asked) -> Data:
    """Say what the worked cases exercise."""
    return rules.coverage(asked.home)


def score(asked: Asked) -> Data:
    """Run published cases and say how many are right."""
    with as_files({"cases.jsonl": asked.body["cases"]}) as paths:
        without = asked.body.get("without", ())
        return rules.score(asked.home, paths["cases.jsonl"], without=without)


ROUTES = (
    Route(
        "GET",
        "/criteria",
        "listCriteria",
        "Every criterion, in order of its id.",
        index,
        "rules list",
        query=PAGING,
        returns=paged(*_CRITERION),
    ),
    Route(
        "GET",
        "/criteria/{id}",
        "showCriterion",
        "One criterion: condition, consequences, sources, worked cases.",
        show,
        "rules show",
        returns=shown(*_CRITERION),
    ),
    Route(
        "GET",
        "/rules/check",
        "checkRules",
        "Whether the rule set holds together: `ok`, and what is wrong.",
        check,
        "rules check",
        returns=shown("ok", "rule_set", "problems"),
    ),
    Route(
        "GET",
        "/rules/coverage",
        "coverRules",
        "Which tests of the criteria the worked cases exercise, both ways.",
        coverage,
        "rules coverage",
        returns=shown("criteria", "tests", "missing", "by_criterion"),
    ),
    Route(
        "POST",
        "/rules/score",
        "scoreRules",
        "Run published cases, and say how many are right.",
        score,
        "rules score",
        body={
            "cases": content("JSON Lines, each with id, facts and acceptable."),
            "without": many(line("A fact to hide."), "Facts to hide."),
        },
        needs=("cases",),
        acts=False,
        largest=UPLOAD,
        returns=shown("n", "correct", "accuracy", "low", "high", "misses"),
    ),
)
