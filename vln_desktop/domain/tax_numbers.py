"""Tax numbers of sellers and buyers: which kind a country gives, and whether the digits fit."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from vln_desktop.errors import UserError

EU = (
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT",
    "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
)  # fmt: skip
"""The members of the union's VAT area. Northern Ireland (XI) counts for goods only."""

LONGEST_NUMBER = 40
_OTHERS = {"GB": "gb.vat", "CH": "ch.vat", "NO": "no.mva", "US": "us.ein", "AU": "au.abn",
           "SG": "sg.uen", "CA": "ca.bn", "IN": "in_.gstin"}  # fmt: skip
"""Countries outside the union whose numbers have check digits or a form that can be told."""


def in_eu(country: str) -> bool:
    """Tell whether a country (ISO 3166) is a member of the union's VAT area."""
    return country in EU


def clean_country(country: str, field: str = "country") -> str:
    """Return a country's code in capitals; raises UserError for what is no such code."""
    code = country.strip().upper()
    if not re.fullmatch("[A-Z]{2}", code):
        raise UserError("A country is two letters, such as DE or US.", field=field)
    return code


def clean_tax_number(country: str, number: str, field: str = "number") -> str:
    """Return a tax number as it goes on invoices, without spaces where the country has a check.

    Raises UserError for digits that do not fit. Numbers of countries that nobody can check are
    taken as they are typed.
    """
    text = " ".join(number.split())
    if not text or len(text) > LONGEST_NUMBER or not text.isprintable():
        raise UserError(f"A tax number has 1 to {LONGEST_NUMBER} characters.", field=field)
    check = _check_of(country)
    if check is None:
        return text
    bare = re.sub(r"^EIN[\s:]*", "", text) if country == "US" else text
    if not check.is_valid(bare):
        raise UserError(
            f"This is no tax number of {country}: form or check digits do not fit.", field=field
        )
    if in_eu(country):
        compact: str = check.compact(bare)
        prefix = "EL" if country == "GR" else country
        return compact if compact.startswith(prefix) else f"{prefix}{compact}"
    return text


def can_check(country: str) -> bool:
    """Tell whether the digits of a country's tax numbers can be checked."""
    return _check_of(country) is not None


@lru_cache
def _check_of(country: str) -> Any:
    """Return stdnum's module for a country; imported with the first number that is typed."""
    from stdnum import get_cc_module  # noqa: PLC0415

    if in_eu(country):
        return get_cc_module(country, "vat")
    name = _OTHERS.get(country)
    return get_cc_module(country, name.partition(".")[2].rstrip("_")) if name else None
