"""`vln-desktop users`: what an admin does without a window."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

import typer

from vln_desktop.cli.invocation import Invocation, invocation_of
from vln_desktop.cli.listing import list_rows
from vln_desktop.cli.opening import opened, staff_manager
from vln_desktop.cli.output import note, print_json
from vln_desktop.domain.offboarding import as_text
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.users import Invitation
from vln_desktop.services.offboarding import OffboardingService
from vln_desktop.services.users import UsersService

app = typer.Typer(no_args_is_help=True)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The person's address.")]


@app.command("list")
def list_users(
    context: typer.Context,
    filter_text: Annotated[str, typer.Option("--filter", help="role:auditor active:no")] = "",
    limit: Annotated[int, typer.Option(min=1)] = 50,
) -> None:
    """List the staff that you may see."""
    list_rows(context, "users", filter_text, limit)


@app.command("invite")
def invite(
    context: typer.Context,
    email: Email,
    role: Annotated[Role, typer.Option(help="What the person will be.")],
    name: Annotated[str, typer.Option(help="The person's name.")],
) -> None:
    """Make a login; the first password and the invitation are told once.

    With --owner-url the owner of the schema does it, who makes the first admin.
    """
    invocation = invocation_of(context)
    with staff_manager(invocation) as users:
        given, _changes = users.invite(email, name, role)
    _hand_over(invocation, given)


@app.command("set-role")
def set_role(context: typer.Context, email: Email, role: Annotated[Role, typer.Argument()]) -> None:
    """Give a person another role; their sessions end."""
    _do(context, email, lambda users, person: users.change_role(person, role))
    note(f"{email} is {role.value} now.")


@app.command("rename")
def rename(
    context: typer.Context,
    email: Email,
    to: Annotated[str | None, typer.Option("--to", help="The new address.")] = None,
    name: Annotated[str | None, typer.Option(help="The new name.")] = None,
) -> None:
    """Change a person's address, which is the login's name, or name."""

    def act(users: UsersService, person: UUID) -> object:
        known = users.get(person)
        return users.rename(person, to or known.email, name or known.name)

    _do(context, email, act)
    note(f"{email} is {to or email} now.")


@app.command("disable")
def disable(context: typer.Context, email: Email) -> None:
    """Take away a person's access at once."""
    _do(context, email, UsersService.disable)
    note(f"{email} can no longer sign in; open sessions have ended.")


@app.command("offboard")
def offboard(
    context: typer.Context,
    email: Email,
    reason: Annotated[str, typer.Option(help="Why the person leaves.")],
    successor: Annotated[str | None, typer.Option(help="Who goes on: an address.")] = None,
    preview: Annotated[bool, typer.Option("--preview", help="Only say what would happen.")] = False,
) -> None:
    """End a person's access and hand over open work, all or nothing; print the checklist."""
    invocation = invocation_of(context)
    with opened(invocation) as database:
        users, leaving = UsersService(database), OffboardingService(database)
        person = users.find(email)
        heir = users.find(successor) if successor else None
        if preview:
            items = leaving.preview(person, heir)
        else:
            items = leaving.offboard(person, heir, reason)[0].items
    if invocation.as_json:
        print_json(items)
    else:
        typer.echo(as_text(email, items), nl=False)


@app.command("enable")
def enable(context: typer.Context, email: Email) -> None:
    """Give a disabled person their access back."""
    _do(context, email, UsersService.enable)
    note(f"{email} can sign in again.")


@app.command("unlock")
def unlock(context: typer.Context, email: Email) -> None:
    """Let a person try codes again after ten wrong ones."""
    _do(context, email, UsersService.unlock)
    note(f"{email} can try again.")


@app.command("reset-2fa")
def reset_second_factor(context: typer.Context, email: Email) -> None:
    """Let a person enrol anew: a first password and an invitation are told once."""
    invocation = invocation_of(context)
    with opened(invocation) as database:
        users = UsersService(database)
        given, _changes = users.reset(users.find(email), second_factor=True)
    _hand_over(invocation, given)


def _do(context: typer.Context, email: str, act: Callable[[UsersService, UUID], object]) -> None:
    with opened(invocation_of(context)) as database:
        users = UsersService(database)
        act(users, users.find(email))


def _hand_over(invocation: Invocation, given: Invitation) -> None:
    """Print what the person needs; it is the only time."""
    if invocation.as_json:
        print_json(given)
        return
    typer.echo(f"e-mail      {given.email}")
    typer.echo(f"password    {given.password}")
    if given.invite is not None:
        typer.echo(f"invitation  {given.invite}")
    note("Hand these over in two different ways; they are kept nowhere and end in seven days.")
