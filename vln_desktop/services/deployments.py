"""Deployed contracts of audits: a part of their scope."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.audits import ScopeItem
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.deployments import DeploymentDraft
from vln_desktop.errors import UserError

ENTITY = "audits"
_TABLE = table_of(ScopeItem)
_S = _TABLE.c


class DeploymentsService:
    """Adds deployed contracts for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, audit_id: UUID, draft: DeploymentDraft, key: UUID | None = None) -> Changes:
        """Put a deployed contract into the scope; again with the same `key` adds nothing.

        Raises UserError, with its field, for what cannot be saved or is there already.
        """
        draft.validate()
        address, id_ = draft.address.strip(), key or uuid7()
        same = select(_S.id).where(
            _S.audit_id == audit_id,
            func.lower(_S.address) == address.lower(),
            _S.chain_id == draft.chain_id,
            _S.id != id_,
        )
        with self._database.unit_of_work() as session:
            if session.execute(same.limit(1)).first() is not None:
                raise UserError("This address is in the scope already.", field="address")
            session.execute(
                insert(_TABLE)
                .values(
                    id=id_, audit_id=audit_id, path=draft.contract.strip(), address=address,
                    chain_id=draft.chain_id,
                )
                .on_conflict_do_nothing()
            )  # fmt: skip
        return Changes(ENTITY, frozenset({audit_id}))
