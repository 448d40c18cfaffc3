"""Files go in piece by piece, go on after a break, and come out only on the record and whole."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from tests.firm import Firm
from vln_desktop.db.file_store import DatabaseStore
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.files import PIECE_BYTES, AuditFile, FileDraft, FileKind
from vln_desktop.errors import Cancelled, Conflict, NotPermitted, Unavailable, UserError
from vln_desktop.services.evidence import EvidenceService
from vln_desktop.services.files import FilesService

PICTURE = FileDraft.of("trace.png", b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 9000)
NOTES = FileDraft.of("notes.md", b"# Notes\n")
PIECES = -(-len(PICTURE.data) // PIECE_BYTES)


@pytest.fixture
def service(firm: Firm) -> FilesService:
    return FilesService(firm.sign_in("auditor.a"))


@pytest.fixture
def audit(firm: Firm) -> UUID:
    return firm.a.id("audit_requests")


class _BreakingStore(DatabaseStore):
    """Loses the link at a piece."""

    breaks_at: int | None = 2

    def put(self, audit_id: UUID, file_id: UUID, ordinal: int, piece: bytes) -> None:
        """Keep a piece, unless the link is lost with it."""
        if ordinal == self.breaks_at:
            raise Unavailable("The server cannot be reached.")
        super().put(audit_id, file_id, ordinal, piece)


def _pieces(firm: Firm) -> int:
    row = firm.owner.execute(
        "SELECT count(*) FROM vln.file_chunks c JOIN vln.uploaded_files f ON f.id = c.file_id"
        " WHERE f.name = 'trace.png'"
    ).fetchone()
    assert row is not None
    return int(row[0])


def test_what_goes_in_comes_out_and_both_are_on_record(
    firm: Firm, service: FilesService, audit: UUID, tmp_path: Path
) -> None:
    told: list[tuple[int, int]] = []
    file = service.upload(
        audit, PICTURE, FileKind.UPLOAD, lambda done, whole: told.append((done, whole))
    )
    assert told[-1] == (len(PICTURE.data), len(PICTURE.data))
    assert len(told) == PIECES == 3
    assert file.stored_at is not None
    assert (file.kind, file.mime, file.waits) == ("upload", "image/png", False)

    assert service.read(file) == PICTURE.data
    manager = FilesService(firm.sign_in("manager.a"))
    manager.save(file, tmp_path / "out.png")
    assert (tmp_path / "out.png").read_bytes() == PICTURE.data
    opened = firm.owner.execute(
        "SELECT user_id FROM vln.file_openings WHERE file_id = %s ORDER BY created_at", [file.id]
    ).fetchall()
    assert opened == [(firm.people[name].id,) for name in ("auditor.a", "manager.a")]
    logged = firm.owner.execute(
        "SELECT action FROM vln.activity_logs WHERE record_id = %s ORDER BY id", [file.id]
    ).fetchall()
    assert logged == [("insert",), ("update",), ("insert",), ("insert",)]


def test_a_broken_upload_goes_on_where_it_stopped(
    firm: Firm, service: FilesService, audit: UUID
) -> None:
    database = firm.sign_in("auditor.a")
    breaking = FilesService(database, _BreakingStore(database))
    with pytest.raises(Unavailable):
        breaking.upload(audit, PICTURE)
    assert _pieces(firm) == 2
    [waiting] = [file for file in service.of(audit) if file.waits]
    with pytest.raises(UserError, match="not whole yet"):
        service.read(waiting)

    sent: list[int] = []

    class Counting(DatabaseStore):
        def put(self, audit_id: UUID, file_id: UUID, ordinal: int, piece: bytes) -> None:
            sent.append(ordinal)
            super().put(audit_id, file_id, ordinal, piece)

    file = FilesService(database, Counting(database)).upload(audit, PICTURE)
    assert sent == [2]
    assert file.id == waiting.id
    assert service.read(file) == PICTURE.data


def test_a_cancelled_upload_can_be_discarded(
    firm: Firm, service: FilesService, audit: UUID
) -> None:
    def cancel(done: int, _whole: int) -> None:
        if done == 2 * PIECE_BYTES:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        service.upload(audit, PICTURE, progress=cancel)
    [waiting] = [file for file in service.of(audit) if file.waits]
    with pytest.raises(NotPermitted, match="not yours"):
        FilesService(firm.sign_in("manager.a")).discard(waiting, audit)
    service.discard(waiting, audit)
    assert _pieces(firm) == 0
    assert waiting.id not in {file.id for file in service.of(audit)}


def test_the_same_bytes_are_stored_once(service: FilesService, audit: UUID) -> None:
    first = service.upload(audit, NOTES)
    again = service.upload(audit, FileDraft.of("other name.md", NOTES.data))
    assert (again.id, again.name) == (first.id, "notes.md")


def test_damaged_bytes_are_not_handed_out(
    firm: Firm, service: FilesService, audit: UUID, tmp_path: Path
) -> None:
    file = service.upload(audit, NOTES)
    firm.owner.execute(
        "UPDATE vln.file_chunks SET content = '# Nutes'::bytea || '\\x0a' WHERE file_id = %s",
        [file.id],
    )
    with pytest.raises(UserError, match="damaged"):
        service.save(file, tmp_path / "notes.md")
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_lies_elsewhere_says_so(firm: Firm, service: FilesService, audit: UUID) -> None:
    firm.owner.execute("UPDATE vln.uploaded_files SET storage_path = 'audits/old'")
    [file] = service.of(audit)
    assert not file.waits
    with pytest.raises(UserError, match="kept elsewhere"):
        service.read(file)


def test_another_team_gets_nothing(firm: Firm, service: FilesService, audit: UUID) -> None:
    file = service.upload(audit, NOTES)
    stranger = FilesService(firm.sign_in("auditor.b"))
    assert stranger.of(audit) == ()
    for act in (lambda: stranger.read(file), lambda: stranger.upload(audit, NOTES)):
        with pytest.raises(NotPermitted):
            act()


class TestEvidence:
    @pytest.fixture
    def evidence(self, firm: Firm, service: FilesService) -> EvidenceService:
        return EvidenceService(firm.sign_in("auditor.a"), service)

    @pytest.fixture
    def finding(self, firm: Firm) -> UUID:
        firm.owner.execute("DELETE FROM vln.finding_evidence")
        return firm.a.id("findings")

    def test_is_added_in_order_once_and_can_be_moved(
        self, evidence: EvidenceService, finding: UUID
    ) -> None:
        for _try in range(2):
            changes = evidence.add(finding, [(PICTURE, " The  trace "), (NOTES, "")])
            assert changes == Changes("findings", frozenset({finding}))
        first, second = evidence.of(finding)
        assert [(one.file.name, one.caption, one.printed) for one in (first, second)] == [
            ("trace.png", "The trace", True), ("notes.md", "", False),
        ]  # fmt: skip
        evidence.move(finding, [second.id, first.id])
        assert [one.id for one in evidence.of(finding)] == [second.id, first.id]

    def test_a_stale_change_is_a_conflict(self, evidence: EvidenceService, finding: UUID) -> None:
        evidence.add(finding, [(NOTES, "")])
        [one] = evidence.of(finding)
        evidence.change(finding, one, caption="A caption", printed=True)
        with pytest.raises(Conflict):
            evidence.change(finding, one, caption="Another", printed=True)
        with pytest.raises(UserError, match="longer than 300"):
            evidence.change(finding, one, caption="x" * 301, printed=True)
        assert [(e.caption, e.printed) for e in evidence.of(finding)] == [("A caption", True)]

    def test_what_is_taken_away_can_be_put_back(
        self, evidence: EvidenceService, service: FilesService, audit: UUID, finding: UUID
    ) -> None:
        evidence.add(finding, [(NOTES, "Read this")])
        [one] = evidence.of(finding)
        with pytest.raises(UserError, match="evidence of a finding"):
            service.archive(one.file, audit)
        evidence.take_away(finding, one)
        assert evidence.of(finding) == ()
        with pytest.raises(Conflict):
            evidence.take_away(finding, one)
        evidence.put_back(finding, one)
        [back] = evidence.of(finding)
        assert (back.file.id, back.caption) == (one.file.id, "Read this")

    def test_a_blurred_picture_takes_the_place_of_the_open_one(
        self, evidence: EvidenceService, service: FilesService, audit: UUID, finding: UUID
    ) -> None:
        evidence.add(finding, [(PICTURE, "The trace")])
        [one] = evidence.of(finding)
        blurred = FileDraft.of("trace.png", PICTURE.data + b"\x00")
        evidence.replace(finding, one, blurred)
        [now] = evidence.of(finding)
        assert (now.file.sha256, now.caption) == (blurred.sha256, "The trace")
        assert one.file.id not in {file.id for file in service.of(audit)}
        with pytest.raises(NotPermitted):
            service.read(one.file)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("virus.exe", b"MZ\x90", "not taken"),
        ("README", b"text", "without an ending"),
        ("picture.png", b"MZ\x90\x00", "not what its ending says"),
        ("notes.md", b"a\x00b", "not what its ending says"),
        ("notes.md", b"\xff\xfe", "not what its ending says"),
        ("empty.md", b"", "empty"),
        ("/", b"text", "no name"),
    ],
)
def test_what_is_not_taken_is_told(name: str, data: bytes, told: str) -> None:
    with pytest.raises(UserError, match=told):
        FileDraft.of(name, data)


def test_a_name_holds_no_folder_and_nothing_that_breaks_a_line() -> None:
    assert FileDraft.of("../../etc/pass\nwd.txt", b"x").name == "pass_wd.txt"
    assert FileDraft.of("C:\\Users\\ana\\trace.log", b"x").name == "trace.log"
    assert len(FileDraft.of("x" * 400 + ".txt", b"x").name) == 255


def test_a_cut_character_at_the_end_is_text() -> None:
    assert FileDraft.of("notes.txt", b"x" * (64 * 1024 - 1) + "ü".encode()).mime == "text/plain"


def test_waiting_means_here_and_not_whole(service: FilesService, audit: UUID) -> None:
    [file] = service.of(audit)
    assert isinstance(file, AuditFile)
    assert not file.waits
