"""Titles and Markdown of findings; hostile texts take no longer than others."""

from __future__ import annotations

import pytest

from vln_desktop.domain.scans import ScanRule
from vln_desktop.formats.texts import fenced, slither_function, slither_markdown, title_of

RULE = ScanRule("R1", "R1", "name-of-rule", "What the rule is about.")


@pytest.mark.parametrize(
    ("message", "title"),
    [
        ("Reentrancy in V.w() (a.sol#3-8):\n\tmore", "Reentrancy in V.w()"),
        ("\n\n  It leaks. And more of it.", "It leaks"),
        ("", "What the rule is about"),
        ("x" * 500, "What the rule is about"),
        ("Uses v1.2 of a.b", "Uses v1.2 of a.b"),
    ],
)
def test_title(message: str, title: str) -> None:
    assert title_of(message, RULE) == title


def test_a_title_without_a_summary_is_cut_at_a_word() -> None:
    title = title_of("many words " * 100, ScanRule("R1"))
    assert len(title) <= 200
    assert title.endswith(("many…", "words…"))


def test_links_of_slither_become_code_with_their_place() -> None:
    text = "In [V.w(uint256[])](a.sol#L3-L8):\n\t- [m[x] = y[z[0]]](b.sol#L4)\n\tsee [V](c.sol)"
    assert slither_markdown(text) == (
        "In `V.w(uint256[])` (a.sol:3-8):\n- `m[x] = y[z[0]]` (b.sol:4)\nsee `V` (c.sol)"
    )


@pytest.mark.parametrize("text", ["](a.sol#L1)", "a] [b](c", "[](x)", "no links"])
def test_broken_links_stay_text(text: str) -> None:
    assert slither_markdown(text) in (text, "`` (x)")


@pytest.mark.parametrize(
    ("markdown", "function"),
    [
        ("Reentrancy in [V.w(uint256[],int8)](a.sol#L3)", "V.w(uint256[],int8)"),
        ("[V.w(address)._to](a.sol#L3) is not in mixedCase", "V.w(address)._to"),
        ("Detected [THROW](a.sol#L3)", ""),
        ("[i < a.length](a.sol#L3) in [V.w()](a.sol#L1)", ""),
        ("nothing", ""),
    ],
)
def test_function_that_slither_names_first(markdown: str, function: str) -> None:
    assert slither_function(markdown) == function


@pytest.mark.parametrize(
    ("text", "closed"),
    [
        ("```\ncode", "```\ncode\n```\n"),
        ("```\ncode\n```", "```\ncode\n```"),
        ("````\n```\ncode", "````\n```\ncode\n````\n"),
        ("~~~ sol\n```\n", "~~~ sol\n```\n~~~\n"),
        ("no fence", "no fence"),
    ],
)
def test_open_fences_are_closed(text: str, closed: str) -> None:
    assert fenced(text) == closed


@pytest.mark.timeout(20)
@pytest.mark.parametrize("piece", ["[", "](", " ", "(", "(#1", "[a](", "\t", "```\n", "](a)"])
def test_a_hostile_text_is_no_trap(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    assert title_of(text, RULE)
    slither_markdown(text)
    slither_function(text)
    fenced(text)
