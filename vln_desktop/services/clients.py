"""Clients: their names for lists that hold ids, and whom and what a new invoice may be for."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Lock
from uuid import UUID

from sqlalchemy import select

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.clients import Client
from vln_desktop.db.models.firm import LegalEntity
from vln_desktop.db.session import Database
from vln_desktop.domain.permissions import Right, may

MOST_AUDITS = 200
"""A client's audits to choose from: the newest."""

_T = table_of(Client).c


@dataclass(frozen=True, slots=True)
class Buyer:
    """A client as an invoice may be made out to."""

    id: UUID
    code: str
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class Seller:
    """A legal entity of the firm as an invoice may be made out by."""

    id: UUID
    name: str
    currency: str


@dataclass(frozen=True, slots=True)
class BillableAudit:
    """An audit as an invoice may be made out for."""

    id: UUID
    number: str
    project: str
    entity_id: UUID | None


class ClientNames:
    """The legal names of clients by id; empty for whom the role may not know.

    Names are read when a first one is asked for, and again for a client that is new since.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._names: dict[UUID, str] = {}
        self._unknown: set[UUID] = set()
        self._lock = Lock()

    def of(self, client_id: UUID | None) -> str:
        """Return a client's name; blocks for a client not met before, so call it from a task."""
        if client_id is None:
            return ""
        with self._lock:
            if client_id not in self._names and client_id not in self._unknown:
                self._read()
                if client_id not in self._names:
                    self._unknown.add(client_id)
            return self._names.get(client_id, "")

    def _read(self) -> None:
        if not may(self._database.actor.role, Right.AUDITS_NAMES):
            return
        with self._database.reading() as connection:
            rows = connection.execute(select(_T.id, _T.legal_name)).all()
        self._names = {row.id: row.legal_name for row in rows}


class ClientsService:
    """Reads clients, their audits and the firm's sellers for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def buyers(self) -> tuple[Buyer, ...]:
        """Return the clients that may be billed, by name."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(_T.id, _T.code, _T.legal_name, _T.currency)
                .where(_T.deleted_at.is_(None))
                .order_by(_T.sort_key, _T.id)
            )
            return tuple(Buyer(*row) for row in rows)

    def sellers(self) -> tuple[Seller, ...]:
        """Return the firm's legal entities, by name."""
        entity = table_of(LegalEntity).c
        with self._database.reading() as connection:
            rows = connection.execute(
                select(entity.id, entity.legal_name, entity.currency)
                .where(entity.deleted_at.is_(None))
                .order_by(entity.legal_name, entity.id)
            )
            return tuple(Seller(*row) for row in rows)

    def audits_of(self, client_id: UUID) -> tuple[BillableAudit, ...]:
        """Return a client's audits, newest first, at most two hundred."""
        audit = table_of(AuditRequest).c
        with self._database.reading() as connection:
            rows = connection.execute(
                select(audit.id, audit.number, audit.project, audit.entity_id)
                .where(audit.client_id == client_id, audit.deleted_at.is_(None))
                .order_by(audit.created_at.desc(), audit.id.desc())
                .limit(MOST_AUDITS)
            )
            return tuple(BillableAudit(*row) for row in rows)
