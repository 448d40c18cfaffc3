"""How the team's keys stand: what this machine has, who holds what, what each key carries."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

from sqlalchemy import Connection, select

from vln_desktop.db.models.keys import DataKey as DataKeyRow
from vln_desktop.db.models.keys import PublicKey
from vln_desktop.domain.key_envelopes import fingerprint, public_half
from vln_desktop.domain.keys import DataKey, DataKeyState, KeyHolder, KeyStatus, MyKey
from vln_desktop.domain.permissions import Right, may
from vln_desktop.errors import UserError
from vln_desktop.services.directory import Directory
from vln_desktop.services.key_chain import NOT_LET_IN, NOT_MINE, NOT_SET_UP, KeyChain
from vln_desktop.services.keys import holders_table, values_by_key

_UNPUBLISHED = "You have no key pair yet; publish one to be let in."
_ELSEWHERE = "The private key to the one you published is not on this machine."


def key_status(chain: KeyChain, directory: Directory) -> KeyStatus:
    """Return how things stand, as far as the person signed in may know."""
    me = chain.database.actor
    if not may(me.role, Right.KEYS_HOLD):
        return KeyStatus(MyKey.NOT_MINE, NOT_MINE, "", (), (), "")
    with chain.database.reading() as connection:
        keys = _keys(connection)
        holders, recovery = _holders(connection, directory)
        published = connection.scalar(
            select(PublicKey.public_key).where(PublicKey.user_id == me.user_id)
        )
    current = next((k.key_id for k in keys if k.state is DataKeyState.CURRENT), None)
    held = next((h.key_ids for h in holders if h.user_id == me.user_id), ())
    mine, reason = _mine(chain, published, current, held)
    own = fingerprint(published) if published is not None else ""
    return KeyStatus(mine, reason, own, keys, holders, recovery)


def _mine(
    chain: KeyChain, published: bytes | None, current: int | None, held: tuple[int, ...]
) -> tuple[MyKey, str]:
    try:
        private_key = chain.private_key(again=True)
    except UserError as error:
        return MyKey.NO_KEYRING, str(error)
    if published is None:
        return MyKey.UNPUBLISHED, _UNPUBLISHED
    if private_key is None or public_half(private_key) != published:
        return MyKey.ELSEWHERE, _ELSEWHERE
    if current is None:
        return MyKey.WAITING, NOT_SET_UP
    return (MyKey.HOLDER, "") if current in held else (MyKey.WAITING, NOT_LET_IN)


def _keys(connection: Connection) -> tuple[DataKey, ...]:
    used = values_by_key(connection)
    rows = connection.execute(
        select(
            DataKeyRow.key_id, DataKeyRow.state, DataKeyRow.created_at, DataKeyRow.retired_at
        ).order_by(DataKeyRow.key_id)
    )
    return tuple(
        DataKey(
            row.key_id, DataKeyState(row.state), row.created_at, row.retired_at,
            used.get(row.key_id, 0),
        )
        for row in rows
    )  # fmt: skip


def _holders(connection: Connection, directory: Directory) -> tuple[tuple[KeyHolder, ...], str]:
    held: dict[UUID | None, list[int]] = defaultdict(list)
    recovery = ""
    for row in connection.execute(select(holders_table()).order_by("key_id")):
        held[row.user_id].append(row.key_id)
        if row.user_id is None:
            recovery = fingerprint(row.public_key)
    published = connection.execute(
        select(PublicKey.user_id, PublicKey.public_key, PublicKey.updated_at)
    )
    holders = [
        KeyHolder(
            row.user_id, directory.name_of(row.user_id), fingerprint(row.public_key),
            row.updated_at, tuple(held[row.user_id]),
        )
        for row in published
    ]  # fmt: skip
    return tuple(sorted(holders, key=lambda holder: holder.name)), recovery
