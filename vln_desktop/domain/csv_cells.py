"""What stands in the cells of a CSV file, which people open in a spreadsheet."""

from __future__ import annotations

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_cell(value: object) -> str:
    """Return a cell's text; one that a spreadsheet would run as a formula starts with a quote.

    The characters are those of OWASP's "CSV Injection"; a negative number stays one.
    """
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) and not _is_number(text) else text


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).lstrip("-").isdigit()
