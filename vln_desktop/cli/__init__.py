"""The command line: the names of all commands, and the one place where errors become exit codes.

A command's module is imported only when it is called, so that none pays for the others.
Exit 0: done. 1: the work failed or found something wrong. 2: bad usage or input.
"""

from __future__ import annotations

import importlib
import os
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.exceptions import TyperException

from vln_desktop import __version__
from vln_desktop.cli.invocation import Invocation
from vln_desktop.config import Profile
from vln_desktop.errors import UserError, VlnError

_DONE, _FAILED, _BAD_INPUT = 0, 1, 2
_INTERRUPTED = 130
"""What Typer makes of Ctrl-C inside a command."""

_ANYWHERE_WITH_VALUE = ("--profile", "--url", "--owner-url", "--as")
_ANYWHERE = ("--json", "--debug")

OpenWindow = Callable[[Profile], int]
"""Opens the window on a profile and returns the exit code when it was closed."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One command: what it is called, where it is written, what it does."""

    name: str
    module: str
    help: str


COMMANDS = (
    Entry("demo", "vln_desktop.cli.demo", "A demo database on this machine, and its window."),
    Entry("db", "vln_desktop.cli.db", "Migrations: upgrade, current, check, history."),
    Entry(
        "doctor", "vln_desktop.cli.doctor", "Checks the server, this machine and the way between."
    ),
    Entry("list", "vln_desktop.cli.listing", "The rows of a pane, with their ids and numbers."),
    Entry("receivables", "vln_desktop.cli.receivables", "What clients owed on a day, by age."),
    Entry("import", "vln_desktop.cli.import_scans", "Findings of scanners into an audit."),
    Entry("export", "vln_desktop.cli.export", "Reports and invoices as PDF, lists as CSV."),
    Entry("verify", "vln_desktop.cli.verify", "Whether a paper is what was signed."),
    Entry(
        "certificate", "vln_desktop.cli.certificate", "What signs papers here: show, use, forget."
    ),
    Entry("files", "vln_desktop.cli.files", "Files of audits, and evidence of findings."),
    Entry("time", "vln_desktop.cli.time", "Time spent on audits: add, list."),
    Entry("users", "vln_desktop.cli.users", "Staff: list, invite, roles, disable, unlock, reset."),
    Entry("session", "vln_desktop.cli.session", "One code for many commands: open, close, list."),
    Entry(
        "log", "vln_desktop.cli.log", "Proves the activity log whole; seals it, writes its proof."
    ),
    Entry("keys", "vln_desktop.cli.keys", "The team's encryption keys: who holds them, rotation."),
    Entry("tour", "vln_desktop.cli.tour", "Pictures of every pane and dialog, and two papers."),
    Entry("bench", "vln_desktop.cli.bench", "How fast this is, each figure beside its baseline."),
)
_MODULES = {entry.name: entry.module for entry in COMMANDS}


class LazyGroup(TyperGroup):
    """Knows its commands by name and help; imports the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """Return the command to run; a usage error suggests the nearest name."""
        name, stub, rest = super().resolve_command(ctx, args)
        if name is None:
            return name, stub, rest
        command = typer.main.get_command(importlib.import_module(_MODULES[name]).app)
        return name, command, rest


app = typer.Typer(
    cls=LazyGroup,
    add_completion=False,
    pretty_exceptions_enable=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Audits, findings, reports and invoices straight on the firm's PostgreSQL.",
    epilog="The options above may stand anywhere in the line.",
)


def _stand_in() -> None:
    """Hold a command's place until its module is loaded."""


for _entry in COMMANDS:
    app.command(_entry.name, help=_entry.help)(_stand_in)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"vln-desktop {__version__}")
        raise typer.Exit


@app.callback()
def keep_common_options(
    context: typer.Context,
    profile: Annotated[
        str | None, typer.Option(envvar="VLN_PROFILE", help="A profile of config.toml.")
    ] = None,
    url: Annotated[
        str | None, typer.Option(envvar="VLN_DATABASE_URL", help="A server's address instead.")
    ] = None,
    owner_url: Annotated[
        str | None,
        typer.Option(envvar="VLN_OWNER_URL", help="The schema owner's address; never stored."),
    ] = None,
    email: Annotated[str | None, typer.Option("--as", help="Who signs in.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON document on standard output.")
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show where an error came from.")] = False,
    version: Annotated[
        bool, typer.Option("--version", is_eager=True, callback=_print_version)
    ] = False,
) -> None:
    """Keep what every command may ask for."""
    del debug, version  # read by `main` and by the option's own callback
    if _typed(context, "profile") and not _typed(context, "url"):
        url = None  # what is asked for by name comes before the environment
    open_window: OpenWindow | None = context.obj
    context.obj = Invocation(profile, url, owner_url, email, as_json)
    if context.invoked_subcommand is None:
        if open_window is None:
            raise UserError("Say which command; --help lists them.")
        raise typer.Exit(open_window(context.obj.profile))


def _typed(context: typer.Context, name: str) -> bool:
    """Tell whether an option stands in the line, and not in the environment alone."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def main(arguments: Sequence[str] | None = None, open_window: OpenWindow | None = None) -> int:
    """Run one command and return its exit code; an error is one line on standard error.

    `open_window` is called when the line has options only, such as --profile.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in given
    try:
        words = _options_first(given)
        result = app(words, prog_name="vln-desktop", standalone_mode=False, obj=open_window)
    except TyperException as error:
        return _fail(error, error.format_message(), error.exit_code, debug)
    except UserError as error:
        return _fail(error, str(error), _BAD_INPUT, debug)
    except VlnError as error:
        return _fail(error, str(error), _FAILED, debug)
    except (KeyboardInterrupt, typer.Abort) as error:
        return _fail(error, "cancelled", _FAILED, debug)
    except BrokenPipeError:
        return _end_quietly()
    except Exception as error:  # noqa: BLE001 - the promise is one clear line, whatever happens
        kind = type(error).__name__
        said = f"unexpected error: {kind}: {error} (--debug shows where)"
        return _fail(error, said, _FAILED, debug)
    if result == _INTERRUPTED:
        return _fail(KeyboardInterrupt(), "cancelled", _FAILED, debug)
    return result if isinstance(result, int) else _DONE


def _fail(error: BaseException, said: str, code: int, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    line = " ".join(said.split())
    if line:
        sys.stderr.write(f"vln-desktop: {line}\n")
    return code


def _end_quietly() -> int:
    """Let `vln-desktop … | head` end without a complaint of Python's own."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return _FAILED


def _options_first(arguments: Sequence[str]) -> list[str]:
    """Return the line with the common options in front, wherever they were typed."""
    first: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
        elif word in _ANYWHERE or word.startswith(tuple(f"{o}=" for o in _ANYWHERE_WITH_VALUE)):
            first.append(word)
        elif word in _ANYWHERE_WITH_VALUE:
            first += [word, _value_of(word, words)]
        else:
            rest.append(word)
    return first + rest


def _value_of(option: str, words: Iterator[str]) -> str:
    value = next(words, None)
    if value is None:
        raise UserError(f"{option} needs a value.")
    return value
