"""Slither's JSON in all its shapes, and that it and Slither's SARIF mean the same findings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.formats.scan_bodies import read
from vln_desktop.adapters.source_tree import SourceTree
from vln_desktop.domain.findings import Category, FindingKind, Level, Severity
from vln_desktop.domain.fingerprints import Known, identify, match
from vln_desktop.domain.scans import Outcome
from vln_desktop.errors import UserError
from vln_desktop.formats.detect import read_scan

FIXTURES = Path(__file__).parent / "fixtures"


@pytest.fixture
def vault() -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FIXTURES / "vault.slither.json").read_text("utf-8"))
    return body


def test_a_finding_has_its_function_places_and_weakness(vault: dict[str, Any]) -> None:
    reentrancy = read(vault).results[0]
    assert reentrancy.title == "Reentrancy in Vault.withdraw(uint256)"
    assert reentrancy.severity is Severity.HIGH
    assert reentrancy.confidence is Level.MEDIUM
    assert reentrancy.category is Category.REENTRANCY
    assert (reentrancy.cwes, reentrancy.swcs) == (("CWE-841",), ("SWC-107",))
    assert [place.function for place in reentrancy.locations] == ["Vault.withdraw(uint256)"] * 2
    assert [place.start_line for place in reentrancy.locations] == [11, 13]
    assert {place.path for place in reentrancy.locations} == {"contracts/Vault.sol"}


def test_markdown_names_code_as_code(vault: dict[str, Any]) -> None:
    description = read(vault).results[0].description
    assert "`Vault.withdraw(uint256)` (contracts/Vault.sol:11-16)" in description
    assert "](contracts" not in description


def test_a_finding_without_a_place_is_kept(vault: dict[str, Any]) -> None:
    assert read(vault).results[1].locations == ()


@pytest.mark.parametrize("shape", ["whole", "no success", "results list", "bare list"])
def test_every_shape_gives_the_same_results(vault: dict[str, Any], shape: str) -> None:
    expected = read(vault).results
    detectors = vault["results"]["detectors"]
    bodies: dict[str, Any] = {
        "whole": vault,
        "no success": {"results": vault["results"]},
        "results list": {"success": True, "error": None, "results": detectors},
        "bare list": detectors,
    }
    assert read(bodies[shape]).results == expected


def test_a_clean_run_has_no_detectors_member() -> None:
    file = read({"success": True, "error": None, "results": {}})
    assert file.outcome is Outcome.COMPLETED
    assert file.results == ()


def test_a_failed_run_is_not_clean() -> None:
    file = read({"success": False, "error": "Invalid\n compilation", "results": {}})
    assert file.outcome is Outcome.FAILED
    assert file.runs[0].error == "Invalid compilation"


@pytest.mark.parametrize("data", [b"", b"   \n", b"\xef\xbb\xbf", b"\0\0\0\0"])
def test_no_output_at_all_is_refused(data: bytes) -> None:
    with pytest.raises(UserError, match="empty"):
        read_scan(data, "slither")


def test_an_empty_list_is_slithers_only_if_one_says_so() -> None:
    assert read([], format="slither").outcome is Outcome.COMPLETED
    with pytest.raises(UserError, match="which tool wrote it"):
        read([])


def test_gas_is_its_own_kind() -> None:
    detector = {
        "check": "immutable-states", "impact": "Optimization", "confidence": "High",
        "description": "Vault.x should be immutable", "elements": [],
    }  # fmt: skip
    (only,) = read([detector]).results
    assert (only.kind, only.severity) == (FindingKind.GAS, Severity.INFORMATIONAL)


def test_the_absolute_file_name_is_used_only_without_its_home() -> None:
    mapping = {"filename_absolute": "/home/ana/proj/A.sol", "lines": [4]}
    detector = {
        "check": "x", "impact": "High", "confidence": "High", "description": "d",
        "elements": [{"type": "contract", "name": "A", "source_mapping": mapping}],
    }  # fmt: skip
    (only,) = read([detector]).results
    assert only.locations[0].path == "proj/A.sol"


@pytest.mark.parametrize(
    "detector",
    [
        {"check": 5, "impact": None, "confidence": [], "description": {}, "elements": "x"},
        {"check": "a", "impact": "Huge", "elements": [None, 3, {"source_mapping": []}]},
        {"check": "a", "impact": "High", "elements": [{"type_specific_fields": "no"}]},
        {"check": "a", "impact": "High", "elements": [{"source_mapping": {"lines": ["a", -1]}}]},
        17,
    ],
)
def test_a_broken_detector_is_still_one_result(detector: Any) -> None:
    whole = {"check": "b", "impact": "Low", "confidence": "High", "description": "d"}
    assert len(read({"results": {"detectors": [detector, whole]}}).results) == 2


def test_parents_in_a_long_chain_end() -> None:
    element: dict[str, Any] = {"type": "function", "name": "f"}
    for _ in range(200):
        element = {"type": "contract", "name": "C", "type_specific_fields": {"parent": element}}
    detector = {"check": "a", "impact": "Low", "confidence": "Low", "elements": [element]}
    (only,) = read([detector]).results
    assert len(only.locations[0].function) < 100


def test_sarif_and_json_of_one_run_are_the_same_findings(vault: dict[str, Any]) -> None:
    sarif = identify(read_scan((FIXTURES / "vault.sarif").read_bytes()).results)
    native = identify(read(vault).results)
    known = [Known(item.result.ordinal, frozenset(item.identities)) for item in native]
    assert match(sarif, known) == {0: 0}


def test_sarif_names_the_function_as_the_json_does(vault: dict[str, Any]) -> None:
    sarif = read_scan((FIXTURES / "vault.sarif").read_bytes()).results
    assert sarif[0].locations[0].function == read(vault).results[0].locations[0].function
    assert sarif[1].locations[0].function == "Vault.balance"


def test_snippets_are_cut_from_the_source(vault: dict[str, Any]) -> None:
    source = SourceTree(FIXTURES / "source")
    places = read(vault, source=source).results[0].locations
    assert places[0].snippet.startswith("    function withdraw") or "withdraw" in places[0].snippet
    assert "msg.sender.call" in places[1].snippet
