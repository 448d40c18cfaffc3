"""Who reads what: every staff login, with its own password, against every table."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.db.role_matrix import GROUPS, column_lines, role_lines
from tests.factories import FACTORIES
from tests.firm import DOMAIN, Firm, service_login
from vln_desktop.db.embedded_cluster import OWNER
from vln_desktop.domain.permissions import Role, Service

HERE = Path(__file__).parent

KNOWN_ROLES = {OWNER, "vln_rolemgr", "vln_staff", *(group.group for group in GROUPS)}

# Whoever is named in a grant on the schemas, the database or what is in them, or will be in one on
# what is made later, or belongs to a group that is, or may bypass the policies.
TOUCHING = """
WITH ours AS (SELECT oid, nspacl FROM pg_namespace WHERE nspname IN ('vln', 'vln_priv')),
granted (grantee) AS (
    SELECT a.grantee FROM ours, aclexplode(nspacl) a
    UNION SELECT a.grantee FROM pg_class c, aclexplode(relacl) a
     WHERE relnamespace IN (SELECT oid FROM ours)
    UNION SELECT a.grantee FROM pg_attribute t JOIN pg_class c ON c.oid = attrelid,
        aclexplode(attacl) a WHERE relnamespace IN (SELECT oid FROM ours)
    UNION SELECT a.grantee FROM pg_proc, aclexplode(proacl) a
     WHERE pronamespace IN (SELECT oid FROM ours)
    UNION SELECT a.grantee FROM pg_type, aclexplode(typacl) a
     WHERE typnamespace IN (SELECT oid FROM ours)
    UNION SELECT a.grantee FROM pg_default_acl, aclexplode(defaclacl) a
    UNION SELECT a.grantee FROM pg_database, aclexplode(datacl) a
     WHERE datname = current_database()
    UNION SELECT unnest(polroles) FROM pg_policy
    UNION SELECT oid FROM pg_roles WHERE rolbypassrls OR rolcreaterole OR rolreplication
    UNION SELECT oid FROM pg_roles WHERE rolname LIKE 'vln%')
SELECT DISTINCT r.rolname FROM pg_roles r JOIN granted g ON g.grantee <> 0
   AND (r.oid = g.grantee OR pg_has_role(r.oid, g.grantee, 'MEMBER'))
 WHERE NOT r.rolsuper"""


def written(name: str) -> list[str]:
    lines = (HERE / name).read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def test_every_login_can_do_what_the_matrix_says(firm: Firm) -> None:
    assert list(role_lines(firm)) == written("role_matrix.txt")


def test_every_column_grant_stands_in_the_matrix(firm: Firm) -> None:
    assert list(column_lines(firm)) == written("column_matrix.txt")


def test_matrix_covers_every_role_and_table(firm: Firm) -> None:
    heading, *lines = written("role_matrix.txt")

    assert unknown_roles(firm) == set()
    assert heading.split()[2:] == [group.value for group in GROUPS]
    assert {line.split()[0] for line in lines} == set(FACTORIES)
    assert {person.role for person in firm.people.values()} == set(Role)


def unknown_roles(firm: Firm) -> set[str]:
    """Return every role that could touch the firm's data and stands in no matrix."""
    with firm.database.connect() as superuser:
        found = {name for (name,) in superuser.execute(TOUCHING)}
    logins = {person.email for person in firm.people.values()}
    assert found >= logins | KNOWN_ROLES
    known = logins | KNOWN_ROLES | {service_login(service) for service in Service}
    # Logins belong to the cluster: those of the firm's domain were hired in other tests' copies.
    return {role for role in found - known if not role.endswith(f"@{DOMAIN}")}


@pytest.mark.parametrize(
    "grant",
    [
        "GRANT SELECT ON vln.findings TO spy",
        "GRANT UPDATE (title) ON vln.findings TO spy",
        "GRANT USAGE ON SCHEMA vln_priv TO spy",
        "GRANT EXECUTE ON FUNCTION vln.session_ok() TO spy",
        "GRANT USAGE ON SEQUENCE vln.activity_logs_id_seq TO spy",
        "GRANT CREATE ON DATABASE {database} TO spy",
        "ALTER DEFAULT PRIVILEGES FOR ROLE vln_owner GRANT SELECT ON TABLES TO spy",
        "CREATE POLICY spy ON vln.findings TO spy USING (true)",
        "GRANT vln_auditor TO spy",
        "GRANT vln_owner TO spy",
        "ALTER ROLE spy BYPASSRLS",
        "ALTER ROLE spy CREATEROLE",
        "ALTER ROLE spy REPLICATION",
        "ALTER ROLE spy RENAME TO vln_spy",
        "CREATE ROLE go_between; GRANT SELECT ON vln.users TO go_between; GRANT go_between TO spy",
    ],
)
def test_a_stranger_with_any_right_is_found(firm: Firm, grant: str) -> None:
    with firm.database.connect() as superuser, superuser.transaction(force_rollback=True):
        superuser.execute("CREATE ROLE spy LOGIN")
        assert not strangers(superuser)
        superuser.execute(grant.format(database=firm.database.name).encode())
        assert strangers(superuser)


def strangers(superuser: psycopg.Connection[Any]) -> set[str]:
    names = {name for (name,) in superuser.execute(TOUCHING)}
    return names & {"spy", "vln_spy"}
