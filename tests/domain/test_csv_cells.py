"""A cell of a CSV file is never run as a formula, and a number stays a number."""

from __future__ import annotations

import pytest

from vln_desktop.domain.csv_cells import csv_cell


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (None, ""),
        ("=1+1", "'=1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-2+3", "'-2+3"),
        ("\tx", "'\tx"),
        (-12.5, "-12.5"),
        ("Rounding = loss", "Rounding = loss"),
    ],
)
def test_a_cell_says_what_it_holds_and_runs_nothing(value: object, cell: str) -> None:
    assert csv_cell(value) == cell
