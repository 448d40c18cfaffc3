"""The activity log tells of every change, to those who may read the row, and cannot be changed."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.db.refusal import FORM, FROZEN, PERMISSION, ask, refusal, run
from tests.factories import FACTORIES, PDF, Row, new
from tests.firm import Firm

ENTRY = (
    "SELECT id, created_at, actor_id, record_class, action, entity, label, audit_id, team_id,"
    " fields, changes FROM vln.activity_logs WHERE record_id = %s ORDER BY id DESC LIMIT 1"
)
FORGE = (
    "INSERT INTO vln.activity_logs (record_class, action, entity, row_hash)"
    " VALUES ('money', 'insert', 'invoices', '')"
)


def last_entry(connection: psycopg.Connection[Any], record: object) -> dict[str, Any]:
    cursor = connection.execute(ENTRY, [record])
    row = cursor.fetchone()
    assert row is not None
    assert cursor.description is not None
    return dict(zip([column.name for column in cursor.description], row, strict=True))


class TestEntries:
    def test_an_insert_tells_every_value(self, firm: Firm) -> None:
        auditor = firm.psql("auditor.a")
        finding = new(auditor, "findings", firm.a)

        entry = last_entry(auditor, finding["id"])

        assert (entry["action"], entry["entity"], entry["record_class"]) == (
            "insert", "findings", "findings",
        )  # fmt: skip
        assert entry["actor_id"] == firm.people["auditor.a"].id
        assert (entry["audit_id"], entry["team_id"]) == (
            firm.a.id("audit_requests"), firm.a.id("teams"),
        )  # fmt: skip
        assert entry["changes"]["title"] == [None, finding["title"]]
        assert entry["label"].endswith("-F02")
        assert "search_vector" not in entry["fields"]

    def test_an_update_tells_old_and_new_of_what_changed(self, firm: Firm) -> None:
        auditor, finding = firm.psql("auditor.a"), firm.a.id("findings")

        run(auditor, "UPDATE vln.findings SET title = 'New', severity = 'low' WHERE id = %s",
            finding)  # fmt: skip

        entry = last_entry(auditor, finding)
        assert entry["action"] == "update"
        assert set(entry["fields"]) == {"severity", "severity_rank", "title"}
        assert entry["changes"]["title"] == ["Reentrancy in withdraw a", "New"]

    def test_a_delete_tells_what_was_there(self, firm: Firm) -> None:
        manager, location = firm.psql("manager.a"), firm.a.id("finding_locations")

        run(manager, "DELETE FROM vln.finding_locations WHERE id = %s", location)

        entry = last_entry(manager, location)
        assert entry["action"] == "delete"
        assert entry["actor_id"] == firm.people["manager.a"].id
        assert entry["changes"]["path"] == ["contracts/Vault.sol", None]

    def test_what_was_rolled_back_was_not(self, firm: Firm) -> None:
        auditor = firm.psql("auditor.a")
        count = "SELECT count(*) FROM vln.activity_logs"
        before = ask(firm.owner, count)

        with auditor.transaction(force_rollback=True):
            run(auditor, "UPDATE vln.findings SET title = 'New'")

        assert ask(firm.owner, count) == before

    def test_every_table_of_the_firm_has_left_entries(self, shared_firm: Firm) -> None:
        found = shared_firm.owner.execute("SELECT DISTINCT entity FROM vln.activity_logs")

        # The one row of schema_settings is older than its trigger; links are made where needed.
        # Why the others are not logged stands in test_catalogue.
        silent = {
            "file_chunks",
            "notifications",
            "schema_settings",
            "finding_links",
            "open_findings",
            "activity_logs",
            "counters",
            "audit_status_changes",
            "finding_status_changes",
            "log_seals",
        }
        assert {entity for (entity,) in found} == set(FACTORIES) - silent


HIDDEN = {None, "[hidden]", "[hidden, changed]"}


class TestSecrets:
    def test_they_are_not_in_any_entry(self, shared_firm: Firm) -> None:
        hidden = {
            "sessions": "token_hash", "verification_tokens": "token_hash",
            "user_secrets": "totp_secret", "draft_secrets": "secret",
            "recovery_codes": "code_hash", "api_keys": "key_hash",
            "key_envelopes": "wrapped_key", "team_invitations": "code_hash",
        }  # fmt: skip
        for table, column in hidden.items():
            shown = ask(shared_firm.owner, "SELECT array_agg(DISTINCT changes -> %s)"
                        " FROM vln.activity_logs WHERE entity = %s", column, table)  # fmt: skip
            assert [None, "[hidden]"] in shown, table
            assert {word for pair in shown if pair for word in pair} <= HIDDEN, table

    def test_a_change_of_one_is_told_without_it(self, firm: Firm) -> None:
        run(firm.owner, "UPDATE vln_priv.user_secrets SET totp_secret = 'other', totp_last_step = 1"
            " WHERE user_id = %s", firm.a.auditor)  # fmt: skip

        entry = last_entry(firm.owner, firm.a.auditor)
        assert entry["changes"]["totp_secret"] == ["[hidden]", "[hidden, changed]"]

    def test_files_are_told_as_hash_and_length(self, shared_firm: Firm) -> None:
        entry = last_entry(shared_firm.owner, shared_firm.a.id("report_versions"))

        # The hash is of the value as JSON shows it: bytea in hexadecimal.
        text = "\\x" + PDF.hex()
        expected = f"sha256:{hashlib.sha256(text.encode()).hexdigest()} length:{len(text)}"
        assert entry["changes"]["pdf"] == [None, expected]
        assert entry["changes"]["content"][1].startswith("sha256:")


class TestAppendOnly:
    @pytest.mark.parametrize(
        "statement",
        ["UPDATE vln.activity_logs SET actor_id = gen_random_uuid()",
         "UPDATE vln.activity_logs SET changes = NULL",
         "UPDATE vln.activity_logs SET created_at = created_at + interval '1 second'",
         "UPDATE vln.activity_logs SET row_hash = ''",
         "DELETE FROM vln.activity_logs", "TRUNCATE vln.activity_logs",
         "DELETE FROM {partition}", "TRUNCATE {partition}",
         "UPDATE {partition} SET label = 'x'", "TRUNCATE vln.activity_logs_default"],
    )  # fmt: skip
    def test_even_for_the_owner(self, shared_firm: Firm, statement: str) -> None:
        partition = ask(shared_firm.owner, "SELECT tableoid::regclass::text"
                        " FROM vln.activity_logs LIMIT 1")  # fmt: skip

        assert refusal(shared_firm.owner, statement.format(partition=partition)) == FROZEN

    def test_nobody_writes_it_or_opens_a_partition(self, shared_firm: Firm) -> None:
        partition = ask(shared_firm.owner, "SELECT tableoid::regclass::text"
                        " FROM vln.activity_logs LIMIT 1")  # fmt: skip
        for login in shared_firm.people:
            connection = shared_firm.psql(login)
            for statement in (
                "UPDATE vln.activity_logs SET label = ''", "DELETE FROM vln.activity_logs",
                f"SELECT id FROM {partition}", f"DELETE FROM {partition}",
                "SELECT id FROM vln.activity_logs_default",
                FORGE,
            ):  # fmt: skip
                assert refusal(connection, statement) == PERMISSION, (login, statement)

    def test_a_persons_payload_may_be_taken_out_and_the_hash_stays(self, firm: Firm) -> None:
        entry = firm.a.keys["activity_logs"]["id"]
        before = ask(firm.owner, "SELECT row_hash FROM vln.activity_logs WHERE id = %s", entry)

        run(firm.owner, "UPDATE vln.activity_logs SET changes = NULL, salt = NULL WHERE id = %s",
            entry)  # fmt: skip

        after = ask(firm.owner, "SELECT row_hash FROM vln.activity_logs WHERE id = %s", entry)
        assert after == before

    def test_every_hash_fits_its_entry(self, shared_firm: Firm) -> None:
        wrong = "SELECT count(*) FROM vln.activity_logs l WHERE row_hash <> vln.activity_hash(l)"

        assert ask(shared_firm.owner, wrong) == 0
        assert ask(shared_firm.owner, "SELECT count(DISTINCT row_hash) > 100"
                   " FROM vln.activity_logs")  # fmt: skip

    def test_partitions_are_made_for_a_bounded_time(self, shared_firm: Firm) -> None:
        make = "SELECT vln.ensure_log_partitions(%s, %s)"

        assert refusal(shared_firm.psql("admin"), make, date(1, 1, 1), date(9999, 1, 1)) == FORM
        assert refusal(shared_firm.psql("finance"), make, date(2026, 1, 1),
                       date(2026, 2, 1)) == PERMISSION  # fmt: skip


CLASSES = {
    "findings": ("findings", "a"),
    "money": ("invoices", "a"),
    "identity": ("teams", "a"),
    "operations": ("scanner_rules", "a"),
}
PAYLOAD_READERS = {
    "findings": {"manager.a", "auditor.a"},
    "money": {"finance"},
    "identity": {"admin"},
    "operations": {"admin"},
}
ENTRY_READERS = {
    "findings": {"admin", "manager.a", "auditor.a"},
    "money": {"admin", "finance"},
    "identity": {"admin"},
    "operations": {"admin"},
}


class TestReaders:
    def entry_of(self, firm: Firm, record_class: str) -> Row:
        table, letter = CLASSES[record_class]
        entry = last_entry(firm.owner, firm.half(letter).id(table))
        assert entry["record_class"] == record_class
        return entry

    @pytest.mark.parametrize("record_class", CLASSES)
    def test_who_sees_that_something_happened(self, shared_firm: Firm, record_class: str) -> None:
        entry = self.entry_of(shared_firm, record_class)
        see = "SELECT count(*) FROM vln.activity_logs WHERE id = %s"

        seeing = set()
        for login in shared_firm.people:
            if login in {"readonly", "worker"}:
                assert refusal(shared_firm.psql(login), see, entry["id"]) == PERMISSION
            elif ask(shared_firm.psql(login), see, entry["id"]):
                seeing.add(login)
        assert seeing == ENTRY_READERS[record_class]

    @pytest.mark.parametrize("record_class", CLASSES)
    def test_who_sees_what_it_was(self, shared_firm: Firm, record_class: str) -> None:
        entry = self.entry_of(shared_firm, record_class)
        see = "SELECT vln.activity_changes(%s, %s)"

        seeing = {
            login
            for login in shared_firm.people
            if ask(shared_firm.psql(login), see, entry["id"], entry["created_at"]) is not None
        }
        assert seeing == PAYLOAD_READERS[record_class]

    def test_an_admin_reads_no_payload_past_the_function(self, shared_firm: Firm) -> None:
        for column in ("changes", "salt", "row_hash"):
            assert refusal(shared_firm.psql("admin"),
                           f"SELECT {column} FROM vln.activity_logs") == PERMISSION  # fmt: skip

    def test_an_admin_reads_no_text_or_place_in_a_label(self, shared_firm: Firm) -> None:
        labels = shared_firm.psql("admin").execute(
            "SELECT DISTINCT label FROM vln.activity_logs"
            " WHERE record_class IN ('findings', 'money') AND label <> ''"
        )

        told = " ".join(label for (label,) in labels)
        for confidential in ("contracts/", ".zip", ".json", "https:", "reentrancy", "Reentrancy",
                             "Smart contract", "Vault", "DE0", "main"):  # fmt: skip
            assert confidential not in told

    def test_an_auditor_reads_no_estimate(self, shared_firm: Firm) -> None:
        told = "SELECT count(*) FROM vln.activity_logs WHERE changes::text LIKE '%estimate_minor%'"

        assert ask(shared_firm.psql("auditor.a"), told) == 0
        assert ask(shared_firm.psql("manager.a"), told) == 1

    def test_an_audits_log_moves_with_it(self, firm: Firm) -> None:
        count = "SELECT count(*) FROM vln.activity_logs"
        before = ask(firm.psql("manager.a"), count)
        assert before > 10

        run(firm.owner, "UPDATE vln.audit_requests SET team_id = %s WHERE id = %s",
            firm.b.id("teams"), firm.a.id("audit_requests"))  # fmt: skip

        assert ask(firm.psql("manager.a"), count) == 0
        assert ask(firm.psql("manager.b"), count) > before
        assert ask(firm.psql("manager.b"), "SELECT count(*) FROM vln.findings") == 2


class TestBulk:
    def test_five_thousand_findings_leave_five_thousand_entries(self, firm: Firm) -> None:
        auditor = firm.psql("auditor.a")

        made = run(
            auditor,
            "INSERT INTO vln.findings (id, audit_id, severity, title, description)"
            " SELECT gen_random_uuid(), %s, 'low', 'Finding ' || n, repeat('Words. ', 40)"
            " FROM generate_series(1, 5000) n",
            firm.a.id("audit_requests"),
        )

        told = "SELECT count(DISTINCT label) FROM vln.activity_logs WHERE action = 'insert'"
        assert made == 5000
        assert ask(auditor, told + " AND entity = 'findings'") == 5001

    def test_each_row_of_a_statement_is_told_with_its_own_past(self, firm: Firm) -> None:
        run(firm.owner, "INSERT INTO vln.scanner_rules (id, tool, rule_id, severity)"
            " SELECT gen_random_uuid(), 'many', n::text, 'low'"
            " FROM generate_series(1, 2000) n ORDER BY n % 7, n")  # fmt: skip

        # Every primary key changes too, in an order that is neither theirs nor the names'.
        run(firm.owner, "UPDATE vln.scanner_rules r"
            " SET id = gen_random_uuid(), rule_id = 'was ' || rule_id"
            " FROM (SELECT id FROM vln.scanner_rules ORDER BY md5(id::text)) o"
            " WHERE o.id = r.id AND r.tool = 'many'")  # fmt: skip

        told = firm.owner.execute(
            "SELECT l.changes -> 'rule_id', l.label, l.changes -> 'id', l.record_id::text"
            " FROM vln.activity_logs l JOIN vln.scanner_rules r ON r.id = l.record_id"
            " WHERE l.action = 'update' AND r.tool = 'many'"
        ).fetchall()
        assert len(told) == 2000
        assert all(f"was {old}" == now == label for (old, now), label, _, _ in told)
        assert all(key != record == now for _, _, (key, now), record in told)
        assert ask(firm.owner, "SELECT count(*) FROM vln.activity_logs l"
                   " WHERE row_hash <> vln.activity_hash(l)") == 0  # fmt: skip

    def test_entries_are_in_the_order_of_the_rows(self, firm: Firm) -> None:
        rules = [str(number * 37 % 500) for number in range(500)]
        copy_in = "COPY vln.scanner_rules (id, tool, rule_id, severity) FROM STDIN"
        with firm.owner.cursor() as cursor, cursor.copy(copy_in) as copy:
            for rule in rules:
                copy.write_row((uuid4(), "copied", rule, "low"))

        run(firm.owner, "UPDATE vln.scanner_rules SET severity = 'high' WHERE tool = 'copied'")

        for deed in ("insert", "update"):
            found = firm.owner.execute(
                "SELECT l.label FROM vln.activity_logs l"
                " JOIN vln.scanner_rules r ON r.id = l.record_id"
                " WHERE l.action = %s AND r.tool = 'copied' ORDER BY l.created_at, l.id", [deed]
            ).fetchall()  # fmt: skip
            assert [label for (label,) in found] == rules

    def test_what_a_conflict_turns_into_an_update_is_told_as_one(self, firm: Firm) -> None:
        upsert = (
            "INSERT INTO vln.scanner_rules (id, tool, rule_id, severity)"
            " SELECT gen_random_uuid(), 'upsert', n::text, %s FROM generate_series(%s::int, 3) n"
            " ON CONFLICT (tool, rule_id) DO UPDATE SET severity = excluded.severity"
        )
        run(firm.owner, upsert, "low", 2)
        run(firm.owner, upsert, "high", 1)

        told = firm.owner.execute(
            "SELECT l.label, l.action, l.changes -> 'severity' FROM vln.activity_logs l"
            " JOIN vln.scanner_rules r ON r.id = l.record_id WHERE r.tool = 'upsert'"
        ).fetchall()
        assert sorted(told, key=str) == [
            ("1", "insert", [None, "high"]),
            ("2", "insert", [None, "low"]),
            ("2", "update", ["low", "high"]),
            ("3", "insert", [None, "low"]),
            ("3", "update", ["low", "high"]),
        ]

    def test_a_statement_that_touches_nothing_leaves_nothing(self, firm: Firm) -> None:
        count = "SELECT count(*) FROM vln.activity_logs"
        before = ask(firm.owner, count)

        run(firm.owner, "UPDATE vln.findings SET title = 'New' WHERE false")
        run(firm.owner, "DELETE FROM vln.finding_locations WHERE false")

        assert ask(firm.owner, count) == before
