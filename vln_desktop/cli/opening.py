"""How a command opens the database: as the person who calls, or as the schema's owner."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from vln_desktop.adapters.passwords import remembered_password
from vln_desktop.cli.invocation import Invocation, kept_session, typed_code, typed_password
from vln_desktop.cli.output import note
from vln_desktop.config import Profile
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import owner_database
from vln_desktop.domain.permissions import Role
from vln_desktop.errors import UserError
from vln_desktop.services.connections import Connections
from vln_desktop.services.key_chain import KeyChain
from vln_desktop.services.users import UsersService


@contextmanager
def opened(invocation: Invocation, *, leave_open: bool = False) -> Iterator[Database]:
    """Sign in as the person of --as, the last one, or a demo database's admin.

    A session of VLN_SESSION is used and left open; else one is opened, which ends with the command
    unless it is to be left open.
    """
    with _connected(invocation, leave_open=leave_open) as (_connections, database):
        yield database


@contextmanager
def opened_keys(invocation: Invocation) -> Iterator[KeyChain]:
    """Sign in as `opened` does, with what this machine keeps of the person's keys."""
    with _connected(invocation) as (connections, database):
        private_keys = connections.private_keys(invocation.profile, database.actor.email)
        yield KeyChain(database, private_keys)


@contextmanager
def _connected(
    invocation: Invocation, *, leave_open: bool = False
) -> Iterator[tuple[Connections, Database]]:
    profile = invocation.profile
    with Connections(invocation.settings) as connections:
        connections.prepare(profile, note)
        email = (invocation.email or _usual_person(invocation, connections)).strip().lower()
        password = _password(connections, profile, email)
        token = kept_session()
        if token and password:
            yield connections, connections.resume(profile, email, password, token)
            return
        database = connections.sign_in(profile, email, password, typed_code, leave_open=leave_open)
        yield connections, database


@contextmanager
def staff_manager(invocation: Invocation) -> Iterator[UsersService]:
    """Lend the staff to an admin, or to the schema's owner, who makes the first admin."""
    if invocation.owner_url is None:
        with opened(invocation) as database:
            yield UsersService(database)
        return
    database = owner_database(invocation.owner_url)
    try:
        yield UsersService(database)
    finally:
        database.dispose()


@contextmanager
def owner_address(invocation: Invocation) -> Iterator[str]:
    """Yield the owner's address: the given one, or the embedded server's while it is held."""
    if invocation.owner_url is not None:
        yield invocation.owner_url
        return
    with Connections(invocation.settings) as connections:
        yield connections.owner_url(invocation.profile)


def _usual_person(invocation: Invocation, connections: Connections) -> str:
    last = invocation.settings.last_user(invocation.profile)
    if last is not None:
        return last
    for person in connections.demo_people(invocation.profile):
        if person.role is Role.ADMIN:
            return person.email
    raise UserError("Say who signs in: --as EMAIL.")


def _password(connections: Connections, profile: Profile, email: str) -> str:
    """Return the person's password; "" stands for a demo sign-in's own."""
    if any(person.email == email for person in connections.demo_people(profile)):
        return ""
    password = remembered_password(profile.place, email) or typed_password(email)
    if not password:
        raise UserError(f"The password of {email} is needed: VLN_PASSWORD, or a terminal to ask.")
    return password
