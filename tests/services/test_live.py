"""What others save is told at once, to who may know of it, listening or asking."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread

import pytest

from tests.factories import new
from tests.firm import PASSWORD, Firm
from tests.pooler import Pooler
from vln_desktop.db.session import Database
from vln_desktop.db.sign_in import knock
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import Severity, TriageField
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.live import FEATURES, PARTS, LiveFeed

PATIENCE_S = 20.0

News = queue.Queue[tuple[Changes, ...]]


@contextmanager
def following(database: Database) -> Iterator[News]:
    """Follow in a thread; yield what is told once the feed has found where to begin."""
    news: News = queue.Queue()
    stopped, begun = Event(), Event()
    feed = LiveFeed(database)
    look = feed._look

    def looked(connection: object) -> tuple[Changes, ...]:
        found = look(connection)  # type: ignore[arg-type]
        begun.set()
        return found

    feed._look = looked  # type: ignore[method-assign]
    thread = Thread(target=feed.follow, args=(news.put, stopped))
    thread.start()
    try:
        assert begun.wait(PATIENCE_S)
        yield news
    finally:
        stopped.set()
        thread.join(PATIENCE_S)
        assert not thread.is_alive()


def _heard(news: News, entity: str) -> Changes:
    while True:
        for changes in news.get(timeout=PATIENCE_S):
            if changes.entity == entity:
                return changes


def test_a_colleagues_save_is_told_with_its_id(firm: Firm) -> None:
    finding = firm.a.id("findings")
    with following(firm.sign_in("auditor.a")) as news:
        FindingsService(firm.sign_in("manager.a")).triage(
            [finding], TriageField.SEVERITY, Severity.LOW.value
        )
        assert _heard(news, "findings").ids == {finding}


def test_a_comment_is_told_as_a_change_of_findings(firm: Firm) -> None:
    with following(firm.sign_in("auditor.a")) as news:
        FindingsService(firm.sign_in("manager.a")).comment(firm.a.id("findings"), "Look again.")
        assert _heard(news, "findings").ids == frozenset()


def test_another_team_is_told_nothing(firm: Firm) -> None:
    with (
        following(firm.sign_in("auditor.b")) as theirs,
        following(firm.sign_in("auditor.a")) as ours,
    ):
        service = FindingsService(firm.sign_in("manager.a"))
        service.triage([firm.a.id("findings")], TriageField.SEVERITY, Severity.LOW.value)
        _heard(ours, "findings")
        own = FindingsService(firm.sign_in("manager.b"))
        own.triage([firm.b.id("findings")], TriageField.SEVERITY, Severity.LOW.value)
        assert _heard(theirs, "findings").ids == {firm.b.id("findings")}
        assert theirs.empty()


def test_a_change_that_is_rolled_back_is_not_told(firm: Firm) -> None:
    with following(firm.sign_in("auditor.a")) as news:
        with firm.psql("manager.a") as connection, connection.transaction(force_rollback=True):
            connection.execute("UPDATE vln.findings SET severity = 'low'")
        FindingsService(firm.sign_in("manager.a")).comment(firm.a.id("findings"), "Only this.")
        assert _heard(news, "findings").ids == frozenset()


def test_what_was_logged_before_is_not_told(firm: Firm) -> None:
    service = FindingsService(firm.sign_in("manager.a"))
    service.triage([firm.a.id("findings")], TriageField.SEVERITY, Severity.LOW.value)
    with following(firm.sign_in("auditor.a")) as news:
        service.comment(firm.a.id("findings"), "After.")
        assert _heard(news, "findings").ids == frozenset()


def test_behind_a_pooler_the_log_is_asked(firm: Firm, pooler: Pooler) -> None:
    person = firm.people["auditor.a"]
    url = pooler.url_for(person.email, firm.database.name)
    database = knock(url, person.email, PASSWORD, pooled=True).resume(person.token)
    feed = LiveFeed(database)
    assert feed.polls
    with following(database) as news:
        FindingsService(firm.sign_in("manager.a")).triage(
            [firm.a.id("findings")], TriageField.SEVERITY, Severity.LOW.value
        )
        assert _heard(news, "findings").ids == {firm.a.id("findings")}
    database.dispose()


@pytest.mark.parametrize("login", ["admin", "finance"])
def test_every_role_that_reads_the_log_can_follow(firm: Firm, login: str) -> None:
    with following(firm.sign_in(login)) as news:
        assert news.empty()


def test_every_table_that_is_told_of_is_there_and_logged(firm: Firm) -> None:
    rows = firm.owner.execute(
        "SELECT DISTINCT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "JOIN pg_namespace n ON n.oid = c.relnamespace "
        "WHERE n.nspname = 'vln' AND t.tgname LIKE 'z_log%'"
    )
    logged = {row[0] for row in rows}
    assert {*FEATURES, *PARTS} <= logged


def test_a_credential_is_told_as_a_change_of_audits(firm: Firm) -> None:
    with following(firm.sign_in("auditor.a")) as news:
        new(firm.owner, "audit_credentials", firm.half_of("a", "manager.a"))
        assert _heard(news, "audits").ids == frozenset()
