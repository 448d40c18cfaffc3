"""The four lists as each role gets them: rows, rights, filters, orders and scopes."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any
from uuid import uuid4

import psycopg
import pytest

from tests.firm import Firm
from vln_desktop.domain.filters import EVERYTHING
from vln_desktop.domain.paging import START, Cursor, Page, Position, Query, Sort
from vln_desktop.domain.permissions import Right
from vln_desktop.errors import NotPermitted, Unavailable, UserError
from vln_desktop.services.directory import Directory
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grid_scope import find_reach, is_narrow
from vln_desktop.services.grid_spec import GridSpec
from vln_desktop.services.grids import ACTIVITY, AUDITS, FINDINGS, GRIDS, INVOICES

STAFF = ("admin", "manager.a", "auditor.a", "finance", "readonly")


def source_of(firm: Firm, login: str, spec: GridSpec) -> GridSource:
    database = firm.sign_in(login)
    return GridSource(database, spec, Directory.load(database).find)


def first_page(source: GridSource, text: str = "", sort: Sort | None = None) -> Page:
    wanted = source.parse(text) if text else EVERYTHING
    return source.page(Query(sort or source.default_sort, wanted), START)


def add_findings(firm: Firm, half: str, count: int) -> None:
    firm.owner.execute(
        "INSERT INTO vln.findings (id, audit_id, title, severity, finder_id, created_at)"
        " SELECT gen_random_uuid(), %s, 'Finding ' || n,"
        " (ARRAY['critical','high','medium','low','informational'])[1 + n %% 5], %s,"
        " timestamptz '2026-01-01' + (n / 3) * interval '1 minute'"
        " FROM generate_series(1, %s) n",
        [firm.half(half).id("audit_requests"), firm.people[f"auditor.{half}"].id, count],
    )
    firm.owner.execute("ANALYZE vln.findings")


@pytest.mark.parametrize("login", STAFF)
def test_every_role_gets_every_list_or_a_plain_refusal(firm: Firm, login: str) -> None:
    database = firm.sign_in(login)
    for spec in GRIDS.values():
        source = GridSource(database, spec)
        if source.permitted:
            read_in_every_order(source)
        else:
            with pytest.raises(NotPermitted, match="role"):
                first_page(source)


def read_in_every_order(source: GridSource) -> None:
    for key in source.orders:
        for descending in (False, True):
            page = first_page(source, sort=Sort(key, descending))
            assert all(len(row) >= 1 + len(source.keys) for row in page.rows)
    assert source.count(Query(source.default_sort)).exact


def test_every_token_of_every_list_is_understood_by_the_server(firm: Firm) -> None:
    samples = {
        "text": "ACME*",
        "number": ">5",
        "money": "1..20.50",
        "date": ">=2026-01",
        "flag": "no",
    }
    for spec in GRIDS.values():
        admins = spec.needs is Right.USERS_EDIT
        of_finance = spec.needs in {Right.INVOICES_TOTALS, Right.SELLERS_EDIT, Right.CLIENTS_EDIT}
        login = "finance" if of_finance else "admin" if admins else "manager.a"
        source = source_of(firm, login, spec)
        for field in source.fields:
            choice = ",".join(item.word for item in field.choices)
            word = samples.get(field.kind.value) or choice or "me"
            if field.token == "record":  # looked up first: there must be one
                word = str(firm.a.id("findings"))
            for sign in ("", "-"):
                first_page(source, f"{sign}{field.token}:{word}")


def test_a_day_stands_where_its_rows_begin_from_the_top(firm: Firm) -> None:
    source = source_of(firm, "auditor.a", FINDINGS)
    audits = source_of(firm, "auditor.a", AUDITS)
    day, next_day = date(2026, 11, 24), date(2026, 11, 25)
    begin, end = (datetime.combine(one, time()).astimezone() for one in (day, next_day))

    assert source.place_of_day(Sort("created"), day) == begin
    assert source.place_of_day(Sort("created", descending=True), day) == end
    assert audits.place_of_day(Sort("due"), day) == day
    assert source.place_of_day(Sort("severity"), day) is None
    with pytest.raises(UserError, match="out of bounds"):
        source.place_of_day(Sort("created", descending=True), date.max)


def test_pages_at_any_place_are_the_rows_that_offset_gives(firm: Firm) -> None:
    add_findings(firm, "a", 900)
    source = source_of(firm, "auditor.a", FINDINGS)
    everything = [
        row[0]
        for row in firm.owner.execute(
            "SELECT id FROM vln.findings WHERE audit_id = %s AND deleted_at IS NULL"
            " ORDER BY severity_rank DESC, created_at DESC, id DESC",
            [firm.a.id("audit_requests")],
        )
    ]
    query = Query(Sort("severity", descending=True))
    middle = source.page(query, START, 400).last
    assert middle is not None
    page = source.page(query, Position(middle, skip=37), 200)
    assert [row[0] for row in page.rows] == everything[437:637]


def test_a_scope_hides_what_others_have(firm: Firm) -> None:
    add_findings(firm, "b", 50)
    source = source_of(firm, "auditor.a", FINDINGS)
    query = Query(source.default_sort)
    own = firm.owner.execute(
        "SELECT count(*) FROM vln.findings WHERE audit_id = %s AND deleted_at IS NULL",
        [firm.a.id("audit_requests")],
    ).fetchone()
    assert own is not None
    assert source.count(query).value == own[0]


def test_a_narrow_scope_is_named_and_a_wide_one_is_not(firm: Firm) -> None:
    add_findings(firm, "b", 3_000)
    database = firm.sign_in("auditor.a")
    with database.reading() as connection:
        assert find_reach(connection, FINDINGS, database.actor.role).narrow is not None
    wide = firm.sign_in("auditor.b")
    with wide.reading() as connection:
        # One id costs nothing to name, however many rows it has.
        assert find_reach(connection, FINDINGS, wide.actor.role).narrow is not None
    firm.owner.execute(
        "INSERT INTO vln.audit_assignments (id, audit_id, user_id)"
        " VALUES (gen_random_uuid(), %s, %s)",
        [firm.a.id("audit_requests"), wide.actor.user_id],
    )
    with wide.reading() as connection:
        assert find_reach(connection, FINDINGS, wide.actor.role).narrow is None


@pytest.mark.parametrize(
    ("mine", "narrow"), [(0, True), (250, True), (20_000, True), (60_000, False)]
)
def test_narrow_means_that_sorting_beats_walking(mine: int, narrow: bool) -> None:
    assert is_narrow(mine, 5_000_000) is narrow


def test_the_estimate_is_near_the_truth_in_spite_of_the_policies(firm: Firm) -> None:
    add_findings(firm, "b", 4_000)
    for login in ("admin", "auditor.b", "manager.b"):
        source = source_of(firm, login, FINDINGS)
        query = Query(source.default_sort)
        truth = source.count(query).value
        assert truth / 2 < source.estimate(query).value < truth * 2


def test_what_a_role_may_not_read_is_not_asked_for(firm: Firm) -> None:
    source = source_of(firm, "readonly", FINDINGS)
    assert "title" not in source.keys
    assert "severity" in source.keys
    with pytest.raises(UserError, match="no filter"):
        source.parse("assignee:me")


def test_a_query_from_a_richer_role_s_saved_view_is_refused(firm: Firm) -> None:
    rich, poor = (source_of(firm, login, FINDINGS) for login in ("manager.a", "readonly"))
    query = Query(poor.default_sort, rich.parse("assignee:me"))
    with pytest.raises(NotPermitted, match="assignee"):
        poor.page(query, START)
    with pytest.raises(NotPermitted, match="sort"):
        poor.page(Query(Sort("nothing")), START)


def test_words_are_refused_where_nothing_is_searched(firm: Firm) -> None:
    source = source_of(firm, "admin", ACTIVITY)
    with pytest.raises(UserError, match="free-text"):
        source.parse("reentrancy")


def test_an_unknown_person_is_named(firm: Firm) -> None:
    source = source_of(firm, "manager.a", FINDINGS)
    with pytest.raises(UserError, match="Nobody here"):
        first_page(source, "assignee:nemo")


def test_a_record_s_place_leads_to_its_row(firm: Firm) -> None:
    add_findings(firm, "a", 300)
    source = source_of(firm, "auditor.a", FINDINGS)
    query = Query(Sort("created"))
    rows = source.page(query, START, 300).rows
    place = source.place_of(query, rows[123][0])
    assert place is not None
    assert source.rank_of(query, place, None) == 123
    assert source.place_of(query, uuid4()) is None


def test_a_warm_page_is_one_statement(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    source = source_of(firm, "auditor.a", FINDINGS)
    query = Query(source.default_sort)
    source.page(query, START)
    statements: list[object] = []
    execute = psycopg.Cursor.execute

    def note(cursor: psycopg.Cursor[Any], statement: Any, *values: Any, **options: Any) -> Any:
        statements.append(statement)
        return execute(cursor, statement, *values, **options)

    monkeypatch.setattr(psycopg.Cursor, "execute", note)
    source.page(query, START)
    assert len(statements) == 1


def test_a_killed_connection_is_said_and_replaced(firm: Firm) -> None:
    source = source_of(firm, "auditor.a", FINDINGS)
    before = first_page(source)
    with firm.database.connect() as superuser:
        superuser.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
            [firm.people["auditor.a"].email],
        )
    with pytest.raises(Unavailable):
        first_page(source)
    assert first_page(source) == before


def test_a_lost_assignment_is_noticed(firm: Firm) -> None:
    source = source_of(firm, "auditor.a", AUDITS)
    query = Query(source.default_sort)
    before = source.count(query).value
    firm.owner.execute(
        "UPDATE vln.audit_assignments SET valid_until = now() - interval '1 day'"
        " WHERE user_id = %s",
        [firm.people["auditor.a"].id],
    )
    source.forget_scope()
    assert source.count(query).value < before


def test_a_place_beyond_the_list_gives_no_rows(firm: Firm) -> None:
    source = source_of(firm, "finance", INVOICES)
    query = Query(Sort("created"))
    last = source.page(query, Position(backward=True), 1).last
    assert isinstance(last, Cursor)
    assert source.page(query, Position(last)).rows == ()
