"""Tables as files, opened by a spreadsheet that had no part in writing them."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vln_desktop.formats import spreadsheets
from vln_desktop.formats.spreadsheets import Row, write_csv, write_xlsx

OFFICE = shutil.which("soffice")
needs_office = pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
MOMENT = datetime(2026, 3, 31, 22, 30, tzinfo=UTC)
HOSTILE = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("http://x")', "{=1}"]


def xlsx(titles: list[str], rows: list[Row]) -> bytes:
    file = io.BytesIO()
    assert write_xlsx(file, "invoices", titles, iter(rows)) == len(rows)
    return file.getvalue()


def opened(data: bytes, folder: Path, sheet: int = 1) -> list[list[str]]:
    """Return what LibreOffice shows of a workbook, as it would write it into a CSV file."""
    book = folder / "book.xlsx"
    book.write_bytes(data)
    # separator, quotes, UTF-8, from line 1, no column formats, language, quote all text, as shown
    options = (
        f"csv:Text - txt - csv (StarCalc):44,34,76,1,,1033,false,true,false,false,false,{sheet}"
    )
    done = subprocess.run(
        [str(OFFICE), f"-env:UserInstallation=file://{folder}/office", "--headless",
         "--convert-to", options, "--outdir", str(folder), str(book)],
        capture_output=True, text=True, timeout=150, check=False,
    )  # fmt: skip
    made = sorted(folder.glob("book*.csv"))
    assert made, done.stdout + done.stderr
    with made[0].open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


@needs_office
def test_a_spreadsheet_adds_up_to_the_same_cent_and_runs_nothing(tmp_path: Path) -> None:
    amounts = [Decimal("1234567.89"), Decimal("-0.01"), Decimal("0.00"), Decimal("19.90")]
    rows: list[Row] = [(f"R-{at}", amount, "EUR") for at, amount in enumerate(amounts)]
    rows += [(text, None, "x") for text in HOSTILE]
    shown = opened(xlsx(["number", "gross", "currency"], rows), tmp_path)

    assert shown[0] == ["number", "gross", "currency"]
    told = [Decimal(line[1].replace(",", "")) for line in shown[1:5]]
    assert sum(told) == sum(amounts)
    kept = [line[0].strip() for line in shown[5:]]
    assert kept == [text.strip() for text in HOSTILE]


@needs_office
def test_days_moments_and_truths_are_what_they_are(tmp_path: Path) -> None:
    row = (date(2026, 3, 31), MOMENT, True, 42, Decimal("1.2345"), Decimal("123456789012345678.9"))
    titles, shown = opened(xlsx(list("abcdef"), [row]), tmp_path)
    assert shown == [
        "2026-03-31", "2026-03-31 22:30:00", "TRUE", "42", "1.2345", "123456789012345678.9",
    ]  # fmt: skip
    assert titles[:2] == ["a", "b (UTC)"]


def test_no_cell_of_a_workbook_is_a_formula_or_a_link() -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx(["a"], [(text,) for text in HOSTILE]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert "<hyperlink" not in sheet


def test_more_rows_than_a_sheet_has_go_on_in_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheets, "SHEET_ROWS", 1_000)
    with zipfile.ZipFile(io.BytesIO(xlsx(["a"], [(at,) for at in range(2_500)]))) as book:
        sheets = [book.read(name).decode() for name in sorted(book.namelist())
                  if name.startswith("xl/worksheets/sheet")]  # fmt: skip
    assert [sheet.count("<row ") for sheet in sheets] == [1_000, 1_000, 503]


def test_a_text_longer_than_a_cell_is_cut_with_a_mark() -> None:
    with zipfile.ZipFile(io.BytesIO(xlsx(["a"], [("x" * 40_000,)]))) as book:
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    assert "x" * 32_766 + "…" in sheet
    assert "x" * 32_767 not in sheet


def test_an_empty_table_has_its_header() -> None:
    assert b"sheet1" in xlsx(["a", "b"], [])


def test_memory_does_not_grow_with_the_rows() -> None:
    def peak(rows: int) -> int:
        tracemalloc.start()
        with io.BytesIO() as file:
            write_xlsx(file, "x", ["a", "b"], ((at, f"row {at}") for at in range(rows)))
            size = file.getbuffer().nbytes
        found = tracemalloc.get_traced_memory()[1] - size
        tracemalloc.stop()
        return found

    peak(10)
    assert peak(20_000) < 3 * peak(2_000) + 1_000_000


@given(st.lists(st.tuples(st.text(max_size=30), st.decimals(allow_nan=False, places=2,
                min_value=-10**9, max_value=10**9)), max_size=20))  # fmt: skip
@settings(max_examples=60, deadline=None)
def test_any_csv_is_read_back_and_runs_nothing(rows: list[tuple[str, Decimal]]) -> None:
    file = io.BytesIO()
    assert write_csv(file, ["text", "amount"], rows) == len(rows)
    read = list(csv.reader(io.StringIO(file.getvalue().decode("utf-8-sig"), newline="")))
    assert len(read) == len(rows) + 1
    for (text, amount), (cell, number) in zip(rows, read[1:], strict=True):
        assert Decimal(number) == amount
        assert cell.removeprefix("'") == text.removeprefix("'") or cell == f"'{text}"
        assert not cell.startswith(("=", "@", "\t", "\r"))
