"""Identity of findings: survives moved lines, never confuses two, and falls back when data lack."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.findings import Category, FindingKind, Severity
from vln_desktop.domain.fingerprints import (
    Identified,
    Known,
    identify,
    match,
    normalised_code,
    normalised_message,
    tier_of,
)
from vln_desktop.domain.scans import ScanLocation, ScanResult, ScanRule


def scan_result(
    message: str = "It leaks.",
    *,
    rule: str = "R1",
    path: str = "src/a.sol",
    line: int | None = 10,
    column: int | None = None,
    function: str = "",
    snippet: str = "",
    prints: tuple[tuple[str, str], ...] = (),
    tool: str = "Probe",
) -> ScanResult:
    """Return a result; only what identity looks at varies."""
    place = ScanLocation(path, line, column, line, None, function, snippet)
    return ScanResult(
        ordinal=0,
        tool=tool,
        rule=ScanRule(rule, rule),
        level="warning",
        severity=Severity.LOW,
        kind=FindingKind.VULNERABILITY,
        category=Category.OTHER,
        title="t",
        message=message,
        description="",
        locations=(place,),
        tool_fingerprints=prints,
    )


def scan(*results: ScanResult) -> tuple[Identified, ...]:
    """Identify results as one file that holds them in this order."""
    return identify([replace(r, ordinal=ordinal) for ordinal, r in enumerate(results)])


def stored(*results: ScanResult) -> list[Known[int]]:
    """Return the findings that importing these results made; the key is the result's ordinal."""
    return [Known(i.result.ordinal, frozenset(i.identities)) for i in scan(*results)]


PRINT = (("hash/v1", "0123456789abcdef"),)
OTHER_PRINT = (("hash/v1", "fedcba9876543210"),)


def tiers(result: ScanResult) -> list[str]:
    return [tier_of(identity) for identity in scan(result)[0].identities]


def test_identities_come_best_first() -> None:
    full = scan_result(function="V.w()", snippet="x = 1;", prints=PRINT)
    assert tiers(full) == ["tool", "code", "name", "text"]
    assert tiers(scan_result()) == ["text", "moved"]


@pytest.mark.parametrize(
    "prints",
    [
        (("matchBasedId/v1", "requires login"),),
        (("id", ""),),
        (("id", "0"),),
        (("primaryLocationStartColumnFingerprint", "123456789"),),
    ],
)
def test_a_fingerprint_that_tells_nothing_is_no_identity(
    prints: tuple[tuple[str, str], ...],
) -> None:
    assert tiers(scan_result(prints=prints)) == ["text", "moved"]


def test_a_fingerprint_that_repeats_in_one_file_is_no_identity() -> None:
    found = scan(scan_result("a", prints=PRINT), scan_result("b", prints=PRINT))
    assert [tier_of(item.fingerprint) for item in found] == ["text", "text"]


def test_one_fingerprint_under_two_rules_or_paths_is_two_identities() -> None:
    found = scan(
        scan_result(prints=PRINT),
        scan_result(prints=PRINT, rule="R2"),
        scan_result(prints=PRINT, path="b.sol"),
    )
    assert len({item.fingerprint for item in found}) == 3
    assert all(tier_of(item.fingerprint) == "tool" for item in found)


def test_moved_lines_change_nothing() -> None:
    before = scan_result("call at a.sol#10-12", line=10, snippet="call();")
    after = scan_result("call at a.sol#90-92", line=90, snippet="  call(); // why")
    assert scan(before)[0].identities == scan(after)[0].identities


def test_repeats_are_numbered_by_place_whatever_the_files_order() -> None:
    results = [scan_result(line=line) for line in (30, 10, 20)]
    by_line = {i.result.place.start_line: i.fingerprint for i in scan(*results)}
    turned = {i.result.place.start_line: i.fingerprint for i in scan(*reversed(results))}
    assert by_line == turned
    assert [by_line[line].endswith(end) for line, end in ((20, "#2"), (30, "#3"))] == [True, True]


def test_an_exact_repeat_names_the_first() -> None:
    twice = scan_result(line=3, column=7)
    assert [item.repeat_of for item in scan(twice, twice)] == [None, 0]


def test_two_results_without_an_exact_place_are_no_repeat() -> None:
    assert [i.repeat_of for i in scan(scan_result(), scan_result())] == [None, None]


def test_a_later_file_that_says_less_still_finds_its_finding() -> None:
    known = stored(scan_result(function="V.w()", snippet="x=1;", prints=PRINT))
    for less in (
        scan_result(function="V.w()", snippet="x=1;"),
        scan_result(function="V.w()"),
        scan_result(),
        scan_result(prints=OTHER_PRINT),
    ):
        assert match(scan(less), known) == {0: 0}


def test_a_later_file_that_says_more_still_finds_its_finding() -> None:
    known = stored(scan_result())
    assert match(scan(scan_result(function="V.w()", snippet="x=1;", prints=PRINT)), known) == {0: 0}


def test_a_file_that_moved_keeps_its_findings_by_function_and_code() -> None:
    known = stored(scan_result(function="V.w()", snippet="x=1;", path="old.sol"))
    moved = scan_result(function="V.w()", snippet="x=1;", path="new/old.sol")
    assert match(scan(moved), known) == {0: 0}


def test_edited_code_in_the_same_function_is_the_same_finding_if_it_is_the_only_one() -> None:
    known = stored(scan_result("a", function="V.w()", snippet="x=1;"))
    edited = scan_result("b", function="V.w()", snippet="x=2;")
    assert match(scan(edited), known) == {0: 0}


def test_edited_code_is_not_guessed_between_two() -> None:
    known = stored(
        scan_result("a", function="V.w()", snippet="x=1;"),
        scan_result("b", function="V.w()", snippet="y=1;"),
    )
    edited = scan_result("c", function="V.w()", snippet="x=2;")
    assert match(scan(edited), known) == {}


def test_other_code_with_the_same_generic_message_is_another_finding() -> None:
    known = stored(scan_result(snippet="open(a)"))
    assert match(scan(scan_result(snippet="open(b)")), known) == {}


def test_the_same_message_in_another_function_is_another_finding() -> None:
    known = stored(scan_result(function="V.a()"))
    assert match(scan(scan_result(function="V.b()")), known) == {}


def test_another_rule_or_tool_is_another_finding() -> None:
    known = stored(scan_result())
    assert match(scan(scan_result(rule="R2")), known) == {}
    assert match(scan(scan_result(tool="Other")), known) == {}


def test_a_tool_may_rename_its_edition() -> None:
    known = stored(scan_result(tool="Semgrep OSS"))
    assert match(scan(scan_result(tool="semgrep Pro")), known) == {0: 0}


def test_one_finding_is_never_two_results() -> None:
    known = stored(scan_result(line=10))
    found = match(scan(scan_result(line=10), scan_result(line=20)), known)
    assert found == {0: 0}


def test_the_best_identity_wins_over_an_earlier_weak_one() -> None:
    known = stored(scan_result(prints=PRINT))
    plain, exact = scan_result(line=1), scan_result(line=2, prints=PRINT)
    assert match(scan(plain, exact), known) == {1: 0}


def test_when_one_of_three_is_fixed_the_others_stay_known() -> None:
    results = [scan_result(line=n, snippet=f"call({n})") for n in (1, 2, 3)]
    found = match(scan(results[0], results[2]), stored(*results))
    assert found == {0: 0, 1: 2}


@pytest.mark.parametrize(
    ("code", "path", "expected"),
    [
        ("a  =  b ; // why", "a.sol", "a=b;"),
        ("a /* x \n y */ = b;", "a.sol", "a=b;"),
        ('s = "// no comment";', "a.sol", 's="//no comment";'),
        ("s = 'it\\'s /* in */';", "a.sol", "s='it\\'s/*in*/';"),
        ("x = 1  # why", "a.py", "x=1"),
        ("x = '# not'", "a.py", "x='#not'"),
        ("return x", "", "return x"),
        ("/* never closed", "a.sol", "/*never closed"),
    ],
)
def test_code_is_compared_without_comments_and_space(code: str, path: str, expected: str) -> None:
    assert normalised_code(code, path) == expected


@pytest.mark.parametrize(
    "message",
    [
        "Leak (a.sol#1-2)",
        "Leak (a.sol#10-20)",
        "Leak  (a.sol#L7-L9)",
        "leak\n(a.sol#3)",
    ],
)
def test_messages_are_compared_without_line_numbers(message: str) -> None:
    assert normalised_message(message) == "leak (a.sol)"


def test_a_message_keeps_its_other_numbers() -> None:
    assert normalised_message("Version ^0.4.15 has 1000000") == "version ^0.4.15 has 1000000"


results_of_one_file = st.lists(
    st.builds(
        scan_result,
        st.sampled_from(["a", "b"]),
        rule=st.sampled_from(["R1", "R2"]),
        path=st.sampled_from(["x.sol", "y.sol"]),
        line=st.integers(1, 4),
        function=st.sampled_from(["", "V.f()"]),
        snippet=st.sampled_from(["", "p();", "q();"]),
        prints=st.sampled_from([(), PRINT, OTHER_PRINT]),
    ),
    max_size=12,
)


@given(results_of_one_file)
def test_fingerprints_of_one_file_are_unique(results: list[ScanResult]) -> None:
    found = scan(*results)
    assert len({item.fingerprint for item in found}) == len(found)


@given(results_of_one_file)
def test_a_file_imported_again_is_known_result_by_result(results: list[ScanResult]) -> None:
    assert match(scan(*results), stored(*results)) == {n: n for n in range(len(results))}


@given(results_of_one_file, st.randoms(use_true_random=False))
def test_the_order_of_results_does_not_matter(
    results: list[ScanResult], order: random.Random
) -> None:
    shuffled = order.sample(results, len(results))
    assert sorted(i.identities for i in scan(*results)) == sorted(
        i.identities for i in scan(*shuffled)
    )


@given(results_of_one_file, results_of_one_file)
def test_a_match_never_gives_one_finding_twice(
    before: list[ScanResult], after: list[ScanResult]
) -> None:
    found = match(scan(*after), stored(*before))
    assert len(set(found.values())) == len(found)
