"""`vln-desktop demo`: makes or opens the demo database, and opens the window on it."""

from __future__ import annotations

import importlib
from typing import Annotated

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.output import note, print_json, print_table
from vln_desktop.config import DEMO
from vln_desktop.services.connections import Connections
from vln_desktop.tools.demo.database import Size
from vln_desktop.tools.demo.opening import open_demo

app = typer.Typer(add_completion=False)


@app.command()
def demo(
    context: typer.Context,
    size: Annotated[
        Size | None,
        typer.Option(
            help="small: hundreds of rows. medium: 100,000 findings. large: 1.2 million audits, "
            "5 million findings, 10 million log entries."
        ),
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Make it anew.")] = False,
    no_window: Annotated[bool, typer.Option("--no-window", help="Only make it.")] = False,
) -> None:
    """Make (or open) the demo database on this machine and open the window on it."""
    invocation = invocation_of(context)
    profile = invocation.settings.profile(DEMO)
    with Connections(invocation.settings) as connections:
        people = open_demo(connections, profile, note, size, reset=reset)
    if invocation.as_json:
        print_json(
            {"sign_ins": [{"email": p.email, "name": p.name, "role": p.role} for p in people]}
        )
    else:
        rows = [(p.email, p.name, p.role.value) for p in people]
        print_table(("sign-in", "name", "role"), rows)
    if not no_window:
        raise typer.Exit(importlib.import_module("vln_desktop.app").main(profile=DEMO))
