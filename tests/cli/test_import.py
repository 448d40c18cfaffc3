"""`vln-desktop import`: its JSON is a contract, its exit code says whether files were refused."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.cli.line import Line
from tests.firm import Firm

FIXTURES = Path(__file__).parents[1] / "formats" / "fixtures"
SARIF = FIXTURES / "vault.sarif"

KEYS = ["file", "tool", "format", "results", "created", "known", "reappeared", "merged",
        "refused", "would_close", "suppressed", "by_severity", "errors"]  # fmt: skip


class ImportLine:
    """Runs `vln-desktop import` as the auditor of half a."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.audit = line.number("audit_requests")

    @property
    def err(self) -> str:
        return self._line.err

    def run(self, *words: str | Path, audit: str | None = None) -> tuple[int, str]:
        """Return the exit code and standard output."""
        return self._line.run("import", *words, "--audit", audit or self.audit)

    def json(self, *words: str | Path) -> tuple[int, list[dict[str, Any]]]:
        """Return the exit code and the document."""
        code, out = self.run(*words, "--json")
        document: list[dict[str, Any]] = json.loads(out)
        return code, document


@pytest.fixture
def line(
    firm: Firm,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> ImportLine:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path))
    return ImportLine(Line(firm, capsys))


def test_json_of_an_import_and_of_the_same_again(line: ImportLine) -> None:
    code, (first,) = line.json(SARIF)
    assert code == 0
    assert list(first) == KEYS
    assert (first["results"], first["created"], first["tool"]) == (2, 2, "Slither")
    _, (again,) = line.json(SARIF)
    assert (again["created"], again["known"]) == (0, 2)


def test_a_dry_run_imports_nothing(line: ImportLine) -> None:
    for _ in range(2):
        _, (told,) = line.json(SARIF, "--dry-run")
        assert told["created"] == 2


def test_a_refused_file_beside_a_good_one_is_exit_1(line: ImportLine, tmp_path: Path) -> None:
    code, (refused, good) = line.json(tmp_path / "missing.sarif", SARIF)
    assert code == 1
    assert refused["errors"] == ["There is no such file."]
    assert good["created"] == 2
    assert "missing.sarif: There is no such file." in line.err


def test_nothing_but_refused_files_is_exit_2(line: ImportLine, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{", "utf-8")
    code, (told,) = line.json(broken)
    assert code == 2
    assert "cut off" in told["errors"][0]


def test_a_tool_that_failed_is_exit_1(line: ImportLine, tmp_path: Path) -> None:
    failed = tmp_path / "failed.json"
    failed.write_text('{"success": false, "error": "no solc", "results": {}}', "utf-8")
    code, (told,) = line.json(failed)
    assert code == 1
    assert told["errors"] == ["Slither says that its run failed: no solc"]


def test_a_table_is_printed_for_people(line: ImportLine) -> None:
    code, out = line.run(SARIF)
    assert code == 0
    assert "vault.sarif" in out
    assert "would_close" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--format", "nessus"], "There is no format 'nessus'"),
        (["--format", "checkov"], "comes in a later version"),
        (["--source", "no-such-folder"], "There is no folder"),
    ],
)
def test_bad_options_are_exit_2(line: ImportLine, words: list[str], said: str) -> None:
    code, out = line.run(SARIF, *words)
    assert code == 2
    assert out == ""
    assert said in line.err


def test_a_file_name_that_is_no_utf8_is_told_as_it_is(line: ImportLine, tmp_path: Path) -> None:
    odd = tmp_path / os.fsdecode(b"odd\xff.sarif")
    odd.write_bytes(SARIF.read_bytes())
    code, (told,) = line.json(odd)
    assert code == 0
    assert told["created"] == 2
    assert told["file"] == str(odd)
    code, out = line.run(odd)
    assert code == 0
    assert "odd\\udcff.sarif" in out


def test_an_unknown_audit_is_exit_2(line: ImportLine) -> None:
    code, _ = line.run(SARIF, audit="NONE-1")
    assert code == 2
    assert "There is no audit 'NONE-1'" in line.err
