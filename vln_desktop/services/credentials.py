"""Clients' credentials for an audit: kept encrypted, read one at a time, each reading noted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.orm import aliased
from uuid_utils.compat import uuid7

from vln_desktop.db.models.audits import AuditCredential, CredentialReveal
from vln_desktop.db.session import Database
from vln_desktop.domain.audits import Credential, CredentialDraft
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.field_encryption import Ciphertext
from vln_desktop.errors import UserError
from vln_desktop.services.key_chain import KeyChain

ENTITY = "audits"
PLACE = "audit_credentials.secret"
_C = AuditCredential


class CredentialsService:
    """Keeps, reads and deletes credentials for the person signed in."""

    def __init__(self, database: Database, chain: KeyChain) -> None:
        self._database = database
        self._chain = chain

    def add(self, audit_id: UUID, draft: CredentialDraft) -> Changes:
        """Keep a credential of an audit; raises UserError, with its field or why all is locked."""
        draft.validate()
        id_ = uuid7()
        with self._database.unit_of_work() as session:
            ring = self._chain.ring(session.connection())
            session.add(
                _C(
                    id=id_,
                    audit_id=audit_id,
                    label=draft.label.strip(),
                    username=draft.username.strip(),
                    secret=ring.encrypt(PLACE, id_, draft.secret),
                    note=draft.note.strip(),
                    created_by=self._database.actor.user_id,
                )
            )
        return Changes(ENTITY, frozenset({audit_id}))

    def reveal(self, credential_id: UUID) -> str:
        """Return a credential's secret, after the database noted who reads it.

        Raises UserError if it is locked for this person or damaged, NotPermitted if they do not
        work on its audit.
        """
        with self._database.unit_of_work() as session:
            self._chain.ring(session.connection())  # who cannot read it leaves no note
            session.execute(select(func.vln.note_reveal(credential_id)))
        with self._database.reading() as connection:
            ring = self._chain.ring(connection)
            sealed = connection.scalar(
                select(func.vln.revealed_secret(credential_id, type_=_C.secret.type))
            )
        if not isinstance(sealed, Ciphertext):
            raise UserError("This credential is gone.")
        return ring.decrypt(sealed, credential_id)

    def delete(self, audit_id: UUID, credential_id: UUID) -> Changes:
        """Delete a credential for good; the log keeps that there was one, and who read it."""
        with self._database.unit_of_work() as session:
            gone: Any = session.execute(delete(_C).where(_C.id == credential_id))
            if not gone.rowcount:
                raise UserError("This credential is gone, or you may not delete it.")
        return Changes(ENTITY, frozenset({audit_id}))


def credentials_of(connection: Connection, audit_id: UUID) -> tuple[Credential, ...]:
    """Return an audit's credentials without their secrets, by label."""
    note = aliased(CredentialReveal)
    last = (
        select(note.user_id, note.created_at)
        .where(note.credential_id == _C.id)
        .order_by(note.created_at.desc())
        .limit(1)
        .lateral()
    )
    rows = connection.execute(
        select(
            _C.id, _C.label, _C.username, _C.note, _C.created_by, _C.created_at,
            last.c.user_id, last.c.created_at.label("revealed_at"),
        )
        .outerjoin(last, last.c.user_id.is_not(None))
        .where(_C.audit_id == audit_id)
        .order_by(_C.label, _C.id)
    )  # fmt: skip
    return tuple(Credential(*row) for row in rows)
