"""Reads confirmations of the EU's VAT service (VIES): the text of its page, or a table as CSV.

The text is what one copies from the page or its PDF; a table has the columns number (or country
and number), valid, date and reference, in any order, with a head.
"""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, datetime

from vln_desktop.domain.buyers import VatAnswer
from vln_desktop.errors import UserError

LARGEST_FILE = 1024 * 1024
SOURCE = "VIES"
_MEMBER = re.compile(r"Member State\s*:?\s*([A-Z]{2})\b")
_NUMBER = re.compile(r"VAT Number\s*:?\s*([A-Z]{2})?\s*([0-9A-Z+*. -]{2,20})")
_DATE = re.compile(r"Date when request received\s*:?\s*([0-9]{4}[-/][0-9]{2}[-/][0-9]{2}"
                   r"(?:[ T][0-9]{2}:[0-9]{2}(?::[0-9]{2})?)?)")  # fmt: skip
_REFERENCE = re.compile(r"Consultation Number\s*:?\s*([0-9A-Za-z-]{6,80})")
_FORMS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d", "%d.%m.%Y %H:%M", "%d.%m.%Y")
_YES = {"yes", "true", "valid", "1", "ja"}
_NO = {"no", "false", "invalid", "0", "nein"}


def read_confirmations(data: bytes) -> tuple[VatAnswer, ...]:
    """Return the answers of a file or of pasted text; raises UserError for anything else."""
    if len(data) > LARGEST_FILE:
        raise UserError("This file is too large for a confirmation.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError("A confirmation is text: copy it from the page or its PDF.") from error
    if _MEMBER.search(text):
        return (_from_page(text),)
    return _from_table(text)


def _from_page(text: str) -> VatAnswer:
    member, number = _MEMBER.search(text), _NUMBER.search(text)
    day, reference = _DATE.search(text), _REFERENCE.search(text)
    if member is None or number is None or day is None:
        raise UserError("The confirmation names no member state, VAT number or date.")
    lowered = text.casefold()
    invalid = "no, invalid vat number" in lowered or "invalid vat number" in lowered
    if not invalid and "valid vat number" not in lowered:
        raise UserError("The confirmation does not say whether the number is valid.")
    return VatAnswer(
        _joined(number[1] or member[1], number[2].partition("\n")[0]),
        _moment(day[1]), not invalid, SOURCE, reference[1] if reference else "",
    )  # fmt: skip


def _from_table(text: str) -> tuple[VatAnswer, ...]:
    first = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if ";" in first else ",")
    names = {(name or "").strip().casefold(): name for name in rows.fieldnames or ()}
    if not {"number", "valid", "date"} <= names.keys():
        raise UserError("A table of confirmations has the columns number, valid, date, reference.")
    answers = []
    for at, row in enumerate(rows, start=2):
        cells = {name: str(row.get(named) or "").strip() for name, named in names.items()}
        word = cells["valid"].casefold()
        if word not in _YES | _NO:
            raise UserError(f"Line {at} does not say yes or no in the column valid.")
        answers.append(
            VatAnswer(_joined(cells.get("country", ""), cells["number"]), _moment(cells["date"]),
                      word in _YES, cells.get("source") or SOURCE, cells.get("reference", ""))
        )  # fmt: skip
    if not answers:
        raise UserError("There is no confirmation in this file.")
    return tuple(answers)


def _joined(country: str, number: str) -> str:
    compact = re.sub(r"[\s.-]", "", number).upper()
    prefix = country.strip().upper()
    return compact if compact.startswith(prefix) else f"{prefix}{compact}"


def _moment(text: str) -> datetime:
    plain = " ".join(text.replace("/", "-").replace("T", " ").split())
    for form in _FORMS:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise UserError(f"“{text[:40]}” is no date.")
