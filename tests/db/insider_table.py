"""The table of what insiders try: with the guard, without it, and what the guard is.

`python -m tests.db.insider_table` writes insider.txt anew from the attempts.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.db.attempts import ATTEMPTS, POSSIBLE

FILE = Path(__file__).parent / "insider.txt"
NOT_TAKEN_AWAY = "."


def table_lines() -> Iterator[str]:
    """Yield a line per attempt; test_insider.py shows that each says what happens."""
    yield _line("attempt", "with", "without", "guard", "who")
    for attempt in (*ATTEMPTS, *POSSIBLE):
        without = attempt.succeeds if attempt.without else NOT_TAKEN_AWAY
        who = " ".join(attempt.who)
        yield _line(attempt.name, attempt.refused, without, attempt.guard, who)


def _line(name: str, with_guard: str, without: str, guard: str, who: str) -> str:
    return f"{name:<66} {with_guard:<8} {without:<8} {guard:<52} {who}"


def write_table() -> None:
    """Write the file; what stands behind # at its head stays."""
    kept = [line for line in FILE.read_text("utf-8").splitlines() if line.startswith("#")]
    FILE.write_text("\n".join([*kept, *table_lines()]) + "\n", "utf-8")


if __name__ == "__main__":
    write_table()
