"""The team's data keys: who can open them, and the one rule that nobody but holders shares them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, SmallInteger, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import Base, Created, Identified, Timestamped, by_database, one_of
from vln_desktop.domain.keys import DataKeyState
from vln_desktop.domain.transitions import words


class PublicKey(Timestamped, Base):
    """The X25519 public key of one person, put here by themselves."""

    __tablename__ = "public_keys"
    __table_args__ = (CheckConstraint("octet_length(public_key) = 32", name="public_key_length"),)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"), primary_key=True)
    public_key: Mapped[bytes]


class DataKey(Created, Base):
    """A data key's place in time; the key itself is in envelopes only."""

    __tablename__ = "data_keys"
    __table_args__ = (
        one_of("state", words(DataKeyState)),
        CheckConstraint("key_id BETWEEN 1 AND 255", name="key_id_byte"),
        CheckConstraint("octet_length(proof_hash) = 32", name="proof_hash_length"),
        Index("uq_data_keys_current", "state", unique=True,
              postgresql_where=text("state = 'current'")),
    )  # fmt: skip

    key_id: Mapped[int] = mapped_column(SmallInteger(), primary_key=True, autoincrement=False)
    state: Mapped[str]
    proof_hash: Mapped[bytes]
    made_by: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    retired_at: Mapped[datetime | None] = by_database()


class KeyEnvelope(Identified, Created, Base):
    """A data key wrapped for one person, or for the offline recovery key (no user).

    `vouch` is made with the data key: it shows later holders that the public key was let in.
    """

    __tablename__ = "key_envelopes"
    __table_args__ = (
        Index("uq_key_envelopes_key_id_user_id", "key_id", "user_id", unique=True,
              postgresql_nulls_not_distinct=True),
        CheckConstraint("key_id BETWEEN 1 AND 255", name="key_id_byte"),
        CheckConstraint(
            "octet_length(public_key) = 32 AND octet_length(wrapped_key) = 92"
            " AND octet_length(vouch) = 32",
            name="lengths",
        ),
    )  # fmt: skip

    key_id: Mapped[int] = mapped_column(SmallInteger(), ForeignKey("vln.data_keys.key_id"))
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    public_key: Mapped[bytes]
    wrapped_key: Mapped[bytes]
    vouch: Mapped[bytes]
