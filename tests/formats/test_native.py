"""Tools' own formats: what each says of a result, of a failed run and of what is no finding."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from vln_desktop.domain.findings import Category, FindingKind, Level, Severity
from vln_desktop.domain.scans import Outcome, ScanFile
from vln_desktop.errors import UserError
from vln_desktop.formats.detect import READERS, read_scan

FIXTURES = Path(__file__).parent / "fixtures"


def _read(name: str) -> ScanFile:
    return read_scan((FIXTURES / name).read_bytes())


def _of(value: Any) -> ScanFile:
    return read_scan(json.dumps(value).encode())


@pytest.mark.parametrize(
    ("name", "format", "results"),
    [
        ("vault.mythril.json", "mythril", 2),
        ("vault.mythril2.json", "mythril", 1),
        ("vault.aderyn.json", "aderyn", 2),
        ("keeper.bandit.json", "bandit", 1),
        ("bridge.semgrep.json", "semgrep", 2),
        ("image.trivy.json", "trivy", 6),
        ("notes.generic.json", "generic", 4),
        ("notes.generic.csv", "generic", 2),
    ],
)
def test_each_format_is_recognised_and_every_result_counted(
    name: str, format: str, results: int
) -> None:
    file = _read(name)
    assert (file.format, len(file.results)) == (format, results)
    assert file.outcome is Outcome.COMPLETED
    assert read_scan((FIXTURES / name).read_bytes(), format).results == file.results


@pytest.mark.parametrize("format", [name for name in READERS if name != "sarif"])
def test_a_file_of_another_tool_is_refused_when_the_format_is_named(format: str) -> None:
    with pytest.raises(UserError, match=r"^The file is not .*\.$"):
        read_scan(b'{"version": "2.1.0", "runs": []}', format)


def test_mythril_names_place_and_weakness() -> None:
    first, second = _read("vault.mythril.json").results
    assert (first.severity, first.category) == (Severity.HIGH, Category.REENTRANCY)
    assert (first.swcs, first.cwes) == (("SWC-107",), ("CWE-841",))
    assert (first.place.path, first.place.start_line) == ("src/Vault.sol", 14)
    assert first.place.function == "Vault.withdraw(uint256)"
    assert first.title == "External Call To User-Supplied Address"
    assert "re-enter" in first.description
    assert second.swcs == ("SWC-110",)


def test_mythrils_offsets_become_lines_where_the_source_is_at_hand() -> None:
    text = (
        b"// a\ncontract Vault {\n  function end() external {\n    selfdestruct(msg.sender); } }\n"
    )

    class Source:
        def read(self, path: str) -> bytes | None:
            return text if path == "src/Vault.sol" else None

        def locate(self, path: str) -> str | None:
            return None

    data = (FIXTURES / "vault.mythril2.json").read_bytes()
    [result] = read_scan(data, source=Source()).results
    assert (result.place.path, result.place.start_line) == ("src/Vault.sol", 3)
    assert result.message == "The contract can be destroyed."


@pytest.mark.parametrize(
    "value",
    [
        {"success": False, "error": "Traceback\nSolcError: no such file", "issues": []},
        [{"issues": [], "sourceList": [], "meta": {"logs": [{"level": "error", "msg": "died"}]}}],
        {"results": [], "metrics": {}, "generated_at": "", "errors": [{"reason": "syntax error"}]},
        {"results": [], "paths": {}, "errors": [{"level": "error", "message": "timeout"}]},
    ],
)
def test_a_failed_run_is_told_from_a_clean_one(value: Any) -> None:
    file = _of(value)
    assert file.outcome is Outcome.FAILED
    assert file.runs[0].error
    assert file.warnings


@pytest.mark.parametrize(
    "value",
    [
        {"success": True, "error": None, "issues": None},
        {"issue_count": {"high": 0}},
        {"ArtifactName": ".", "ArtifactType": "filesystem"},
    ],
)
def test_a_file_without_any_list_of_results_does_not_say_clean(value: Any) -> None:
    file = _of(value)
    assert file.outcome is Outcome.EMPTY
    assert "does not say" in file.warnings[0]


def test_aderyns_issue_is_one_result_with_many_places() -> None:
    high, low = _read("vault.aderyn.json").results
    assert [place.start_line for place in high.locations] == [14, 18]
    assert (high.severity, low.severity) == (Severity.HIGH, Severity.LOW)
    assert low.kind is FindingKind.CENTRALIZATION


def test_bandits_code_loses_its_numbers_and_keeps_its_lines() -> None:
    [result] = _read("keeper.bandit.json").results
    assert result.place.snippet == "subprocess.call(command, shell=True)"
    assert (result.place.path, result.place.start_column) == ("keeper/run.py", 1)
    assert (result.cwes, result.confidence) == (("CWE-78",), Level.HIGH)


def test_semgreps_references_are_links_only_where_they_are_safe() -> None:
    first, second = _read("bridge.semgrep.json").results
    assert "https://example.com/signatures" in first.description
    assert "javascript:" not in first.description
    assert (first.severity, first.impact, first.cwes) == (Severity.HIGH, Level.HIGH, ("CWE-347",))
    assert "relay(verified(message))" in first.remediation
    assert (second.suppressed, second.place.snippet) == (True, "")


def test_trivys_checks_that_passed_are_no_findings_and_secrets_stay_secret() -> None:
    package, failed, passed, excepted, secret, licence = _read("image.trivy.json").results
    assert package.title == "CVE-2026-0001 in web3x: keys are logged"
    assert package.remediation == "Update web3x from 1.2 to 1.3."
    assert package.place.function == "web3x"
    assert (failed.place.start_line, failed.refusal) == (1, "")
    assert passed.refusal == "The check passed."
    assert (excepted.suppressed, excepted.refusal) == (True, "")
    assert "hunter2" not in repr(secret)
    assert (secret.place.start_line, secret.cwes) == (1, ("CWE-798",))
    assert licence.kind is FindingKind.QUALITY


def test_generic_findings_keep_what_is_told_and_say_why_something_is_none() -> None:
    file = _read("notes.generic.json")
    known, marked, nameless, number = file.results
    assert file.tool == "Manual review"
    assert (known.severity, known.cwes) == (Severity.HIGH, ("CWE-284",))
    assert known.tool_fingerprints == (("unique_id_from_tool", "manual-review-0001"),)
    assert "GHSA-xxxx" in known.description
    assert (marked.suppressed, marked.suppression_reason) == (
        True, "It is marked as a false positive.",
    )  # fmt: skip
    assert nameless.refusal == "The result has no title."
    assert number.refusal == "The result is no object."


def test_a_table_is_read_with_its_quoted_lines_and_its_odd_words() -> None:
    file = _read("notes.generic.csv")
    first, second = file.results
    assert first.title == "Rounding, in favour of the caller"
    assert "Twice." in first.description
    assert (first.cwes, first.suppressed) == (("CWE-682",), False)
    assert second.suppression_reason == "It is marked as not active."
    assert any("severity" in warning for warning in file.warnings)
