"""Tries what every login can do to every table, and writes the answers as tables for people.

`python -m tests.db.role_matrix` writes role_matrix.txt and column_matrix.txt anew; look at what
changed in them before you commit it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.errors import ForeignKeyViolation, InsufficientPrivilege, UniqueViolation

from tests.cluster import TEMPLATE, running_cluster
from tests.factories import DATA_KEY, FACTORIES, Half, Row, insert, new, schema_of
from tests.firm import Firm, build_firm, cloned_firm, link_findings
from vln_desktop.db.migrations import upgrade
from vln_desktop.domain.permissions import Role, Service

PERSONAL = ("public_keys", "key_envelopes", "access_requests", "user_preferences", "saved_views")
"""Tables whose rows belong to one person: own is the login's own row, other is a colleague's."""

TEAM_ROLES = (Role.MANAGER, Role.AUDITOR)
GROUPS: tuple[Role | Service, ...] = (*Role, *Service)
SCOPES = ("own", "other", "none")
REFUSED, NO_ROW, NOT_ASKED, CLOSED = "-", "0", ".", "closed"


@dataclass(frozen=True, slots=True)
class Probe:
    """One login's attempts on one half's row of one table; each is undone."""

    connection: psycopg.Connection[Any]
    table: str
    half: Half
    key: Row

    @property
    def _name(self) -> sql.Identifier:
        return sql.Identifier(schema_of(self.table), self.table)

    @property
    def _where(self) -> sql.Composed:
        return sql.SQL(" AND ").join(
            sql.SQL("{} = {}").format(sql.Identifier(column), sql.Literal(value))
            for column, value in self.key.items()
        )

    def answer(self) -> str:
        """Return four signs: read, insert, update, delete."""
        return self.read() + self.insert() + self.update() + self.delete()

    def read(self) -> str:
        """R for the whole row, r for some of its columns."""
        whole = self._affects(sql.SQL("SELECT * FROM {} WHERE {}").format(self._name, self._where))
        if whole != REFUSED:
            return "R" if whole else NO_ROW
        columns = self._granted("SELECT")
        if not columns:
            return REFUSED
        some = self._affects(
            sql.SQL("SELECT {} FROM {} WHERE {}").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)), self._name, self._where
            )
        )
        return some if some == REFUSED else "r" if some else NO_ROW

    def insert(self) -> str:
        """Insert a minimal valid row of the half, of the columns that may be inserted."""
        row = FACTORIES[self.table](self.half)
        granted = self._granted("INSERT")
        row = {column: value for column, value in row.items() if column in granted} or row
        try:
            with self.connection.transaction(force_rollback=True):
                insert(self.connection, self.table, row)
        except InsufficientPrivilege:
            return REFUSED
        except UniqueViolation:  # the policies let it pass, and the row is there already
            return "i"
        return "i"

    def update(self) -> str:
        """Set a column to itself: one that may be written, if there is any."""
        column = sql.Identifier((self._granted("UPDATE") or list(self.key))[-1])
        found = self._affects(
            sql.SQL("UPDATE {} SET {} = {} WHERE {}").format(
                self._name, column, column, self._where
            )
        )
        return found if found == REFUSED else "u" if found else NO_ROW

    def delete(self) -> str:
        """Delete the row."""
        found = self._affects(sql.SQL("DELETE FROM {} WHERE {}").format(self._name, self._where))
        return found if found == REFUSED else "d" if found else NO_ROW

    def _affects(self, statement: sql.Composed) -> str:
        """Return "-" if the statement is refused, "" if it found no row, else their number."""
        try:
            with self.connection.transaction(force_rollback=True):
                count = self.connection.execute(statement).rowcount
        except InsufficientPrivilege:
            return REFUSED
        except ForeignKeyViolation:  # the policies let it pass, and children hold the row
            return "1"
        return str(count or "")

    def _granted(self, privilege: str) -> list[str]:
        rows = self.connection.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = (SELECT c.oid FROM pg_class c"
            " JOIN pg_namespace n ON n.oid = c.relnamespace"
            " WHERE n.nspname = %s AND c.relname = %s)"
            " AND attnum > 0 AND NOT attisdropped"
            " AND has_column_privilege(attrelid, attnum, %s) ORDER BY attnum",
            [schema_of(self.table), self.table, privilege],
        )
        return [name for (name,) in rows]


def role_lines(firm: Firm) -> Iterator[str]:
    """Yield the matrix: a line per table and scope, a column per role."""
    connections = {login: firm.psql(login) for login in firm.people}
    for service in Service:
        with suppress(psycopg.OperationalError):  # the replica's is let into no database
            connections[service.value] = firm.service(service)
    own_rows = _personal_rows(firm)
    for half in (firm.a, firm.b):
        link_findings(firm.owner, half)
    yield _line("table", "rows", [group.value for group in GROUPS])
    for table in _tables(firm):
        for scope in SCOPES:
            cells = [_cell(firm, connections, own_rows, table, scope, group) for group in GROUPS]
            if not set(cells) <= {NOT_ASKED, CLOSED}:
                yield _line(table, scope, cells)


def _line(table: str, scope: str, cells: list[str]) -> str:
    return f"{table:<25} {scope:<6}" + "".join(f" {cell:<8}" for cell in cells).rstrip()


def _tables(firm: Firm) -> list[str]:
    rows = firm.owner.execute(
        "SELECT c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname IN ('vln', 'vln_priv') AND c.relkind IN ('r', 'p')"
        " AND NOT c.relispartition ORDER BY n.nspname, c.relname"
    )
    return [name for (name,) in rows]


def _personal_rows(firm: Firm) -> Mapping[tuple[str, str], Row]:
    """Give every login a row of its own in each personal table."""
    rows = {}
    keys = {"user_preferences": ("user_id", "key"), "public_keys": ("user_id",)}
    firm.owner.execute("DELETE FROM vln.public_keys")
    for login in firm.people:
        for table in PERSONAL:
            row = new(firm.owner, table, firm.half_of("a", login), **_other_key(table))
            columns = keys.get(table, ("id",))
            rows[table, login] = {column: row[column] for column in columns}
    return rows


def _other_key(table: str) -> Row:
    return {"key_id": DATA_KEY["b"]} if table == "key_envelopes" else {}


def _cell(
    firm: Firm,
    connections: Mapping[str, psycopg.Connection[Any]],
    own_rows: Mapping[tuple[str, str], Row],
    table: str,
    scope: str,
    group: Role | Service,
) -> str:
    login = _login(group, scope)
    if login is None or (scope != "other" and table in PERSONAL and login not in firm.people):
        return NOT_ASKED
    if scope == "none" and table in PERSONAL:
        return NOT_ASKED
    if login not in connections:
        return CLOSED
    half = firm.half("b" if scope == "other" else "a")
    if login in firm.people:
        half = firm.half_of(half.letter, login)
    key = half.keys[table]
    if table in PERSONAL:
        colleague = "manager.b" if login != "manager.b" else "auditor.b"
        whose = login if scope == "own" else colleague
        key = own_rows[table, whose]
        half = replace(half, person=firm.people[whose].id)
    return Probe(connections[login], table, half, key).answer()


def _login(group: Role | Service, scope: str) -> str | None:
    if group in TEAM_ROLES:
        return f"{group.value}.{'n' if scope == 'none' else 'a'}"
    return group.value if scope != "none" else None


def column_lines(firm: Firm) -> Iterator[str]:
    """Yield who may read, insert or update which columns, "*" for all of a table's."""
    rows = firm.owner.execute(
        "SELECT p.table_name, p.grantee, p.privilege_type,"
        " CASE WHEN count(*) = (SELECT count(*) FROM information_schema.columns c"
        "   WHERE (c.table_schema, c.table_name) = (p.table_schema, p.table_name)) THEN '*'"
        " ELSE string_agg(p.column_name, ' ' ORDER BY c.ordinal_position) END"
        " FROM information_schema.column_privileges p JOIN information_schema.columns c"
        " USING (table_schema, table_name, column_name)"
        " WHERE table_schema LIKE 'vln%' AND grantee <> current_user"
        # a backup reads every column there is: the matrix of tables says so
        " AND grantee <> 'vln_backup'"
        " GROUP BY p.table_schema, p.table_name, p.grantee, p.privilege_type ORDER BY 1, 2, 3"
    )
    for table, group, privilege, columns in rows:
        yield f"{table} {group.removeprefix('vln_')} {privilege.lower()}: {columns}"


def write_matrices() -> None:
    """Write both files from a firm made for it; what stands behind # at their head stays."""
    with running_cluster() as cluster:
        template = cluster.create(TEMPLATE)
        upgrade(template.owner_url)
        with cloned_firm(cluster, build_firm(cluster, template.name)) as firm:
            _write("role_matrix.txt", role_lines(firm))
            _write("column_matrix.txt", column_lines(firm))


def _write(name: str, lines: Iterable[str]) -> None:
    file = Path(__file__).parent / name
    kept = [line for line in file.read_text("utf-8").splitlines() if line.startswith("#")]
    file.write_text("\n".join([*kept, *lines]) + "\n", "utf-8")


if __name__ == "__main__":
    write_matrices()
