"""Payment accounts: read, and changed by two people through functions of the database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Connection, cast, func, select
from sqlalchemy.dialects.postgresql import JSONB
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.firm import PaymentAccount as AccountRow
from vln_desktop.db.models.firm import PaymentAccountChange
from vln_desktop.db.session import Database
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.payment_accounts import (
    AccountChange,
    AccountChangeKind,
    AccountChangeStatus,
    AccountDraft,
    AccountKind,
    PaymentAccount,
)
from vln_desktop.errors import UserError

ENTITY = "legal_entities"
"""Accounts are parts of their seller."""

MOST_CHANGES = 200

_A = table_of(AccountRow).c
_C = table_of(PaymentAccountChange).c
_FIELDS = ("kind", "label", "currency", "holder", "number", "routing", "bank", "network")


class PaymentAccountsService:
    """Reads accounts and proposes, approves and refuses changes for the person signed in.

    Proposing and deciding raise ConfirmationNeeded until the second factor was asked again. Nobody
    writes an account: the database does when a second person approves.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, entity_id: UUID) -> tuple[PaymentAccount, ...]:
        """Return a seller's accounts, by label, the retired ones last."""
        with self._database.reading() as connection:
            return accounts_of(connection, entity_id)

    def changes_of(self, entity_id: UUID) -> tuple[AccountChange, ...]:
        """Return what was proposed for a seller's accounts, newest first, at most 200."""
        with self._database.reading() as connection:
            now = {account.id: account.draft for account in accounts_of(connection, entity_id)}
            rows = connection.execute(
                select(
                    _C.id, _C.account_id, _C.change, _C.reason, _C.status, _C.requester_id,
                    _C.approver_id, _C.created_at, _C.decided_at, _C.remark,
                    *(_C[name] for name in _FIELDS),
                )
                .where(_C.entity_id == entity_id)
                .order_by((_C.status != "requested"), _C.created_at.desc(), _C.id.desc())
                .limit(MOST_CHANGES)
            ).all()  # fmt: skip
        return tuple(_change(row, entity_id, now.get(row.account_id)) for row in rows)

    def count_waiting(self) -> int:
        """Count the proposals of others, which wait for this person."""
        waiting = select(func.count()).where(
            _C.status == AccountChangeStatus.REQUESTED.value,
            _C.requester_id != self._database.actor.user_id,
        )
        with self._database.reading() as connection:
            return int(connection.scalar(waiting) or 0)

    def propose(
        self,
        entity_id: UUID,
        change: AccountChangeKind,
        draft: AccountDraft,
        reason: str,
        account_id: UUID | None = None,
        key: UUID | None = None,
    ) -> Changes:
        """Propose what another person is to approve; `account_id` is None for a new account.

        Raises UserError, naming the field, for what no bank knows. Whoever tries again after a
        link was lost gives the same `key`.
        """
        if len(reason.strip()) < 3:
            raise UserError("Say in a few words why the account changes.", field="reason")
        tidy = draft.tidied()
        if change is not AccountChangeKind.RETIRE:
            tidy.validate()
        proposal = key or uuid7()
        wanted = {name: str(getattr(tidy, name)) for name in _FIELDS}
        call = func.vln.propose_account(
            proposal,
            change.value,
            account_id or proposal,
            entity_id,
            cast(wanted, JSONB()),
            reason.strip(),
        )
        self._do(call)
        return Changes(ENTITY, frozenset({entity_id}))

    def decide(self, change: AccountChange, remark: str, *, approve: bool) -> Changes:
        """Approve or refuse what another person proposed; the account is written with it.

        Raises UserError for a refusal without a reason and for one's own proposal, Conflict-like
        sentences of the database for an account that has changed since.
        """
        if not approve and not remark.strip():
            raise UserError("Say why it is refused.", field="reason")
        self._do(func.vln.decide_account(change.id, approve, remark.strip()))
        return Changes(ENTITY, frozenset({change.entity_id}))

    def withdraw(self, change: AccountChange) -> Changes:
        """Take back one's own proposal."""
        self._do(func.vln.withdraw_account(change.id))
        return Changes(ENTITY, frozenset({change.entity_id}))

    def _do(self, call: Any) -> None:
        with self._database.unit_of_work() as session:
            session.execute(select(call))


def accounts_of(connection: Connection, entity_id: UUID) -> tuple[PaymentAccount, ...]:
    """Return a seller's accounts, by label, the retired ones last."""
    rows = connection.execute(
        select(
            _A.id, _A.confirmed_by, _A.confirmed_at, _A.deleted_at, _A.version,
            *(_A[name] for name in _FIELDS),
        )
        .where(_A.entity_id == entity_id)
        .order_by(_A.deleted_at.is_not(None), _A.label, _A.id)
    )  # fmt: skip
    return tuple(
        PaymentAccount(
            row.id,
            entity_id,
            _draft(row),
            row.confirmed_by,
            row.confirmed_at,
            row.deleted_at is not None,
            row.version,
        )
        for row in rows
    )


def _draft(row: Any) -> AccountDraft:
    values = {name: getattr(row, name) for name in _FIELDS[1:]}
    return AccountDraft(AccountKind(row.kind), **values)


def _change(row: Any, entity_id: UUID, before: AccountDraft | None) -> AccountChange:
    return AccountChange(
        row.id, entity_id, row.account_id, AccountChangeKind(row.change), _draft(row), row.reason,
        AccountChangeStatus(row.status), row.requester_id, row.approver_id, row.created_at,
        row.decided_at, row.remark, before,
    )  # fmt: skip
