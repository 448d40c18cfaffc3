"""Findings go out as files and come in again: nothing is lost, nothing newer is undone unasked."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path
from uuid import UUID

import pytest

from tests.firm import Firm
from vln_desktop.domain.finding_drafts import FindingDraft, draft_of
from vln_desktop.domain.findings import ClientPosition, Severity, TriageField
from vln_desktop.domain.responses import Channel
from vln_desktop.errors import NotPermitted, UserError
from vln_desktop.services.finding_files import TABLE_NAME, Becomes, FindingFiles
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.responses import ResponsesService

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


def _table(tmp_path: Path, change: dict[str, str], number: str, separator: str = ",") -> Path:
    """Return the table that went out, with a client's changes to one row, saved anew."""
    with (tmp_path / TABLE_NAME).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        if row["number"] == number:
            row.update(change)
    back = tmp_path / "back.csv"
    with back.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=separator)
        writer.writeheader()
        writer.writerows(rows)
    return back


def test_a_mitigation_table_goes_out_and_comes_in_as_the_same(
    files: FindingFiles, findings: FindingsService, audit: UUID, tmp_path: Path
) -> None:
    findings.create(audit, DRAFT)
    files.write(audit, tmp_path)
    [plan] = files.plan(audit, [tmp_path / TABLE_NAME])
    assert (plan.becomes, plan.does) == (Becomes.SAME, False)


def test_what_a_client_answers_in_the_table_becomes_responses_once(
    firm: Firm, files: FindingFiles, findings: FindingsService, audit: UUID, tmp_path: Path
) -> None:
    made = findings.create(audit, DRAFT)
    files.write(audit, tmp_path)
    number = findings.get(made).number
    answered = {"client_position": "Will fix", "client_commit": "ABCDEF1", "response": "=Soon"}
    back = _table(tmp_path, answered, number, ";")

    [plan] = files.plan(audit, [back])
    assert (plan.becomes, plan.number) == (Becomes.CHANGED, number)
    assert plan.fields == ("client_position", "fix_commit", "response")
    for _try in range(2):
        assert files.apply(audit, [plan])[1] == ()
    responses = ResponsesService(firm.sign_in("manager.a")).of(made)
    assert [(one.text, one.fix_commit, one.channel) for one in responses] == [
        ("=Soon", "abcdef1", Channel.DOCUMENT)
    ]
    assert findings.get(made).client_position is ClientPosition.WILL_FIX
    assert [plan.becomes for plan in files.plan(audit, [back])] == [Becomes.SAME]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "no column “number”"),
        ("number,title\nX-1-F01,x\n", "no column “client_position”"),
        ("number,client_position\nX-9-F99,none\n", "There is no finding"),
        ("number,client_position\n{number},maybe\n", "is no position"),
        ("number,client_position,client_commit\n{number},none,not hex\n", "7 to 64 digits"),
        ('number,client_position\n"{number},none\n', "cannot be read"),
        ("number,client_position,response\n{number},none,a\x00b\n", "NUL"),
    ],
)
def test_a_table_that_cannot_be_taken_in_says_why(
    firm: Firm, files: FindingFiles, audit: UUID, tmp_path: Path, text: str, told: str
) -> None:
    number = FindingsService(firm.sign_in("auditor.a")).get(firm.a.id("findings")).number
    (tmp_path / "back.csv").write_text(text.replace("{number}", number), encoding="utf-8")
    [plan] = files.plan(audit, [tmp_path / "back.csv"])
    assert (plan.becomes, plan.does) == (Becomes.REFUSED, False)
    assert told in plan.reason


def test_a_table_in_another_coding_is_refused(
    files: FindingFiles, audit: UUID, tmp_path: Path
) -> None:
    (tmp_path / "back.csv").write_bytes("number,client_position\nü,none".encode("latin-1"))
    [plan] = files.plan(audit, [tmp_path / "back.csv"])
    assert "not UTF-8" in plan.reason
