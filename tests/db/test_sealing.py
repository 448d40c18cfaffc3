"""Sealing loses no entry, keeps nobody waiting, and each month has its partition."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime
from typing import Any

import psycopg

from tests.db.refusal import ask
from tests.factories import new, write_at
from tests.firm import Firm
from vln_desktop.services.log_seals import LogSeals

EVERY_ROW_IN_ONE_SEAL = """
    SELECT count(*) = (SELECT count(*) FROM vln.activity_logs) AND bool_and(n = 1)
      FROM (SELECT l.id, count(s.seq) AS n FROM vln.activity_logs l
              LEFT JOIN (SELECT lag(last_id, 1, 0) OVER (ORDER BY seq) AS after, last_id, seq
                           FROM vln.log_seals) s ON l.id > s.after AND l.id <= s.last_id
             GROUP BY l.id) held
"""
COUNTS_ADD_UP = (
    "SELECT (SELECT sum(row_count) FROM vln.log_seals) = (SELECT count(*) FROM vln.activity_logs)"
)


class TestSealing:
    def test_waits_for_nobody(self, firm: Firm) -> None:
        writer = firm.psql("auditor.a")
        seals = LogSeals(firm.sign_in("finance"))
        with writer.transaction():
            new(writer, "findings", firm.a)
            assert ask(firm.psql("finance"), "SELECT vln.seal_log()") is None
            assert seals.seal() is None
            new(firm.psql("auditor.b"), "findings", firm.b)  # nobody waits for the sealer either

        assert seals.seal() == 2

    def test_lets_others_write_while_it_seals(self, firm: Firm) -> None:
        new(firm.owner, "findings", firm.a)
        sealer = firm.psql("finance")
        with sealer.transaction():
            assert ask(sealer, "SELECT vln.seal_log()") == 1
            new(firm.psql("auditor.a"), "findings", firm.a)
            assert ask(firm.psql("manager.a"), "SELECT vln.seal_log()") is None

        assert ask(firm.psql("manager.a"), "SELECT vln.seal_log()") == 1

    def test_nothing_new_makes_no_seal(self, firm: Firm) -> None:
        before = ask(firm.owner, "SELECT count(*) FROM vln.log_seals")

        assert LogSeals(firm.sign_in("finance")).seal() == 0

        assert ask(firm.owner, "SELECT count(*) FROM vln.log_seals") == before

    def test_a_batch_has_one_month(self, firm: Firm) -> None:
        moments = [datetime(2026, 10, 31, 23, 59, 59, 999_999, UTC),
                   datetime(2026, 11, 1, tzinfo=UTC),
                   datetime(2026, 10, 31, 23, 59, 59, 999_998, UTC),
                   datetime(2026, 11, 1, 0, 0, 1, tzinfo=UTC),
                   datetime(2026, 11, 2, tzinfo=UTC)]  # fmt: skip
        firm.owner.execute("SET TimeZone = 'Asia/Kolkata'")
        before = ask(firm.owner, "SELECT max(seq) FROM vln.log_seals")
        for moment in moments:
            write_at(firm.owner, moment)

        assert ask(firm.owner, "SELECT vln_priv.seal_rows(NULL)") == len(moments)

        made = firm.owner.execute("SELECT month, row_count FROM vln.log_seals WHERE seq > %s"
                                  " ORDER BY seq", [before]).fetchall()  # fmt: skip
        october, november = date(2026, 10, 1), date(2026, 11, 1)
        assert made == [(october, 1), (november, 1), (october, 1), (november, 2)]
        assert ask(firm.owner, EVERY_ROW_IN_ONE_SEAL)
        assert LogSeals(firm.sign_in("finance")).verify().fault is None

    def test_a_batch_ends_at_a_hundred_thousand(self, firm: Firm) -> None:
        firm.owner.execute("ALTER TABLE vln.activity_logs DISABLE TRIGGER USER")
        firm.owner.execute(
            "INSERT INTO vln.activity_logs (record_class, action, entity, row_hash, salt, changes)"
            " SELECT 'money', 'insert', 'invoices', '', 'salt', '{}'"
            " FROM generate_series(1, 100001)"
        )
        firm.owner.execute("UPDATE vln.activity_logs l SET row_hash = vln.activity_hash(l)"
                           " WHERE row_hash = ''")  # fmt: skip
        seals = LogSeals(firm.sign_in("finance"))

        assert ask(firm.psql("finance"), "SELECT vln.seal_log()") == 100_000
        assert seals.seal() == 1

        assert seals.verify().fault is None
        assert seals.seals()[-1].row_count == 1

    def test_eight_writers_lose_no_row(self, firm: Firm) -> None:
        done = threading.Event()
        results: list[int | None] = []
        sealers = [LogSeals(firm.sign_in(login)) for login in ("finance", "manager.a")]
        threads = [
            threading.Thread(target=write_much, args=(firm.psql(f"auditor.{half}"), firm, half, n))
            for n in range(4)
            for half in "ab"
        ]
        sealing = [
            threading.Thread(target=seal_until, args=(sealer, done, results)) for sealer in sealers
        ]
        before = ask(firm.owner, "SELECT count(*) FROM vln.activity_logs")

        for thread in (*sealing, *threads):
            thread.start()
        for thread in threads:
            thread.join()
        done.set()
        for thread in sealing:
            thread.join()
        while sealers[0].seal() != 0:
            pass

        written = ask(firm.owner, "SELECT count(*) FROM vln.activity_logs") - before
        assert written == 8 * (WRITES - len(range(0, WRITES, ROLLED_BACK))) * ENTRIES
        assert sum(n or 0 for n in results) > 0
        assert ask(firm.owner, "SELECT count(*) FROM vln.log_seals") > 4
        assert ask(firm.owner, EVERY_ROW_IN_ONE_SEAL)
        assert ask(firm.owner, COUNTS_ADD_UP)
        assert sealers[1].verify().fault is None


WRITES, ROLLED_BACK, ENTRIES = 40, 7, 3


def write_much(connection: psycopg.Connection[Any], firm: Firm, half: str, _number: int) -> None:
    """Write transactions of three entries; every seventh is rolled back."""
    for number in range(WRITES):
        with connection.transaction(force_rollback=number % ROLLED_BACK == 0):
            for _ in range(ENTRIES):
                new(connection, "finding_comments", firm.half(half))


def seal_until(seals: LogSeals, done: threading.Event, results: list[int | None]) -> None:
    while not done.is_set():
        results.append(seals.seal())


class TestMonths:
    def test_two_admins_make_them_at_once(self, firm: Firm) -> None:
        made: list[int] = []
        ensure = "SELECT vln.ensure_log_partitions('2031-01-01', '2031-12-31')"

        def make(connection: psycopg.Connection[Any]) -> None:
            made.append(ask(connection, ensure))

        threads = [threading.Thread(target=make, args=(firm.psql(login),))
                   for login in ("admin", "worker", "admin")]  # fmt: skip
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert sorted(made) == [0, 0, 12]

    def test_a_month_without_one_is_told_and_left(self, firm: Firm) -> None:
        write_at(firm.owner, datetime(2035, 2, 3, tzinfo=UTC))
        seals = LogSeals(firm.sign_in("admin"))

        assert seals.state().in_default == 1
        assert ask(firm.psql("admin"), "SELECT vln.ensure_log_partitions('2035-01-01',"
                   " '2035-03-01')") == 2  # fmt: skip
        seals.seal()
        assert seals.verify().fault is None

    def test_only_who_may_makes_them(self, firm: Firm) -> None:
        assert LogSeals(firm.sign_in("auditor.a")).prepare_months() == 0
        assert LogSeals(firm.sign_in("admin")).prepare_months() == 0  # the migration made them
