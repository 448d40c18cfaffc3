"""A signed-in person's way to the keys: from the private key on this machine to an open ring."""

from __future__ import annotations

import threading
from typing import Protocol

from sqlalchemy import Connection, select

from vln_desktop.db.models.keys import DataKey, KeyEnvelope
from vln_desktop.db.session import Database
from vln_desktop.domain.field_encryption import KeyRing, proof_hash
from vln_desktop.domain.key_envelopes import public_half, unwrap
from vln_desktop.domain.keys import DataKeyState
from vln_desktop.domain.permissions import Right, may
from vln_desktop.errors import UserError

NOT_MINE = "Your role reads nothing that is encrypted."
NOT_SET_UP = "The team's encryption keys are not set up yet."
NO_PRIVATE_KEY = "No private key of yours is on this machine; see “Encryption keys…”."
NOT_LET_IN = "You have not been let in to the team's key yet; somebody who holds it does that."


class PrivateKeys(Protocol):
    """Where one person's private key is kept on this machine."""

    def load(self) -> bytes | None:
        """Return it, None if there is none; raises UserError if that cannot be told."""

    def save(self, private_key: bytes) -> None:
        """Keep it; raises UserError if that cannot be done."""


class NoPrivateKeys:
    """A program that keeps no private key: everything encrypted stays locked."""

    def load(self) -> bytes | None:
        """Return nothing."""
        return None

    def save(self, private_key: bytes) -> None:
        """Refuse: there is no place to keep it."""
        del private_key
        raise UserError("There is no place here that could keep a private key.")


class KeyChain:
    """Opens the key ring of one person. Safe to share by threads.

    What the database says is asked each time, in one small query: a rotation or a colleague's "let
    in" counts at once. Opened keys stay in this process's memory and nowhere else.
    """

    def __init__(self, database: Database, private_keys: PrivateKeys | None = None) -> None:
        self.database = database
        self._private_keys = private_keys or NoPrivateKeys()
        self._private_key: bytes | None = None
        self._refused = ""
        self._opened: dict[bytes, bytes] = {}
        self._lock = threading.Lock()

    def private_key(self, *, again: bool = False) -> bytes | None:
        """Return the private key on this machine, None if there is none; UserError as its store.

        A store that refused is asked `again` only where somebody wants just that: else a locked
        keyring would ask for its password with every record that holds a secret.
        """
        with self._lock:
            if self._refused and not again:
                raise UserError(self._refused)
            if self._private_key is None:
                try:
                    self._private_key = self._private_keys.load()
                except UserError as error:
                    self._refused = str(error)
                    raise
            self._refused = ""
            return self._private_key

    def keep(self, private_key: bytes) -> None:
        """Keep a private key on this machine in place of an earlier one; UserError as its store."""
        with self._lock:
            self._private_keys.save(private_key)
            self._private_key, self._refused = private_key, ""
            self._opened.clear()

    def ring(self, connection: Connection) -> KeyRing:
        """Return the person's key ring as the database has it now.

        Raises UserError, which says why everything encrypted is locked for them.
        """
        me = self.database.actor
        if not may(me.role, Right.KEYS_HOLD):
            raise UserError(NOT_MINE)
        keys, mine = DataKey, KeyEnvelope
        rows = connection.execute(
            select(keys.key_id, keys.state, keys.proof_hash, mine.wrapped_key, mine.public_key)
            .outerjoin(mine, (mine.key_id == keys.key_id) & (mine.user_id == me.user_id))
            .where(keys.state != DataKeyState.RETIRED.value)
        ).all()
        current = next((row.key_id for row in rows if row.state == DataKeyState.CURRENT.value), 0)
        if not current:
            raise UserError(NOT_SET_UP)
        private_key = self.private_key()
        if private_key is None:
            raise UserError(NO_PRIVATE_KEY)
        held = [row for row in rows if row.wrapped_key is not None]
        if not held:
            raise UserError(NOT_LET_IN)
        if any(row.public_key != public_half(private_key) for row in held):
            raise UserError(NO_PRIVATE_KEY)
        opened = {
            row.key_id: self._open(row.wrapped_key, row.key_id, row.proof_hash, private_key)
            for row in held
        }
        return KeyRing(opened, current)

    def _open(self, envelope: bytes, key_id: int, known: bytes, private_key: bytes) -> bytes:
        with self._lock:
            data_key = self._opened.get(envelope)
        if data_key is None:
            data_key = unwrap(envelope, key_id, self.database.actor.user_id, private_key)
            if proof_hash(data_key) != known:
                raise UserError(f"Your envelope of key {key_id} holds another key; ask anew.")
            with self._lock:
                self._opened[envelope] = data_key
        return data_key
