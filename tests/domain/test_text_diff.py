"""What changed between two texts, told so that both can be read from it."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.text_diff import Mark, Piece, diff_texts, shortened

LINES = st.lists(st.sampled_from(["a b c", "a b", "x", "", "the end."]), max_size=12)
TEXTS = st.one_of(LINES.map("\n".join), st.text(max_size=60))


def _told(pieces: tuple[Piece, ...], mark: Mark) -> list[str]:
    return [piece.text for piece in pieces if piece.mark is mark]


@given(before=TEXTS, after=TEXTS)
def test_both_texts_can_be_read_from_the_pieces(before: str, after: str) -> None:
    pieces = diff_texts(before, after)

    assert "".join(p.text for p in pieces if p.mark is not Mark.ADDED) == before
    assert "".join(p.text for p in pieces if p.mark is not Mark.REMOVED) == after


@given(before=TEXTS, after=TEXTS)
def test_shortening_leaves_out_unchanged_whole_lines_only(before: str, after: str) -> None:
    pieces = diff_texts(before, after)

    short = shortened(pieces)

    for mark in (Mark.ADDED, Mark.REMOVED):
        assert _told(short, mark) == _told(pieces, mark)
    left_out = sum(piece.lines for piece in short)
    same = "".join(_told(pieces, Mark.SAME)).count("\n")
    assert "".join(_told(short, Mark.SAME)).count("\n") + left_out in (same, same + 1)


def test_words_that_changed_are_told_within_their_line() -> None:
    pieces = diff_texts("Anyone can withdraw.\nTwice.\n", "The owner can withdraw.\nTwice.\n")

    assert _told(pieces, Mark.REMOVED) == ["Anyone"]
    assert "".join(_told(pieces, Mark.ADDED)) == "The owner"
    assert pieces[-1] == Piece(Mark.SAME, " can withdraw.\nTwice.\n")


def test_far_lines_are_left_out_with_their_number() -> None:
    lines = [f"line {n}\n" for n in range(40)]
    before = "".join(lines)
    after = before.replace("line 20", "line twenty")

    short = shortened(diff_texts(before, after))

    assert [piece.lines for piece in short if piece.mark is Mark.SKIPPED] == [18, 17]
    assert _told(short, Mark.ADDED) == ["twenty"]


def test_texts_too_large_to_compare_are_told_as_a_whole() -> None:
    before = "\n".join(f"old {n}" for n in range(2_000))
    after = "\n".join(f"new {n}" for n in range(2_000))

    pieces = diff_texts(before, after)

    assert [piece.mark for piece in pieces] == [Mark.REMOVED, Mark.ADDED]


def test_a_sentence_written_anew_is_not_told_word_by_word() -> None:
    pieces = diff_texts("The old text of it.", "Anyone may call it.")

    assert _told(pieces, Mark.REMOVED) == ["The old text of it."]
    assert _told(pieces, Mark.ADDED) == ["Anyone may call it."]
