"""Headers between the rows: every line is where a list written out in full has it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.grouping import HEADER, Group, Outline, in_order

sizes = st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=12)


def outline_of(groups: list[tuple[int, bool]]) -> Outline:
    closed = {at for at, (_rows, is_closed) in enumerate(groups) if is_closed}
    return Outline([Group(at, str(at), rows) for at, (rows, _) in enumerate(groups)], closed)


def written_out(groups: list[tuple[int, bool]]) -> list[tuple[int, int]]:
    """Each line as (group, row)."""
    return [
        (at, row)
        for at, (rows, closed) in enumerate(groups)
        for row in (HEADER, *range(0 if closed else rows))
    ]


@given(sizes)
def test_lines_and_places_are_those_of_the_list_written_out(groups: list[tuple[int, bool]]) -> None:
    outline, lines = outline_of(groups), written_out(groups)
    assert len(outline) == len(lines)
    assert [outline.place(line) for line in range(len(lines))] == lines
    assert [outline.line(*place) for place in lines] == list(range(len(lines)))


@given(sizes, st.integers(-2, 80), st.sampled_from([1, -1]))
def test_the_record_near_a_line_is_the_first_that_way(
    groups: list[tuple[int, bool]], line: int, step: int
) -> None:
    outline, lines = outline_of(groups), written_out(groups)
    way = range(line, len(lines)) if step > 0 else range(line, -1, -1)
    within = 0 <= line < len(lines)
    expected = next((at for at in way if lines[at][1] != HEADER), None) if within else None
    assert outline.record_near(line, step) == expected


@given(sizes.filter(bool), st.data())
def test_what_is_resized_closed_and_opened_counts_anew(
    groups: list[tuple[int, bool]], data: st.DataObject
) -> None:
    outline = outline_of(groups)
    at = data.draw(st.integers(0, len(groups) - 1))
    rows = data.draw(st.integers(0, 9))
    outline.resize(at, rows)
    for closed in (True, False):
        (outline.close if closed else outline.open)(at)
        groups[at] = (rows, closed)
        assert len(outline) == len(written_out(groups))
        assert outline.is_open(at) is not closed


def test_a_group_that_nobody_counted_shows_no_rows_and_is_found_by_its_value() -> None:
    outline = Outline([Group("a", "A", 3), Group(None, None)])
    assert len(outline) == 5
    assert outline.find(None) == 1
    assert outline.find("b") is None


def test_names_stand_in_the_order_of_their_numbers_and_nobody_last() -> None:
    words = ["ACME-12", None, "acme-7", "Beta-1"]
    groups = in_order([Group(str(word), word, 1) for word in words])
    assert [group.word for group in groups] == ["acme-7", "ACME-12", "Beta-1", None]


def test_words_of_a_closed_list_stand_in_its_order() -> None:
    groups = in_order([Group(1, "low", 1), Group(3, "high", 1)], ("critical", "high", "low"))
    assert [group.word for group in groups] == ["high", "low"]
