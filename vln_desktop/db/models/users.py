"""People who sign in or ask for audits, their secrets, and what the window remembers for them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    func,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import (
    PRIVATE_SCHEMA,
    Base,
    Created,
    Identified,
    SoftDeleted,
    Timestamped,
    Versioned,
    one_of,
)
from vln_desktop.db.encrypted import EncryptedText
from vln_desktop.domain.field_encryption import Ciphertext
from vln_desktop.domain.sign_in import EVENT_KINDS

USER_ROLES = ("admin", "manager", "auditor", "finance", "readonly", "worker", "client", "guest")


class User(Identified, Timestamped, SoftDeleted, Versioned, Base):
    """A person; staff also have a PostgreSQL login role named by `email`."""

    __tablename__ = "users"
    __table_args__ = (
        one_of("role", USER_ROLES),
        CheckConstraint("email = lower(email) AND octet_length(email) <= 63", name="email_form"),
        Index("idx_users_email", "email", unique=True),
        Index("idx_users_role", "role", "sort_key", "id"),
        Index("idx_users_sort_key", "sort_key", "id"),
    )

    email: Mapped[str]
    name: Mapped[str]
    sort_key: Mapped[str]
    role: Mapped[str]
    active: Mapped[bool] = mapped_column(server_default=text("true"))
    access_ends_on: Mapped[date | None]
    last_sign_in_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]


class Session(Identified, Created, Base):
    """A live sign-in that passed the second factor; only hashes of its tokens are kept."""

    __tablename__ = "sessions"
    __table_args__ = (Index("idx_sessions_user_id", "user_id"), {"schema": PRIVATE_SCHEMA})

    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    db_role: Mapped[str]
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    refresh_hash: Mapped[bytes | None]
    device: Mapped[str]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    confirmed_at: Mapped[datetime | None]
    """When the second factor was asked again, which sensitive acts need."""
    opened_in: Mapped[int | None] = mapped_column(
        BigInteger(), server_default=text("pg_current_xact_id()::text::bigint")
    )
    """The transaction that made it, in which it does not serve: it might be rolled back."""


class VerificationToken(Identified, Created, Base):
    """A one-time code: e-mail verification, password reset, second factor, magic link."""

    __tablename__ = "verification_tokens"
    __table_args__ = (
        one_of("purpose", ("email_verification", "password_reset", "two_factor", "magic_link")),
        Index("idx_verification_tokens_user_id", "user_id"),
        {"schema": PRIVATE_SCHEMA},
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    token_hash: Mapped[bytes] = mapped_column(unique=True)
    purpose: Mapped[str]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class OAuthAccount(Identified, Timestamped, Base):
    """A portal user's account at an identity provider; tokens are encrypted by the client."""

    __tablename__ = "oauth_accounts"
    __table_args__ = (
        Index("uq_oauth_accounts_provider_subject", "provider", "subject", unique=True),
        Index("idx_oauth_accounts_user_id", "user_id"),
        CheckConstraint(
            "octet_length(access_token) >= 30 AND octet_length(refresh_token) >= 30",
            name="tokens_length",
        ),
        {"schema": PRIVATE_SCHEMA},
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    provider: Mapped[str]
    subject: Mapped[str]
    access_token: Mapped[Ciphertext | None] = mapped_column(
        EncryptedText("oauth_accounts.access_token")
    )
    refresh_token: Mapped[Ciphertext | None] = mapped_column(
        EncryptedText("oauth_accounts.refresh_token")
    )
    expires_at: Mapped[datetime | None]


class UserSecret(Timestamped, Base):
    """The portal's password hash, and the second factor's secret: the server computes with it."""

    __tablename__ = "user_secrets"
    __table_args__ = ({"schema": PRIVATE_SCHEMA},)

    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"), primary_key=True)
    password_hash: Mapped[str | None]
    totp_secret: Mapped[bytes | None]
    totp_last_step: Mapped[int | None]
    must_change_password: Mapped[bool] = mapped_column(server_default=text("false"))


class DraftSecret(Created, Base):
    """What opens the drafts on a person's machine; only their live session is given it."""

    __tablename__ = "draft_secrets"
    __table_args__ = (
        CheckConstraint("octet_length(secret) = 32", name="secret_bytes"),
        {"schema": PRIVATE_SCHEMA},
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"), primary_key=True)
    secret: Mapped[bytes]


class RecoveryCode(Identified, Created, Base):
    """One of ten codes that replace a lost second factor once."""

    __tablename__ = "recovery_codes"
    __table_args__ = (
        Index("uq_recovery_codes_user_id_code_hash", "user_id", "code_hash", unique=True),
        {"schema": PRIVATE_SCHEMA},
    )

    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    code_hash: Mapped[bytes]
    used_at: Mapped[datetime | None]


class ApiKey(Identified, Created, Base):
    """A portal user's key for the firm's API; only its hash and first characters are kept."""

    __tablename__ = "api_keys"
    __table_args__ = (Index("idx_api_keys_user_id", "user_id"), {"schema": PRIVATE_SCHEMA})

    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    name: Mapped[str]
    prefix: Mapped[str]
    key_hash: Mapped[bytes] = mapped_column(unique=True)
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SecurityEvent(Base):
    """Something about access: a sign-in, a refused code, a changed role, an export."""

    __tablename__ = "security_events"
    __table_args__ = (
        one_of("kind", EVENT_KINDS),
        Index("idx_security_events_created_at", "created_at", "id"),
        Index("idx_security_events_person_id", "person_id", "created_at", "id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=func.gen_random_uuid())
    kind: Mapped[str]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    detail: Mapped[dict[str, Any]] = mapped_column(server_default=text("'{}'"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.clock_timestamp())


class UserPreference(Timestamped, Base):
    """One remembered setting of one person's window, such as a pane's columns."""

    __tablename__ = "user_preferences"

    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"), primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]


class SavedView(Identified, Timestamped, Versioned, Base):
    """A named filter with order and columns of one pane, private or shared with a role."""

    __tablename__ = "saved_views"
    __table_args__ = (
        CheckConstraint("num_nonnulls(owner_id, role) = 1", name="owner_or_role"),
        CheckConstraint("btrim(name) = name AND length(name) BETWEEN 1 AND 60", name="name_form"),
        CheckConstraint(
            "jsonb_typeof(definition) = 'object' AND length(definition::text) <= 20000",
            name="definition_size",
        ),
        Index("uq_saved_views_default", "pane", "owner_id", "role", unique=True,
              postgresql_where=text("is_default"), postgresql_nulls_not_distinct=True),
        Index("uq_saved_views_pane_owner_id_role_name", "pane", "owner_id", "role", "name",
              unique=True, postgresql_nulls_not_distinct=True),
    )  # fmt: skip

    pane: Mapped[str]
    name: Mapped[str]
    owner_id: Mapped[UUID | None] = mapped_column(ForeignKey("vln.users.id"))
    role: Mapped[str | None]
    definition: Mapped[dict[str, Any]]
    is_default: Mapped[bool] = mapped_column(server_default=text("false"))
