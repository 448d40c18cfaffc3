"""Findings go out as files and come in again: nothing is lost, nothing newer is undone unasked."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from tests.firm import Firm
from vln_desktop.domain.finding_drafts import FindingDraft, draft_of
from vln_desktop.domain.findings import Severity, TriageField
from vln_desktop.errors import NotPermitted, UserError
from vln_desktop.services.finding_files import TABLE_NAME, Becomes, FindingFiles
from vln_desktop.services.findings import FindingsService

DRAFT = FindingDraft(
    "=Drained", "Text", "", "", "", "proof", severity=Severity.HIGH, tags="oracle",
    references="https://a.example",
)  # fmt: skip


@pytest.fixture
def findings(firm: Firm) -> FindingsService:
    return FindingsService(firm.sign_in("auditor.a"))


@pytest.fixture
def files(firm: Firm) -> FindingFiles:
    database = firm.sign_in("auditor.a")
    return FindingFiles(database, FindingsService(database))


@pytest.fixture
def audit(firm: Firm) -> UUID:
    return firm.a.id("audit_requests")


def _file(tmp_path: Path, findings: FindingsService, finding: UUID) -> Path:
    return tmp_path / f"{findings.get(finding).number}.md"


def test_what_went_out_comes_in_as_the_same(
    files: FindingFiles, findings: FindingsService, audit: UUID, tmp_path: Path
) -> None:
    made = findings.create(audit, DRAFT)
    count = files.write(audit, tmp_path)
    written = sorted(tmp_path.glob("*.md"))
    assert len(written) == count
    assert {plan.becomes for plan in files.plan(audit, written)} == {Becomes.SAME}

    with (tmp_path / TABLE_NAME).open(encoding="utf-8-sig", newline="") as table:
        rows = {row["number"]: row for row in csv.DictReader(table)}
    assert rows[findings.get(made).number]["title"] == "'=Drained"
    assert len(rows) == count


def test_changes_are_taken_in_and_new_files_become_findings(
    files: FindingFiles, findings: FindingsService, audit: UUID, tmp_path: Path
) -> None:
    made = findings.create(audit, DRAFT)
    files.write(audit, tmp_path)
    file = _file(tmp_path, findings, made)
    text = file.read_text()
    file.write_text(text.replace("\n\nText\n", "\n\nBetter text\n"))
    fresh = tmp_path / "fresh.md"
    number = findings.get(made).number
    fresh.write_text(text.replace(f'number = "{number}"', 'number = ""'))

    changed, new = files.plan(audit, [file, fresh])
    assert (changed.becomes, changed.fields, changed.stale) == (
        Becomes.CHANGED, ("description",), False,
    )  # fmt: skip
    assert (new.becomes, new.title) == (Becomes.NEW, "=Drained")
    changes, refused = files.apply(audit, [changed, new])
    assert refused == ()
    assert findings.get(made).description == "Better text"
    [other] = changes.ids - {made}
    assert draft_of(findings.get(other)) == DRAFT


def test_what_was_changed_here_since_is_told_as_stale(
    files: FindingFiles, findings: FindingsService, audit: UUID, tmp_path: Path
) -> None:
    made = findings.create(audit, DRAFT)
    files.write(audit, tmp_path)
    base = draft_of(findings.get(made))
    findings.save(made, base, replace(base, title="Drained, newer"))
    [plan] = files.plan(audit, [_file(tmp_path, findings, made)])
    assert (plan.stale, plan.fields) == (True, ("title",))


def test_what_changes_between_plan_and_taking_in_is_merged_or_refused(
    files: FindingFiles, findings: FindingsService, audit: UUID, tmp_path: Path
) -> None:
    made = findings.create(audit, DRAFT)
    files.write(audit, tmp_path)
    file = _file(tmp_path, findings, made)
    file.write_text(file.read_text().replace("\n\nText\n", "\n\nMine\n"))
    plans = files.plan(audit, [file])
    base = draft_of(findings.get(made))
    findings.save(made, base, replace(base, proof="Theirs"))
    assert files.apply(audit, plans)[1] == ()
    found = findings.get(made)
    assert (found.description, found.proof) == ("Mine", "Theirs")

    file.write_text(file.read_text().replace("\n\nMine\n", "\n\nMine again\n"))
    plans = files.plan(audit, [file])
    base = draft_of(findings.get(made))
    findings.save(made, base, replace(base, description="Theirs again"))
    changes, [refused] = files.apply(audit, plans)
    assert changes.ids == frozenset()
    assert "description" in refused
    assert findings.get(made).description == "Theirs again"


def test_files_that_cannot_be_taken_in_say_why(
    files: FindingFiles, findings: FindingsService, audit: UUID, tmp_path: Path
) -> None:
    made = findings.create(audit, DRAFT)
    files.write(audit, tmp_path)
    good = _file(tmp_path, findings, made).read_text()
    number = findings.get(made).number
    bad = {
        "binary.md": b"\xff\xfe\x00",
        "text.md": b"# just text\n",
        "elsewhere.md": good.replace(number, "OTHER-1-F01").encode(),
        "untitled.md": good.replace('title = "=Drained"', 'title = " "').encode(),
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    plans = files.plan(audit, [*(tmp_path / name for name in bad), tmp_path / "gone.md"])
    assert {plan.becomes for plan in plans} == {Becomes.REFUSED}
    assert all(plan.reason.endswith(".") for plan in plans)


def test_only_who_reads_the_texts_writes_them_out(firm: Firm, audit: UUID, tmp_path: Path) -> None:
    for login, error in (("auditor.b", UserError), ("admin", NotPermitted)):
        database = firm.sign_in(login)
        with pytest.raises(error):
            FindingFiles(database, FindingsService(database)).write(audit, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_taking_out_is_noted(
    firm: Firm, files: FindingFiles, findings: FindingsService, audit: UUID, tmp_path: Path
) -> None:
    findings.triage([firm.a.id("findings")], TriageField.SEVERITY, "low")
    count = files.write(audit, tmp_path)
    row = firm.owner.execute(
        "SELECT detail FROM vln.security_events WHERE kind = 'exported' ORDER BY created_at DESC"
    ).fetchone()
    assert row is not None
    assert row[0]["rows"] == count
