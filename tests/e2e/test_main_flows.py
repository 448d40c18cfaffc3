"""The main flows with real keys on a real X server, the database telling what came of them."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.cluster import TEMPLATE, running_cluster
from tests.e2e.conftest import Open
from tests.e2e.screen import until
from tests.e2e.window import START, Window
from tests.factories import new
from tests.firm import PASSWORD, Firm, build_firm, cloned_firm
from vln_desktop.db.embedded import ServerHandle
from vln_desktop.db.embedded_cluster import OWNER
from vln_desktop.db.migrations import upgrade
from vln_desktop.ui.theme import LIGHT

pytestmark = pytest.mark.x11

AUDITOR = "auditor.a"


def _finding(firm: Firm, finding: UUID, column: str) -> Any:
    """Return what the database holds of a finding."""
    row = firm.owner.execute(
        f"SELECT {column} FROM vln.findings WHERE id = %s".encode(), [finding]
    ).fetchone()
    assert row is not None
    return row[0]


def _wait_for(firm: Firm, finding: UUID, column: str, value: str) -> None:
    until(lambda: _finding(firm, finding, column) == value, f"{column} becomes {value}")


def _entries(firm: Firm) -> int:
    """Return how many changes of findings and comments the log tells of."""
    statement = "SELECT count(*) FROM vln.activity_logs WHERE entity IN ('findings', %s)"
    row = firm.owner.execute(statement, ["finding_comments"]).fetchone()
    assert row is not None
    return int(row[0])


def _as_made(firm: Firm, findings: list[UUID]) -> int:
    """Return how many findings are candidates of low severity that nobody has commented on."""
    row = firm.owner.execute(
        "SELECT count(*) FROM vln.findings f WHERE id = ANY (%s) AND severity = 'low'"
        " AND review_state = 'candidate' AND NOT EXISTS (SELECT FROM vln.finding_comments c"
        " WHERE c.finding_id = f.id AND c.deleted_at IS NULL)",
        [findings],
    ).fetchone()
    assert row is not None
    return int(row[0])


def _add_findings(firm: Firm, count: int) -> list[UUID]:
    """Add findings to team A's audit; return them as the list shows them, newest first."""
    half = firm.half_of("a", AUDITOR)
    made = [new(firm.owner, "findings", half, severity="low")["id"] for _ in range(count)]
    return made[::-1]


def _open_findings(firm: Firm, open_window: Open) -> Window:
    email = firm.people[AUDITOR].email
    window = open_window(firm.url)
    window.sign_in(email)
    window.open_pane("ctrl+2", "findings", email)
    window.select_first()
    return window


def test_the_keyboard_alone_signs_in_and_a_signal_ends_everything(
    firm: Firm, open_window: Open
) -> None:
    window = open_window(firm.url)
    window.sign_in(firm.people[AUDITOR].email)

    code = window.end()

    assert (code, window.said) == (0, "")
    with pytest.raises(ProcessLookupError):
        os.killpg(window.process.pid, 0)


def test_a_wrong_password_says_why_and_keeps_the_address(firm: Firm, open_window: Open) -> None:
    window = open_window(firm.url)
    screen = window.screen
    window.wait_for_form()
    screen.type(firm.people[AUDITOR].email)
    screen.press("Return")
    screen.type("not this one")
    screen.press("Return")
    until(lambda: screen.pixels(LIGHT.danger.ink) > 600, "the reason is there, in red")

    window.wait_for_form()
    screen.type(PASSWORD)
    screen.click(*window.button)

    assert until(lambda: not screen.window(START), "the start page goes")


def test_triage_goes_as_fast_as_one_types(firm: Firm, open_window: Open) -> None:
    first, second, third = _add_findings(firm, 3)
    window = _open_findings(firm, open_window)

    window.screen.press(*"1j2j3xkkckkc")  # a state moves on

    for finding, severity in ((first, "critical"), (second, "high"), (third, "medium")):
        _wait_for(firm, finding, "severity", severity)
    _wait_for(firm, third, "review_state", "invalid")
    _wait_for(firm, second, "review_state", "confirmed")
    _wait_for(firm, first, "review_state", "confirmed")


def test_a_finding_is_confirmed_and_made_ready_without_waiting(
    firm: Firm, open_window: Open
) -> None:
    [first] = _add_findings(firm, 1)
    window = _open_findings(firm, open_window)

    window.screen.press("c", "k", "r")  # R is legal only after C, which is not committed yet

    _wait_for(firm, first, "review_state", "ready")


def test_a_title_is_edited_and_saved_with_keys(firm: Firm, open_window: Open) -> None:
    first, second = _add_findings(firm, 2)
    before = _finding(firm, first, "title")
    window = _open_findings(firm, open_window)
    screen = window.screen

    screen.press("j", "e")
    screen.focus("^Edit ")
    screen.press("ctrl+a")
    screen.type("Anyone can drain the vault")
    screen.press("ctrl+s")

    _wait_for(firm, second, "title", "Anyone can drain the vault")
    assert _finding(firm, first, "title") == before


def test_the_palette_opens_a_pane(firm: Firm, open_window: Open) -> None:
    email = firm.people[AUDITOR].email
    window = open_window(firm.url)
    window.sign_in(email)

    window.screen.press("ctrl+k")
    window.screen.type("activity")
    window.screen.press("Return")

    window.wait_for_pane("activity", email)


@pytest.fixture
def own_firm() -> Iterator[tuple[Firm, ServerHandle]]:
    """The firm on a server that belongs to this test alone, which it may kill."""
    with running_cluster() as cluster:
        template = cluster.create(TEMPLATE)
        upgrade(template.owner_url)
        with cloned_firm(cluster, build_firm(cluster, template.name)) as firm:
            yield firm, cluster.handle


def test_what_is_typed_outlives_the_server(
    own_firm: tuple[Firm, ServerHandle], open_window: Open
) -> None:
    firm, server = own_firm
    finding = firm.a.id("findings")
    window = _open_findings(firm, open_window)
    screen = window.screen
    screen.press("e")
    screen.focus("^Edit ")
    screen.press("ctrl+a")
    screen.type("Typed before the fall")

    assert server.postmaster_pid is not None
    os.kill(server.postmaster_pid, signal.SIGKILL)
    window.wait_for_banner(shown=True)
    screen.type(", and after it")
    screen.press("ctrl+s")
    server.ensure_running()
    window.wait_for_banner(shown=False)
    screen.press("ctrl+s")

    with firm.database.connect(OWNER) as owner:
        until(
            lambda: _title(owner, finding) == "Typed before the fall, and after it", "it is saved"
        )
    assert window.end() == 0


def _title(owner: psycopg.Connection[Any], finding: UUID) -> str:
    row = owner.execute("SELECT title FROM vln.findings WHERE id = %s", [finding]).fetchone()
    assert row is not None
    return str(row[0])


def test_a_hundred_findings_are_triaged_by_keyboard_alone(
    firm: Firm, open_window: Open, tmp_path: Path
) -> None:
    findings = _add_findings(firm, 100)
    window = _open_findings(firm, open_window)
    before = _entries(firm)

    for at in range(100):
        window.screen.press(str(at % 3 + 1), "n")
        window.screen.type(f"seen {at}")
        window.screen.press("ctrl+Return", "c")
        if at in {9, 49, 99}:
            window.screen.keep(tmp_path / f"triage-{at + 1}.png")
    words = [("critical", "high", "medium")[at % 3] for at in range(100)]
    _wait_for(firm, findings[-1], "review_state", "confirmed")
    assert [_finding(firm, one, "severity") for one in findings] == words
    assert {_finding(firm, one, "review_state") for one in findings} == {"confirmed"}
    assert _entries(firm) == before + 300  # each severity, comment and state once

    window.screen.press(*["ctrl+z"] * 30)

    until(lambda: _as_made(firm, findings[90:]) == 10, "the last ten are as they were made")
    until(lambda: _entries(firm) == before + 330, "each undo is a change in the log")
    assert _as_made(firm, findings) == 10
    assert [_finding(firm, one, "severity") for one in findings[:90]] == words[:90]
