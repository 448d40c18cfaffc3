"""Rules on quotes that the database keeps whatever client asks."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.db.refusal import (
    CHECK,
    FROZEN,
    ILLEGAL_STEP,
    MONEY_RULE,
    PERMISSION,
    UNIQUE,
    ask,
    refusal,
    refused_row,
    run,
)
from tests.factories import TODAY, Half, insert, line_of, new
from tests.firm import Firm

Psql = psycopg.Connection[Any]
SEND = "UPDATE vln.quotes SET status = 'sent' WHERE id = %s"
ACCEPT = ("UPDATE vln.quotes SET status = 'accepted', decided_on = %s, decided_by = 'J. Doe',"
          " reference = 'PO-1' WHERE id = %s")  # fmt: skip
SHARE = ("INSERT INTO vln.billing_milestones (id, quote_id, ordinal, due_when, percent)"
         " VALUES (gen_random_uuid(), %s, %s, %s, %s)")  # fmt: skip


@pytest.fixture
def finance(firm: Firm) -> Psql:
    return firm.psql("finance")


def quote(connection: Psql, half: Half, net: str = "1000", **changes: Any) -> UUID:
    made: UUID = new(connection, "quotes", half, **changes)["id"]
    line = line_of(made, 1) | {"unit_price": Decimal(net)}
    insert(connection, "quote_lines", {"quote_id": line.pop("invoice_id"), **line})
    return made


def sent(connection: Psql, half: Half, **changes: Any) -> UUID:
    made = quote(connection, half, **changes)
    run(connection, SEND, made)
    return made


class TestSending:
    def test_it_is_numbered_and_keeps_the_parties(self, firm: Firm, finance: Psql) -> None:
        number = "SELECT number FROM vln.quotes WHERE id = %s"
        numbers = [ask(finance, number, sent(finance, firm.a)) for _ in range(2)]
        made = sent(finance, firm.a)
        run(finance, "UPDATE vln.clients SET legal_name = 'Renamed'")

        assert [number[-11:] for number in numbers] == [f"-Q{TODAY.year}-000{n}"[-11:]
                                                        for n in (1, 2)]  # fmt: skip
        assert ask(finance, "SELECT buyer ->> 'legal_name' FROM vln.quotes WHERE id = %s",
                   made) == "Acme Protocol"  # fmt: skip

    @pytest.mark.parametrize(
        "changes", [{"valid_until": None}, {"valid_until": TODAY - timedelta(3)}]
    )
    def test_only_with_a_day_to_come(
        self, firm: Firm, finance: Psql, changes: dict[str, Any]
    ) -> None:
        assert refusal(finance, SEND, quote(finance, firm.a, **changes)) == MONEY_RULE

    def test_not_without_lines_nor_over_nothing(self, firm: Firm, finance: Psql) -> None:
        assert refusal(finance, SEND, new(finance, "quotes", firm.a)["id"]) == MONEY_RULE
        assert refusal(finance, SEND, quote(finance, firm.a, "0")) == MONEY_RULE

    @pytest.mark.parametrize(
        ("shares", "fits"),
        [((50, 50), True), ((40, 40, 20), True), ((50, 40), False), ((60, 50), False)],
    )
    def test_milestones_come_to_the_whole(
        self, firm: Firm, finance: Psql, shares: tuple[int, ...], fits: bool
    ) -> None:
        made = quote(finance, firm.a)
        for at, (share, when) in enumerate(
            zip(shares, ("start", "report", "fix_review"), strict=False)
        ):
            run(finance, SHARE, made, at, when, share)

        if fits:
            assert run(finance, SEND, made) == 1
        else:
            assert refusal(finance, SEND, made) == MONEY_RULE


class TestSentIsFrozen:
    @pytest.mark.parametrize("change", ["valid_until = valid_until + 1", "note = 'x'",
                                        "language = 'de'",
                                        "payment_days = 90", "deleted_at = now()",
                                        "decided_by = 'x'"])  # fmt: skip
    def test_itself(self, firm: Firm, finance: Psql, change: str) -> None:
        assert refusal(finance, f"UPDATE vln.quotes SET {change} WHERE id = %s",
                       sent(finance, firm.a)) in {FROZEN, MONEY_RULE}  # fmt: skip

    @pytest.mark.parametrize("change", ["net_minor = 1", "number = 'Q-1'", "sent_on = sent_on - 1",
                                        "client_id = NULL", "audit_id = NULL"])  # fmt: skip
    def test_what_nobody_types(self, shared_firm: Firm, change: str) -> None:
        assert refusal(shared_firm.psql("finance"), f"UPDATE vln.quotes SET {change}",
                       ) == PERMISSION  # fmt: skip

    def test_its_lines_and_milestones(self, firm: Firm, finance: Psql) -> None:
        made = quote(finance, firm.a)
        run(finance, SHARE, made, 1, "start", 100)
        run(finance, SEND, made)

        assert refusal(finance, SHARE, made, 2, "report", 50) == FROZEN
        for statement in (
            "UPDATE vln.quote_lines SET unit_price = 1 WHERE quote_id = %s",
            "DELETE FROM vln.quote_lines WHERE quote_id = %s",
            "DELETE FROM vln.billing_milestones WHERE quote_id = %s",
        ):
            assert refusal(finance, statement, made) == FROZEN

    def test_it_is_not_deleted(self, firm: Firm, finance: Psql) -> None:
        made = sent(finance, firm.a)

        assert refusal(finance, "DELETE FROM vln.quotes WHERE id = %s", made) == PERMISSION
        assert refusal(firm.owner, "DELETE FROM vln.quotes WHERE id = %s", made) == FROZEN


class TestDeciding:
    def test_once_with_a_name(self, firm: Firm, finance: Psql) -> None:
        made = sent(finance, firm.a)
        assert refusal(finance, "UPDATE vln.quotes SET status = 'accepted', decided_on = %s"
                       " WHERE id = %s", TODAY, made) == MONEY_RULE  # fmt: skip
        assert refusal(finance, ACCEPT, TODAY + timedelta(2), made) == MONEY_RULE
        assert refusal(finance, ACCEPT, TODAY - timedelta(2), made) == MONEY_RULE

        run(finance, ACCEPT, TODAY, made)

        assert refusal(finance, "UPDATE vln.quotes SET reference = 'x' WHERE id = %s",
                       made) == FROZEN  # fmt: skip
        assert refusal(finance, "UPDATE vln.quotes SET status = 'declined' WHERE id = %s",
                       made) == ILLEGAL_STEP  # fmt: skip

    def test_not_after_it_expired(self, firm: Firm, finance: Psql) -> None:
        made = sent(finance, firm.a)
        with firm.owner.transaction():
            run(firm.owner, "ALTER TABLE vln.quotes DISABLE TRIGGER USER")
            run(firm.owner, "UPDATE vln.quotes SET sent_on = sent_on - 9, valid_until = %s",
                TODAY - timedelta(3))  # fmt: skip
            run(firm.owner, "ALTER TABLE vln.quotes ENABLE TRIGGER USER")

        assert refusal(finance, ACCEPT, TODAY, made) == MONEY_RULE
        assert run(finance, ACCEPT, TODAY - timedelta(3), made) == 1

    def test_a_draft_is_not_decided(self, firm: Firm, finance: Psql) -> None:
        assert refusal(finance, ACCEPT, TODAY, quote(finance, firm.a)) == ILLEGAL_STEP

    def test_a_revision_replaces_what_is_not_accepted(self, firm: Firm, finance: Psql) -> None:
        old, taken = sent(finance, firm.a), sent(finance, firm.a)
        run(finance, ACCEPT, TODAY, taken)

        sent(finance, firm.a, replaces_id=old)

        assert ask(finance, "SELECT status FROM vln.quotes WHERE id = %s", old) == "replaced"
        assert refusal(finance, ACCEPT, TODAY, old) == ILLEGAL_STEP
        for other in (old, taken, quote(firm.owner, firm.b)):
            assert refusal(finance, SEND, quote(finance, firm.a, replaces_id=other),
                           ) == MONEY_RULE  # fmt: skip


class TestShares:
    @pytest.mark.parametrize("share", [{"percent": 0}, {"percent": 150}, {"percent": None},
                                       {"amount_minor": 5}, {"percent": None, "amount_minor": -1},
                                       {"due_when": "never"}])  # fmt: skip
    def test_one_that_is_none(self, shared_firm: Firm, share: dict[str, object]) -> None:
        assert refused_row(shared_firm.psql("finance"), "billing_milestones", shared_firm.a,
                           **share) == CHECK  # fmt: skip

    def test_two_in_one_place(self, shared_firm: Firm) -> None:
        place = ask(shared_firm.owner, "SELECT ordinal FROM vln.billing_milestones WHERE id = %s",
                    shared_firm.a.id("billing_milestones"))  # fmt: skip
        assert refused_row(shared_firm.psql("finance"), "billing_milestones", shared_firm.a,
                           ordinal=place) == UNIQUE  # fmt: skip


@pytest.mark.parametrize("quantity", ["0", "-1", "NaN"])
def test_a_quote_takes_nothing_back(shared_firm: Firm, quantity: str) -> None:
    refused = refused_row(shared_firm.psql("finance"), "quote_lines", shared_firm.a,
                          quantity=Decimal(quantity))  # fmt: skip
    assert refused in {CHECK, "0A000"}


@pytest.mark.parametrize("table", ["quotes", "quote_lines", "billing_milestones"])
@pytest.mark.parametrize("login", ["auditor.a", "admin"])
def test_no_money_for_others(shared_firm: Firm, table: str, login: str) -> None:
    assert refusal(shared_firm.psql(login), f"SELECT * FROM vln.{table}") == PERMISSION


def test_a_manager_sees_totals_of_their_audits(shared_firm: Firm) -> None:
    manager = shared_firm.psql("manager.a")

    assert ask(manager, "SELECT array_agg(id) FROM vln.quotes") == [shared_firm.a.id("quotes")]
    assert refusal(manager, "SELECT note FROM vln.quotes") == PERMISSION
