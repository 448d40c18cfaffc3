"""`vln-desktop db`: brings the schema up to date, as its owner."""

from __future__ import annotations

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.opening import owner_address
from vln_desktop.cli.output import note, print_json, print_table
from vln_desktop.cli.services import app as services_app
from vln_desktop.db import migrations

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Migrations. They need the owner's address (--owner-url), except on the embedded server.",
)
app.add_typer(services_app, name="service")


@app.command()
def upgrade(context: typer.Context) -> None:
    """Apply every migration that is missing."""
    invocation = invocation_of(context)
    with owner_address(invocation) as url:
        before = migrations.current(url)
        migrations.upgrade(url)
        after = migrations.current(url)
    if invocation.as_json:
        print_json({"before": before, "after": after})
    else:
        note(f"The schema is at {after}." + (" Nothing was missing." if before == after else ""))


@app.command()
def current(context: typer.Context) -> None:
    """Say which revision the schema has, and which this program expects."""
    invocation = invocation_of(context)
    with owner_address(invocation) as url:
        found, expected = migrations.current(url), migrations.head()
    if invocation.as_json:
        print_json({"current": found, "head": expected})
    else:
        print_table(("current", "head"), [(found or "none", expected)])


@app.command()
def check(context: typer.Context) -> None:
    """Fail if the schema is behind, or differs from the models."""
    invocation = invocation_of(context)
    with owner_address(invocation) as url:
        found, expected = migrations.current(url), migrations.head()
        differences = migrations.differences(url) if found == expected else ()
    behind = found != expected
    if invocation.as_json:
        print_json({"current": found, "head": expected, "differences": differences})
    elif behind:
        note(f"The schema is at {found or 'none'}, the program expects {expected}.")
    else:
        for difference in differences:
            note(difference)
        note("The models and the schema differ." if differences else "They agree.")
    if behind or differences:
        raise typer.Exit(1)


@app.command()
def history(context: typer.Context) -> None:
    """List the migrations, oldest first, and which are applied."""
    invocation = invocation_of(context)
    with owner_address(invocation) as url:
        steps = migrations.history(url)
    if invocation.as_json:
        print_json(steps)
    else:
        print_table(
            ("revision", "applied", "title"),
            [(step.revision, "yes" if step.applied else "no", step.title) for step in steps],
        )
