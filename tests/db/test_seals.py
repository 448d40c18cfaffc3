"""The log cannot be rewritten unseen: every way its own owner might try is found and named."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.db.refusal import FORM, FROZEN, PERMISSION, ask, refusal, run
from tests.factories import new
from tests.firm import Firm
from vln_desktop.adapters.witness import LogWitness
from vln_desktop.domain.log_proof import Fault, FaultKind
from vln_desktop.services.log_seals import LogSeals

HASH = "UPDATE vln.activity_logs l SET row_hash = vln.activity_hash(l) WHERE id = %s"


class Log:
    """The firm's log with a few batches, its owner without scruples, and somebody who verifies."""

    def __init__(self, firm: Firm, folder: Path) -> None:
        self.firm = firm
        self.owner = firm.owner
        self.auditor = firm.psql("auditor.a")
        self.witness = LogWitness(folder / "witness", "the firm's server")
        self.seals = LogSeals(firm.sign_in("readonly"), self.witness)
        self.forget_triggers()
        for _ in range(3):
            self.write(4)
            assert self.seals.seal() == 4

    def write(self, entries: int) -> None:
        """Add entries as staff."""
        for _ in range(entries):
            new(self.auditor, "findings", self.firm.a)

    def forget_triggers(self) -> None:
        """Let the owner change what triggers keep."""
        for table in ("activity_logs", "log_seals"):
            self.owner.execute(f"ALTER TABLE vln.{table} DISABLE TRIGGER USER".encode())

    def tamper(self, statement: str, *values: object) -> None:
        """Do something as the owner that touches exactly one row."""
        assert run(self.owner, statement, *values) == 1

    def sealed_entry(self, seq: int = 3) -> int:
        """Return the second entry of a batch."""
        found: int = ask(
            self.owner,
            "SELECT l.id FROM vln.activity_logs l, vln.log_seals s WHERE s.seq = %s"
            " AND l.id BETWEEN s.first_id AND s.last_id ORDER BY l.id OFFSET 1 LIMIT 1",
            seq,
        )
        return found

    def fault(self) -> Fault | None:
        """Return what a verification finds."""
        return self.seals.verify().fault

    def named(self) -> tuple[FaultKind, int | None, int | None] | None:
        """Return kind, seal and entry of the first fault."""
        fault = self.fault()
        return None if fault is None else (fault.kind, fault.seq, fault.entry_id)


@pytest.fixture
def log(firm: Firm, tmp_path: Path) -> Log:
    return Log(firm, tmp_path)


def test_an_honest_log_is_whole(log: Log) -> None:
    log.write(2)

    found = log.seals.verify()

    assert found.fault is None
    assert found.state.unsealed == 2
    assert found.checked == ask(log.owner, "SELECT count(*) FROM vln.activity_logs")
    assert (found.seals, found.redacted, found.state.in_default) == (5, 0, 0)
    assert ask(log.owner, "SELECT bool_and(digest = vln_priv.seal_digest(s)) FROM vln.log_seals s")


class TestTampering:
    def test_content(self, log: Log) -> None:
        entry = log.sealed_entry()
        log.tamper("UPDATE vln.activity_logs SET changes = '{}' WHERE id = %s", entry)

        assert log.named() == (FaultKind.ENTRY_CHANGED, 3, entry)

    @pytest.mark.parametrize(
        "change",
        ["actor_id = gen_random_uuid()", "created_at = created_at + interval '1 us'",
         "label = 'ACME-1-F99'", "action = 'delete'", "record_class = 'money'",
         "fields = '{}'", "audit_id = NULL", "record_id = NULL", "entity = 'teams'",
         "salt = NULL", "salt = 'pepper'"],
    )  # fmt: skip
    def test_every_column_that_is_hashed(self, log: Log, change: str) -> None:
        entry = log.sealed_entry()
        log.tamper(f"UPDATE vln.activity_logs SET {change} WHERE id = %s", entry)

        assert log.named() == (FaultKind.ENTRY_CHANGED, 3, entry)

    def test_content_with_its_hash(self, log: Log) -> None:
        entry = log.sealed_entry()
        log.tamper("UPDATE vln.activity_logs SET changes = '{}' WHERE id = %s", entry)
        log.tamper(HASH, entry)

        assert log.named() == (FaultKind.ENTRIES_REPLACED, 3, None)

    def test_a_deleted_row(self, log: Log) -> None:
        log.tamper("DELETE FROM vln.activity_logs WHERE id = %s", log.sealed_entry())

        assert log.named() == (FaultKind.ENTRIES_MISSING, 3, None)

    def test_a_whole_batch_deleted(self, log: Log) -> None:
        first, last = log.owner.execute(
            "SELECT first_id, last_id FROM vln.log_seals WHERE seq = 4"
        ).fetchone() or (0, 0)
        assert run(log.owner, "DELETE FROM vln.activity_logs WHERE id BETWEEN %s AND %s",
                   first, last) == 4  # fmt: skip

        assert log.named() == (FaultKind.ENTRIES_MISSING, 4, None)

    @pytest.mark.parametrize("month", ["now()", "now() - interval '400 days'"])
    def test_a_row_put_where_none_was(self, log: Log, month: str) -> None:
        entry = log.sealed_entry()
        log.tamper("DELETE FROM vln.activity_logs WHERE id = %s", entry)
        for id_ in (entry, 0):
            log.owner.execute(
                "INSERT INTO vln.activity_logs (id, created_at, record_class, action, entity, salt,"
                f" changes, row_hash) OVERRIDING SYSTEM VALUE VALUES (%s, {month}, 'money',"
                " 'insert', 'invoices', 'salt', '{}', '')".encode(),
                [id_],
            )
            log.tamper(HASH, id_)

        # Number 0 lies before everything: in the first batch.
        assert log.named() == (FaultKind.ENTRIES_ADDED, 1, None)
        log.tamper("DELETE FROM vln.activity_logs WHERE id = 0")
        assert log.named() == (FaultKind.ENTRIES_REPLACED, 3, None)

    def test_two_rows_that_change_places(self, log: Log) -> None:
        entry = log.sealed_entry()
        log.owner.execute("ALTER TABLE vln.activity_logs ALTER id SET GENERATED BY DEFAULT")
        for before, after in ((entry, -1), (entry + 1, entry), (-1, entry + 1)):
            log.tamper("UPDATE vln.activity_logs SET id = %s WHERE id = %s", after, before)

        assert log.named() == (FaultKind.ENTRIES_REPLACED, 3, None)

    def test_a_seal_removed(self, log: Log) -> None:
        log.tamper("DELETE FROM vln.log_seals WHERE seq = 4")

        assert log.named() == (FaultKind.SEAL_MISSING, 4, None)

    def test_the_first_seal_removed(self, log: Log) -> None:
        log.tamper("DELETE FROM vln.log_seals WHERE seq = 1")

        assert log.named() == (FaultKind.SEAL_MISSING, 1, None)

    @pytest.mark.parametrize(
        "change",
        ["sealed_at = sealed_at - interval '1 us'", "sealed_by = gen_random_uuid()",
         "row_count = row_count + 1", "first_id = first_id - 1", "rows_digest = 'x'",
         "month = month - 40", "digest = 'x'", "last_id = last_id + 1"],
    )  # fmt: skip
    def test_a_seal_changed(self, log: Log, change: str) -> None:
        log.tamper("DELETE FROM vln.log_seals WHERE seq = 5")
        log.tamper(f"UPDATE vln.log_seals SET {change} WHERE seq = 4")

        assert log.named() == (FaultKind.SEAL_CHANGED, 4, None)

    def test_a_seal_made_anew_over_changed_rows(self, log: Log) -> None:
        entry = log.sealed_entry(4)
        log.tamper("UPDATE vln.activity_logs SET changes = '{}' WHERE id = %s", entry)
        log.tamper(HASH, entry)
        log.tamper(
            "UPDATE vln.log_seals s SET rows_digest = (SELECT sha256(string_agg(int8send(id) ||"
            " row_hash, ''::bytea ORDER BY id)) FROM vln.activity_logs"
            " WHERE id BETWEEN s.first_id AND s.last_id) WHERE seq = 4"
        )
        log.tamper("UPDATE vln.log_seals s SET digest = vln_priv.seal_digest(s) WHERE seq = 4")

        assert log.named() == (FaultKind.SEAL_UNLINKED, 5, None)

    def test_an_entry_that_is_not_sealed_yet(self, log: Log) -> None:
        log.write(2)
        entry = ask(log.owner, "SELECT max(id) FROM vln.activity_logs")
        log.tamper("UPDATE vln.activity_logs SET label = 'x' WHERE id = %s", entry)

        assert log.named() == (FaultKind.ENTRY_CHANGED, None, entry)

    def test_the_team_is_not_part_of_an_entry(self, log: Log) -> None:
        log.tamper("UPDATE vln.activity_logs SET team_id = NULL WHERE id = %s", log.sealed_entry())

        assert log.named() is None


class TestWitness:
    def cut(self, log: Log) -> None:
        """Cut the last batch and its seal."""
        log.tamper("DELETE FROM vln.log_seals WHERE seq = 5")
        assert run(log.owner, "DELETE FROM vln.activity_logs WHERE id >"
                   " (SELECT max(last_id) FROM vln.log_seals)") == 4  # fmt: skip

    def test_a_cut_end_is_seen_by_who_saw_it(self, log: Log) -> None:
        assert log.seals.look() is None
        self.cut(log)

        assert log.named() == (FaultKind.TAIL_CUT, 5, None)
        fault = log.seals.look()
        assert fault is not None
        assert "cut the log" in fault.sentence

    def test_a_cut_end_is_invisible_to_the_chain_alone(self, log: Log) -> None:
        self.cut(log)

        assert log.named() is None

    def test_a_cut_and_regrown_end_is_seen(self, log: Log) -> None:
        assert log.seals.look() is None
        self.cut(log)
        log.write(4)
        assert log.seals.seal() == 4

        assert log.named() == (FaultKind.SEEN_SEAL_REPLACED, 5, None)
        assert log.seals.look() is not None

    def test_another_log_in_its_place_is_seen(self, log: Log) -> None:
        assert log.seals.look() is None
        log.owner.execute("UPDATE vln.schema_settings SET log_id = gen_random_uuid()")

        assert log.named() == (FaultKind.OTHER_LOG, None, None)

    def test_an_alarm_stays_until_it_is_explained(self, log: Log) -> None:
        assert log.seals.look() is None
        self.cut(log)
        assert log.seals.look() is not None
        assert log.seals.look() is not None

        log.seals.forget()

        assert log.seals.look() is None

    def test_a_longer_log_is_remembered(self, log: Log) -> None:
        assert log.seals.look() is None
        log.write(1)
        log.seals.seal()
        assert log.seals.look() is None

        seen = log.witness.seen(log.seals.log_id())
        assert seen is not None
        assert seen.seq == 6

    def test_a_damaged_memory_is_told(self, log: Log) -> None:
        assert log.seals.look() is None
        for file in log.witness.folder.iterdir():
            assert file.stat().st_mode & 0o777 == 0o600
            file.write_text("{")

        assert log.named() == (FaultKind.MEMORY_DAMAGED, None, None)


class TestRedaction:
    def test_leaves_the_chain_whole(self, log: Log) -> None:
        person = log.firm.a.auditor
        admin = log.firm.psql("admin")
        about = "SELECT count(*) FROM vln.activity_logs WHERE record_id = %s AND salt IS NOT NULL"
        entries = ask(log.owner, about, person)
        assert entries > 2

        assert ask(admin, "SELECT vln.redact_log(%s, 'Erasure 7')", person) == entries

        found = log.seals.verify()
        assert (found.fault, found.redacted) == (None, entries)
        assert ask(log.owner, about, person) == 1  # the redaction's own
        shown = (
            "SELECT string_agg(label || coalesce(changes::text, ''), '') LIKE %s"
            " FROM vln.activity_logs WHERE record_id = %s"
        )
        assert ask(log.owner, shown, "%auditor.a@%", person) is False
        assert ask(admin, "SELECT vln.redact_log(%s, 'Erasure 7')", person) == 0

    def test_only_an_admin_and_with_a_reason(self, log: Log) -> None:
        redact = "SELECT vln.redact_log(%s, %s)"
        for login in set(log.firm.people) - {"admin"}:
            assert refusal(log.firm.psql(login), redact, uuid7(), "why") == PERMISSION
        assert refusal(log.owner, redact, uuid7(), "why") == PERMISSION
        for reason in ("", "  x  ", "x" * 501, None):
            assert refusal(log.firm.psql("admin"), redact, uuid7(), reason) == FORM

    def test_a_disabled_admin_does_not(self, log: Log) -> None:
        admin = log.firm.psql("admin")
        log.owner.execute("UPDATE vln.users SET active = false WHERE id = %s",
                          [log.firm.people["admin"].id])  # fmt: skip

        assert refusal(admin, "SELECT vln.redact_log(%s, 'why')", uuid7()) == PERMISSION

    def test_is_no_hole_for_what_is_left(self, log: Log) -> None:
        person = log.firm.a.auditor
        run(log.firm.psql("admin"), "SELECT vln.redact_log(%s, 'Erasure 7')", person)
        entry = ask(log.owner, "SELECT min(id) FROM vln.activity_logs WHERE salt IS NULL")
        log.tamper("UPDATE vln.activity_logs SET actor_id = NULL WHERE id = %s AND"
                   " actor_id IS NULL", entry)  # fmt: skip
        assert log.named() is None

        log.tamper("UPDATE vln.activity_logs SET actor_id = %s WHERE id = %s", person, entry)

        assert log.named() == (FaultKind.ENTRY_STRIPPED, 1, entry)

    def test_nobody_strips_an_entry_in_silence(self, log: Log) -> None:
        log.owner.execute("ALTER TABLE vln.activity_logs ENABLE TRIGGER USER")
        entry = log.sealed_entry()
        log.tamper("UPDATE vln.activity_logs SET changes = NULL, salt = NULL WHERE id = %s", entry)

        assert log.named() == (FaultKind.ENTRY_STRIPPED, 3, entry)

    def test_a_forged_redaction_is_none(self, log: Log) -> None:
        person = log.firm.a.auditor
        run(log.firm.psql("admin"), "SELECT vln.redact_log(%s, 'Erasure 7')", person)
        entry = ask(log.owner, "SELECT min(id) FROM vln.activity_logs WHERE salt IS NULL")
        log.tamper(
            "UPDATE vln.activity_logs SET changes = jsonb_set(changes, '{entries,1,0}', '0')"
            " WHERE entity = 'activity_logs'"
        )

        assert log.named() == (FaultKind.ENTRY_STRIPPED, 1, entry)


class TestInsiders:
    def test_nobody_writes_a_seal(self, shared_firm: Firm) -> None:
        for login in shared_firm.people:
            connection = shared_firm.psql(login)
            for statement in (
                "INSERT INTO vln.log_seals SELECT * FROM vln.log_seals LIMIT 1",
                "UPDATE vln.log_seals SET row_count = 1",
                "DELETE FROM vln.log_seals",
                "TRUNCATE vln.log_seals",
                "ALTER TABLE vln.log_seals DISABLE TRIGGER USER",
                "LOCK TABLE vln.log_seals IN SHARE ROW EXCLUSIVE MODE",
                "LOCK TABLE vln.activity_logs IN SHARE MODE",
                "SELECT vln_priv.seal_rows(NULL)",
                "SELECT vln_priv.seal_batch(1, NULL)",
                "SELECT vln_priv.last_final_id()",
                "SELECT * FROM vln_priv.judged_rows(0, 9)",
                "SELECT * FROM vln_priv.redacted_entries()",
                "SELECT * FROM vln_priv.log_state()",
            ):
                assert refusal(connection, statement) == PERMISSION, (login, statement)

    def test_not_even_the_owner_changes_one(self, shared_firm: Firm) -> None:
        for statement in ("UPDATE vln.log_seals SET row_count = 1", "DELETE FROM vln.log_seals",
                          "TRUNCATE vln.log_seals"):  # fmt: skip
            assert refusal(shared_firm.owner, statement) == FROZEN

    def test_everybody_seals_and_reads_seals(self, firm: Firm) -> None:
        for login in firm.people:
            new(firm.owner, "findings", firm.a)
            assert ask(firm.psql(login), "SELECT vln.seal_log()") == 1
            assert ask(firm.psql(login), "SELECT sealed_by FROM vln.log_seals"
                       " ORDER BY seq DESC LIMIT 1") == firm.people[login].id  # fmt: skip

    @pytest.mark.parametrize(
        "call",
        ["vln.seal_log()", "vln.check_log_batches(1, 9)", "vln.check_log_tail()",
         "vln.log_state()", "vln.log_proof(0, 9)"],
    )  # fmt: skip
    def test_a_disabled_person_does_neither(self, firm: Firm, call: str) -> None:
        finance = firm.psql("finance")
        firm.owner.execute("UPDATE vln.users SET active = false WHERE id = %s",
                           [firm.people["finance"].id])  # fmt: skip

        assert refusal(finance, f"SELECT * FROM {call}") == PERMISSION
        assert ask(finance, "SELECT count(*) FROM vln.log_seals") == 0

    def test_an_old_snapshot_seals_nothing(self, firm: Firm) -> None:
        connection = firm.psql("finance")
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ

        assert refusal(connection, "SELECT vln.seal_log()") == FORM

    @pytest.mark.parametrize("login", ["admin", "manager.a", "auditor.a", "auditor.b", "finance",
                                       "readonly", "worker"])  # fmt: skip
    def test_a_proof_tells_what_the_log_tells(self, shared_firm: Firm, login: str) -> None:
        connection = shared_firm.psql(login)
        seen = "SELECT count(*) FROM vln.activity_logs"
        proof = "SELECT id FROM vln.log_proof(0, 1000000) WHERE %s ORDER BY id"
        told = [id_ for (id_,) in connection.execute((proof % "salt IS NOT NULL").encode())]
        everybody = connection.execute((proof % "row_hash IS NOT NULL").encode()).fetchall()

        payloads = 0
        if login == "admin":
            payloads = ask(connection, f"{seen} WHERE record_class IN ('identity', 'operations')")
        elif login not in {"readonly", "worker"}:
            payloads = ask(connection, seen)
            read = connection.execute("SELECT id FROM vln.activity_logs ORDER BY id")
            assert told == [id_ for (id_,) in read]
        assert len(told) == payloads
        assert len(everybody) == ask(shared_firm.owner, seen)
