"""What the window and the command line show of the team's keys."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class DataKeyState(StrEnum):
    """Where a data key stands: new values take the current one, retiring ones are replaced."""

    CURRENT = "current"
    RETIRING = "retiring"
    RETIRED = "retired"


class MyKey(StrEnum):
    """How far the person at this machine is."""

    NOT_MINE = "not_mine"
    """Their role reads nothing that is encrypted."""
    NO_KEYRING = "no_keyring"
    """This machine cannot keep or show a private key."""
    UNPUBLISHED = "unpublished"
    """No public key of theirs is known yet."""
    ELSEWHERE = "elsewhere"
    """The private key to the published one is not on this machine."""
    WAITING = "waiting"
    """Published; nobody has let them in yet."""
    HOLDER = "holder"
    """They hold the current key."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """One data key, and how many stored values need it."""

    key_id: int
    state: DataKeyState
    made_at: datetime
    retired_at: datetime | None
    values: int


@dataclass(frozen=True, slots=True)
class KeyHolder:
    """Somebody who published a public key; `key_ids` are those they were let in to."""

    user_id: UUID
    name: str
    fingerprint: str
    published_at: datetime
    key_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class KeyStatus:
    """The state of the team's keys; empty lists as long as nobody set them up."""

    mine: MyKey
    reason: str
    fingerprint: str
    keys: tuple[DataKey, ...]
    holders: tuple[KeyHolder, ...]
    recovery_fingerprint: str

    @property
    def current(self) -> DataKey | None:
        """The key of new values, None before the set-up."""
        return next((key for key in self.keys if key.state is DataKeyState.CURRENT), None)

    @property
    def waiting(self) -> tuple[KeyHolder, ...]:
        """Who published a key and does not hold the current one."""
        now = self.current
        if now is None:
            return ()
        return tuple(holder for holder in self.holders if now.key_id not in holder.key_ids)

    @property
    def left(self) -> int:
        """How many values still need a key that is to be retired."""
        return values_on(self.keys, DataKeyState.RETIRING)


@dataclass(frozen=True, slots=True)
class Rotation:
    """What a rotation, or its continuation, did.

    `left_out` are people who held the old key and did not get the new one: they left, or their
    public key was not the one somebody vouched for. `left` values belong to others' audits.
    """

    key_id: int
    wrapped_for: tuple[UUID, ...]
    left_out: tuple[UUID, ...]
    encrypted_anew: int
    left: int
    retired: tuple[int, ...]


def values_on(keys: Iterable[DataKey], state: DataKeyState) -> int:
    """Return how many values keys of a state still carry."""
    return sum(key.values for key in keys if key.state is state)
