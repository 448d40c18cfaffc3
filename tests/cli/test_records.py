"""Lists and papers on the command line, as the people who may and may not have them."""

from __future__ import annotations

import csv
import json
import stat
from decimal import Decimal
from pathlib import Path

import pytest

from tests.firm import PASSWORD, Firm
from vln_desktop import cli

_NO_AGES = ("client", "currency", "balance")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("VLN_PASSWORD", PASSWORD)


def _call(firm: Firm, login: str, *words: str) -> int:
    person = firm.people[login]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("VLN_SESSION", person.token)
        return cli.main(["--url", firm.url, "--as", person.email, *words])


@pytest.mark.parametrize(
    ("login", "pane"),
    [("auditor.a", "findings"), ("finance", "invoices"), ("readonly", "audits"),
     ("finance", "quotes"), ("manager.a", "quotes"),
     ("admin", "activity"), ("manager.a", "invoices"), ("admin", "users"),
     ("manager.a", "users"), ("manager.a", "teams"), ("admin", "security_events")],
)  # fmt: skip
def test_a_list_is_one_document(
    firm: Firm, login: str, pane: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _call(firm, login, "list", pane, "--limit", "3", "--json") == 0

    records = json.loads(capsys.readouterr().out)
    assert 1 <= len(records) <= 3
    assert all(record["id"] for record in records)


def test_a_filter_leaves_what_it_says(firm: Firm, capsys: pytest.CaptureFixture[str]) -> None:
    number = firm.owner.execute(
        "SELECT number FROM vln.audit_requests WHERE id = %s", [firm.a.id("audit_requests")]
    ).fetchone()
    assert number is not None

    _call(firm, "finance", "list", "findings", "--filter", f"audit:{number[0]}", "--json")

    found = {record["number"] for record in json.loads(capsys.readouterr().out)}
    assert found
    assert all(name.startswith(f"{number[0]}-F") for name in found)


def test_money_is_listed_in_its_currency(firm: Firm, capsys: pytest.CaptureFixture[str]) -> None:
    _call(firm, "finance", "list", "invoices", "--json")

    stored = dict(firm.owner.execute("SELECT id::text, gross_minor FROM vln.invoices").fetchall())
    for record in json.loads(capsys.readouterr().out):
        digits = 0 if record["currency"] == "JPY" else 2
        assert record["gross"] == f"{stored[record['id']] / 10**digits:.{digits}f}"


@pytest.mark.parametrize(
    ("login", "words", "code", "said"),
    [
        ("readonly", ["list", "invoices"], 1, "may not read"),
        ("auditor.a", ["list", "nothing"], 2, "There is no pane"),
        ("auditor.a", ["list", "findings", "--filter", "sev:awful"], 2, "awful"),
        ("auditor.a", ["export", "report", "NONE-1", "--out", "x.pdf"], 2, "no audit"),
        ("auditor.a", ["export", "invoice", "R-1", "--out", "x.pdf"], 1, "does not allow"),
        ("auditor.a", ["export", "quote", "Q-1", "--out", "x.pdf"], 1, "does not allow"),
        ("finance", ["export", "quote", "Q-1", "--out", "x.pdf"], 2, "no quote"),
    ],
)
def test_what_cannot_be_had_is_said_in_one_line(
    firm: Firm,
    login: str,
    words: list[str],
    code: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert _call(firm, login, *words) == code

    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1


def test_a_report_is_written_whole_for_its_owner_only(firm: Firm, tmp_path: Path) -> None:
    (number,) = firm.owner.execute(
        "SELECT number FROM vln.audit_requests WHERE id = %s", [firm.b.id("audit_requests")]
    ).fetchone() or ("",)
    out = tmp_path / "report.pdf"

    assert _call(firm, "auditor.b", "export", "report", number, "--out", str(out)) == 0

    assert out.read_bytes().startswith(b"%PDF")
    assert stat.S_IMODE(out.stat().st_mode) == 0o600


def test_a_grid_is_written_as_csv_without_formulas(firm: Firm, tmp_path: Path) -> None:
    out = tmp_path / "findings.csv"
    firm.owner.execute(
        "UPDATE vln.findings SET title = '=HYPERLINK(1)' WHERE id = %s", [firm.a.id("findings")]
    )

    assert _call(firm, "auditor.a", "export", "grid", "findings", "--out", str(out)) == 0

    with out.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert "'=HYPERLINK(1)" in {row["title"] for row in rows}


def test_a_folder_that_is_missing_is_said(
    firm: Firm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "missing" / "findings.csv"

    assert _call(firm, "auditor.a", "export", "grid", "findings", "--out", str(out)) == 2

    assert "cannot be written" in capsys.readouterr().err


@pytest.mark.parametrize("by", ["number", "id"])
def test_the_log_of_one_record_is_listed(
    firm: Firm, by: str, capsys: pytest.CaptureFixture[str]
) -> None:
    finding = firm.a.id("findings")
    row = firm.owner.execute("SELECT number FROM vln.findings WHERE id = %s", [finding]).fetchone()
    assert row is not None
    word = row[0].lower() if by == "number" else str(finding)

    assert _call(firm, "auditor.a", "list", "activity", "--filter", f"record:{word}", "--json") == 0

    found = json.loads(capsys.readouterr().out)
    told = firm.owner.execute(
        "SELECT count(*) FROM vln.activity_logs WHERE record_id = %s", [finding]
    ).fetchone()
    assert told == (len(found),)
    assert {record["label"] for record in found} == {row[0]}


@pytest.mark.parametrize("login", ["auditor.b", "manager.b"])
def test_a_foreign_record_is_as_one_that_is_not_there(
    firm: Firm, login: str, capsys: pytest.CaptureFixture[str]
) -> None:
    row = firm.owner.execute(
        "SELECT number FROM vln.findings WHERE id = %s", [firm.a.id("findings")]
    ).fetchone()
    assert row is not None

    told = []
    for word in (row[0], "NOPE-1-F01"):
        assert _call(firm, login, "list", "activity", "--filter", f"record:{word}") != 0
        told.append(capsys.readouterr().err.replace(word, "…"))

    assert told[0] == told[1]
    assert "There is no record" in told[0]


def test_findings_go_out_as_markdown(
    firm: Firm, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    number = firm.owner.execute(
        "SELECT number FROM vln.audit_requests WHERE id = %s", [firm.a.id("audit_requests")]
    ).fetchone()
    assert number is not None
    folder = tmp_path / "new" / "folder"

    assert _call(firm, "auditor.a", "export", "findings", number[0], "--out", str(folder),
                 "--json") == 0  # fmt: skip

    told = json.loads(capsys.readouterr().out)
    assert told["findings"] == len(list(folder.glob(f"{number[0]}-F*.md"))) >= 1
    assert (folder / "mitigation.csv").exists()
    assert _call(firm, "auditor.b", "export", "findings", number[0], "--out", str(folder)) == 2
    assert "There is no audit" in capsys.readouterr().err


def test_a_sent_quote_is_written_as_pdf(firm: Firm, tmp_path: Path) -> None:
    (number,) = firm.owner.execute(
        "UPDATE vln.quotes SET status = 'sent' WHERE id = %s RETURNING number",
        [firm.a.id("quotes")],
    ).fetchone() or ("",)
    out = tmp_path / "quote.pdf"

    assert _call(firm, "finance", "export", "quote", number, "--out", str(out)) == 0

    assert out.read_bytes().startswith(b"%PDF-")


def test_receivables_are_listed_as_of_a_day(firm: Firm, capsys: pytest.CaptureFixture[str]) -> None:
    assert _call(firm, "finance", "receivables", "--json") == 0
    totals = json.loads(capsys.readouterr().out)
    assert totals
    for entry in totals:
        ages = [Decimal(entry[name]) for name in entry if name not in _NO_AGES]
        assert len(ages) == 6
        assert sum(ages) == Decimal(entry["balance"])

    assert _call(firm, "finance", "receivables", "--items", "--json") == 0
    items = json.loads(capsys.readouterr().out)
    assert sum(Decimal(one["open"]) for one in items) == sum(
        Decimal(one["balance"]) for one in totals
    )

    assert _call(firm, "finance", "receivables", "--as-of", "1990-01-01", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []
    assert _call(firm, "finance", "receivables", "--as-of", "1990-01-01") == 0
    assert capsys.readouterr().err.endswith("Nothing was open at the end of 1990-01-01.\n")


@pytest.mark.parametrize(
    ("login", "day", "told"),
    [("finance", "tomorrow", "is no day"), ("auditor.a", "2026-01-01", "Only finance")],
)
def test_receivables_refuse_in_one_sentence(
    firm: Firm, login: str, day: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _call(firm, login, "receivables", "--as-of", day) != 0
    assert told in capsys.readouterr().err
