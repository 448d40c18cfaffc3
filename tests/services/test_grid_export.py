"""A grid as a file: the rows and rights of the person, whole or not at all."""

from __future__ import annotations

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from tests.factories import new
from tests.firm import Firm
from vln_desktop.domain.paging import Query, Sort
from vln_desktop.errors import Cancelled, NotPermitted, UserError
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grid_export import export_grid
from vln_desktop.services.grids import INVOICES


def source_of(firm: Firm, login: str = "finance") -> GridSource:
    return GridSource(firm.sign_in(login), INVOICES)


def everything(source: GridSource, line: str = "") -> Query:
    return Query(source.default_sort, source.parse(line))


def read(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def test_a_list_is_written_with_the_titles_and_order_of_the_window(
    firm: Firm, tmp_path: Path
) -> None:
    for _ in range(450):  # more than two pages
        new(firm.owner, "invoices", firm.a)
    source, told = source_of(firm), list[int]()
    out = tmp_path / "invoices.csv"
    query = Query(Sort("number", descending=False), source.parse(""))

    written = export_grid(source, out, query, [("number", "No."), ("gross", "Gross")], told.append)

    titles, *rows = read(out)
    assert titles == ["No.", "Gross"]
    assert len(rows) == written >= 450
    assert [number for number, _ in rows] == sorted(number for number, _ in rows)
    assert told[:3] == [0, 200, 400]
    total = firm.owner.execute("SELECT sum(gross_minor) FROM vln.invoices").fetchone()
    assert total is not None
    assert sum(Decimal(gross) for _, gross in rows) * 100 == total[0]


def test_a_filter_leaves_its_rows_and_the_export_is_noted(firm: Firm, tmp_path: Path) -> None:
    source = source_of(firm)
    written = export_grid(source, tmp_path / "a.xlsx", everything(source, "kind:standard"))
    assert written > 0
    noted = firm.owner.execute(
        "SELECT detail FROM vln.security_events WHERE kind = 'exported' ORDER BY id DESC LIMIT 1"
    ).fetchone()
    assert noted is not None
    assert (noted[0]["what"], noted[0]["rows"], noted[0]["filtered"]) == (
        "invoices", written, True,
    )  # fmt: skip


def test_who_may_not_list_does_not_export(firm: Firm, tmp_path: Path) -> None:
    out = tmp_path / "a.csv"
    source = source_of(firm, "auditor.a")
    with pytest.raises(NotPermitted):
        export_grid(source, out, everything(source))
    assert list(tmp_path.iterdir()) == []


def test_an_export_that_is_stopped_leaves_no_half_file(firm: Firm, tmp_path: Path) -> None:
    def stop(_rows: int) -> None:
        raise Cancelled("Cancelled.")

    source = source_of(firm)
    for name in ("a.csv", "a.xlsx"):
        with pytest.raises(Cancelled):
            export_grid(source, tmp_path / name, everything(source), told=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["list.ods", "list", "list.xls"])
def test_another_ending_is_said(firm: Firm, tmp_path: Path, name: str) -> None:
    source = source_of(firm)
    with pytest.raises(UserError, match=r"\.csv or \.xlsx"):
        export_grid(source, tmp_path / name, everything(source))
