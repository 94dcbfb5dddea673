"""What every command shares: --home, --json, --by, output and exit statuses.

The three options stand before or after the subcommand. Exit status: 0 done; 2 the
user can mend it; 3 it ran and the answer is no; 1 a bug.
"""

import functools
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from rich.console import Console

    from tunewise.workflow.home import Home

F = TypeVar("F", bound=Callable[..., Any])

NO = 3  # it ran, and the answer is no


@dataclass
class App:
    """The options that were given, and how to answer."""

    home_option: str | None = None
    by: str | None = None
    json: bool = False
    _consoles: dict[bool, "Console"] = field(default_factory=dict)

    def home(self) -> "Home":
        """Return the home that the options and the environment name."""
        from tunewise.settings import settings
        from tunewise.workflow.home import Home

        found = settings(home=self.home_option, by=self.by)
        return Home(found.home, found.actor, named=bool(self.home_option))

    def answer(self, view: Any, text: Callable[["Console"], None]) -> None:  # noqa: ANN401
        """Print the JSON document with --json, else the text."""
        if self.json:
            click.echo(json.dumps(view, ensure_ascii=False, indent=2))
        else:
            text(self.console())

    def console(self, *, errors: bool = False) -> "Console":
        """Return the console of standard output, or of standard error."""
        if errors not in self._consoles:
            from rich.console import Console

            console = Console(stderr=errors, highlight=False, soft_wrap=not errors)
            if not console.is_terminal:  # a pipe has no width that a line must fit
                console.width, console.soft_wrap = 200, True
            self._consoles[errors] = console
        return self._consoles[errors]


def _remember(context: click.Context, option: click.Parameter, value: object) -> None:
    if value in (None, False):
        return
    app = context.find_root().ensure_object(App)
    setattr(app, {"home": "home_option"}.get(option.name or "", option.name), value)


def _shared_options() -> list[click.Option]:
    def option(flag: str, **kind: Any) -> click.Option:  # noqa: ANN401
        return click.Option(
            [flag], expose_value=False, is_eager=True, callback=_remember, **kind
        )

    return [
        option("--home", metavar="DIR", help="The folder with all records."),
        option("--by", metavar="WHO", help="Who does this, as the record names them."),
        option("--json", is_flag=True, help="Print one JSON document."),
    ]


class Command(click.Command):
    """A command that takes the shared options."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.params += _shared_options()


class Group(click.Group):
    """A group of commands that takes the shared options, before or after."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401
        super().__init__(*args, **kwargs)
        self.params += _shared_options()

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a subcommand; say which one comes close where there is none."""
        import difflib

        if args and self.get_command(ctx, args[0]) is None:
            close = difflib.get_close_matches(args[0], self.commands, n=1)
            hint = f", did you mean '{close[0]}'?" if close else ""
            ctx.fail(f"there is no command '{args[0]}'{hint}")
        return super().resolve_command(ctx, args)


Group.group_class = Group


def with_app(command: F) -> F:
    """Give a command the :class:`App` as its first argument."""

    @click.pass_context
    @functools.wraps(command)
    def call(context: click.Context, /, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401
        return command(context.find_root().ensure_object(App), *args, **kwargs)

    return call  # type: ignore[return-value]


def leave(status: int) -> None:
    """End with an exit status."""
    sys.exit(status)
