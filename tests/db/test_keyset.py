"""Keyset paging gives, at any depth, the rows that counting from the start would give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import (
    Column,
    Connection,
    DateTime,
    Engine,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    create_engine,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.schema import CreateTable

from tests.cluster import Cluster
from vln_desktop.db.engine import parse_url
from vln_desktop.db.keyset import Keyset, Listing, planned_rows, table_rows
from vln_desktop.domain.paging import ANCHOR_STEP, START, Anchor, Count, Cursor, Pager, Position

TOTAL = 5_432

rows = Table(
    "rows",
    MetaData(),
    Column("id", Integer, primary_key=True),
    Column("grade", SmallInteger, nullable=False),
    Column("name", Text, nullable=False),
    Column("kept", SmallInteger, nullable=False),
)
ORDERS: dict[str, tuple[Any, ...]] = {
    "grade": (rows.c.grade, rows.c.id),
    "name": (rows.c.name, rows.c.grade, rows.c.id),
    "id": (rows.c.id,),
}


def listing(order: str, *where: Any) -> Listing:
    return Listing(rows, (rows.c.id, rows.c.name), ORDERS[order], where)


@pytest.fixture(scope="module")
def engine(cluster: Cluster) -> Iterator[Engine]:
    """A table of 5,432 rows with many ties in grade and name."""
    with cluster.database() as fresh:
        engine = create_engine(parse_url(fresh.superuser_url), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            rows.metadata.create_all(connection)
            number = func.generate_series(1, TOTAL).column_valued("number")
            made = select(
                number,
                func.abs(func.hashint4(number)) % 4,
                func.concat("n", func.abs(func.hashint4(number + 1)) % 50),
                number % 10,
            )
            connection.execute(insert(rows).from_select(["id", "grade", "name", "kept"], made))
            connection.execute(text("CREATE INDEX ON rows (grade, id)"))
            connection.execute(text("ANALYZE rows"))
        yield engine
        engine.dispose()


@pytest.fixture
def connection(engine: Engine) -> Iterator[Connection]:
    with engine.connect() as connection:
        yield connection


def by_offset(
    connection: Connection, order: str, *, descending: bool, start: int, take: int
) -> list[int]:
    """The rows as nobody should fetch them: by counting."""
    keys = [key.desc() if descending else key for key in ORDERS[order]]
    statement = select(rows.c.id).order_by(*keys).offset(start).limit(take)
    return list(connection.execute(statement).scalars())


def ids(found: Any) -> list[int]:
    return [row[0] for row in found.rows]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_walking_forward_shows_every_row_once(
    connection: Connection, order: str, descending: bool
) -> None:
    keyset = Keyset(listing(order), descending=descending)
    seen: list[int] = []
    position = START
    while (page := keyset.page(connection, position, 700)).rows:
        seen += ids(page)
        position = Position(page.last)
    assert seen == by_offset(connection, order, descending=descending, start=0, take=TOTAL)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_walking_back_from_the_end_shows_every_row_once(
    connection: Connection, order: str, descending: bool
) -> None:
    keyset = Keyset(listing(order), descending=descending)
    seen: list[int] = []
    position = Position(backward=True)
    while (page := keyset.page(connection, position, 700)).rows:
        seen = ids(page) + seen
        position = Position(page.first, backward=True)
    assert seen == by_offset(connection, order, descending=descending, start=0, take=TOTAL)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("order", ORDERS)
def test_a_jump_by_anchors_finds_what_offset_finds(
    connection: Connection, order: str, descending: bool
) -> None:
    keyset, pager = Keyset(listing(order), descending=descending), Pager(descending=descending)
    pager.learn_count(Count(keyset.count(connection), exact=True))
    anchors, complete = keyset.anchors(connection, None, 100)
    pager.learn_anchors(anchors, complete=complete)
    for number in (27, 3, 14, 20, 9):
        position = pager.position(number)
        assert position is not None
        assert not position.approximate
        page = keyset.page(connection, position, pager.take(number, position))
        assert ids(page) == by_offset(
            connection, order, descending=descending, start=number * 200, take=200
        )


def test_anchors_are_the_same_in_one_walk_and_in_many(connection: Connection) -> None:
    keyset = Keyset(listing("grade"), descending=True)
    whole, complete = keyset.anchors(connection, None, 100)
    assert complete
    assert [anchor.rank for anchor in whole] == [999, 1999, 2999, 3999, 4999]
    steps: list[Anchor] = []
    ended = False
    while not ended:
        found, ended = keyset.anchors(connection, steps[-1] if steps else None, 2)
        steps += found
    assert steps == whole
    assert len(whole) == TOTAL // ANCHOR_STEP


def test_conditions_hold_for_pages_counts_and_anchors(connection: Connection) -> None:
    keyset = Keyset(listing("id", rows.c.kept == 0), descending=False)
    assert keyset.count(connection) == TOTAL // 10
    assert ids(keyset.page(connection, START, 3)) == [10, 20, 30]
    assert keyset.anchors(connection, None, 5) == ([], True)


def test_constants_stand_in_the_text_and_typed_words_do_not(connection: Connection) -> None:
    typed, several = "x' OR true --", [1, 2]
    keyset = Keyset(
        listing("id", rows.c.name != typed, rows.c.name != "open", rows.c.kept.in_(several)),
        descending=False,
    )
    page = keyset.page(connection, START, 3)
    assert ids(page) == [1, 2, 11]
    ((text, constants),) = keyset._texts.values()
    assert list(constants.values()) == [typed]
    assert "IN (1, 2)" in text
    assert "'open'" in text


def test_a_table_partitioned_by_its_order_is_paged_the_same(connection: Connection) -> None:
    pruned = Listing(rows, (rows.c.id,), ORDERS["grade"], pruned=True)
    plain = Keyset(listing("grade"), descending=True)
    keyset = Keyset(pruned, descending=True)
    edge = plain.page(connection, START, 2_000).last
    assert ids(keyset.page(connection, Position(edge), 50)) == ids(
        plain.page(connection, Position(edge), 50)
    )
    assert keyset.anchors(connection, None, 100) == plain.anchors(connection, None, 100)


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("hours", [0.2, 20, 960], ids=["dense", "thinner", "too thin"])
def test_a_dense_list_is_walked_like_any_other(
    connection: Connection, descending: bool, hours: float
) -> None:
    at = func.now() - rows.c.id * timedelta(hours=hours)
    log = Table("log", MetaData(), Column("id", Integer), Column("at", DateTime(timezone=True)))
    connection.execute(CreateTable(log, if_not_exists=True))
    connection.execute(log.delete())
    connection.execute(log.insert().from_select(["id", "at"], select(rows.c.id, at)))
    plain = Listing(log, (log.c.id,), (log.c.at, log.c.id), pruned=True)

    def walked(listed: Listing) -> tuple[list[int], ...]:
        keyset, forward = Keyset(listed, descending=descending), list[int]()
        position = START
        while (page := keyset.page(connection, position, 700)).rows:
            forward += ids(page)
            position = Position(page.last)
        last = keyset.page(connection, Position(backward=True), 700)
        before = keyset.page(connection, Position(last.first, backward=True), 700)
        return forward, ids(last), ids(before), ids(keyset.page(connection, Position(skip=50), 9))

    assert walked(replace(plain, dense=True)) == walked(plain)
    assert len(walked(plain)[0]) == TOTAL


def test_a_list_without_rows_has_no_places(connection: Connection) -> None:
    keyset = Keyset(listing("id", rows.c.kept == 99), descending=False)
    page = keyset.page(connection, START, 200)
    assert (page.rows, page.first, page.last) == ((), None, None)
    assert keyset.sample(connection, 1) == []


def test_a_sample_is_spread_over_the_list(connection: Connection) -> None:
    keyset = Keyset(listing("id"), descending=False)
    places = [cursor.values[0] for cursor in keyset.sample(connection, TOTAL)]
    assert places == sorted(places)  # type: ignore[type-var]
    assert 150 <= len(places) <= 300


@pytest.mark.parametrize("order", ORDERS)
def test_the_rank_of_a_record_is_its_place_in_the_list(connection: Connection, order: str) -> None:
    keyset = Keyset(listing(order), descending=False)
    (wanted,) = by_offset(connection, order, descending=False, start=3_210, take=1)
    place = keyset.place_of(connection, wanted)
    assert place is not None
    assert keyset.rows_before(connection, place) == 3_210
    anchors, _ = keyset.anchors(connection, None, 3)
    assert keyset.rows_before(connection, place, anchors[-1]) == 3_210


def test_the_rank_of_a_value_counts_the_rows_below_it(connection: Connection) -> None:
    keyset = Keyset(listing("grade"), descending=False)
    below = connection.execute(select(func.count()).where(rows.c.grade < 2)).scalar_one()
    assert keyset.rows_before(connection, Cursor((2,))) == below


def test_a_record_outside_the_list_has_no_place(connection: Connection) -> None:
    keyset = Keyset(listing("id", rows.c.kept == 0), descending=False)
    assert keyset.place_of(connection, 11) is None


def test_the_planner_and_the_catalogue_know_about_how_many(connection: Connection) -> None:
    assert table_rows(connection, rows) == TOTAL
    assert planned_rows(connection, select(rows.c.id)) == TOTAL
    assert planned_rows(connection, select(rows.c.id).where(rows.c.kept == 0)) < TOTAL / 5
