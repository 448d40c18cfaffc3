"""SARIF 2.1.0 as tools write it: rules, messages, levels, places, weaknesses, suppressions."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.formats.scan_bodies import (
    place,
    read,
    read_one,
    read_results,
    result,
    sarif_log,
    sarif_run,
)
from vln_desktop.domain.findings import FindingKind, Severity
from vln_desktop.domain.scans import Outcome
from vln_desktop.errors import UserError


def rule(identifier: str, **fields: Any) -> dict[str, Any]:
    return {"id": identifier, **fields}


# ------------------------------------------------------------------ runs and their outcome


def test_no_results_in_a_finished_run_is_a_clean_run() -> None:
    assert read(sarif_log(sarif_run([]))).outcome is Outcome.COMPLETED


@pytest.mark.parametrize("runs", [[], None])
def test_no_runs_say_nothing(runs: list[Any] | None) -> None:
    file = read({"version": "2.1.0", "runs": runs})
    assert file.outcome is Outcome.EMPTY
    assert file.warnings


@pytest.mark.parametrize("run", [{}, {"results": None}])
def test_a_run_without_results_is_not_clean(run: dict[str, Any]) -> None:
    file = read(sarif_log({"tool": {"driver": {"name": "Probe"}}, **run}))
    assert file.outcome is Outcome.EMPTY
    assert "does not say that the code is clean" in file.warnings[0]


def test_a_failed_run_says_what_failed() -> None:
    notes = [{"message": {"text": "out of\nmemory"}}]
    invocation = {"executionSuccessful": False, "toolExecutionNotifications": notes}
    file = read(sarif_log(sarif_run([], invocations=[invocation])))
    assert file.outcome is Outcome.FAILED
    assert file.runs[0].error == "out of memory"


def test_results_of_all_runs_count_on() -> None:
    file = read(sarif_log(sarif_run([result(), result()]), sarif_run([result()])))
    assert [r.ordinal for r in file.results] == [0, 1, 2]


@pytest.mark.parametrize("version", ["1.0.0", "2.0.0", "2.0.0-csd.2.beta.2018-10-10", 2, None])
def test_another_version_is_refused(version: Any) -> None:
    with pytest.raises(UserError, match=r"only SARIF 2\.1\.0"):
        read({"$schema": "https://x/sarif.json", "version": version, "runs": []})


def test_a_result_that_is_no_object_is_kept_as_refused() -> None:
    first, second = read_results("nonsense", result())
    assert first.refusal
    assert not second.refusal


# ------------------------------------------------------------------ rules and levels


def test_a_level_is_the_results_then_the_rules_then_warning() -> None:
    rules = [rule("R1", defaultConfiguration={"level": "note"}), rule("R2")]
    found = read_results(
        result("R1", level="error"), result("R1"), result("R2"), driver={"rules": rules}
    )
    assert [r.level for r in found] == ["error", "note", "warning"]


def test_an_unknown_level_falls_back() -> None:
    assert read_one(level="fatal").level == "warning"


@pytest.mark.parametrize(
    "reference",
    [
        {"ruleIndex": 1},
        {"rule": {"index": 1}},
        {"rule": {"id": "B"}},
        {"ruleId": "B"},
        {"ruleId": "B/deep/er"},
        {"ruleId": "B/deep", "ruleIndex": 1},
        {"rule": {"guid": "B0B0"}},
        {"ruleId": "B", "ruleIndex": 0},
        {"ruleId": "B", "ruleIndex": -1},
        {"ruleId": "B", "ruleIndex": 99},
    ],
)
def test_a_rule_is_found_however_it_is_named(reference: dict[str, Any]) -> None:
    rules = [rule("A"), rule("B", guid="b0b0", shortDescription={"text": "Bee"})]
    (found,) = read_results({"message": {"text": ""}, **reference}, driver={"rules": rules})
    assert found.rule.summary == "Bee"


@pytest.mark.parametrize("component", [{"index": 0}, {"name": "Plug"}, {"guid": "E1"}])
def test_a_rule_of_an_extension_is_found(component: dict[str, Any]) -> None:
    plug = {"name": "Plug", "guid": "e1", "rules": [rule("X", name="from plug")]}
    tool = {"driver": {"name": "Probe", "rules": [rule("Y")]}, "extensions": [plug]}
    body = {"message": {"text": "m"}, "rule": {"index": 0, "toolComponent": component}}
    (found,) = read(sarif_log({"tool": tool, "results": [body]})).results
    assert (found.rule.id, found.rule.name) == ("X", "from plug")


# ------------------------------------------------------------------ severity and kind


@pytest.mark.parametrize(
    ("score", "severity"),
    [
        ("9.8", Severity.CRITICAL),
        (7.0, Severity.HIGH),
        ("4.0", Severity.MEDIUM),
        ("0.1", Severity.LOW),
        ("0.0", Severity.INFORMATIONAL),
        ("NaN", Severity.HIGH),
        ("eleven", Severity.HIGH),
        (99, Severity.HIGH),
    ],
)
def test_the_rules_security_severity_goes_before_the_level(score: Any, severity: Severity) -> None:
    rules = [rule("R1", properties={"security-severity": score})]
    found = read_one(level="error", run={"driver": {"rules": rules}})
    assert found.severity is severity


def test_a_word_among_the_tags_goes_before_the_level() -> None:
    rules = [rule("R1", properties={"tags": ["security", "MEDIUM"]})]
    assert read_one(level="error", run={"driver": {"rules": rules}}).severity is Severity.MEDIUM


def test_the_results_own_word_goes_before_the_rules() -> None:
    rules = [rule("R1", properties={"security-severity": "9.1"})]
    found = read_one(properties={"severity": "Low"}, run={"driver": {"rules": rules}})
    assert found.severity is Severity.LOW


def test_a_linters_error_is_no_danger() -> None:
    found = read_one(level="error", run={"driver": {"name": "ESLint"}})
    assert (found.severity, found.kind) == (Severity.LOW, FindingKind.QUALITY)


@pytest.mark.parametrize(
    ("identifier", "severity", "kind"),
    [
        ("0-1-reentrancy-eth", Severity.HIGH, FindingKind.VULNERABILITY),
        ("1-0-locked-ether", Severity.MEDIUM, FindingKind.VULNERABILITY),
        ("2-1-timestamp", Severity.LOW, FindingKind.VULNERABILITY),
        ("3-0-naming-convention", Severity.INFORMATIONAL, FindingKind.QUALITY),
        ("4-0-immutable-states", Severity.INFORMATIONAL, FindingKind.GAS),
    ],
)
def test_slithers_rule_id_carries_the_severity(
    identifier: str, severity: Severity, kind: FindingKind
) -> None:
    found = read_one(rule=identifier, level="warning", run={"driver": {"name": "Slither"}})
    assert (found.severity, found.kind) == (severity, kind)
    assert found.rule.key == identifier[4:]


def test_centralization_and_gas_are_kinds_of_their_own() -> None:
    found = read_results(result("centralization-risk"), result("gas-custom-errors"))
    assert [r.kind for r in found] == [FindingKind.CENTRALIZATION, FindingKind.GAS]


# ------------------------------------------------------------------ messages


def test_a_message_is_looked_up_and_filled() -> None:
    strings = {"default": {"text": "{0} beats {1}, {{braces}} stay, {7} too."}}
    body = {"ruleId": "R1", "message": {"id": "default", "arguments": ["a", "b"]}}
    (found,) = read_results(body, driver={"rules": [rule("R1", messageStrings=strings)]})
    assert found.message == "a beats b, {braces} stay, {7} too."


def test_a_message_may_stand_among_the_tools_global_strings() -> None:
    driver = {"globalMessageStrings": {"lost": {"text": "{0} is lost."}}}
    body = {"message": {"id": "lost", "arguments": ["Everything"]}}
    (found,) = read_results(body, driver=driver)
    assert found.message == "Everything is lost."


def test_links_in_a_message_name_the_related_place() -> None:
    related = [{"id": 3, **place("src/a.c", 8)}]
    found = read_one(
        text=r"Declared [here](3), see \[1\] and [docs](https://x).", relatedLocations=related
    )
    assert found.message == "Declared here (src/a.c:8), see [1] and [docs](https://x)."


def test_a_message_that_is_a_bare_string_is_read_with_a_warning() -> None:
    file = read(sarif_log(sarif_run([{"ruleId": "R", "message": "It leaks."}])))
    assert file.results[0].message == "It leaks."
    assert file.warnings


def test_a_long_message_gets_the_rules_summary_as_title() -> None:
    rules = [rule("R1", shortDescription={"text": "Weak hash."})]
    found = read_one(text="word " * 60, run={"driver": {"rules": rules}})
    assert found.title == "Weak hash"


def test_a_result_without_any_text_still_has_a_title() -> None:
    (found,) = read_results({})
    assert found.title


def test_an_open_code_fence_does_not_swallow_what_follows() -> None:
    rules = [rule("R1", helpUri="https://example.org/r1")]
    message = {"text": "x", "markdown": "```solidity\nfunction f() {}"}
    (found,) = read_results({"ruleId": "R1", "message": message}, driver={"rules": rules})
    assert found.description.index("```\n") < found.description.index("https://example.org")


def test_hostile_text_is_kept_as_text() -> None:
    hostile = "<script>alert(1)</script> <img src=x onerror=y> [a](javascript:z)"
    assert read_one(text=hostile).message == hostile


def test_what_postgresql_cannot_hold_is_left_out_with_a_warning() -> None:
    file = read(sarif_log(sarif_run([result(text="nul\0 esc\x1b lone\ud800 rlo\u202e end")])))
    assert file.results[0].message == "nul esc lone rlo<U+202E> end"
    assert len(file.warnings) == 2


def test_home_folders_leave_texts() -> None:
    found = read_one(text=r"in /home/ana/p/a.sol and C:\Users\Ana Lee\p\b.sol, not /homeland/x")
    assert found.message == r"in ~/p/a.sol and ~\p\b.sol, not /homeland/x"


# ------------------------------------------------------------------ places


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("src/a.sol", "src/a.sol"),
        ("./src//a.sol", "src/a.sol"),
        ("src/x/../a.sol", "src/a.sol"),
        ("src/a%20b.sol", "src/a b.sol"),
        ("file:///home/ana/proj/src/a.sol", "proj/src/a.sol"),
        ("file:///root/proj/a.sol", "proj/a.sol"),
        ("file:///home/runner/work/proj/proj/src/a.sol", "src/a.sol"),
        ("file:///C:/Users/Ana%20Lee/proj/a.sol", "proj/a.sol"),
        (r"C:\Users\ana\proj\a.sol", "proj/a.sol"),
        (r"C:\dev\proj\a.sol", "dev/proj/a.sol"),
        (r"src\a.sol", "src/a.sol"),
        ("file://src/a.clj", "src/a.clj"),
        ("file:////src/.venv/a.js", "src/.venv/a.js"),
        ("/github/workspace/src/a.sol", "src/a.sol"),
        ("/../../etc/passwd", "etc/passwd"),
        ("https://example.org/a.js", "https://example.org/a.js"),
        ("npm/lib@1.0.0", "npm/lib@1.0.0"),
        ("src/%00a.sol", "src/a.sol"),
        ("file://[bad/a.sol", "//[bad/a.sol"),
    ],
)
def test_paths_are_relative_and_say_nothing_of_the_machine(uri: str, path: str) -> None:
    (found,) = read_one(locations=[place(uri, 3)]).locations
    assert found.path == path.removeprefix("//")


def test_base_ids_are_resolved_and_an_absolute_base_is_left_out() -> None:
    bases = {
        "ROOT": {"uri": "file:///home/ana/proj/"},
        "SRC": {"uri": "src/", "uriBaseId": "ROOT"},
        "LOOP": {"uri": "x/", "uriBaseId": "LOOP"},
    }
    bodies = []
    for base in ("ROOT", "SRC", "NONE"):
        location = place("a.sol", 1)
        location["physicalLocation"]["artifactLocation"]["uriBaseId"] = base
        bodies.append(result(locations=[location]))
    found = read_results(*bodies, originalUriBaseIds=bases)
    assert [r.locations[0].path for r in found] == ["a.sol", "src/a.sol", "a.sol"]


def test_an_absolute_path_below_a_named_root_becomes_relative_to_it() -> None:
    bases = {"ROOT": {"uri": "file:///srv/build/proj/"}}
    found = read_one(
        locations=[place("file:///srv/build/proj/src/a.sol", 1)],
        run={"originalUriBaseIds": bases},
    )
    assert found.locations[0].path == "src/a.sol"


def test_a_place_may_be_an_index_into_the_artifacts() -> None:
    location = {"physicalLocation": {"artifactLocation": {"index": 1}}}
    artifacts = [{"location": {"uri": "a"}}, {"location": {"uri": "b.sol"}}]
    found = read_one(locations=[location], run={"artifacts": artifacts})
    assert found.locations[0].path == "b.sol"


def test_a_place_may_be_a_name_only() -> None:
    logical = [{"name": "Vault"}, {"name": "withdraw", "parentIndex": 0}]
    location = {"logicalLocations": [{"index": 1}]}
    found = read_one(locations=[location], run={"logicalLocations": logical})
    assert found.locations[0].function == "Vault.withdraw"


def test_logical_locations_in_a_circle_end() -> None:
    logical = [{"name": "a", "parentIndex": 0}]
    location = {"logicalLocations": [{"index": 0}]}
    found = read_one(locations=[location], run={"logicalLocations": logical})
    assert found.locations[0].function.startswith("a.a")


def test_one_result_with_many_places_stays_one_result() -> None:
    places = [place("a.sol", line) for line in (3, 5, 3)]
    (found,) = read_results(result(locations=places))
    assert [p.start_line for p in found.locations] == [3, 5]


def test_an_empty_range_at_the_start_means_the_whole_file() -> None:
    found = read_one(locations=[place("Dockerfile", 1, startColumn=1, endColumn=1)])
    assert found.locations[0].start_line is None


def test_lines_that_cannot_be_are_dropped() -> None:
    bodies = [
        place("a", 5, endLine=2),
        place("b", -1),
        place("c", 10**12),
        place("d", startLine=2.5),
    ]
    found = read_one(locations=bodies).locations
    assert [(p.start_line, p.end_line) for p in found] == [(5, None), *[(None, None)] * 3]


def test_byte_and_character_ranges_become_lines_where_the_contents_are_known() -> None:
    text = "one\r\ntwö 𝄞\nthree\n"
    artifacts = [{"location": {"uri": "t.txt"}, "contents": {"text": text}}]
    at_bytes = place("t.txt", byteOffset=text.encode().index(b"three"), byteLength=5)
    at_units = place("t.txt", charOffset=12, charLength=5)
    found = read_one(locations=[at_bytes, at_units], run={"artifacts": artifacts}).locations
    assert [(p.start_line, p.snippet) for p in found] == [(3, "three")]


def test_binary_contents_give_no_snippet() -> None:
    binary = base64.b64encode(b"\0\1\2\n\0").decode()
    artifacts = [{"location": {"uri": "b"}, "contents": {"binary": binary}}]
    found = read_one(locations=[place("b", 1)], run={"artifacts": artifacts})
    assert found.locations[0].snippet == ""


# ------------------------------------------------------------------ weaknesses


@pytest.mark.parametrize(
    "properties",
    [
        {"tags": ["external/cwe/cwe-078"]},
        {"tags": ["CWE-78: OS Command Injection"]},
        {"cwe": ["CWE-78"]},
        {"cwe": 78},
        {"cweIds": ["78", "CWE-78"]},
    ],
)
def test_cwe_of_a_rules_properties(properties: dict[str, Any]) -> None:
    driver = {"rules": [rule("R1", properties=properties)]}
    found = read_one(run={"driver": driver})
    assert "CWE-78" in found.cwes


def test_cwe_of_a_rules_relationship_and_of_taxa() -> None:
    taxonomies = [{"name": "CWE", "guid": "G", "taxa": [{"id": "22", "guid": "T22"}, {"id": "79"}]}]
    related = [
        {"target": {"id": "242", "toolComponent": {"name": "CWE"}}, "kinds": ["superset"]},
        {"target": {"id": "666", "toolComponent": {"name": "CWE"}}, "kinds": ["disjoint"]},
        {"target": {"id": "CWE-327", "toolComponent": {"name": "other"}}},
    ]
    taxa = [{"guid": "t22"}, {"index": 1, "toolComponent": {"index": 0}}]
    driver = {"rules": [rule("R1", relationships=related)]}
    found = read_one(taxa=taxa, run={"driver": driver, "taxonomies": taxonomies})
    assert set(found.cwes) == {"CWE-242", "CWE-327", "CWE-22", "CWE-79"}


def test_cwe_and_swc_of_ids_and_result_properties() -> None:
    found = read_results(
        result("CWE-78"), result("SWC-107"), result(properties={"cwe": "CWE-327: Weak"})
    )
    assert [r.cwes for r in found] == [("CWE-78",), ("CWE-841",), ("CWE-327",)]
    assert found[1].swcs == ("SWC-107",)


# ------------------------------------------------------------------ suppressions, baseline, prints


@pytest.mark.parametrize(
    ("entries", "suppressed"),
    [
        ([], False),
        ([{"kind": "inSource"}], True),
        ([{"kind": "external", "status": "accepted"}], True),
        ([{"kind": "external", "state": "accepted"}], True),
        ([{"kind": "external", "status": "rejected"}], False),
        ([{"kind": "inSource"}, {"kind": "external", "status": "underReview"}], False),
        ("nonsense", False),
    ],
)
def test_suppression(entries: Any, suppressed: bool) -> None:
    found = read_one(suppressions=entries)
    assert found.suppressed is suppressed
    assert bool(found.suppression_reason) is suppressed


def test_the_reason_of_a_suppression_is_kept() -> None:
    entries = [{"kind": "inSource", "justification": "by design"}]
    assert read_one(suppressions=entries).suppression_reason == "by design"


@pytest.mark.parametrize(
    "fields", [{"kind": "pass"}, {"kind": "notApplicable"}, {"baselineState": "absent"}]
)
def test_what_the_tool_calls_no_finding_is_refused_with_a_reason(fields: dict[str, Any]) -> None:
    assert read_one(**fields).refusal


def test_fingerprints_are_read_nested_or_not() -> None:
    found = read_one(
        fingerprints={"a": {"value": "1" * 10}}, partialFingerprints={"b": "2" * 10, "c": 3}
    )
    assert found.tool_fingerprints == (("a", "1" * 10), ("b", "2" * 10))
