"""Templates are shared by all who write findings, and changed by their author or a manager."""

from __future__ import annotations

from dataclasses import replace

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.firm import Firm
from vln_desktop.domain.finding_drafts import FindingDraft
from vln_desktop.domain.findings import Category, Level, Severity
from vln_desktop.errors import Conflict, NotPermitted, UserError
from vln_desktop.services.templates import TemplatesService

DRAFT = FindingDraft(
    "Reentrancy in …", "State changes after the call.", "Funds.", "", "Write first.", "",
    impact_level=Level.HIGH, severity=Severity.HIGH, category=Category.REENTRANCY,
    weakness_id="SWC-107", tags="cei", references="https://swcregistry.io/docs/SWC-107",
)  # fmt: skip


def _templates(firm: Firm, login: str) -> TemplatesService:
    return TemplatesService(firm.sign_in(login))


def test_a_template_comes_back_whole_to_every_team(firm: Firm) -> None:
    key = uuid7()
    mine = _templates(firm, "auditor.a")
    made = mine.add(" Reentrancy ", DRAFT, key)
    assert mine.add("Reentrancy", DRAFT, key).id == made.id  # tried again after a lost answer

    [found] = [one for one in _templates(firm, "auditor.b").all() if one.id == key]
    assert (found.name, found.draft) == ("Reentrancy", DRAFT)
    with pytest.raises(NotPermitted):
        _templates(firm, "admin").all()


def test_its_author_and_managers_change_it_and_others_do_not(firm: Firm) -> None:
    author, other = _templates(firm, "auditor.a"), _templates(firm, "auditor.b")
    made = author.add("Reentrancy", DRAFT)
    assert not other.may_change(made)
    with pytest.raises(Conflict):
        other.change(made, "Mine", DRAFT)
    author.change(made, "Reentrancy, better", replace(DRAFT, impact="All funds."))
    with pytest.raises(Conflict):  # somebody was quicker
        author.change(made, "Reentrancy", DRAFT)

    manager = _templates(firm, "manager.b")
    [now] = [one for one in manager.all() if one.id == made.id]
    assert manager.may_change(now)
    manager.archive(now)
    assert made.id not in {one.id for one in other.all()}
    author.add("Reentrancy, better", DRAFT)  # the name is free again


def test_a_name_is_there_once(firm: Firm) -> None:
    service = _templates(firm, "auditor.a")
    service.add("Reentrancy", DRAFT)
    second = service.add("Another", DRAFT)
    with pytest.raises(UserError, match="already"):
        _templates(firm, "auditor.b").add(" Reentrancy", DRAFT)
    with pytest.raises(UserError, match="already"):
        service.change(second, "Reentrancy", DRAFT)


@pytest.mark.parametrize(
    ("login", "change", "state"),
    [
        ("auditor.a", "author_id = vln.uid()", "42501"),
        ("auditor.a", "name = ' padded '", "23514"),
        ("auditor.a", "severity = 'worst'", "23514"),
        ("auditor.a", "weakness_id = 'CWE-0'", "23503"),
        ("finance", "name = 'x'", "42501"),
        ("readonly", "name = 'x'", "42501"),
    ],
)
def test_the_database_keeps_the_rules(firm: Firm, login: str, change: str, state: str) -> None:
    made = _templates(firm, "auditor.a").add("Reentrancy", DRAFT)
    with pytest.raises(psycopg.Error) as told:
        firm.psql(login).execute(
            f"UPDATE vln.finding_templates SET {change} WHERE id = %s".encode(), [made.id]
        )
    assert told.value.sqlstate == state


def test_nobody_writes_in_anothers_name(firm: Firm) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        firm.psql("auditor.a").execute(
            "INSERT INTO vln.finding_templates (id, name, title, kind, category, severity,"
            " author_id) VALUES (gen_random_uuid(), 'x', 'x', 'gas', 'other', 'low', %s)",
            [firm.people["auditor.b"].id],
        )


def test_an_admin_reads_no_text_of_a_template_in_the_log(firm: Firm) -> None:
    made = _templates(firm, "auditor.a").add("Reentrancy", DRAFT)
    row = firm.psql("admin").execute(
        "SELECT fields, vln.activity_changes(id, created_at)::text FROM vln.activity_logs"
        " WHERE record_id = %s",
        [made.id],
    ).fetchone()  # fmt: skip
    assert row is not None
    assert "State changes" not in str(row)
