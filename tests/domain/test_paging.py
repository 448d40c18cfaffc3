"""Random access to a list: which request is chosen, and that it gives the right rows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.paging import (
    ANCHOR_STEP,
    CACHED_PAGES,
    PAGE_ROWS,
    START,
    Anchor,
    AnchorBook,
    Count,
    Cursor,
    Page,
    PageCache,
    PageQueue,
    Pager,
    Position,
    Sample,
    Sort,
)


def place(rank: int) -> Cursor:
    return Cursor((rank,))


class Numbers:
    """A list whose rows are their own ranks: answers a position as the database would."""

    def __init__(self, total: int, *, descending: bool) -> None:
        self.rows = list(range(total))
        if descending:
            self.rows.reverse()

    def page(self, position: Position, take: int) -> Page:
        edge = len(self.rows) if position.backward else 0
        if position.cursor is not None:
            (rank,) = position.cursor.values
            assert isinstance(rank, int)
            edge = self.rows.index(rank) + (0 if position.backward else 1)
        if position.backward:
            end = max(0, edge - position.skip)
            found = self.rows[max(0, end - take) : end]
        else:
            found = self.rows[edge + position.skip :][:take]
        rows = tuple((rank,) for rank in found)
        if not found:
            return Page((), approximate=position.approximate)
        return Page(rows, place(found[0]), place(found[-1]), position.approximate)

    def anchors(self) -> list[Anchor]:
        ranks = range(ANCHOR_STEP - 1, len(self.rows), ANCHOR_STEP)
        return [Anchor(rank, place(rank)) for rank in ranks]


def ready(total: int, *, descending: bool) -> tuple[Pager, Numbers]:
    numbers, pager = Numbers(total, descending=descending), Pager(descending=descending)
    pager.learn_count(Count(total, exact=True))
    pager.learn_anchors(numbers.anchors(), complete=True)
    return pager, numbers


def fetch(pager: Pager, numbers: Numbers, number: int) -> Page:
    position = pager.position(number)
    assert position is not None
    page = numbers.page(position, pager.take(number, position))
    pager.learn_page(number, position, page)
    return page


@given(st.data(), st.integers(1, 6_000), st.booleans())
def test_with_anchors_every_jump_finds_the_right_rows(
    data: st.DataObject, total: int, descending: bool
) -> None:
    pager, numbers = ready(total, descending=descending)
    pages = st.integers(0, (total - 1) // PAGE_ROWS)
    for number in data.draw(st.lists(pages, min_size=1, max_size=8)):
        page = fetch(pager, numbers, number)
        start = number * PAGE_ROWS
        assert not page.approximate
        assert [row[0] for row in page.rows] == numbers.rows[start : start + PAGE_ROWS]
    assert pager.count == Count(total, exact=True)


@given(st.integers(1, 50_000), st.booleans(), st.data())
def test_no_request_skips_a_step_or_more(total: int, descending: bool, data: st.DataObject) -> None:
    pager, _ = ready(total, descending=descending)
    position = pager.position(data.draw(st.integers(0, (total - 1) // PAGE_ROWS)))
    assert position is not None
    assert position.skip < ANCHOR_STEP


def test_before_anchors_a_far_page_waits_for_a_sample() -> None:
    pager = Pager()
    pager.learn_count(Count(100_000, exact=False))
    assert pager.position(250) is None


@pytest.mark.parametrize("descending", [False, True])
def test_a_sample_lands_near_and_says_so(descending: bool) -> None:
    numbers, pager = Numbers(100_000, descending=descending), Pager(descending=descending)
    pager.learn_count(Count(100_000, exact=True))
    pager.sample = Sample([place(rank) for rank in range(500, 100_000, 500)])
    page = fetch(pager, numbers, 100)
    row = page.rows[0][0]
    assert page.approximate
    assert isinstance(row, int)
    assert abs(numbers.rows.index(row) - 100 * PAGE_ROWS) < 1_500


def test_a_page_beside_a_guessed_one_follows_it() -> None:
    numbers, pager = Numbers(100_000, descending=False), Pager()
    pager.learn_count(Count(100_000, exact=True))
    pager.sample = Sample([place(rank) for rank in range(500, 100_000, 500)])
    guessed = fetch(pager, numbers, 100)
    below, above = fetch(pager, numbers, 101), fetch(pager, numbers, 99)
    assert below.approximate
    assert above.approximate
    rows = [*above.rows, *guessed.rows, *below.rows]
    assert rows == sorted(rows)
    assert len(set(rows)) == 3 * PAGE_ROWS


def test_anchors_replace_what_was_guessed() -> None:
    numbers, pager = Numbers(100_000, descending=True), Pager(descending=True)
    pager.learn_count(Count(90_000, exact=False))
    pager.sample = Sample([place(rank) for rank in range(500, 100_000, 500)])
    fetch(pager, numbers, 0)
    fetch(pager, numbers, 250)
    assert pager.learn_count(Count(100_000, exact=True)) == ()
    assert pager.learn_anchors(numbers.anchors(), complete=True) == (250,)
    assert 0 in pager.pages
    assert 250 not in pager.pages


def test_the_end_is_reached_before_the_count_is_known() -> None:
    numbers, pager = Numbers(100_000, descending=False), Pager()
    pager.learn_count(Count(99_950, exact=False))
    page = fetch(pager, numbers, 99_950 // PAGE_ROWS)
    assert page.approximate
    assert page.rows[-1] == (99_999,)


def test_a_short_page_tells_the_count() -> None:
    pager, numbers = Pager(), Numbers(7, descending=False)
    fetch(pager, numbers, 0)
    assert pager.count == Count(7, exact=True)


def test_a_full_page_tells_that_there_is_at_least_this_much() -> None:
    pager, numbers = Pager(), Numbers(5_000, descending=False)
    fetch(pager, numbers, 0)
    assert pager.count == Count(PAGE_ROWS, exact=False)


def test_an_estimate_never_replaces_a_count() -> None:
    pager = Pager()
    pager.learn_count(Count(7, exact=True))
    pager.learn_count(Count(500, exact=False))
    assert pager.count.value == 7


def test_growing_lists_keep_their_anchors_over_a_reload() -> None:
    pager, numbers = ready(10_000, descending=True)
    pager.reload(growing=True)
    assert len(pager.anchors) == 10
    assert not pager.anchors.complete
    grown = Numbers(10_500, descending=True)
    pager.learn_count(Count(10_500, exact=True))
    page = fetch(pager, grown, 20)
    assert page.rows[0] == (10_500 - 1 - 20 * PAGE_ROWS,)
    assert numbers.rows[0] == 9_999


def test_after_a_reload_old_rows_are_shown_and_old_landmarks_used_as_hints() -> None:
    pager, numbers = ready(10_000, descending=True)
    before = fetch(pager, numbers, 20)
    pager.reload(growing=False)
    assert pager.look(20) == before
    assert 20 not in pager.pages
    guessed = fetch(pager, numbers, 20)
    assert guessed.approximate
    assert guessed.rows == before.rows


def test_hints_are_forgotten_once_the_list_is_known_again() -> None:
    pager, numbers = ready(10_000, descending=True)
    pager.reload(growing=False)
    fetch(pager, numbers, 20)
    pager.learn_count(Count(10_000, exact=True))
    assert pager.learn_anchors(numbers.anchors(), complete=True) == (20,)
    assert not fetch(pager, numbers, 20).approximate


def test_the_page_not_looked_at_for_longest_goes() -> None:
    cache = PageCache()
    for number in range(CACHED_PAGES):
        cache.put(number, Page(()))
    cache.get(0)
    cache.put(CACHED_PAGES, Page(()))
    assert 0 in cache
    assert 1 not in cache
    assert len(cache) == CACHED_PAGES


def test_the_newest_wish_is_served_first_and_those_out_of_sight_never() -> None:
    queue = PageQueue(in_flight=2)
    for number in (1, 2, 50, 51, 50):
        queue.want(number)
    assert queue.next(range(50, 52)) == 50
    assert queue.next(range(50, 52)) == 51
    assert queue.next(range(50, 52)) is None
    queue.done(50)
    assert queue.next(range(50, 52)) is None
    queue.done(51)
    assert queue.idle


def test_a_page_on_its_way_is_not_asked_for_twice() -> None:
    queue = PageQueue()
    queue.want(3)
    assert queue.next(range(3, 4)) == 3
    queue.want(3)
    assert queue.next(range(3, 4)) is None


def test_anchors_come_in_order() -> None:
    book = AnchorBook()
    book.extend([Anchor(999, place(999))], complete=False)
    with pytest.raises(ValueError, match="order"):
        book.extend([Anchor(999, place(999))], complete=False)


def test_the_top_is_always_asked_for_from_the_top() -> None:
    pager, numbers = ready(10_000, descending=False)
    fetch(pager, numbers, 1)
    assert pager.position(0) == START


def test_a_sort_turns_round() -> None:
    assert Sort("created").reversed == Sort("created", descending=True)
