"""The firm of the tests: everybody signs in, and it holds a row of every table."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from tests.factories import FACTORIES, schema_of
from tests.firm import Firm, link_findings


@pytest.mark.parametrize(
    "login", ["admin", "manager.a", "auditor.n", "finance", "readonly", "worker"]
)
def test_everybody_signs_in(firm: Firm, login: str) -> None:
    database = firm.sign_in(login)

    with database.reading() as connection:
        assert connection.scalar(select(func.vln.uid())) == firm.people[login].id
    assert database.actor.role is firm.people[login].role


def test_the_firm_holds_a_row_of_every_table(firm: Firm) -> None:
    for half in (firm.a, firm.b):
        link_findings(firm.owner, half)
        for table in FACTORIES:
            key = half.keys[table]
            where = " AND ".join(f"{column} = %s" for column in key)
            query = f"SELECT count(*) FROM {schema_of(table)}.{table} WHERE {where}"
            found = firm.owner.execute(query.encode(), list(key.values())).fetchone()
            assert found == (1,), (table, half.letter)
