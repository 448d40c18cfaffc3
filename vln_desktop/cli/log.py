"""`vln-desktop log`: proves the activity log whole, seals it, writes it with its proof."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from vln_desktop.adapters.witness import witness_of
from vln_desktop.cli.invocation import Invocation, invocation_of
from vln_desktop.cli.opening import opened
from vln_desktop.cli.output import counting, note, print_json
from vln_desktop.db.session import Database
from vln_desktop.domain.log_proof import Verification
from vln_desktop.errors import UserError
from vln_desktop.services.log_export import LogExport
from vln_desktop.services.log_seals import LogSeals

app = typer.Typer(no_args_is_help=True, help="Proves the activity log whole; seals and writes it.")

Since = Annotated[
    str | None, typer.Option("--since", help="A day, such as 2026-11-01 (UTC).", metavar="DATE")
]


@app.command()
def verify(
    context: typer.Context,
    since: Since = None,
    forget: Annotated[
        bool,
        typer.Option("--forget", help="Forget what this computer saw before: after a restore."),
    ] = False,
) -> None:
    """Check all seals and entries; exit 1 and name the first that is wrong."""
    invocation = invocation_of(context)
    day = _day(since)
    with opened(invocation) as database:
        seals = _seals(invocation, database)
        if forget:
            seals.forget()
        found = seals.verify(day, counting("sealed entries"))
    if invocation.as_json:
        print_json(_document(found))
    else:
        _tell(found)
    if found.fault is not None:
        raise typer.Exit(1)


@app.command()
def seal(context: typer.Context) -> None:
    """Seal what nobody is writing any more; exit 1 if writers were always in the way."""
    invocation = invocation_of(context)
    with opened(invocation) as database:
        seals = _seals(invocation, database)
        sealed = seals.seal()
        fault = seals.look()
    if invocation.as_json:
        print_json({"sealed": sealed, "fault": fault})
    elif sealed is None:
        note("Somebody is writing all the time; nothing was sealed. Try again in a moment.")
    else:
        note(f"{sealed:,} entries sealed.")
    if fault is not None:
        note(fault.sentence)
    if fault is not None or sealed is None:
        raise typer.Exit(1)


@app.command()
def export(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="The file to write.", dir_okay=False)],
    since: Since = None,
) -> None:
    """Write the entries you may read as JSON Lines, with the proof that they are whole."""
    invocation = invocation_of(context)
    day = _day(since)
    with opened(invocation) as database:
        written = LogExport(database, _seals(invocation, database)).save(out, day)
    if invocation.as_json:
        print_json({"file": out, "entries": written})
    else:
        note(f"{out}: {written:,} entries. docs/log-proof.md says how anybody can verify it.")


def _seals(invocation: Invocation, database: Database) -> LogSeals:
    return LogSeals(database, witness_of(invocation.settings, invocation.profile))


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError(f"--since {text}: a day is written like 2026-11-01.") from error


def _document(found: Verification) -> dict[str, object]:
    last = found.last_seal
    return {
        "whole": found.fault is None,
        "fault": found.fault,
        "log_id": found.log_id,
        "seals": found.seals,
        "last_seal": last and {"seq": last.seq, "digest": last.digest.hex(), "at": last.sealed_at},
        "checked": found.checked,
        "redacted": found.redacted,
        "unsealed": found.state.unsealed,
        "oldest_unsealed": found.state.oldest_unsealed,
        "in_default_partition": found.state.in_default,
    }


def _tell(found: Verification) -> None:
    if found.fault is not None:
        note(f"The activity log is not whole. {found.fault.sentence}")
        return
    note(f"The activity log is whole: {found.checked:,} entries checked, {found.seals:,} seals.")
    if found.redacted:
        note(f"{found.redacted:,} entries had their content taken out by a recorded redaction.")
    if found.state.oldest_unsealed is not None:
        age = (datetime.now(UTC) - found.state.oldest_unsealed).total_seconds() / 60
        note(f"{found.state.unsealed:,} entries are not sealed yet, the oldest {age:,.0f} min old.")
    if found.state.in_default:
        note(f"{found.state.in_default:,} entries are of months without a partition.")
