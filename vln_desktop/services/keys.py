"""The team's keys: set-up, letting people in, rotation, recovery, and how things stand.

Every step that hands a key on is a function of the database, which asks who the caller is; what is
handed on is wrapped here, where the keys are, and nowhere else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Connection,
    Integer,
    SmallInteger,
    TableValuedAlias,
    Text,
    Uuid,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import BYTEA
from sqlalchemy.orm import Session

from vln_desktop.db.models import keys as tables
from vln_desktop.db.models.users import User
from vln_desktop.db.session import Database
from vln_desktop.domain.field_encryption import Ciphertext, KeyRing, proof_hash, proof_of
from vln_desktop.domain.key_envelopes import (
    new_data_key,
    new_private_key,
    public_half,
    read_recovery,
    unwrap,
    vouch,
    vouched,
    wrap,
)
from vln_desktop.domain.keys import DataKeyState, Rotation
from vln_desktop.errors import UserError
from vln_desktop.services.key_chain import NOT_SET_UP, KeyChain

BATCH = 500
"""Values that are encrypted anew in one transaction."""

Progress = Callable[[int], None]
"""Told how many values are done; may raise Cancelled, between two transactions."""


def _silent(done: int) -> None:
    """Tell nobody."""


class KeysService:
    """Sets up, shares and renews the team's keys for the person signed in."""

    def __init__(self, database: Database, chain: KeyChain) -> None:
        self._database = database
        self._chain = chain

    def publish(self, *, replace: bool = False) -> None:
        """Make sure this machine has a private key and the team knows its public half.

        `replace` lets a new pair stand in for one on a machine that is lost; what was wrapped for
        it is gone, so the person must be let in again. Raises UserError.
        """
        me = self._database.actor.user_id
        with self._database.unit_of_work() as session:
            known = session.get(tables.PublicKey, me, with_for_update=True)
            private_key = self._chain.private_key(again=True)
            fits = private_key is not None and (
                known is None or known.public_key == public_half(private_key)
            )
            if known is not None and not fits and not replace:
                raise UserError(
                    "You published a key whose private half is on another machine. A new one "
                    "replaces it, and somebody has to let you in again."
                )
            made = None if fits else new_private_key()
            public_key = public_half(made or private_key or b"")
            if known is None:
                session.add(tables.PublicKey(user_id=me, public_key=public_key))
            else:
                known.public_key = public_key
            session.flush()
            if made is not None:  # once the database took it: an earlier one is lost then
                self._chain.keep(made)

    def set_up(self, recovery: str) -> None:
        """Make the team's first data key; `recovery` is the text that was printed.

        Raises UserError if the keys are set up already.
        """
        offline = public_half(read_recovery(recovery))
        self.publish()
        with self._database.unit_of_work() as session:
            if session.scalar(select(func.count()).select_from(tables.DataKey)):
                raise UserError("The team's keys are set up already.")
            self._make_key(session, 1, new_data_key(), offline)

    def let_in(self, people: Iterable[UUID]) -> tuple[UUID, ...]:
        """Wrap every key one holds for people who published theirs; returns who is new.

        Raises UserError, NotPermitted. Compare fingerprints first: the server could lie.
        """
        wanted = frozenset(people)
        with self._database.unit_of_work() as session:
            ring = self._chain.ring(session.connection())
            rows = session.execute(
                select(tables.PublicKey.user_id, tables.PublicKey.public_key).where(
                    tables.PublicKey.user_id.in_(wanted)
                )
            )
            public = {row.user_id: row.public_key for row in rows}
            if wanted - public.keys():
                raise UserError("They have to publish a key of their own first.")
            new = []
            for person, public_key in public.items():
                got = [_hand_on(session, ring.data_key(key_id), key_id, person, public_key)
                       for key_id in ring.key_ids]  # fmt: skip
                if any(got):
                    new.append(person)
        return tuple(new)

    def find_person(self, email: str) -> UUID:
        """Return somebody's id by their address; UserError if one may not see them."""
        with self._database.reading() as connection:
            found = connection.scalar(select(User.id).where(User.email == email.strip().lower()))
        if found is None:
            raise UserError(f"There is nobody {email!r}, or you may not see them.")
        return found

    def rotate(self, recovery: str | None = None, progress: Progress = _silent) -> Rotation:
        """Make a new data key, share it, and encrypt anew what one may.

        Whoever left, or whose public key nobody vouched for, does not get it. `recovery` replaces
        the recovery key. Values of others' audits keep the old key until their managers continue.
        """
        with self._database.unit_of_work() as session:
            ring = self._chain.ring(session.connection())
            old, old_id = ring.data_key(ring.current), ring.current
            rows = [row for row in _holders(session) if row.key_id == old_id]
            trusted = [r for r in rows if vouched(r.vouch, old, old_id, r.user_id, r.public_key)]
            offline = next((row.public_key for row in trusted if row.user_id is None), None)
            if recovery is not None:
                offline = public_half(read_recovery(recovery))
            if offline is None:
                raise UserError("Nobody vouched for the recovery key; rotate with a new one.")
            new, new_id = new_data_key(), old_id + 1
            self._make_key(session, new_id, new, offline)
            me = self._database.actor.user_id
            got = {row.user_id for row in trusted if row.may_hold} | {me}
            for row in trusted:
                if row.user_id in got - {me}:
                    _hand_on(session, new, new_id, row.user_id, row.public_key)
        people = {row.user_id for row in rows if row.user_id is not None}
        done = self.renew(progress)
        return Rotation(
            new_id, tuple(got), tuple(people - got), done.encrypted_anew, done.left, done.retired
        )

    def renew(self, progress: Progress = _silent) -> Rotation:
        """Encrypt anew what one may and still has an old key; retire keys that nothing needs.

        Batches are transactions of their own: cancelled, it continues where it stopped. Raises
        UserError if some values cannot be decrypted; the others are done by then.
        """
        done, damaged = 0, set[tuple[str, UUID]]()
        while True:
            with self._database.unit_of_work() as session:
                ring = self._chain.ring(session.connection())
                values = [
                    row
                    for row in session.execute(select(_outdated(BATCH + len(damaged))))
                    if (row.place, row.id) not in damaged
                ]
                if not values:
                    break
                done += _renew_batch(session, ring, values, damaged)
            progress(done)
        retired = self._retire_unused()
        if damaged:
            raise UserError(
                f"{len(damaged):,} values cannot be decrypted, so their key cannot be retired."
            )
        return Rotation(ring.current, (), (), done, self._left(), retired)

    def recover(self, recovery: str) -> tuple[int, ...]:
        """Let oneself in by the printed recovery key; returns the keys one holds then."""
        private_key = read_recovery(recovery)
        self.publish()
        me = self._database.actor.user_id
        with self._database.unit_of_work() as session:
            envelopes = session.execute(
                select(tables.KeyEnvelope.key_id, tables.KeyEnvelope.wrapped_key)
                .where(tables.KeyEnvelope.user_id.is_(None))
                .order_by(tables.KeyEnvelope.key_id)
            ).all()
            if not envelopes:
                raise UserError(NOT_SET_UP)
            mine = session.scalars(
                select(tables.PublicKey.public_key).where(tables.PublicKey.user_id == me)
            ).one()
            for key_id, envelope in envelopes:
                try:
                    data_key = unwrap(envelope, key_id, None, private_key)
                except UserError as error:
                    raise UserError(
                        "This is not the recovery key of this team, or an older one.",
                        field="recovery",
                    ) from error
                code = vouch(data_key, key_id, me, mine)
                sealed = wrap(data_key, key_id, me, mine)
                session.execute(
                    select(func.vln.recover_key(key_id, proof_of(data_key), sealed, code))
                )
        return tuple(row.key_id for row in envelopes)

    def _make_key(self, session: Session, key_id: int, data_key: bytes, offline: bytes) -> None:
        me = self._database.actor.user_id
        own_private = self._chain.private_key()
        if own_private is None:
            raise UserError("Publish your own key first.")
        own = public_half(own_private)
        session.execute(
            select(
                func.vln.make_data_key(
                    key_id, proof_hash(data_key), offline,
                    wrap(data_key, key_id, None, offline), vouch(data_key, key_id, None, offline),
                    wrap(data_key, key_id, me, own), vouch(data_key, key_id, me, own),
                )
            )
        )  # fmt: skip

    def _retire_unused(self) -> tuple[int, ...]:
        with self._database.unit_of_work() as session:
            used = values_by_key(session.connection())
            unused = [
                key_id
                for key_id in session.scalars(
                    select(tables.DataKey.key_id).where(
                        tables.DataKey.state == DataKeyState.RETIRING.value
                    )
                )
                if not used.get(key_id)
            ]
            for key_id in unused:
                session.execute(select(func.vln.retire_data_key(key_id)))
        return tuple(unused)

    def _left(self) -> int:
        with self._database.reading() as connection:
            used = values_by_key(connection)
            retiring = connection.scalars(
                select(tables.DataKey.key_id).where(
                    tables.DataKey.state == DataKeyState.RETIRING.value
                )
            )
            return sum(used.get(key_id, 0) for key_id in retiring)


def values_by_key(connection: Connection) -> dict[int, int]:
    """Return how many stored values each data key carries."""
    source = func.vln.encrypted_values().table_valued(
        column("key_id", SmallInteger()), column("many", BigInteger())
    )
    return {row.key_id: row.many for row in connection.execute(select(source))}


def holders_table() -> TableValuedAlias:
    """Return who has an envelope of which key, as the database tells it to holders."""
    return func.vln.key_holders().table_valued(
        column("key_id", SmallInteger()), column("user_id", Uuid()), column("public_key", BYTEA()),
        column("vouch", BYTEA()), column("may_hold", Boolean()),
    )  # fmt: skip


def _holders(session: Session) -> Sequence[Any]:
    return session.execute(select(holders_table())).all()


def _outdated(how_many: int) -> TableValuedAlias:
    return func.vln.outdated_values(how_many).table_valued(
        column("place", Text()), column("id", Uuid()), column("value", BYTEA())
    )


def _hand_on(
    session: Session, data_key: bytes, key_id: int, person: UUID, public_key: bytes
) -> bool:
    """Wrap a key for somebody; tells whether they did not hold it yet."""
    sealed = wrap(data_key, key_id, person, public_key)
    code = vouch(data_key, key_id, person, public_key)
    done = session.scalar(
        select(func.vln.wrap_key_for(key_id, person, public_key, sealed, code, type_=Boolean()))
    )
    return bool(done)


def _renew_batch(
    session: Session, ring: KeyRing, values: Sequence[Any], damaged: set[tuple[str, UUID]]
) -> int:
    """Encrypt values anew, column by column; notes those that cannot be decrypted."""
    by_place: dict[str, list[tuple[UUID, bytes, bytes]]] = defaultdict(list)
    for place, id_, value in values:
        try:
            renewed = ring.again(Ciphertext(place, value), id_)
        except UserError:
            damaged.add((place, id_))
            continue
        by_place[place].append((id_, value, renewed.data))
    done = 0
    for place, rows in by_place.items():
        ids, old, new = zip(*rows, strict=True)
        done += session.scalar(
            select(
                func.vln.renew_values(
                    place, cast(list(ids), ARRAY(Uuid())), cast(list(old), ARRAY(BYTEA())),
                    cast(list(new), ARRAY(BYTEA())), type_=Integer(),
                )
            )
        ) or 0  # fmt: skip
    return done
