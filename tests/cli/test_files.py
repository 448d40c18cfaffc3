"""`vln-desktop files`, and Markdown files by `vln-desktop import`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.firm import PASSWORD, Firm
from vln_desktop import cli
from vln_desktop.services.evidence import EvidenceService
from vln_desktop.services.files import FilesService
from vln_desktop.services.finding_files import FindingFiles
from vln_desktop.services.findings import FindingsService


class Line:
    """Runs commands as the auditor of half a."""

    def __init__(self, firm: Firm, capsys: pytest.CaptureFixture[str]) -> None:
        self._firm = firm
        self._capsys = capsys
        self.audit = self._number("audit_requests")
        self.finding = self._number("findings")
        self.err = ""

    def _number(self, table: str) -> str:
        row = self._firm.owner.execute(
            f"SELECT number FROM vln.{table} WHERE id = %s".encode(), [self._firm.a.id(table)]
        ).fetchone()
        assert row is not None
        return str(row[0])

    def run(self, *words: str | Path) -> tuple[int, str]:
        """Return the exit code and standard output."""
        person = self._firm.people["auditor.a"].email
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("VLN_TOTP", self._firm.fresh_code())
            code = cli.main([*map(str, words), "--url", self._firm.url, "--as", person])
        out, self.err = self._capsys.readouterr()
        return code, out

    def json(self, *words: str | Path) -> Any:
        code, out = self.run(*words, "--json")
        assert code == 0, self.err
        return json.loads(out)


@pytest.fixture
def line(
    firm: Firm,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> Line:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path))
    monkeypatch.setenv("VLN_PASSWORD", PASSWORD)
    monkeypatch.setenv("VLN_SESSION", firm.people["auditor.a"].token)
    firm.owner.execute("DELETE FROM vln.finding_evidence")
    return Line(firm, capsys)


def test_a_file_goes_in_as_evidence_and_comes_out_whole(
    firm: Firm, line: Line, tmp_path: Path
) -> None:
    (tmp_path / "poc.t.sol").write_text("contract Poc {}")
    [stored] = line.json("files", "add", line.audit, tmp_path / "poc.t.sol", "--finding",
                         line.finding, "--caption", "Run it")  # fmt: skip
    [shown] = EvidenceService(
        firm.sign_in("auditor.a"), FilesService(firm.sign_in("auditor.a"))
    ).of(firm.a.id("findings"))
    assert (shown.file.name, shown.caption) == ("poc.t.sol", "Run it")

    listed = line.json("files", "list", line.audit)
    assert stored["sha256"] in {one["sha256"] for one in listed}
    code, _out = line.run("files", "save", line.audit, stored["sha256"][:12], "--out",
                          tmp_path / "out.sol")  # fmt: skip
    assert (code, (tmp_path / "out.sol").read_text()) == (0, "contract Poc {}")


def test_bad_input_gets_one_sentence_and_stores_nothing(
    firm: Firm, line: Line, tmp_path: Path
) -> None:
    (tmp_path / "good.txt").write_text("good")
    (tmp_path / "bad.exe").write_bytes(b"MZ")
    before = FilesService(firm.sign_in("auditor.a")).of(firm.a.id("audit_requests"))
    for words, told in (
        (("add", line.audit, tmp_path / "good.txt", tmp_path / "bad.exe"), "not taken"),
        (("add", line.audit, tmp_path / "good.txt", "--caption", "x"), "name the finding"),
        (("add", line.audit, tmp_path / "good.txt", "--finding", "X-1-F1"), "no finding"),
        (("add", "NOPE-1", tmp_path / "good.txt"), "no audit"),
        (("save", line.audit, "nothing", "--out", tmp_path / "x"), "no file"),
    ):
        code, _out = line.run("files", *words)
        assert code == 2
        assert told in line.err
    assert FilesService(firm.sign_in("auditor.a")).of(firm.a.id("audit_requests")) == before


def test_edited_markdown_is_taken_in_and_stale_is_left_out(
    firm: Firm, line: Line, tmp_path: Path
) -> None:
    database, audit = firm.sign_in("auditor.a"), firm.a.id("audit_requests")
    findings = FindingsService(database)
    FindingFiles(database, findings).write(audit, tmp_path)
    file = tmp_path / f"{line.finding}.md"
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('title = "', 'title = "Anew: ', 1), encoding="utf-8")

    [planned] = line.json("import", file, "--audit", line.audit, "--dry-run")
    assert (planned["becomes"], planned["fields"]) == ("changed", "title")
    assert not _title(findings, firm.a.id("findings")).startswith("Anew")
    line.json("import", file, "--audit", line.audit)
    assert _title(findings, firm.a.id("findings")).startswith("Anew")

    file.write_text(text.replace('title = "', 'title = "Once more: ', 1), encoding="utf-8")
    code, out = line.run("import", file, "--audit", line.audit)
    assert code == 2
    assert "changed here since" in " ".join(out.split())
    code, _out = line.run("import", file, tmp_path / "scan.sarif", "--audit", line.audit)
    assert (code, "one after the other" in line.err) == (2, True)


def test_a_mitigation_table_is_known_by_its_head(firm: Firm, line: Line, tmp_path: Path) -> None:
    table = tmp_path / "back.csv"
    table.write_text(
        f"number;client_position;response\n{line.finding};disputed;Only a keeper can\n"
    )
    [planned] = line.json("import", table, "--audit", line.audit)
    assert (planned["becomes"], planned["fields"]) == ("changed", "client_position, response")
    finding = FindingsService(firm.sign_in("auditor.a")).get(firm.a.id("findings"))
    assert finding.client_position.value == "disputed"


def _title(findings: FindingsService, finding: UUID) -> str:
    return findings.get(finding).title
