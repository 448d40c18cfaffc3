"""`vln-desktop db service`: the logins of machines, by the owner of the schema."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from vln_desktop.cli.invocation import Invocation, invocation_of
from vln_desktop.cli.opening import owner_address
from vln_desktop.cli.output import note, print_json, print_table
from vln_desktop.db.sign_in import owner_database
from vln_desktop.domain.permissions import Service
from vln_desktop.services.service_logins import ServiceLogins, ServicePassword

app = typer.Typer(
    no_args_is_help=True,
    help="Logins of machines: a backup, the web site (portal), a replica.",
)

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Its name: svc_ and more.")]


@app.command("list")
def list_services(context: typer.Context) -> None:
    """List the logins, who answers for them, and when their passwords are due."""
    invocation = invocation_of(context)
    with _services(invocation) as services:
        known = services.all()
    if invocation.as_json:
        print_json(known)
        return
    print_table(
        ("login", "kind", "responsible", "change by", "active"),
        [
            (one.login, one.kind.value, one.responsible, f"{one.rotate_on:%Y-%m-%d}",
             "yes" if one.active else "no")
            for one in known
        ],
    )  # fmt: skip


@app.command("add")
def add(
    context: typer.Context,
    login: Login,
    kind: Annotated[Service, typer.Option(help="What it is for.")],
    responsible: Annotated[str, typer.Option(help="The address of who answers for it.")],
) -> None:
    """Make a login; its password is told once."""
    invocation = invocation_of(context)
    with _services(invocation) as services:
        _hand_over(invocation, services.create(login, kind, responsible))


@app.command("rotate")
def rotate(context: typer.Context, login: Login) -> None:
    """Give a login a new password, told once; the next is due in ninety days."""
    invocation = invocation_of(context)
    with _services(invocation) as services:
        _hand_over(invocation, services.rotate(login))


@app.command("end")
def end(context: typer.Context, login: Login) -> None:
    """Let a login in no more."""
    with _services(invocation_of(context)) as services:
        services.end(login)
    note(f"{login} can no longer sign in.")


@contextmanager
def _services(invocation: Invocation) -> Iterator[ServiceLogins]:
    with owner_address(invocation) as url:
        database = owner_database(url)
        try:
            yield ServiceLogins(database)
        finally:
            database.dispose()


def _hand_over(invocation: Invocation, given: ServicePassword) -> None:
    """Print what the machine needs; it is the only time."""
    if invocation.as_json:
        print_json(given)
        return
    typer.echo(f"login     {given.login}")
    typer.echo(f"password  {given.password}")
    if given.for_superuser:
        note(f"PostgreSQL lets only a superuser do the rest: {given.for_superuser};")
    note("The password is kept nowhere: put it where the service reads it.")
