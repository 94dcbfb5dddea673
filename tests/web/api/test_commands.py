"""Whatever the command line does has a route, and each of its options a place there."""

import click
import pytest

from tunewise.cli.main import tunewise
from tunewise.web.api.table import NOT_OVER_HTTP, ROUTES

SHARED = {"home", "by", "json", "help"}
# What a command calls otherwise than its routes: an option, and what holds it there.
OTHERWISE = {
    "facts questions": {"file": "facts"},
    "decision accept": {"condition": "conditions"},
    "dataset check": dict.fromkeys(
        ("train", "validation", "heldout", "documents"), "files"
    ),
    "dataset register": dict.fromkeys(
        ("train", "validation", "heldout", "documents"), "files"
    ),
    "dataset describe": {"version": "n"},
    "dataset show": {"version": "n"},
    "dataset diff": {"a": "n", "b": "to"},
    "dataset export": {"version": "n", "folder": "role"},
    "dataset delete": {"version": "n"},
    "drift check": {"model": "version", "prompt": "prompts", "no-answering": "here"},
    "drift forget": {"model": "version", "number": "n"},
    "experiment import": {
        "file": "answers",
        "prompt": "prompts",
        "experiment": "id",
        "new": "spec",  # at another address
    },
    "history": {"offset": "after"},
    "model register": {"from": "described"},
    "run list": {"offset": "after"},
    "search": {"words": "q"},
    "why": {"reference": "of"},
}
WRITES = "writes a file of the machine: the reply is its content"
READS = "reads a folder or file of the machine, which no request may name"
# What no route takes, and why.
NOT_TAKEN = {
    "advise": {
        "ask": "asks at a terminal",
        "save": WRITES,
        "rules": READS,
        "full": "the reply is whole",
    },
    "facts new": {"o": WRITES},
    "rules check": {"folder": READS},
    "rules coverage": {"folder": READS},
    "decision describe": {"from": "the body says what the file would"},
    "decision list": {"csv": "an address of its own: /decisions.csv"},
    "decision report": {"o": WRITES, "format": "an address for each"},
    "decision replay": {"rules": READS},
    "dataset check": {"base-model": READS},
    "dataset register": {"base-model": READS},
    "dataset diff": {"key": "of two files, which are compared on the machine only"},
    "experiment report": {"o": WRITES, "format": "an address for each"},
    "why": {"o": WRITES, "format": "an address for each"},
    "verify": {"against": READS, "ca": READS},
}


def commands(group=tunewise, above=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*above, name))
        else:
            yield " ".join((*above, name)), command


COMMANDS = dict(commands())
SERVED = {route.command.partition(" --")[0] for route in ROUTES if route.command}


def options(command):
    """Return how a command line calls what a command takes."""
    names = {param.opts[0].lstrip("-").replace("_", "-") for param in command.params}
    return names - SHARED


def taken(name):
    """Return what the routes of a command take: in the path, the query, the body."""
    found = [r for r in ROUTES if r.command.partition(" --")[0] == name]
    return {k for r in found for k in (*r.parameters, *r.query, *(r.body or {}))}


def test_every_command_has_a_route_or_a_reason_why_not():
    assert set(COMMANDS) - SERVED - set(NOT_OVER_HTTP) == set()
    assert SERVED & set(NOT_OVER_HTTP) == set()
    assert (SERVED | set(NOT_OVER_HTTP)) - set(COMMANDS) == set()
    assert all(NOT_OVER_HTTP.values())


@pytest.mark.parametrize("name", sorted(SERVED))
def test_every_option_of_a_command_is_taken_or_has_a_reason_why_not(name):
    otherwise, not_taken = OTHERWISE.get(name, {}), NOT_TAKEN.get(name, {})
    over_http = taken(name)

    left = {
        option
        for option in options(COMMANDS[name]) - set(not_taken)
        if otherwise.get(option, option.replace("-", "_")) not in over_http
    }

    assert left == set()
    # no word of these lists outlives what it is about
    assert (set(otherwise) | set(not_taken)) - options(COMMANDS[name]) == set()
    assert set(not_taken) & (set(otherwise) | over_http) == set()


def test_the_lists_name_commands_that_are_served():
    assert (set(OTHERWISE) | set(NOT_TAKEN)) - SERVED == set()
