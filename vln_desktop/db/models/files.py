"""Files of audits, their bytes in pieces, who opened them, and which show a finding."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, FetchedValue, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from vln_desktop.db.base import (
    Base,
    Created,
    Identified,
    SoftDeleted,
    Timestamped,
    Versioned,
    one_of,
)
from vln_desktop.domain.files import TYPES, FileKind
from vln_desktop.domain.transitions import words


class UploadedFile(Identified, Created, SoftDeleted, Base):
    """A file's metadata; at most 100 MB, of a listed type, known by its SHA-256.

    `stored_at` comes from `vln.finish_file`, which has compared the hash with the stored bytes.
    """

    __tablename__ = "uploaded_files"
    __table_args__ = (
        one_of("kind", words(FileKind)),
        one_of("mime", tuple(sort.mime for sort in TYPES)),
        CheckConstraint("size BETWEEN 0 AND 104857600", name="size_range"),
        CheckConstraint("sha256 ~ '^[0-9a-f]{64}$'", name="sha256_form"),
        CheckConstraint(
            r"length(name) BETWEEN 1 AND 255 AND name !~ '[[:cntrl:]/\\]'", name="name_form"
        ),
        Index("idx_uploaded_files_audit_id", "audit_id", "created_at"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    storage_path: Mapped[str]
    name: Mapped[str]
    mime: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger())
    sha256: Mapped[str]
    kind: Mapped[str]
    uploaded_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("vln.users.id"), server_default=text("vln.uid()")
    )
    stored_at: Mapped[datetime | None]


class FileChunk(Created, Base):
    """A piece of a file; nobody selects `content`, see `vln.file_piece`."""

    __tablename__ = "file_chunks"
    __table_args__ = (
        CheckConstraint("octet_length(content) BETWEEN 1 AND 1048576", name="content_length"),
        CheckConstraint("ordinal BETWEEN 0 AND 99", name="ordinal_range"),
    )

    file_id: Mapped[UUID] = mapped_column(ForeignKey("vln.uploaded_files.id"), primary_key=True)
    ordinal: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    content: Mapped[bytes] = mapped_column(deferred=True)


class FileOpening(Identified, Created, Base):
    """Somebody opened a file; the note is older than the reading, and outlives both."""

    __tablename__ = "file_openings"
    __table_args__ = (
        Index("idx_file_openings_audit_id", "audit_id", "created_at"),
        Index("idx_file_openings_file_id", "file_id", "user_id", "created_at"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    file_id: Mapped[UUID]
    user_id: Mapped[UUID] = mapped_column(ForeignKey("vln.users.id"))
    transaction_id: Mapped[int] = mapped_column(BigInteger())


class FindingEvidence(Identified, Timestamped, Versioned, Base):
    """A file that shows a finding; `printed` puts it into the report, `sensitive` warns of it."""

    __tablename__ = "finding_evidence"
    __table_args__ = (
        CheckConstraint("length(caption) <= 300", name="caption_length"),
        Index("uq_finding_evidence_finding_id_file_id", "finding_id", "file_id", unique=True),
        Index("idx_finding_evidence_file_id", "file_id"),
        Index("idx_finding_evidence_audit_id", "audit_id"),
    )

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("vln.audit_requests.id"))
    finding_id: Mapped[UUID] = mapped_column(ForeignKey("vln.findings.id"))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("vln.uploaded_files.id"))
    caption: Mapped[str] = mapped_column(server_default="")
    ordinal: Mapped[int] = mapped_column(server_default="0")
    printed: Mapped[bool] = mapped_column(server_default=text("true"))
    sensitive: Mapped[bool] = mapped_column(server_default=text("false"))
    added_by: Mapped[UUID | None] = mapped_column(
        ForeignKey("vln.users.id"), server_default=FetchedValue()
    )
