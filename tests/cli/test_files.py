"""`vln-desktop files`, and Markdown files by `vln-desktop import`."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest

from tests.cli.line import Line
from tests.firm import Firm
from vln_desktop.services.evidence import EvidenceService
from vln_desktop.services.files import FilesService
from vln_desktop.services.finding_files import FindingFiles
from vln_desktop.services.findings import FindingsService


@pytest.fixture
def line(
    firm: Firm,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Line:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path))
    firm.owner.execute("DELETE FROM vln.finding_evidence")
    return Line(firm, capsys)


@pytest.fixture
def audit(line: Line) -> str:
    return line.number("audit_requests")


@pytest.fixture
def finding(line: Line) -> str:
    return line.number("findings")


def test_a_file_goes_in_as_evidence_and_comes_out_whole(
    firm: Firm, line: Line, audit: str, finding: str, tmp_path: Path
) -> None:
    (tmp_path / "poc.t.sol").write_text("contract Poc {}")
    [stored] = line.json("files", "add", audit, tmp_path / "poc.t.sol", "--finding",
                         finding, "--caption", "Run it")  # fmt: skip
    [shown] = EvidenceService(
        firm.sign_in("auditor.a"), FilesService(firm.sign_in("auditor.a"))
    ).of(firm.a.id("findings"))
    assert (shown.file.name, shown.caption) == ("poc.t.sol", "Run it")

    listed = line.json("files", "list", audit)
    assert stored["sha256"] in {one["sha256"] for one in listed}
    code, _out = line.run("files", "save", audit, stored["sha256"][:12], "--out",
                          tmp_path / "out.sol")  # fmt: skip
    assert (code, (tmp_path / "out.sol").read_text()) == (0, "contract Poc {}")


def test_bad_input_gets_one_sentence_and_stores_nothing(
    firm: Firm, line: Line, audit: str, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_text("good")
    (tmp_path / "bad.exe").write_bytes(b"MZ")
    before = FilesService(firm.sign_in("auditor.a")).of(firm.a.id("audit_requests"))
    for words, told in (
        (("add", audit, tmp_path / "good.txt", tmp_path / "bad.exe"), "not taken"),
        (("add", audit, tmp_path / "good.txt", "--caption", "x"), "name the finding"),
        (("add", audit, tmp_path / "good.txt", "--finding", "X-1-F1"), "no finding"),
        (("add", "NOPE-1", tmp_path / "good.txt"), "no audit"),
        (("save", audit, "nothing", "--out", tmp_path / "x"), "no file"),
    ):
        code, _out = line.run("files", *words)
        assert code == 2
        assert told in line.err
    assert FilesService(firm.sign_in("auditor.a")).of(firm.a.id("audit_requests")) == before


def test_edited_markdown_is_taken_in_and_stale_is_left_out(
    firm: Firm, line: Line, audit: str, finding: str, tmp_path: Path
) -> None:
    database = firm.sign_in("auditor.a")
    findings = FindingsService(database)
    FindingFiles(database, findings).write(firm.a.id("audit_requests"), tmp_path)
    file = tmp_path / f"{finding}.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('title = "', 'title = "Anew: ', 1), encoding="utf-8")

    [planned] = line.json("import", file, "--audit", audit, "--dry-run")
    assert (planned["becomes"], planned["fields"]) == ("changed", "title")
    assert not _title(findings, firm.a.id("findings")).startswith("Anew")
    line.json("import", file, "--audit", audit)
    assert _title(findings, firm.a.id("findings")).startswith("Anew")

    file.write_text(text.replace('title = "', 'title = "Once more: ', 1), encoding="utf-8")
    code, out = line.run("import", file, "--audit", audit)
    assert code == 2
    assert "changed here since" in " ".join(out.split())
    code, _out = line.run("import", file, tmp_path / "scan.sarif", "--audit", audit)
    assert (code, "one after the other" in line.err) == (2, True)


def test_a_mitigation_table_is_known_by_its_head(
    firm: Firm, line: Line, audit: str, finding: str, tmp_path: Path
) -> None:
    table = tmp_path / "back.csv"
    table.write_text(f"number;client_position;response\n{finding};disputed;Only a keeper can\n")
    [planned] = line.json("import", table, "--audit", audit)
    assert (planned["becomes"], planned["fields"]) == ("changed", "client_position, response")
    stored = FindingsService(firm.sign_in("auditor.a")).get(firm.a.id("findings"))
    assert stored.client_position.value == "disputed"


def _title(findings: FindingsService, finding: UUID) -> str:
    return findings.get(finding).title
