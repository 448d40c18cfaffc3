"""Snapshots of code are stored once, become the scope, and are compared for fixes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from uuid import UUID, uuid4

import psycopg
import pytest

from tests.firm import Firm
from tests.git_work import CODE, GitWork
from vln_desktop.domain.source_code import LineMark, SnapshotDraft, SourceFile, tree_sha256
from vln_desktop.errors import NotPermitted, UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.snapshots import SnapshotsService

OLD = (
    SourceFile("src/Token.sol", b"contract Token {\n}\n"),
    SourceFile(
        "src/Vault.sol", b"contract Vault {\n    // pay\n    call();\n    done = true;\n}\n"
    ),
    SourceFile("test/Vault.t.sol", b"contract VaultTest {}\n"),
)
NEW = (
    OLD[0],
    SourceFile("src/Guard.sol", b"contract Guard {}\n"),
    SourceFile(
        "src/Vault.sol", b"contract Vault {\n    // pay\n    done = true;\n    call();\n}\n"
    ),
)
AUDITED = SnapshotDraft("https://git.example/acme/vault", "a" * 40, audited=True)
FIXED = SnapshotDraft("https://git.example/acme/vault", "b" * 40, audited=False)
COMMITS = ("aaaaaaa", "bbbbbbb")


@pytest.fixture
def service(firm: Firm) -> SnapshotsService:
    return SnapshotsService(firm.sign_in("auditor.a"))


@pytest.fixture
def audit(firm: Firm) -> UUID:
    return firm.a.id("audit_requests")


def test_an_audited_snapshot_becomes_the_scope_with_counted_lines(
    firm: Firm, service: SnapshotsService, audit: UUID
) -> None:
    told: list[tuple[int, int]] = []
    service.add(audit, AUDITED, OLD, lambda done, whole: told.append((done, whole)))
    assert told == [(3, 3)]

    detail = AuditsService(firm.sign_in("manager.a")).get(audit)
    scope = {item.path: item for item in detail.scope}
    assert (scope["src/Vault.sol"].nsloc, scope["src/Vault.sol"].in_scope) == (4, True)
    assert (scope["test/Vault.t.sol"].in_scope, scope["test/Vault.t.sol"].reason) == (
        False, "a test",
    )  # fmt: skip
    assert AUDITED.commit in {one.audited_commit for one in detail.repositories}
    [stored] = [one for one in service.of(audit) if one.commit == AUDITED.commit]
    assert (stored.tree_sha256, stored.files) == (tree_sha256(OLD), 3)


def test_a_commit_is_stored_once(service: SnapshotsService, audit: UUID) -> None:
    service.add(audit, AUDITED, OLD)
    with pytest.raises(UserError, match="stored already"):
        service.add(audit, AUDITED, OLD)
    with pytest.raises(UserError, match="Another tree"):
        service.add(audit, AUDITED, NEW)
    assert len([one for one in service.of(audit) if one.commit == AUDITED.commit]) == 1


def test_old_and_new_code_stand_side_by_side(
    firm: Firm, service: SnapshotsService, audit: UUID
) -> None:
    service.add(audit, AUDITED, OLD)
    service.add(audit, FIXED, NEW)
    assert service.compared(audit, COMMITS, uuid4()) == (
        "src/Guard.sol", "src/Vault.sol", "test/Vault.t.sol",
    )  # fmt: skip
    firm.owner.execute(
        "UPDATE vln.finding_locations SET path = 'src/Token.sol' WHERE finding_id = %s",
        [firm.a.id("findings")],
    )
    assert service.compared(audit, COMMITS, firm.a.id("findings"))[0] == "src/Token.sol"

    pairs = service.side_by_side(audit, COMMITS, "src/Vault.sol")
    assert [pair.old for pair in pairs if pair.old_number] == OLD[1].data.decode().splitlines()
    assert any(pair.mark is not LineMark.SAME for pair in pairs)
    added = service.side_by_side(audit, COMMITS, "src/Guard.sol")
    assert {pair.mark for pair in added} == {LineMark.ADDED}


@pytest.mark.parametrize("commits", [("", "bbbbbbb"), ("aaaaaaa", "ccccccc"), ("aaaa_aa", "bbbb%")])
def test_code_that_is_not_stored_is_asked_for(
    service: SnapshotsService, audit: UUID, commits: tuple[str, str]
) -> None:
    service.add(audit, AUDITED, OLD)
    service.add(audit, FIXED, NEW)
    with pytest.raises(UserError, match="is not stored"):
        service.compared(audit, commits, uuid4())


def test_another_team_sees_and_stores_nothing(firm: Firm, audit: UUID) -> None:
    SnapshotsService(firm.sign_in("auditor.a")).add(audit, AUDITED, OLD)
    stranger = SnapshotsService(firm.sign_in("auditor.b"))
    assert stranger.of(audit) == ()
    with pytest.raises(UserError):
        stranger.side_by_side(audit, COMMITS, "src/Vault.sol")
    with pytest.raises(NotPermitted):
        stranger.add(audit, replace(AUDITED, commit="c" * 40), OLD)


def test_damaged_code_is_not_shown(firm: Firm, service: SnapshotsService, audit: UUID) -> None:
    service.add(audit, AUDITED, OLD)
    service.add(audit, FIXED, NEW)
    for content in (b"no deflated bytes", b"x\x9cK\x04\x00\x00b\x00b"):
        firm.owner.execute(
            "UPDATE vln.source_files SET content = %s WHERE path = 'src/Vault.sol'", [content]
        )
        with pytest.raises(UserError, match="damaged"):
            service.side_by_side(audit, COMMITS, "src/Vault.sol")


def test_stored_code_is_neither_changed_nor_deleted_and_logged_by_its_hash(
    firm: Firm, service: SnapshotsService, audit: UUID
) -> None:
    service.add(audit, AUDITED, OLD)
    for login in ("auditor.a", "manager.a"):
        for statement in ("UPDATE vln.source_files SET path = 'x'", "DELETE FROM vln.source_files"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                firm.psql(login).execute(statement.encode())
    row = firm.owner.execute(
        "SELECT changes -> 'content' FROM vln.activity_logs WHERE entity = 'source_files'"
        " ORDER BY id DESC LIMIT 1"
    ).fetchone()
    assert row is not None
    assert "contract" not in str(row[0])


def test_a_commit_of_a_repository_is_stored_by_its_whole_hash(
    service: SnapshotsService, audit: UUID, tmp_path: Path
) -> None:
    work = GitWork(tmp_path / "vault")
    head = work.commit(CODE)
    work.git("tag", "v1")
    (work.root / "src" / "Vault.sol").write_text("not committed")
    code = service.read(work.root, "v1")
    assert (code.commit, code.notes) == (head, ())
    service.add(audit, replace(AUDITED, commit=code.commit), code.files)
    [stored] = [one for one in service.of(audit) if one.commit == head]
    assert stored.tree_sha256 == tree_sha256(code.files)
    assert service.names(work.root) == ("v1", "main")

    work.git("archive", "--prefix=vault/", "-o", str(tmp_path / "vault.zip"), head)
    again = service.read(tmp_path / "vault.zip", f" {head[:9].upper()} ")
    assert again.commit == head[:9]
    assert service.names(tmp_path / "vault.zip") == ()
    with pytest.raises(UserError, match="stored already"):
        service.add(audit, replace(AUDITED, commit=again.commit), again.files)
    with pytest.raises(UserError, match="Another tree"):
        service.add(audit, replace(AUDITED, commit=again.commit), NEW)


def test_what_came_in_an_archive_is_remarked_on_too(
    service: SnapshotsService, tmp_path: Path
) -> None:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "Kept.sol").write_bytes(
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    )
    [note] = service.read(tmp_path / "code", "abcdef0").notes
    assert note == "Git LFS pointers, whose content is elsewhere: Kept.sol."
    with pytest.raises(UserError, match="7 to 64 digits") as told:
        service.read(tmp_path / "code", "main")
    assert told.value.field == "commit"


def test_another_commit_than_the_audited_on_record_is_said(
    firm: Firm, service: SnapshotsService, audit: UUID
) -> None:
    service.add(audit, AUDITED, OLD)
    other = replace(AUDITED, commit="c" * 40)
    with pytest.raises(UserError, match=r"on record is aaaaaaaaaaaa, this one is cccc") as told:
        service.add(audit, other, NEW)
    assert told.value.field == "commit"
    assert other.commit not in {one.commit for one in service.of(audit)}

    service.add(audit, replace(other, audited=False), NEW)
    assert _recorded(firm, audit) == AUDITED.commit

    third = replace(AUDITED, commit="d" * 40, replaces=True)
    service.add(audit, third, NEW)
    assert _recorded(firm, audit) == third.commit


def test_a_short_commit_on_record_grows_to_the_whole_hash(
    firm: Firm, service: SnapshotsService, audit: UUID
) -> None:
    firm.owner.execute(
        "INSERT INTO vln.audit_repositories (id, audit_id, url, audited_commit)"
        " VALUES (gen_random_uuid(), %s, %s, 'aaaaaaa')",
        [audit, AUDITED.url],
    )
    service.add(audit, AUDITED, OLD)
    assert _recorded(firm, audit) == AUDITED.commit


def _recorded(firm: Firm, audit: UUID) -> str:
    detail = AuditsService(firm.sign_in("manager.a")).get(audit)
    return next(one.audited_commit for one in detail.repositories if one.url == AUDITED.url)


def test_the_library_of_repositories_is_no_part_of_the_start() -> None:
    modules = "vln_desktop.services.desk, vln_desktop.ui.dialogs.add_snapshot"
    script = f"import sys, {modules}; print('dulwich' in sys.modules)"
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert told.stdout.strip() == "False"


@pytest.mark.parametrize("path", ["../x.sol", "/x.sol", "a/../b.sol", ""])
def test_a_path_stays_within_its_tree(firm: Firm, audit: UUID, path: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        firm.psql("auditor.a").execute(
            "INSERT INTO vln.source_files (id, audit_id, snapshot_id, path, sha256, size, content)"
            " VALUES (gen_random_uuid(), %s, %s, %s, repeat('0', 64), 0, '')",
            [audit, firm.a.id("source_snapshots"), path],
        )
