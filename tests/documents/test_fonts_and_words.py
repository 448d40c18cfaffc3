"""Fonts hold what they promise and come with their licence; words exist in every language."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum

import pytest

from vln_desktop.documents import fonts
from vln_desktop.documents.styles import Ink
from vln_desktop.documents.text import Run, break_lines, natural_widths
from vln_desktop.documents.words import Words
from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.findings import (
    Category,
    ClientPosition,
    FindingKind,
    FindingStatus,
    Severity,
    Verdict,
)
from vln_desktop.domain.invoice_papers import AccountKind
from vln_desktop.domain.invoices import InvoiceKind, TaxCategory
from vln_desktop.domain.money import Money
from vln_desktop.domain.reports import LANGUAGES, ReportKind

EVERY = sorted(path.stem for path in fonts.folder().glob("*.ttf"))
FACES = [face for face in EVERY if face != fonts.CJK]
ALPHABETS = (
    "".join(map(chr, range(0x20, 0x7F)))
    + "äöüßÄÖÜéèêëçñøåæœłśžőűğışÿ€£–—„“”‘’…•·×−≥≤"
    + "".join(map(chr, range(0x410, 0x450)))
    + "ЁёЄєІіЇїҐґЎў№"
    + "".join(map(chr, (*range(0x391, 0x3A2), *range(0x3A3, 0x3CA))))
    + "άέήίόύώΆΈΉΊΌΎΏϊϋΐΰ"
)
WORDS: tuple[tuple[str, type[StrEnum], frozenset[str]], ...] = (
    ("report", ReportKind, frozenset()),
    ("severity", Severity, frozenset()),
    ("status", FindingStatus, frozenset()),
    ("finding", FindingKind, frozenset()),
    ("category", Category, frozenset()),
    ("position", ClientPosition, frozenset({"none"})),
    ("verdict", Verdict, frozenset({"none"})),
    ("service", ServiceType, frozenset()),
    ("invoice", InvoiceKind, frozenset()),
    ("tax", TaxCategory, frozenset()),
    ("pay", AccountKind, frozenset()),
    ("pay.number", AccountKind, frozenset()),
)


@pytest.mark.parametrize("face", EVERY)
def test_a_face_has_outlines_that_can_be_embedded(face: str) -> None:
    head = (fonts.folder() / f"{face}.ttf").read_bytes()[: 12 + 16 * 40]
    tables = {head[at : at + 4] for at in range(12, len(head), 16)}
    assert b"glyf" in tables
    assert b"CFF " not in tables


@pytest.mark.parametrize("face", FACES)
def test_every_face_draws_latin_cyrillic_and_greek(face: str) -> None:
    assert [part for part, _ in fonts.segments(face, ALPHABETS)] == [face]


def test_every_family_comes_with_its_licence() -> None:
    licences = [path.name for path in (fonts.folder() / "licences").iterdir()]
    families = ("Roboto", "JetBrainsMono", "DejaVu", "DroidSansFallback")
    assert all(face.startswith(families) for face in EVERY)
    assert all(any(name.startswith(family) for name in licences) for family in families)


def test_a_symbol_the_face_lacks_comes_from_another() -> None:
    assert fonts.segments(fonts.SANS, "a→b") == [
        (fonts.SANS, "a"),
        (fonts.SYMBOLS, "→"),
        (fonts.SANS, "b"),
    ]


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\u202e", "[U+202E]"),
        ("한글", "[U+D55C U+AE00]"),
        ("中文、かな", "中文、かな"),
        ("שלום", "[U+05E9 U+05DC U+05D5 U+05DD]"),
        ("\x00", "[U+0000]"),
        ("\ue000", "[U+E000]"),
        ("soft\u00adhyphen", "softhyphen"),
        ("e\u0301", "é"),
        ("\t", "    "),
        ("\ud800", "[U+D800]"),
    ],
)
def test_what_cannot_be_drawn_is_named(text: str, shown: str) -> None:
    assert "".join(part for _, part in fonts.segments(fonts.SANS, text)) == shown


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("prefix", "words", "silent"), WORDS)
def test_every_word_of_the_domain_can_be_printed(
    language: str, prefix: str, words: type[StrEnum], silent: frozenset[str]
) -> None:
    for word in words:
        if word.value not in silent:
            assert Words(language)(f"{prefix}.{word.value}")


@pytest.mark.parametrize(
    ("language", "money", "number", "percent", "day"),
    [
        ("en", "EUR\u00a0−1,234.50", "1,234.5", "8.1%", "3 March 2026"),
        ("de", "−1.234,50\u00a0EUR", "1.234,5", "8,1\u00a0%", "3. März 2026"),
    ],
)
def test_numbers_are_written_as_the_language_does(
    language: str, money: str, number: str, percent: str, day: str
) -> None:
    words = Words(language)
    assert words.money(Money(Decimal("-1234.50"), "EUR")) == money
    assert words.number(Decimal("1234.5"), 4) == number
    assert words.percent(Decimal("8.10")) == percent
    assert words.day(date(2026, 3, 3)) == day


def test_an_amount_without_minor_units_has_no_decimals() -> None:
    words = Words("en")
    assert words.amount(Money(Decimal(1234), "JPY")) == "1,234"
    assert words.money(Money(Decimal(1234), "JPY")) == "JPY\u00a01,234"
    assert words.number(Decimal("0.1234"), 4, 2) == "0.1234"
    assert words.number(Decimal(210), 4, 2) == "210.00"


def test_a_period_names_its_month_once() -> None:
    words = Words("en")
    first, last = date(2026, 3, 2), date(2026, 3, 20)
    assert words.days(first, last) == "2 – 20 March 2026"
    assert words.days(first, date(2026, 4, 1)) == "2 March – 1 April 2026"
    assert words.days(first, date(2027, 4, 1)) == "2 March 2026 – 1 April 2027"
    assert Words("de").days(first, date(2026, 4, 1)) == "2. März – 1. April 2026"
    assert words.days(first, first) == words.days(first, None) == "2 March 2026"
    assert words.days(None, None) == ""


@pytest.mark.parametrize(
    ("language", "code", "count", "said"),
    [
        ("en", "MON", "1", "month"),
        ("en", "MON", "-1", "month"),
        ("en", "HUR", "0.5", "hours"),
        ("de", "DAY", "1", "Tag"),
        ("de", "DAY", "2", "Tage"),
        ("de", "HUR", "12.5", "Stunden"),
        ("en", "C62", "3", ""),
        ("fr", "WEE", "2", "weeks"),
        ("de", "XZZ", "2", "XZZ"),
    ],
)
def test_units_are_words_of_one_or_more(language: str, code: str, count: str, said: str) -> None:
    assert Words(language).unit(code, Decimal(count)) == said


def test_countries_are_named_in_the_papers_language() -> None:
    assert [Words(language).country("DE") for language in ("en", "de")] == [
        "Germany",
        "Deutschland",
    ]
    assert Words("en").country("XX") == "XX"


def lines_of(text: str, width: float) -> list[str]:
    lines = break_lines((Run(text, Ink(size=10)),), width)
    return ["".join(piece.text for piece in line.pieces) for line in lines]


def test_chinese_breaks_between_characters_but_not_before_its_punctuation() -> None:
    assert lines_of("中文字符，中文（字）符", 41) == ["中文字", "符，中文", "（字）符"]
    assert lines_of("漢字vault.sol漢字", 41) == ["漢字", "vault.sol", "漢字"]


def test_a_column_of_chinese_needs_the_width_of_one_character() -> None:
    widest, whole = natural_widths((Run("中文字符", Ink(size=10)),))
    assert (widest, whole) == (10, 40)
