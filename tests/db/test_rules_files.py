"""Rules on files that the database keeps whatever client asks: pieces, hash, openings, evidence."""

from __future__ import annotations

import hashlib
from uuid import UUID

import pytest
from uuid_utils.compat import uuid7

from tests.db.refusal import CHECK, FORM, FROZEN, PERMISSION, UNIQUE, ask, refusal, run
from tests.firm import Firm

DATA = b"the bytes of a file"
NEW_FILE = (
    "INSERT INTO vln.uploaded_files (id, audit_id, storage_path, name, mime, size, sha256, kind)"
    " VALUES (%s, %s, 'db:x', %s, %s, %s, %s, 'working')"
)
NEW_PIECE = (
    "INSERT INTO vln.file_chunks (file_id, ordinal, audit_id, content) VALUES (%s, %s, %s, %s)"
)
NEW_EVIDENCE = (
    "INSERT INTO vln.finding_evidence (id, audit_id, finding_id, file_id) VALUES (%s, %s, %s, %s)"
)


def begin(firm: Firm, who: str, data: bytes = DATA, told: bytes | None = None) -> UUID:
    """Begin an upload into half A's audit; `told` are the bytes whose hash is announced."""
    file = uuid7()
    digest = hashlib.sha256(data if told is None else told).hexdigest()
    run(firm.psql(who), NEW_FILE, file, firm.a.id("audit_requests"), "notes.txt", "text/plain",
        len(data), digest)  # fmt: skip
    return file


def stored(firm: Firm, who: str = "auditor.a") -> UUID:
    """Return a file that is whole."""
    file = begin(firm, who)
    run(firm.psql(who), NEW_PIECE, file, 0, firm.a.id("audit_requests"), DATA)
    run(firm.psql(who), "SELECT vln.finish_file(%s)", file)
    return file


class TestPieces:
    def test_of_a_colleagues_upload_are_refused(self, firm: Firm) -> None:
        file, audit = begin(firm, "auditor.a"), firm.a.id("audit_requests")
        assert refusal(firm.psql("manager.a"), NEW_PIECE, file, 0, audit, DATA) == PERMISSION
        assert refusal(firm.psql("manager.a"), "SELECT vln.finish_file(%s)", file) == PERMISSION
        assert refusal(firm.psql("manager.a"), "SELECT vln.discard_file(%s)", file) == PERMISSION
        assert refusal(firm.psql("auditor.b"), NEW_PIECE, file, 0, audit, DATA) == PERMISSION

    @pytest.mark.parametrize(
        ("ordinal", "piece"), [(0, DATA[:-1]), (0, DATA + b"!"), (1, DATA), (-1, DATA), (0, b"")]
    )
    def test_that_do_not_fit_are_refused(self, firm: Firm, ordinal: int, piece: bytes) -> None:
        file, audit = begin(firm, "auditor.a"), firm.a.id("audit_requests")
        auditor = firm.psql("auditor.a")
        assert refusal(auditor, NEW_PIECE, file, ordinal, audit, piece) == FORM

    def test_cannot_be_replaced_changed_or_added_later(self, firm: Firm) -> None:
        file, audit = stored(firm), firm.a.id("audit_requests")
        auditor = firm.psql("auditor.a")
        assert refusal(auditor, NEW_PIECE, file, 0, audit, DATA) in (PERMISSION, UNIQUE)
        for change in ("UPDATE vln.file_chunks SET content = '\\x00'",
                       "DELETE FROM vln.file_chunks",
                       "UPDATE vln.uploaded_files SET sha256 = repeat('0', 64)",
                       "UPDATE vln.uploaded_files SET stored_at = now()",
                       "UPDATE vln.uploaded_files SET uploaded_by = vln.uid()"):  # fmt: skip
            assert refusal(auditor, change) == PERMISSION
        assert refusal(auditor, "SELECT vln.discard_file(%s)", file) == FROZEN

    def test_belong_to_the_files_audit(self, firm: Firm) -> None:
        file = begin(firm, "auditor.a")
        other = firm.b.id("audit_requests")
        assert refusal(firm.psql("auditor.a"), NEW_PIECE, file, 0, other, DATA) is not None


class TestFinishing:
    def test_needs_the_hash_that_was_announced(self, firm: Firm) -> None:
        file, audit = begin(firm, "auditor.a", told=b"others"), firm.a.id("audit_requests")
        auditor = firm.psql("auditor.a")
        run(auditor, NEW_PIECE, file, 0, audit, DATA)
        assert refusal(auditor, "SELECT vln.finish_file(%s)", file) == FROZEN

    def test_needs_every_piece(self, firm: Firm) -> None:
        file = begin(firm, "auditor.a")
        assert refusal(firm.psql("auditor.a"), "SELECT vln.finish_file(%s)", file) == FROZEN

    def test_again_changes_nothing(self, firm: Firm) -> None:
        file, auditor = stored(firm), firm.psql("auditor.a")
        when = ask(auditor, "SELECT stored_at FROM vln.uploaded_files WHERE id = %s", file)
        assert ask(auditor, "SELECT vln.finish_file(%s)", file) == when

    def test_nobody_uploads_in_anothers_name_or_as_whole(self, firm: Firm) -> None:
        auditor = firm.psql("auditor.a")
        for column in ("uploaded_by", "stored_at"):
            query = NEW_FILE.replace("kind)", f"kind, {column})").replace(
                "'working'", "'working', NULL"
            )
            state = refusal(auditor, query, uuid7(), firm.a.id("audit_requests"), "x.txt",
                            "text/plain", 1, "0" * 64)  # fmt: skip
            assert state == PERMISSION

    @pytest.mark.parametrize(
        ("name", "mime"),
        [("../x.txt", "text/plain"), ("a\nb.txt", "text/plain"), ("", "text/plain"),
         ("x.exe", "application/x-msdownload")],
    )  # fmt: skip
    def test_hostile_names_and_types_are_refused(self, firm: Firm, name: str, mime: str) -> None:
        state = refusal(firm.psql("auditor.a"), NEW_FILE, uuid7(), firm.a.id("audit_requests"),
                        name, mime, 1, "0" * 64)  # fmt: skip
        assert state == CHECK


class TestReading:
    def test_needs_a_note_that_is_committed(self, firm: Firm) -> None:
        file, manager = stored(firm), firm.psql("manager.a")
        read = "SELECT vln.file_piece(%s, 0)"
        assert refusal(manager, read, file) == PERMISSION
        with manager.transaction(force_rollback=True):
            run(manager, "SELECT vln.note_opening(%s)", file)
            assert refusal(manager, read, file) == PERMISSION
        assert refusal(manager, read, file) == PERMISSION
        run(manager, "SELECT vln.note_opening(%s)", file)
        assert bytes(ask(manager, read, file)) == DATA
        assert refusal(firm.psql("auditor.a"), read, file) == PERMISSION, "not my note"

    def test_goes_by_no_other_way(self, firm: Firm) -> None:
        auditor = firm.psql("auditor.a")
        assert refusal(auditor, "SELECT content FROM vln.file_chunks") == PERMISSION
        assert refusal(auditor, "SELECT c::text FROM vln.file_chunks c") == PERMISSION
        note = (
            "INSERT INTO vln.file_openings (id, audit_id, file_id, user_id, transaction_id)"
            " SELECT gen_random_uuid(), audit_id, id, vln.uid(), 1 FROM vln.uploaded_files"
        )
        for forged in (note, "DELETE FROM vln.file_openings",
                       "UPDATE vln.file_openings SET user_id = vln.uid()"):  # fmt: skip
            assert refusal(auditor, forged) == PERMISSION

    @pytest.mark.parametrize("who", ["auditor.b", "manager.b", "admin", "finance", "readonly"])
    def test_is_for_who_works_on_the_audit(self, firm: Firm, who: str) -> None:
        file, stranger = stored(firm), firm.psql(who)
        for call in ("note_opening(%s)", "file_piece(%s, 0)", "finish_file(%s)"):
            assert refusal(stranger, f"SELECT vln.{call}", file) == PERMISSION

    def test_ends_when_the_file_leaves_the_list(self, firm: Firm) -> None:
        file, auditor = stored(firm), firm.psql("auditor.a")
        run(auditor, "SELECT vln.note_opening(%s)", file)
        run(auditor, "UPDATE vln.uploaded_files SET deleted_at = now() WHERE id = %s", file)
        assert refusal(auditor, "SELECT vln.file_piece(%s, 0)", file) == PERMISSION


class TestEvidence:
    def test_is_a_stored_file_of_the_same_audit(self, firm: Firm) -> None:
        auditor, audit = firm.psql("auditor.a"), firm.a.id("audit_requests")
        finding = firm.a.id("findings")
        half = begin(firm, "auditor.a")
        assert refusal(auditor, NEW_EVIDENCE, uuid7(), audit, finding, half) == FROZEN
        other = firm.b.id("uploaded_files")
        assert refusal(auditor, NEW_EVIDENCE, uuid7(), audit, finding, other) == FROZEN
        assert refusal(auditor, NEW_EVIDENCE, uuid7(), audit, firm.b.id("findings"), stored(firm)
                       ) == FROZEN  # fmt: skip

    def test_notes_who_added_it_and_stays_with_its_finding(self, firm: Firm) -> None:
        auditor, audit, id_ = firm.psql("auditor.a"), firm.a.id("audit_requests"), uuid7()
        run(auditor, NEW_EVIDENCE, id_, audit, firm.a.id("findings"), stored(firm))
        added = ask(auditor, "SELECT added_by FROM vln.finding_evidence WHERE id = %s", id_)
        assert added == firm.people["auditor.a"].id
        for column in ("finding_id", "file_id", "audit_id", "added_by"):
            change = f"UPDATE vln.finding_evidence SET {column} = {column} WHERE id = %s"
            assert refusal(auditor, change, id_) == PERMISSION

    def test_keeps_its_file_in_the_list(self, firm: Firm) -> None:
        auditor, file = firm.psql("auditor.a"), stored(firm)
        run(
            auditor, NEW_EVIDENCE, uuid7(), firm.a.id("audit_requests"), firm.a.id("findings"), file
        )
        archive = "UPDATE vln.uploaded_files SET deleted_at = now() WHERE id = %s"
        assert refusal(auditor, archive, file) == FROZEN
        run(auditor, "DELETE FROM vln.finding_evidence WHERE file_id = %s", file)
        run(auditor, archive, file)
        assert refusal(auditor, NEW_EVIDENCE, uuid7(), firm.a.id("audit_requests"),
                       firm.a.id("findings"), file) == FROZEN  # fmt: skip
