"""Tags and references are read as people type them, and come back as they are stored."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.domain.classification import (
    Reference,
    parse_references,
    parse_tags,
    references_text,
    tags_text,
)
from vln_desktop.errors import UserError


def test_tags_are_small_sorted_and_once() -> None:
    assert parse_tags("  #Oracle, upgradeability;ORACLE  erc-4626 ") == (
        "erc-4626", "oracle", "upgradeability",
    )  # fmt: skip
    assert parse_tags("") == ()


@pytest.mark.parametrize("typed", ["<b>", "a'b", "x" * 41, " ".join(f"t{n}" for n in range(21))])
def test_what_is_no_tag_is_refused(typed: str) -> None:
    with pytest.raises(UserError) as told:
        parse_tags(typed)
    assert told.value.field == "tags"


@given(st.lists(st.from_regex(r"[a-z0-9][a-z0-9.+-]{0,20}", fullmatch=True), max_size=20))
def test_tags_survive_being_shown(tags: list[str]) -> None:
    found = parse_tags(" ".join(tags))
    assert parse_tags(tags_text(found)) == found


@pytest.mark.parametrize(
    ("line", "reference"),
    [
        ("EIP-712 https://eips.example/712", Reference("https://eips.example/712", "EIP-712")),
        ("[EIP 712](https://eips.example/712)", Reference("https://eips.example/712", "EIP 712")),
        ("- https://a.example/x?y=(1)", Reference("https://a.example/x?y=(1)")),
        ("<https://a.example/>", Reference("https://a.example/")),
        ("https://a.example/ what they say", Reference("https://a.example/", "what they say")),
    ],
)
def test_a_reference_is_read_wherever_its_address_stands(line: str, reference: Reference) -> None:
    assert parse_references(f"\n{line}\n\n") == (reference,)


@pytest.mark.parametrize(
    "typed",
    [
        "EIP-712", "javascript:alert(1)", "file:///etc/passwd", "https://",
        "https://a.example https://b.example", "x" * 301 + " https://a.example",
        "https://a.example/" + "x" * 2_000, "https://a.example\n" * 51,
    ],
)  # fmt: skip
def test_what_is_no_reference_is_refused(typed: str) -> None:
    with pytest.raises(UserError) as told:
        parse_references(typed)
    assert told.value.field == "references"


@given(
    st.lists(
        st.tuples(
            st.from_regex(r"[A-Za-z0-9 ]{0,30}", fullmatch=True),
            st.from_regex(r"https://[a-z]{1,9}\.example/[a-z0-9/]{0,30}", fullmatch=True),
        ),
        max_size=5,
    )
)
def test_references_survive_being_shown(lines: list[tuple[str, str]]) -> None:
    found = parse_references("\n".join(f"{title} {url}" for title, url in lines))
    assert parse_references(references_text(found)) == found
