"""Days as they are typed on the command line."""

from __future__ import annotations

from datetime import UTC, date, datetime

from vln_desktop.errors import UserError


def day_or_today(typed: str) -> date:
    """Read YYYY-MM-DD; nothing means today in UTC. Raises UserError for what is no day."""
    if not typed.strip():
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(typed.strip())
    except ValueError:
        raise UserError(f"{typed!r} is no day; type it as 2026-11-30.", field="day") from None
