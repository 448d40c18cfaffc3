"""Every function that staff may call, with arguments nobody sends by mistake."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from psycopg import sql

from tests.db.refusal import ask
from tests.firm import Firm

HOSTILE: dict[str, tuple[object, ...]] = {
    "text": (
        None, "", "'", "''; DROP TABLE vln.users; --", '"', "%s %I %L %%", "$1", "$$", "\\", "\\'",
        "E'\\x00'", "\N{RIGHT-TO-LEFT OVERRIDE}admin", "x" * 200_000, "postgres", "vln_owner",
        "-1", "NaN", "' OR '1'='1", "a & | ! ( ) :* <->",
    ),
    "uuid": (None, "00000000-0000-0000-0000-000000000000"),
    "uuid[]": (None, [], [None], ["00000000-0000-0000-0000-000000000000"] * 10_000),
    "integer": (None, -2_147_483_648, -1, 0, 2_147_483_647),
    "bigint": (None, -9_223_372_036_854_775_808, 9_223_372_036_854_775_807),
    "boolean": (None, True),
    "bytea": (None, b"", b"\x00" * 32, b"x" * 200_000),
    "bytea[]": (None, [], [None] * 10, [b"x" * 32] * 9, [b"x" * 32] * 10_000),
    "date": (None, "infinity", "-infinity", "4713-01-01 BC"),
    "timestamp with time zone": (None, "infinity", "-infinity"),
    "jsonb": (None, "null", "[]", "[" * 5_000 + "]" * 5_000, '{"\\u0041": "\'"}'),
}  # fmt: skip

# What a refusal may look like: a sentence of ours, a right, a value out of its range, a constraint.
PLAIN = ("VL", "42501", "22", "23", "54", "42710")

CALLABLE = """SELECT p.oid::regprocedure::text, n.nspname, p.proname,
       array(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t)
  FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
 WHERE n.nspname = 'vln' AND p.pronargs > 0 AND p.prosecdef
   AND EXISTS (SELECT FROM aclexplode(p.proacl) a JOIN pg_roles g ON g.oid = a.grantee
                WHERE g.rolname IN ('vln_staff', 'vln_admin'))
 ORDER BY 1"""


def calls(types: list[str]) -> Iterator[list[object]]:
    """Yield arguments: each hostile value in each place, beside NULL and beside each other."""
    longest = max(len(HOSTILE[each]) for each in types)
    for turn in range(longest):
        yield [HOSTILE[each][turn % len(HOSTILE[each])] for each in types]
    for place, each in enumerate(types):
        for value in HOSTILE[each]:
            arguments: list[object] = [HOSTILE[other][-1] for other in types]
            arguments[place] = value
            yield arguments


def state_of(firm: Firm) -> tuple[object, ...]:
    with firm.database.connect() as superuser:
        return (
            ask(superuser, "SELECT array_agg((rolname, rolsuper, rolcanlogin)::text ORDER BY 1)"
                " FROM pg_roles"),
            ask(superuser, "SELECT array_agg((id, email, role, active)::text ORDER BY id)"
                " FROM vln.users"),
            ask(superuser, "SELECT count(*) FROM pg_class"),
        )  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("login", ["admin", "manager.a", "auditor.a", "finance", "readonly"])
def test_hostile_arguments_are_plainly_refused(firm: Firm, login: str) -> None:
    connection = firm.psql(login)
    before = state_of(firm)
    called = 0

    for signature, schema, name, types in firm.owner.execute(CALLABLE).fetchall():
        function = sql.Identifier(schema, name)
        for arguments in calls(types):
            state = outcome(connection, function, types, arguments)
            assert state is None or state.startswith(PLAIN), (signature, str(arguments)[:200])
            called += 1

    assert called > 500
    assert state_of(firm) == before


def outcome(
    connection: psycopg.Connection[Any],
    function: sql.Identifier,
    types: list[str],
    arguments: list[object],
) -> str | None:
    """Call a function, undo what it did, and return the SQLSTATE of a refusal."""
    places = sql.SQL(", ").join(sql.SQL("%s::" + each) for each in types)
    statement = sql.SQL("SELECT * FROM {}({})").format(function, places)
    try:
        with connection.transaction(force_rollback=True):
            connection.execute(statement, arguments).fetchall()
    except psycopg.Error as error:
        return error.sqlstate
    return None
