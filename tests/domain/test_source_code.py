"""Files stand side by side so that no line is lost, whatever changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain import source_code
from vln_desktop.domain.source_code import LineMark, SnapshotDraft, left_out, side_by_side
from vln_desktop.errors import UserError

LINES = st.lists(st.sampled_from(["a", "b", "c", "", "  d"]), max_size=30)


@given(old=LINES, new=LINES)
def test_both_files_are_there_in_order(old: list[str], new: list[str]) -> None:
    pairs = side_by_side("\n".join(old), "\n".join(new))
    ours, theirs = "\n".join(old).splitlines(), "\n".join(new).splitlines()
    assert [p.old for p in pairs if p.old_number] == ours
    assert [p.new for p in pairs if p.new_number] == theirs
    assert [p.old_number for p in pairs if p.old_number] == list(range(1, len(ours) + 1))
    for pair in pairs:
        assert (pair.mark is LineMark.SAME) == (
            pair.old == pair.new and bool(pair.old_number) and bool(pair.new_number)
        ) or pair.mark is LineMark.CHANGED


def test_what_is_too_large_to_compare_is_told_as_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_code, "MOST_COMPARED", 4)
    pairs = side_by_side("a\nb\nc", "a\nx\nc\nd")
    assert [pair.mark for pair in pairs] == [*[LineMark.CHANGED] * 3, LineMark.ADDED]


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("src/Vault.sol", ""), ("test/Vault.t.sol", "a test"), ("src/Vault.t.sol", "a test"),
        ("lib/solmate/ERC20.sol", "a dependency"), ("script/Deploy.sol", "a script"),
        ("src/mocks/Token.sol", "a mock"), ("contest.sol", ""),
    ],
)  # fmt: skip
def test_tests_and_dependencies_are_out_of_scope(path: str, reason: str) -> None:
    assert left_out(path) == reason


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (SnapshotDraft(" ", "abcdef0", True), "url"),
        (SnapshotDraft("x" * 501, "abcdef0", True), "url"),
        (SnapshotDraft("acme/vault", "", True), "commit"),
        (SnapshotDraft("acme/vault", "HEAD", True), "commit"),
    ],
)
def test_what_says_too_little_is_refused(draft: SnapshotDraft, field: str) -> None:
    with pytest.raises(UserError) as told:
        draft.validate()
    assert told.value.field == field
