"""Clients as buyers: names, terms, addresses, tax numbers and proofs of those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import IntegrityError
from uuid_utils.compat import uuid7

from vln_desktop.db.base import table_of
from vln_desktop.db.models.clients import Address, Client, ClientTaxRegistration, VatCheck
from vln_desktop.db.models.firm import LegalEntity
from vln_desktop.db.session import Database
from vln_desktop.domain.buyers import (
    AddressDraft,
    BuyerAddress,
    BuyerDetail,
    BuyerDraft,
    NoVatService,
    Registration,
    VatAnswer,
    VatCheckRecord,
    VatCheckSource,
    clean_code,
)
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.tax_numbers import clean_country, clean_tax_number
from vln_desktop.domain.users import sort_key_of
from vln_desktop.errors import Conflict, UserError
from vln_desktop.formats.vies import read_confirmations

ENTITY = "clients"

_C, _A = table_of(Client).c, table_of(Address).c
_R, _V = table_of(ClientTaxRegistration).c, table_of(VatCheck).c
_FIELDS = tuple(field.name for field in fields(BuyerDraft))
_ADDRESS = tuple(field.name for field in fields(AddressDraft))


@dataclass(frozen=True, slots=True)
class ReadChecks:
    """What became of read confirmations: recorded ones, known ones, numbers of nobody here."""

    recorded: int
    known: int
    strangers: tuple[str, ...]


class BuyersService:
    """Reads and changes clients as buyers for the person signed in."""

    def __init__(self, database: Database, source: VatCheckSource | None = None) -> None:
        self._database = database
        self._source = source or NoVatService()

    def get(self, client_id: UUID) -> BuyerDetail:
        """Return one client; raises UserError if there is none."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(_C.id, _C.code, _C.version, *(_C[name] for name in _FIELDS)).where(
                    _C.id == client_id, _C.deleted_at.is_(None)
                )
            ).first()
            if row is None:
                raise UserError("This client does not exist, or you may not see it.")
            addresses = _addresses(connection, client_id)
            registrations = _registrations(connection, client_id)
        draft = BuyerDraft(**{name: getattr(row, name) for name in _FIELDS})
        return BuyerDetail(row.id, row.code, draft, addresses, registrations, row.version)

    def add(self, code: str, draft: BuyerDraft, key: UUID | None = None) -> Changes:
        """Add a client; raises UserError, naming the field, for what cannot be saved.

        Whoever tries again after a link was lost gives the same `key`.
        """
        draft.validate()
        made = key or uuid7()
        with self._database.unit_of_work() as session:
            if key is not None and session.get(Client, key) is not None:
                return Changes(ENTITY, frozenset({made}), "insert")
            try:
                session.execute(
                    insert(table_of(Client)).values(
                        id=made, code=clean_code(code), **_values(draft)
                    )
                )
            except IntegrityError as error:
                raise UserError("There is a client of this code.", field="code") from error
        return Changes(ENTITY, frozenset({made}), "insert")

    def save(self, buyer: BuyerDetail, draft: BuyerDraft) -> Changes:
        """Save what a form changed; raises Conflict if somebody saved in between."""
        draft.validate()
        changed = {
            name: value
            for name, value in _values(draft).items()
            if name == "sort_key" or value != getattr(buyer.draft, name)
        }
        with self._database.unit_of_work() as session:
            saved = session.execute(
                update(table_of(Client))
                .where(_C.id == buyer.id, _C.version == buyer.version)
                .values(**changed)
                .returning(_C.id)
            ).first()
            if saved is None:
                raise Conflict("Somebody else changed this client meanwhile; nothing was saved.")
        return Changes(ENTITY, frozenset({buyer.id}))

    def set_address(self, buyer: BuyerDetail, draft: AddressDraft) -> Changes:
        """Set where invoices go: the newest billing address, or a first one."""
        draft.validate()
        values = {name: getattr(draft, name).strip() for name in _ADDRESS}
        values["country"] = clean_country(draft.country)
        known = next((one for one in buyer.addresses if one.kind == "billing"), None)
        with self._database.unit_of_work() as session:
            if known is None:
                session.execute(
                    insert(table_of(Address)).values(
                        id=uuid7(), client_id=buyer.id, kind="billing", **values
                    )
                )
            else:
                session.execute(update(table_of(Address)).where(_A.id == known.id).values(**values))
        return Changes(ENTITY, frozenset({buyer.id}))

    def add_registration(self, buyer: BuyerDetail, country: str, number: str) -> Changes:
        """Add a tax number; raises UserError for digits that do not fit its country."""
        code = clean_country(country)
        clean = clean_tax_number(code, number)
        with self._database.unit_of_work() as session:
            try:
                session.execute(
                    insert(table_of(ClientTaxRegistration)).values(
                        id=uuid7(), client_id=buyer.id, country=code, number=clean
                    )
                )
            except IntegrityError as error:
                raise UserError("This number is here already.", field="number") from error
        return Changes(ENTITY, frozenset({buyer.id}))

    def change_registration(self, registration: Registration, number: str) -> Changes:
        """Correct a tax number; its answers go on telling of the number that was asked for.

        A number that was asked for already is not corrected but followed by another one.
        """
        if registration.checks:
            raise UserError(
                "The authority was asked about it: add the right number instead.", field="number"
            )
        clean = clean_tax_number(registration.country, number)
        with self._database.unit_of_work() as session:
            client = session.execute(
                update(table_of(ClientTaxRegistration))
                .where(_R.id == registration.id)
                .values(number=clean)
                .returning(_R.client_id)
            ).scalar()
        return Changes(ENTITY, frozenset({client} if client else ()))

    def ask(self, buyer: BuyerDetail, registration: Registration) -> Changes:
        """Ask the authority about a number; raises UserError where nobody can be asked."""
        entity = table_of(LegalEntity).c
        with self._database.reading() as connection:
            own = connection.scalars(
                select(entity.vat_number).where(
                    entity.vat_number != "", entity.deleted_at.is_(None)
                )
            ).first()
        answer = self._source.ask(registration.number, own or "")
        return self.record(buyer, registration, answer)

    def record(self, buyer: BuyerDetail, registration: Registration, answer: VatAnswer) -> Changes:
        """Put an answer of the authority on record; nobody changes it afterwards."""
        answer.validate()
        with self._database.unit_of_work() as session:
            session.execute(
                insert(table_of(VatCheck)).values(
                    id=uuid7(), registration_id=registration.id, **_answer(answer)
                )
            )
        return Changes(ENTITY, frozenset({buyer.id}))

    def read_in(self, data: bytes) -> tuple[ReadChecks, Changes]:
        """Record the answers of confirmations for the clients whose numbers they name.

        Raises UserError for a file that is none. What is on record stands once.
        """
        answers = read_confirmations(data)
        for answer in answers:
            answer.validate()
        recorded, known, strangers, touched = 0, 0, [], set()
        with self._database.unit_of_work() as session:
            connection = session.connection()
            numbers = _numbers(connection)
            for answer in answers:
                owner = numbers.get(answer.number)
                if owner is None:
                    strangers.append(answer.number)
                elif _is_known(connection, owner[0], answer):
                    known += 1
                else:
                    recorded += 1
                    touched.add(owner[1])
                    connection.execute(
                        insert(table_of(VatCheck)).values(
                            id=uuid7(), registration_id=owner[0], **_answer(answer)
                        )
                    )
        told = ReadChecks(recorded, known, tuple(strangers))
        return told, Changes(ENTITY, frozenset(touched))


def _values(draft: BuyerDraft) -> dict[str, Any]:
    values = {name: getattr(draft, name) for name in _FIELDS}
    values["country"] = clean_country(draft.country)
    values["sort_key"] = sort_key_of(draft.legal_name)
    return values


def _answer(answer: VatAnswer) -> dict[str, Any]:
    return {
        "checked_at": answer.checked_at, "valid": answer.valid, "source": answer.source.strip(),
        "reference": answer.reference.strip(),
    }  # fmt: skip


def _addresses(connection: Connection, client_id: UUID) -> tuple[BuyerAddress, ...]:
    rows = connection.execute(
        select(_A.id, _A.kind, *(_A[name] for name in _ADDRESS))
        .where(_A.client_id == client_id)
        .order_by(_A.kind, _A.created_at.desc(), _A.id.desc())
    )
    return tuple(
        BuyerAddress(
            row.id, row.kind, AddressDraft(**{name: getattr(row, name) for name in _ADDRESS})
        )
        for row in rows
    )


def _registrations(connection: Connection, client_id: UUID) -> tuple[Registration, ...]:
    rows = connection.execute(
        select(_R.id, _R.country, _R.number).where(_R.client_id == client_id).order_by(_R.number)
    ).all()
    checks: dict[UUID, list[VatCheckRecord]] = {row.id: [] for row in rows}
    answers: Sequence[Any] = connection.execute(
        select(_V.id, _V.registration_id, _V.checked_at, _V.valid, _V.source, _V.reference)
        .where(_V.registration_id.in_(checks))
        .order_by(_V.checked_at.desc(), _V.id.desc())
    ).all()
    for one in answers:
        checks[one.registration_id].append(
            VatCheckRecord(one.id, one.checked_at, one.valid, one.source, one.reference)
        )
    return tuple(
        Registration(row.id, row.country, row.number, tuple(checks[row.id])) for row in rows
    )


def _numbers(connection: Connection) -> dict[str, tuple[UUID, UUID]]:
    rows = connection.execute(select(_R.number, _R.id, _R.client_id))
    return {"".join(row.number.split()).upper(): (row.id, row.client_id) for row in rows}


def _is_known(connection: Connection, registration: UUID, answer: VatAnswer) -> bool:
    found = connection.scalar(
        select(_V.id).where(
            _V.registration_id == registration,
            _V.checked_at == answer.checked_at,
            _V.reference == answer.reference.strip(),
        )
    )
    return found is not None
