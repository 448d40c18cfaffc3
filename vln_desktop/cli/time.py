"""`vln-desktop time`: time spent on audits, entered and listed."""

from __future__ import annotations

from typing import Annotated

import typer

from vln_desktop.cli.days import day_or_today
from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.opening import opened
from vln_desktop.cli.output import note, print_json, print_table
from vln_desktop.domain.time_entries import (
    Activity,
    TimeDraft,
    duration_text,
    parse_duration,
)
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.directory import Directory
from vln_desktop.services.time_entries import TimeEntriesService

app = typer.Typer(no_args_is_help=True, help="Time spent on audits: add, list.")


@app.command()
def add(
    context: typer.Context,
    audit: Annotated[str, typer.Argument(help="Such as ACME-7.")],
    duration: Annotated[str, typer.Argument(help='1:30, 90m, 1.5h or "1h 30".')],
    activity: Annotated[Activity, typer.Option(help="What it was spent on.")] = Activity.REVIEW,
    day: Annotated[str, typer.Option(help="YYYY-MM-DD, in UTC; today without it.")] = "",
    remark: Annotated[str, typer.Option("--note", help="What was done.")] = "",
) -> None:
    """Enter time of your own on an audit."""
    invocation = invocation_of(context)
    draft = TimeDraft(day_or_today(day), parse_duration(duration), activity, remark)
    with opened(invocation) as database:
        TimeEntriesService(database).add(AuditsService(database).find(audit), draft)
    if invocation.as_json:
        print_json({"audit": audit, "day": draft.day, "minutes": draft.minutes,
                    "activity": draft.activity.value})  # fmt: skip
    else:
        note(f"{duration_text(draft.minutes)} on {audit}, {draft.day}.")


@app.command("list")
def list_time(
    context: typer.Context,
    audit: Annotated[str, typer.Argument(help="Such as ACME-7.")],
) -> None:
    """List the time on an audit, the latest day first: your own, as a manager everybody's."""
    invocation = invocation_of(context)
    with opened(invocation) as database:
        sheet = TimeEntriesService(database).of(AuditsService(database).find(audit))
        name_of = Directory.load(database).name_of
    rows = [
        {"day": one.day, "person": name_of(one.user_id), "activity": one.activity.value,
         "minutes": one.minutes, "note": one.note}
        for one in sheet.entries
    ]  # fmt: skip
    if invocation.as_json:
        print_json({"minutes": sheet.minutes, "estimate": sheet.estimate, "entries": rows})
        return
    print_table(
        ("day", "person", "activity", "time", "note"),
        (
            (one["day"], one["person"], one["activity"], duration_text(entry.minutes), one["note"])
            for one, entry in zip(rows, sheet.entries, strict=True)
        ),
    )
    whole = "" if sheet.estimate is None else f" of {duration_text(sheet.estimate)} estimated"
    note(f"{duration_text(sheet.minutes)}{whole}.")
