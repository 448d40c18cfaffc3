"""Mentions: whole names, the longest first, in any case of letters."""

from __future__ import annotations

from uuid import UUID

import pytest

from vln_desktop.domain.mentions import Reader, begun_mention, mentioned

ANA, MARIA, JO, TWIN = (UUID(int=n) for n in range(1, 5))
READERS = (Reader(ANA, "Ana"), Reader(MARIA, "Ana Maria Łuk"), Reader(JO, "Jo O'Neil (VLN)"))


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@Ana look", {ANA}),
        ("look, @ana.", {ANA}),
        ("@Ana Maria Łuk and only her", {MARIA}),
        ("@Ana Maria Łuk and @Ana", {MARIA, ANA}),
        ("(@jo o'neil (vln))", {JO}),
        ("@Anabel is another", set()),
        ("mail ana@Ana.example", set()),
        ("@@Ana", set()),
        ("Ana", set()),
        ("@", set()),
        ("", set()),
    ],
)
def test_who_is_mentioned(text: str, who: set[UUID]) -> None:
    assert mentioned(text, READERS) == who


def test_two_people_of_one_name_are_both_meant() -> None:
    assert mentioned("@ana", [Reader(ANA, "Ana"), Reader(TWIN, "Ana")]) == {ANA, TWIN}


@pytest.mark.parametrize(
    ("before", "begun"),
    [("@", ""), ("see @An", "An"), ("(@Ana Ma", "Ana Ma"), ("mail a@b", None), ("none", None),
     ("@" + "x" * 61, None)],
)  # fmt: skip
def test_what_is_begun(before: str, begun: str | None) -> None:
    assert begun_mention(before) == begun
