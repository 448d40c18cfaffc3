"""The logins of machines: made, given new passwords and ended by the owner of the schema alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.operations import ServiceLogin
from vln_desktop.db.models.users import User
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import verifier_of
from vln_desktop.domain.permissions import Service
from vln_desktop.domain.sign_in import new_password
from vln_desktop.errors import UserError


@dataclass(frozen=True, slots=True)
class KnownService:
    """A service's login: who answers for it, and when its password is to be changed."""

    login: str
    kind: Service
    responsible: str
    rotate_on: date
    active: bool


@dataclass(frozen=True, slots=True)
class ServicePassword:
    """A service's new password, told once.

    `for_superuser` is the statement that PostgreSQL lets only a superuser run, empty if none.
    """

    login: str
    password: str
    for_superuser: str = ""


class ServiceLogins:
    """The service logins of a database, through its owner's doors."""

    def __init__(self, owner: Database) -> None:
        self._owner = owner

    def all(self) -> tuple[KnownService, ...]:
        """Return every service login, the ended ones too."""
        services, users = table_of(ServiceLogin).c, table_of(User).c
        statement = (
            select(
                services.login, services.kind, users.email, services.rotate_on, services.active
            )
            .join_from(table_of(ServiceLogin), table_of(User), users.id == services.owner_id)
            .order_by(services.login)
        )  # fmt: skip
        with self._owner.reading() as connection:
            found = connection.execute(statement).all()
        return tuple(
            KnownService(login, Service(kind), email, rotate_on, active)
            for login, kind, email, rotate_on, active in found
        )

    def create(self, login: str, kind: Service, responsible: str) -> ServicePassword:
        """Make a login that somebody of the staff answers for; UserError for a bad name."""
        users = table_of(User).c
        person = select(users.id).where(users.email == responsible.strip().lower())
        password = new_password()
        with self._owner.unit_of_work() as session:
            owner_id = session.scalar(person)
            if owner_id is None:
                raise UserError(f"Nobody has the address {responsible}.")
            verifier = verifier_of(session.connection(), password, login)
            left = session.scalar(
                select(func.vln.create_service(login, kind.value, verifier, owner_id))
            )
        return ServicePassword(login, password, left or "")

    def rotate(self, login: str) -> ServicePassword:
        """Give a login a new password; the old one ends at once. UserError if there is none."""
        password = new_password()
        with self._owner.unit_of_work() as session:
            verifier = verifier_of(session.connection(), password, login)
            session.execute(select(func.vln.rotate_service(login, verifier)))
        return ServicePassword(login, password)

    def end(self, login: str) -> None:
        """Let a login in no more. UserError if there is none."""
        with self._owner.unit_of_work() as session:
            session.execute(select(func.vln.end_service(login)))
