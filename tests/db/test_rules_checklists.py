"""Rules on checklists and time entries that the database keeps whatever client asks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.db.refusal import CHECK, FOREIGN_KEY, FROZEN, PERMISSION, UNIQUE, ask, refusal, run
from tests.factories import TODAY, new
from tests.firm import Firm
from vln_desktop.domain.permissions import Role

SERIALIZATION = "40001"
RESULT = (
    "INSERT INTO vln.audit_checklist_results (id, audit_id, item_id, result, finding_id)"
    " VALUES (gen_random_uuid(), %s, %s, %s, %s)"
)
TIME = (
    "INSERT INTO vln.time_entries (id, audit_id, user_id, day, minutes, activity)"
    " VALUES (gen_random_uuid(), %s, %s, %s, %s, 'review')"
)


def _asked(firm: Firm, service: str = "smart_contract_audit") -> UUID:
    """Return an item of the shipped list of a service that has no result yet."""
    found = ask(firm.owner, "SELECT i.id FROM vln.checklist_items i JOIN vln.checklists c ON"
                " c.id = i.checklist_id WHERE c.active AND c.service_type = %s AND NOT EXISTS"
                " (SELECT FROM vln.audit_checklist_results r WHERE r.item_id = i.id)"
                " ORDER BY ordinal LIMIT 1", service)  # fmt: skip
    assert isinstance(found, UUID)
    return found


def _taken(firm: Firm, login: str) -> int:
    found = ask(firm.owner, "SELECT coalesce(sum(minutes), 0) FROM vln.time_entries WHERE"
                " user_id = %s AND day = %s AND deleted_at IS NULL",
                firm.people[login].id, TODAY)  # fmt: skip
    return int(found)


class TestResults:
    def test_the_database_notes_who_decides(self, firm: Firm) -> None:
        audit, item = firm.a.id("audit_requests"), _asked(firm)
        run(firm.psql("auditor.a"), RESULT, audit, item, "pass", None)
        mine = "SELECT decided_by FROM vln.audit_checklist_results WHERE item_id = %s"
        assert ask(firm.owner, mine, item) == firm.people["auditor.a"].id

        run(firm.psql("manager.a"),
            "UPDATE vln.audit_checklist_results SET result = 'open' WHERE item_id = %s",
            item)  # fmt: skip
        assert ask(firm.owner, mine, item) == firm.people["manager.a"].id
        state = refusal(
            firm.psql("auditor.a"), "UPDATE vln.audit_checklist_results SET decided_by = %s",
            firm.people["auditor.b"].id,
        )  # fmt: skip
        assert state == PERMISSION

    @pytest.mark.parametrize("login", ["auditor.b", "manager.b", "auditor.n", "manager.n"])
    def test_another_team_neither_writes_nor_reads(self, firm: Firm, login: str) -> None:
        stranger = firm.psql(login)
        audit, item = firm.a.id("audit_requests"), _asked(firm)

        assert refusal(stranger, RESULT, audit, item, "pass", None) == PERMISSION
        seen = "SELECT count(*) FROM vln.audit_checklist_results WHERE audit_id = %s"
        assert ask(stranger, seen, audit) == 0

    @pytest.mark.parametrize("login", ["admin", "finance", "readonly", "worker"])
    @pytest.mark.parametrize(
        "table", ["checklists", "checklist_items", "audit_checklist_results", "time_entries"]
    )
    def test_other_roles_have_nothing(self, shared_firm: Firm, login: str, table: str) -> None:
        state = refusal(shared_firm.psql(login), f"SELECT count(*) FROM vln.{table}")
        assert state == PERMISSION

    def test_an_item_is_of_the_audits_kind(self, firm: Firm) -> None:
        state = refusal(firm.psql("auditor.a"), RESULT, firm.a.id("audit_requests"),
                        _asked(firm, "api_security_review"), "pass", None)  # fmt: skip
        assert state == FROZEN

    def test_a_finding_is_of_the_same_audit_and_only_a_failure_names_one(self, firm: Firm) -> None:
        # Somebody who works on both audits sees both findings: the rule is not a matter of reading.
        auditor, item = firm.psql("auditor.a"), _asked(firm)
        other = new(firm.owner, "audit_requests", firm.a)["id"]
        new(firm.owner, "audit_assignments", firm.a, audit_id=other,
            user_id=firm.people["auditor.a"].id)  # fmt: skip
        strange = new(firm.owner, "findings", firm.a, audit_id=other)["id"]
        audit, own = firm.a.id("audit_requests"), firm.a.id("findings")

        assert refusal(auditor, RESULT, audit, item, "fail", strange) == FROZEN
        assert refusal(auditor, RESULT, audit, item, "pass", own) == CHECK
        run(auditor, RESULT, audit, item, "fail", own)
        moved = "UPDATE vln.audit_checklist_results SET finding_id = %s WHERE item_id = %s"
        assert refusal(auditor, moved, strange, item) == FROZEN
        assert refusal(auditor, moved, firm.b.id("findings"), item) == FROZEN
        back = "UPDATE vln.audit_checklist_results SET result = 'pass' WHERE item_id = %s"
        assert refusal(auditor, back, item) == CHECK

    def test_there_is_one_result_per_item_and_nobody_deletes_it(self, firm: Firm) -> None:
        auditor, item = firm.psql("auditor.a"), _asked(firm)
        run(auditor, RESULT, firm.a.id("audit_requests"), item, "pass", None)

        again = refusal(auditor, RESULT, firm.a.id("audit_requests"), item, "fail", None)
        assert again == UNIQUE
        assert refusal(auditor, "DELETE FROM vln.audit_checklist_results") == PERMISSION

    def test_a_retired_item_takes_no_new_result_and_keeps_the_old(self, firm: Firm) -> None:
        auditor, manager = firm.psql("auditor.a"), firm.psql("manager.b")
        item = _asked(firm)
        run(auditor, RESULT, firm.a.id("audit_requests"), item, "pass", None)
        run(manager, "UPDATE vln.checklist_items SET retired_at = now() WHERE id = %s", item)

        changed = "UPDATE vln.audit_checklist_results SET result = 'fail' WHERE item_id = %s"
        assert run(auditor, changed, item) == 1
        other = new(firm.owner, "audit_requests", firm.a)["id"]
        assert refusal(firm.psql("manager.a"), RESULT, other, item, "pass", None) == FROZEN


class TestItems:
    @pytest.mark.parametrize("column", ["text", "section", "reference", "checklist_id"])
    def test_what_an_item_says_changes_for_nobody(self, shared_firm: Firm, column: str) -> None:
        for login in ("manager.a", "auditor.a"):
            state = refusal(
                shared_firm.psql(login), f"UPDATE vln.checklist_items SET {column} = {column}"
            )
            assert state == PERMISSION, login

    def test_only_managers_change_what_is_asked(self, firm: Firm) -> None:
        added = (
            "INSERT INTO vln.checklist_items (id, checklist_id, ordinal, section, text)"
            " VALUES (gen_random_uuid(), %s, 99, 'Oracles', 'A price has an age.')"
        )
        checklist = firm.a.id("checklists")
        assert run(firm.psql("manager.a"), added, checklist) == 1
        assert refusal(firm.psql("auditor.a"), added, checklist) == PERMISSION
        for change in ("ordinal = 7", "retired_at = now()"):
            statement = f"UPDATE vln.checklist_items SET {change} WHERE id = %s"
            assert run(firm.psql("manager.a"), statement, firm.a.id("checklist_items")) == 1
            state = refusal(firm.psql("auditor.a"), statement, firm.a.id("checklist_items"))
            assert state == PERMISSION
        for table in ("checklist_items", "checklists"):
            assert refusal(firm.psql("manager.a"), f"DELETE FROM vln.{table}") == PERMISSION
        assert refusal(firm.psql("manager.a"), "UPDATE vln.checklists SET active = false") == (
            PERMISSION
        )


class TestTime:
    @pytest.mark.parametrize("login", ["manager.a", "auditor.b", "manager.b"])
    def test_an_entry_is_ones_own(self, firm: Firm, login: str) -> None:
        other, entry = firm.psql(login), firm.a.id("time_entries")
        audit, owner = firm.a.id("audit_requests"), firm.people["auditor.a"].id

        assert refusal(other, TIME, audit, owner, TODAY, 10) == PERMISSION
        for change in ("minutes = 1", "deleted_at = now()", "note = 'x'"):
            assert run(other, f"UPDATE vln.time_entries SET {change} WHERE id = %s", entry) == 0
        assert refusal(other, "DELETE FROM vln.time_entries") == PERMISSION
        me = firm.people[login].id
        assert refusal(other, "UPDATE vln.time_entries SET user_id = %s", me) == PERMISSION

    def test_managers_read_their_teams_and_auditors_their_own(self, firm: Firm) -> None:
        audit = firm.a.id("audit_requests")
        colleague = firm.hire(Role.AUDITOR)
        new(firm.owner, "audit_assignments", firm.a, audit_id=audit,
            user_id=firm.people[colleague].id)  # fmt: skip
        run(firm.psql(colleague), TIME, audit, firm.people[colleague].id, TODAY, 25)
        seen = "SELECT count(*) FROM vln.time_entries WHERE audit_id = %s"

        assert ask(firm.psql("manager.a"), seen, audit) == 2
        assert ask(firm.psql("auditor.a"), seen, audit) == 1
        assert ask(firm.psql(colleague), seen, audit) == 1
        for login in ("manager.b", "auditor.b", "manager.n", "auditor.n"):
            assert ask(firm.psql(login), seen, audit) == 0, login

    def test_the_log_keeps_how_long_a_colleague_works_from_auditors(self, firm: Firm) -> None:
        entry = firm.a.id("time_entries")
        auditor = firm.psql("auditor.a")
        run(auditor, "UPDATE vln.time_entries SET minutes = 77 WHERE id = %s", entry)
        told = auditor.execute(
            "SELECT changes FROM vln.activity_logs WHERE entity = 'time_entries'"
            " AND record_id = %s ORDER BY id", [entry]
        ).fetchall()  # fmt: skip

        assert [set(changes) & {"minutes", "day", "activity", "note"} for (changes,) in told] == [
            {"minutes", "day", "activity", "note"}, {"minutes"},
        ]  # fmt: skip
        for (changes,) in told:
            for field in {"minutes", "day", "activity", "note"} & set(changes):
                assert set(changes[field]) <= {"[hidden]", "[hidden, changed]", None}, field

    def test_a_day_is_neither_to_come_nor_before_the_audit(self, firm: Firm) -> None:
        auditor, me = firm.psql("auditor.a"), firm.people["auditor.a"].id
        audit = firm.a.id("audit_requests")

        for day in (TODAY + timedelta(1), TODAY - timedelta(1)):
            assert refusal(auditor, TIME, audit, me, day, 10) == FROZEN
            moved = "UPDATE vln.time_entries SET day = %s WHERE user_id = %s"
            assert refusal(auditor, moved, day, me) == FROZEN
        for minutes in (0, -5, 1441):
            assert refusal(auditor, TIME, audit, me, TODAY, minutes) in (CHECK, FROZEN)
        assert refusal(auditor, TIME, uuid7(), me, TODAY, 10) in (PERMISSION, FOREIGN_KEY)

    def test_a_day_has_24_hours_however_they_are_entered(self, firm: Firm) -> None:
        auditor, me = firm.psql("auditor.a"), firm.people["auditor.a"].id
        audit = firm.a.id("audit_requests")
        left = 1440 - _taken(firm, "auditor.a")

        at_once = TIME + ", (gen_random_uuid(), %s, %s, %s, %s, 'review')"
        assert refusal(auditor, at_once, audit, me, TODAY, left - 9, audit, me, TODAY, 10) == FROZEN
        run(auditor, at_once, audit, me, TODAY, left - 10, audit, me, TODAY, 10)
        assert refusal(auditor, TIME, audit, me, TODAY, 1) == FROZEN
        longer = "UPDATE vln.time_entries SET minutes = minutes + 1 WHERE minutes = 10"
        assert refusal(auditor, longer) == FROZEN
        run(auditor, "UPDATE vln.time_entries SET deleted_at = now() WHERE minutes = 10")
        run(auditor, TIME, audit, me, TODAY, 9)
        back = "UPDATE vln.time_entries SET deleted_at = NULL WHERE minutes = 10"
        assert refusal(auditor, back) == FROZEN
        assert run(auditor, "UPDATE vln.time_entries SET note = 'x' WHERE minutes = 9") == 1

    def test_two_at_once_do_not_both_fill_the_day(self, firm: Firm) -> None:
        first, second, me = _twice(firm)
        audit = firm.a.id("audit_requests")
        with ThreadPoolExecutor(1) as pool:
            with first.transaction():
                run(first, TIME, audit, me, TODAY, 1000)
                late = pool.submit(refusal, second, TIME, audit, me, TODAY, 1000)
                waiting = "SELECT %s = ANY (pg_blocking_pids(%s))"
                while not ask(firm.owner, waiting, first.info.backend_pid,
                              second.info.backend_pid):  # fmt: skip
                    assert not late.done(), late.result()
            assert late.result() == FROZEN
        assert _taken(firm, "auditor.a") <= 1440

    @pytest.mark.parametrize("level", ["REPEATABLE READ", "SERIALIZABLE"])
    def test_an_older_snapshot_does_not_overlook_what_was_entered(
        self, firm: Firm, level: str
    ) -> None:
        first, second, me = _twice(firm)
        audit = firm.a.id("audit_requests")
        run(second, f"SET default_transaction_isolation = '{level.lower()}'")
        with pytest.raises(psycopg.Error) as caught, second.transaction():
            ask(second, "SELECT count(*) FROM vln.time_entries")
            run(first, TIME, audit, me, TODAY, 1000)
            run(second, TIME, audit, me, TODAY, 1000)

        assert caught.value.sqlstate == SERIALIZATION
        assert _taken(firm, "auditor.a") <= 1440

    def test_the_estimate_is_the_managers(self, firm: Firm) -> None:
        audit = firm.a.id("audit_requests")
        estimated = "UPDATE vln.audit_requests SET effort_minutes = 4800 WHERE id = %s"

        assert run(firm.psql("manager.a"), estimated, audit) == 1
        read = "SELECT effort_minutes FROM vln.audit_requests WHERE id = %s"
        assert ask(firm.psql("auditor.a"), read, audit) == 4800
        assert refusal(firm.psql("auditor.a"), estimated, audit) == PERMISSION
        for login in ("admin", "finance", "readonly"):
            assert refusal(firm.psql(login), read, audit) == PERMISSION, login
        assert run(firm.psql("manager.b"), estimated, audit) == 0


def _twice(firm: Firm) -> tuple[psycopg.Connection[Any], psycopg.Connection[Any], UUID]:
    return firm.psql("auditor.a"), firm.psql("auditor.a"), firm.people["auditor.a"].id
