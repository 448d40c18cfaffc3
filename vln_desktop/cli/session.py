"""`vln-desktop session`: one code of the second factor for many commands."""

from __future__ import annotations

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.opening import opened
from vln_desktop.cli.output import note, print_json, print_table
from vln_desktop.services.users import UsersService

app = typer.Typer(no_args_is_help=True)


@app.command("open")
def open_session(context: typer.Context) -> None:
    """Sign in and print the session's token, for VLN_SESSION: it ends after twelve hours.

    export VLN_SESSION="$(vln-desktop session open)"
    """
    invocation = invocation_of(context)
    with opened(invocation, leave_open=True) as database:
        token = database.token
    if invocation.as_json:
        print_json({"token": token})
    else:
        typer.echo(token)


@app.command("close")
def close_session(context: typer.Context) -> None:
    """End the session of VLN_SESSION."""
    with opened(invocation_of(context)) as database:
        database.sign_out()
    note("The session has ended.")


@app.command("list")
def list_sessions(context: typer.Context) -> None:
    """List your own live sessions."""
    invocation = invocation_of(context)
    with opened(invocation) as database:
        sessions = UsersService(database).sessions(database.actor.user_id)
    if invocation.as_json:
        print_json(sessions)
        return
    print_table(
        ("device", "since", "until", ""),
        (
            (one.device, f"{one.created_at:%F %H:%M}", f"{one.expires_at:%F %H:%M}",
             "this one" if one.mine else "")
            for one in sessions
        ),
    )  # fmt: skip
