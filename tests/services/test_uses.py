"""What leaves the database is told in the security events: what and how much, never a text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.firm import Firm
from vln_desktop import cli
from vln_desktop.documents.press import InlinePress
from vln_desktop.errors import UserError
from vln_desktop.services.directory import Directory
from vln_desktop.services.invoice_papers import InvoicePapers
from vln_desktop.services.report_papers import ReportPapers


def noted(firm: Firm, login: str) -> list[tuple[str, dict[str, Any]]]:
    rows = firm.owner.execute(
        "SELECT kind, detail FROM vln.security_events WHERE person_id = %s AND actor_id = %s"
        " AND kind IN ('exported', 'viewed') ORDER BY created_at, id",
        [firm.people[login].id] * 2,
    )
    return [(kind, detail) for kind, detail in rows]


def number_of(firm: Firm) -> str:
    row = firm.owner.execute(
        "SELECT number FROM vln.audit_requests WHERE id = %s", [firm.a.id("audit_requests")]
    ).fetchone()
    assert row is not None
    return str(row[0])


def reports_of(firm: Firm, login: str) -> ReportPapers:
    database = firm.sign_in(login)
    return ReportPapers(database, Directory.load(database), InlinePress())


def test_a_report_that_is_opened_or_written(firm: Firm, tmp_path: Path) -> None:
    service, audit = reports_of(firm, "auditor.a"), firm.a.id("audit_requests")
    service.print(audit)
    service.write(audit, tmp_path / "report.pdf")

    told = {"what": "report", "audit": number_of(firm), "draft": False}
    assert noted(firm, "auditor.a") == [("viewed", told), ("exported", told)]


def test_nothing_is_told_of_what_was_not_written(firm: Firm, tmp_path: Path) -> None:
    with pytest.raises(UserError):
        reports_of(firm, "auditor.a").write(
            firm.a.id("audit_requests"), tmp_path / "none" / "report.pdf"
        )
    assert noted(firm, "auditor.a") == []


def test_an_invoice_that_is_written_or_sent_to_a_printer(firm: Firm, tmp_path: Path) -> None:
    papers = InvoicePapers(firm.sign_in("finance"), InlinePress())
    invoice, sent = firm.a.named["issued_invoice"], list[bytes]()
    papers.print(invoice)  # only looked at in the window
    pdf = papers.save(invoice, tmp_path / "invoice.pdf")
    papers.hand_out(invoice, sent.append)

    told = ("exported", {"what": "invoice", "number": papers.paper(invoice).number})
    assert noted(firm, "finance") == [told, told]
    assert pdf == (tmp_path / "invoice.pdf").read_bytes()
    assert sent[0].startswith(b"%PDF")


def test_a_list_tells_how_many_rows_and_no_words(
    firm: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, out = firm.people["auditor.a"], tmp_path / "findings.csv"
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("VLN_PASSWORD", "correct horse battery staple")
    monkeypatch.setenv("VLN_SESSION", person.token)
    words = ["--url", firm.url, "--as", person.email, "export", "grid", "findings"]
    assert cli.main([*words, "--out", str(out), "--filter", "reentrancy"]) == 0

    rows = len(out.read_text("utf-8").splitlines()) - 1
    assert noted(firm, "auditor.a") == [
        ("exported", {"what": "findings", "rows": rows, "filtered": True})
    ]
