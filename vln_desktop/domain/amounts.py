"""Reads numbers as people type them; the result is a Decimal, never a float."""

from __future__ import annotations

import re
from decimal import Decimal

from vln_desktop.errors import UserError

_BLANKS = " \u00a0\u202f\u2009'’"
_SHAPE = re.compile(r"[+-]?(\d+([.,]\d*)*|[.,]\d+)", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}([.,]\d{3})+", re.ASCII)
_LONGEST = 40


def parse_amount(text: str, decimal_point: str = ".") -> Decimal:
    """Return a typed number; comma and point are both understood.

    Where both stand, the last is the decimal point. One alone is the decimal point too, unless it
    is not the person's own `decimal_point` and stands as one that groups thousands would (1,234).
    Blanks and apostrophes between figures are dropped. Raises UserError for anything else.
    """
    typed = text.strip().translate(dict.fromkeys(map(ord, _BLANKS))).replace("−", "-")
    if len(typed) > _LONGEST or not _SHAPE.fullmatch(typed):
        raise UserError(f"“{text.strip()[:_LONGEST]}” is not a number." if typed else "A number is "
                        "missing.")  # fmt: skip
    point = _decimal_sign(typed, decimal_point)
    whole, sign, places = typed.rpartition(point) if point else (typed, "", "")
    if any(mark in whole for mark in ".,") and not _GROUPED.fullmatch(whole):
        raise UserError(f"“{text.strip()}” is not a number.")
    figures = whole.replace(",", "").replace(".", "")
    return Decimal(f"{figures or '0'}.{places}" if sign and places else figures or "0")


def _decimal_sign(typed: str, own: str) -> str:
    """Return which sign is the decimal point of a typed number; empty if there is none."""
    last = max(typed, key=lambda mark: typed.rfind(mark) if mark in ".," else -1)
    if last not in ".,":
        return ""
    other = "," if last == "." else "."
    if other in typed:
        return last
    several = typed.count(last) > 1
    groups = last != own and _GROUPED.fullmatch(typed) is not None
    return "" if several or groups else last


def typed_amount(value: Decimal, decimal_point: str = ".", least_places: int = 0) -> str:
    """Return a number as it is typed: no grouping, no zeros behind the last figure that counts."""
    text = f"{value:f}"
    whole, _, places = text.partition(".")
    places = places.rstrip("0").ljust(least_places, "0")
    return f"{whole}{decimal_point}{places}" if places else whole
