"""What remains possible, because PostgreSQL lets everybody: known, harmless or answered otherwise."""

from __future__ import annotations

from tests.db.attempts.roles import EVERYBODY
from tests.db.insider import DONE, Attempt

STAFF = ("admin", "manager.a", "auditor.a", "finance", "readonly")


def _possible(name: str, who: tuple[str, ...], script: str, because: str) -> Attempt:
    return Attempt(name, who, script, because, refused=DONE)


POSSIBLE = (
    _possible(
        "change one's own password without our function", EVERYBODY,
        """ALTER ROLE :"me.email" PASSWORD 'short'""",
        "the second factor stands; whether it must be changed is told by our function alone",
    ),
    _possible(
        "lift one's own timeouts", EVERYBODY,
        'ALTER ROLE :"me.email" SET idle_session_timeout = 0',
        "they are a service to others, no guard; disabling somebody cuts their connections",
    ),
    _possible(
        "read who has a login", EVERYBODY,
        "SELECT rolname FROM pg_roles WHERE rolname LIKE '%@%'",
        "pg_roles is everybody's: a login's name is an address, and no secret among staff",
    ),
    _possible(
        "read how many rows a table has", ("readonly", "auditor.a"),
        "SELECT pg_relation_size('vln.findings')",
        "sizes and counts are everybody's; what rows say is not",
    ),
    _possible(
        "read the text of our functions", EVERYBODY,
        "SELECT prosrc FROM pg_proc WHERE proname = 'check_code'",
        "no secret stands in them",
    ),
    _possible(
        "keep a large object", EVERYBODY, "SELECT lo_from_bytea(0, 'x')",
        "it fills a disk like any other row; a superuser can take the functions away",
    ),
    _possible(
        "listen and notify", EVERYBODY, "LISTEN findings; NOTIFY findings, 'x'",
        "our notices carry nothing; a forged one makes clients ask the log, within their rights",
    ),
    _possible(
        "hold advisory locks", EVERYBODY, "SELECT pg_advisory_xact_lock(1) IS NOT NULL",
        "who holds one is seen in pg_locks, and disabling them cuts their connections",
    ),
    *(
        _possible(
            f"lock {table} whole", who, f"LOCK TABLE vln.{table} IN ACCESS EXCLUSIVE MODE",
            "who may delete rows may lock the table: disabling them cuts their connections",
        )
        for table, who in (
            ("line_items", ("finance",)),
            ("finding_locations", ("manager.a", "auditor.a")),
            ("user_preferences", STAFF),
            ("saved_views", STAFF),
        )
    ),
)  # fmt: skip
