"""Full-text search: what a person's scope costs over the owner's search of everything."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from statistics import median
from typing import Any

from vln_desktop.db.session import Database
from vln_desktop.services.grids.findings import MOST_HITS
from vln_desktop.tools.bench.line import Bench, Line, Skip
from vln_desktop.tools.bench.rights import driver_of, interleaved_on, owner_of, time_ms

COMMON_SHARE = 0.01
COMMON_GOAL = 5.0
RARE_GOAL_MS = 50.0
ROUNDS = 7

_QUERY = "websearch_to_tsquery('english', %s) || websearch_to_tsquery('simple', %s)"
_EVERYTHING = (
    f"SELECT id FROM vln.findings WHERE search_vector @@ ({_QUERY}) AND deleted_at IS NULL"
    f" ORDER BY created_at DESC, id DESC LIMIT {MOST_HITS}"
)
_SAMPLE = 2_000
_WORDS = f"""SELECT word, ndoc::float / {_SAMPLE} FROM ts_stat('SELECT search_vector FROM
 (SELECT search_vector FROM vln.findings ORDER BY id DESC LIMIT {_SAMPLE}) newest')
 WHERE word ~ '^[a-z]{{5,}}$' ORDER BY ndoc"""


def measure(bench: Bench) -> Iterator[Line | Skip]:
    """Search for a common and a rare word as a manager and as auditors with many and one audit."""
    with owner_of(bench) as owner:
        words = owner.execute(_WORDS).fetchall()
        common = next((word for word, share in words if share > COMMON_SHARE), None)
        if common is None:
            yield Skip("full-text search", "no word stands in more than a hundredth of the rows")
            return
        rare = "unheardofword"
        for who, database in (
            ("manager", bench.manager),
            ("auditor", bench.auditor),
            ("newcomer", bench.newcomer),
        ):
            mine, base = _times(database, owner, common)
            yield Line(
                f"search for a common word, {who}", mine / base, "×", COMMON_GOAL, mine, base
            )
            mine, base = _times(database, owner, rare)
            yield Line(f"search for a rare word, {who}", mine, "ms", RARE_GOAL_MS, mine, base)


def _times(database: Database, owner: Any, word: str) -> tuple[float, float]:
    """Return the median milliseconds of a person's search and of the owner's."""
    with database.reading() as connection:
        driver = driver_of(connection)
        ours = partial(_run, driver, f"SELECT * FROM vln.search_findings(%s, {MOST_HITS})", [word])
        theirs = partial(_run, owner, _EVERYTHING, [word, word])
        taken = interleaved_on([(ours, time_ms), (theirs, time_ms)], ROUNDS, repeats=1)
    mine, base = (median(times) for times in taken)
    return mine, base


def _run(driver: Any, statement: str, values: list[str]) -> int:
    return len(driver.execute(statement, values, prepare=True).fetchall())
