"""The filter line of every grid: typed tokens and free words, read from text and written back.

`status:open sev:high,critical assignee:me created:>2026-01-01 -tag:x "free words"`
A leading `-` turns a token round; commas mean "any of"; double quotes keep spaces and colons.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import assert_never

from vln_desktop.domain.permissions import Right
from vln_desktop.errors import UserError

MAX_TEXT = 1_000
"""Longest filter line in characters; longer ones are pasted by mistake."""

MAX_VALUES = 50
"""Most alternatives in one token."""


class Kind(StrEnum):
    """What the values of a token are."""

    CHOICE = "choice"
    TEXT = "text"
    NUMBER = "number"
    MONEY = "money"
    DATE = "date"
    PERSON = "person"
    FLAG = "flag"


class Operator(StrEnum):
    """How a token compares; the value is what people type between the colon and the value."""

    IS = ""
    ABOVE = ">"
    FROM = ">="
    BELOW = "<"
    UP_TO = "<="
    BETWEEN = ".."


ORDERED = frozenset({Kind.NUMBER, Kind.MONEY, Kind.DATE})
"""Kinds that can be compared by more and less."""

ME = "me"
NOBODY = "none"


@dataclass(frozen=True, slots=True)
class Choice:
    """One word of a closed list; `value` is what the column stores (by default the word)."""

    word: str
    value: object = None
    aliases: tuple[str, ...] = ()

    @property
    def stored(self) -> object:
        """What the column holds for this word."""
        return self.word if self.value is None else self.value


def choices_of(words: Iterable[str]) -> tuple[Choice, ...]:
    """Make choices of words that are stored as they are typed (also a StrEnum class)."""
    return tuple(Choice(str(word)) for word in words)


@dataclass(frozen=True, slots=True)
class FilterField:
    """A token that a grid understands; a person who lacks `needs` does not have it."""

    token: str
    kind: Kind
    aliases: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    needs: Right | None = None

    def choice(self, word: str) -> Choice | None:
        """Return the choice that a word stands for, in either case."""
        wanted = word.casefold()
        for choice in self.choices:
            if wanted == choice.word.casefold() or wanted in choice.aliases:
                return choice
        return None


@dataclass(frozen=True, slots=True)
class Days:
    """A stretch of days as typed: `2026`, `2026-01`, `2026-01-31`, `today`, `yesterday`, `7d`."""

    text: str

    def range(self, today: date) -> tuple[date, date]:
        """Return the first day and the day after the last."""
        if self.text == "today":
            return today, today + timedelta(days=1)
        if self.text == "yesterday":
            return today - timedelta(days=1), today
        if self.text.endswith("d"):
            return today - timedelta(days=int(self.text[:-1])), today + timedelta(days=1)
        parts = [int(part) for part in self.text.split("-")]
        year, month, day = [*parts, 1, 1][:3]
        start = date(year, month, day)
        if len(parts) == 3:
            return start, start + timedelta(days=1)
        if len(parts) == 2 and month < 12:
            return start, date(year, month + 1, 1)
        return start, date(year + 1, 1, 1)


Value = str | int | Decimal | bool | Days


@dataclass(frozen=True, slots=True)
class Condition:
    """One token: any of `values`, compared by `operator`; BETWEEN has exactly two of them."""

    token: str
    operator: Operator
    values: tuple[Value, ...]
    negated: bool = False

    @property
    def text(self) -> str:
        """The condition as one types it, with its full token name."""
        sign = "-" if self.negated else ""
        if self.operator is Operator.BETWEEN:
            first, last = self.values
            return f"{sign}{self.token}:{_written(first)}..{_written(last)}"
        values = ",".join(_written(value) for value in self.values)
        return f"{sign}{self.token}:{self.operator.value}{values}"


@dataclass(frozen=True, slots=True)
class Filter:
    """A parsed filter line: all conditions and all words must hold."""

    conditions: tuple[Condition, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """The line that parses to this filter again."""
        parts = [condition.text for condition in self.conditions]
        parts += [_quoted(word) if _needs_quotes(word) else word for word in self.words]
        return " ".join(parts)

    def __bool__(self) -> bool:
        return bool(self.conditions or self.words)


EVERYTHING = Filter()
"""The filter that hides nothing."""


class FilterError(UserError):
    """A filter line that cannot be read; `start` and `end` mark the wrong characters."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message, field="filter")
        self.start = start
        self.end = end


@dataclass(frozen=True, slots=True)
class _Piece:
    """Characters between blanks; `plain` has quoted characters blanked out, to find signs in."""

    text: str
    start: int
    plain: str = field(repr=False)

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def parse(text: str, fields: Sequence[FilterField]) -> Filter:
    """Read a filter line; raises FilterError with one sentence and the place of the fault."""
    if len(text) > MAX_TEXT:
        raise FilterError(f"A filter has at most {MAX_TEXT} characters.", MAX_TEXT, len(text))
    if "\0" in text:
        at = text.index("\0")
        raise FilterError("A filter cannot hold the NUL character.", at, at + 1)
    by_name = {name: item for item in fields for name in (item.token, *item.aliases)}
    conditions: list[Condition] = []
    words: list[str] = []
    for piece in _pieces(text):
        if ":" in piece.plain:
            conditions.append(_condition(piece, by_name))
        elif word := _unquoted(piece.text):
            words.append(word)
    return Filter(tuple(conditions), tuple(words))


def _pieces(text: str) -> list[_Piece]:
    """Split at blanks outside quotes."""
    pieces: list[_Piece] = []
    at = 0
    while at < len(text):
        if text[at].isspace():
            at += 1
            continue
        end = _end_of_piece(text, at)
        pieces.append(_Piece(text[at:end], at, _blanked(text[at:end])))
        at = end
    return pieces


def _end_of_piece(text: str, start: int) -> int:
    at = start
    while at < len(text) and not text[at].isspace():
        if text[at] == '"':
            close = text.find('"', at + 1)
            if close < 0:
                raise FilterError("A quotation mark is not closed.", at, len(text))
            at = close
        at += 1
    return at


def _blanked(text: str) -> str:
    """Replace quoted characters by a letter, so that signs inside quotes are not seen."""
    return re.sub(r'"[^"]*"', lambda match: "x" * len(match[0]), text)


def _unquoted(text: str) -> str:
    return text.replace('"', "").strip()


def _condition(piece: _Piece, by_name: dict[str, FilterField]) -> Condition:
    colon = piece.plain.index(":")
    negated = piece.text.startswith("-")
    name = piece.text[int(negated) : colon].casefold()
    known = by_name.get(name)
    if known is None:
        raise FilterError(
            f"There is no filter “{name}”; put the words in quotation marks to search for them.",
            piece.start,
            piece.start + max(colon, 1),
        )
    rest = _Piece(piece.text[colon + 1 :], piece.start + colon + 1, piece.plain[colon + 1 :])
    if not rest.text:
        raise FilterError(f"“{known.token}:” needs a value.", piece.start, piece.end)
    operator, values = _operands(known, rest)
    return Condition(known.token, operator, values, negated)


def _operands(known: FilterField, rest: _Piece) -> tuple[Operator, tuple[Value, ...]]:
    if known.kind in ORDERED:
        if ".." in rest.plain:
            return Operator.BETWEEN, _both_ends(known, rest)
        for operator in (Operator.FROM, Operator.UP_TO, Operator.ABOVE, Operator.BELOW):
            if rest.text.startswith(operator.value):
                return operator, (_value(known, _after(rest, len(operator.value))),)
    parts = _split(rest, ",")
    if len(parts) > MAX_VALUES:
        raise FilterError(f"A token has at most {MAX_VALUES} values.", rest.start, rest.end)
    values = tuple(dict.fromkeys(_value(known, part) for part in parts))
    return Operator.IS, values


def _both_ends(known: FilterField, rest: _Piece) -> tuple[Value, ...]:
    parts = _split(rest, "..")
    if len(parts) != 2:
        raise FilterError("A range has two ends, as in 1..5.", rest.start, rest.end)
    return tuple(_value(known, part) for part in parts)


def _after(piece: _Piece, count: int) -> _Piece:
    return _Piece(piece.text[count:], piece.start + count, piece.plain[count:])


def _split(piece: _Piece, sign: str) -> list[_Piece]:
    """Split at a sign outside quotes."""
    parts: list[_Piece] = []
    at = 0
    for plain in piece.plain.split(sign):
        text = piece.text[at : at + len(plain)]
        parts.append(_Piece(text, piece.start + at, plain))
        at += len(plain) + len(sign)
    return parts


def _value(known: FilterField, piece: _Piece) -> Value:
    word = _unquoted(piece.text)
    if not word:
        start = piece.start if piece.text else piece.start - 1
        raise FilterError(f"“{known.token}:” has an empty value.", start, max(piece.end, start + 1))
    try:
        return _read(known, word)
    except _Unreadable as error:
        raise FilterError(str(error), piece.start, piece.end) from None


class _Unreadable(Exception):
    """Says why a word is no value of its token."""


def _read(known: FilterField, word: str) -> Value:
    match known.kind:
        case Kind.CHOICE:
            return _choice(known, word)
        case Kind.TEXT | Kind.PERSON:
            return word
        case Kind.NUMBER:
            return _number(word)
        case Kind.MONEY:
            return _money(word)
        case Kind.DATE:
            return _days(word)
        case Kind.FLAG:
            return _flag(known, word)
        case _:
            assert_never(known.kind)


def _choice(known: FilterField, word: str) -> str:
    choice = known.choice(word)
    if choice is None:
        words = ", ".join(item.word for item in known.choices)
        raise _Unreadable(f"“{word}” is not a {known.token}; choose from {words}.")
    return choice.word


def _number(word: str) -> int:
    if not re.fullmatch(r"-?[0-9]{1,18}", word):
        raise _Unreadable(f"“{word}” is not a whole number.")
    return int(word)


def _money(word: str) -> Decimal:
    if not re.fullmatch(r"-?[0-9]{1,13}(\.[0-9]{1,4})?", word):
        raise _Unreadable(f"“{word}” is not an amount; write it as 1250 or 1250.50.")
    return Decimal(word)


_DAY_WORDS = re.compile(r"today|yesterday|[0-9]{1,4}d|[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


def _days(word: str) -> Days:
    days = Days(word.casefold())
    try:
        readable = _DAY_WORDS.fullmatch(days.text) and days.range(date(2000, 1, 1))
    except (ValueError, OverflowError):
        readable = None
    if not readable:
        raise _Unreadable(f"“{word}” is not a date; write 2026-01-31, 2026-01, 2026, today or 7d.")
    return days


_FLAGS = {"yes": True, "true": True, "no": False, "false": False}


def _flag(known: FilterField, word: str) -> bool:
    flag = _FLAGS.get(word.casefold())
    if flag is None:
        raise _Unreadable(f"“{known.token}:” is yes or no.")
    return flag


def _written(value: Value) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Days):
        return value.text
    if isinstance(value, str):
        return _quoted(value) if _needs_quotes(value) else value
    return str(value)


def _needs_quotes(word: str) -> bool:
    return bool(re.search(r"[\s:,]|\.\.|^[-<>=]", word))


def _quoted(word: str) -> str:
    return f'"{word}"'


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion: `text` replaces the characters from `start` to `end`."""

    text: str
    start: int
    end: int


def suggest(
    text: str, cursor: int, fields: Sequence[FilterField], people: Sequence[str] = ()
) -> tuple[Suggestion, ...]:
    """Offer token names, or the choices of the token that the cursor is in.

    `people` are the e-mail addresses offered for tokens of persons.
    """
    start = cursor
    while start > 0 and not text[start - 1].isspace():
        start -= 1
    typed = text[start:cursor]
    if ":" not in typed:
        sign = "-" if typed.startswith("-") else ""
        names = [f"{sign}{item.token}:" for item in fields]
        return _matching(names, typed, start, cursor)
    name, _, rest = typed.removeprefix("-").partition(":")
    known = next((item for item in fields if name in (item.token, *item.aliases)), None)
    if known is None:
        return ()
    last = rest.rpartition(",")[2]
    return _matching(_words_of(known, people), last, cursor - len(last), cursor)


def _words_of(known: FilterField, people: Sequence[str]) -> list[str]:
    if known.kind is Kind.PERSON:
        return [ME, NOBODY, *people]
    if known.kind is Kind.DATE:
        return ["today", "yesterday", "7d", "30d"]
    if known.kind is Kind.FLAG:
        return ["yes", "no"]
    return [choice.word for choice in known.choices]


def _matching(words: list[str], typed: str, start: int, end: int) -> tuple[Suggestion, ...]:
    wanted = typed.casefold()
    return tuple(
        Suggestion(_quoted(word) if " " in word else word, start, end)
        for word in words
        if word.casefold().startswith(wanted)
    )
