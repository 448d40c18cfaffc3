"""The day by which the policies judge who belongs somewhere, whatever zone the session is in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Date, cast, func

TODAY = cast(func.timezone("UTC", func.clock_timestamp()), Date)


def still(valid_until: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that what ends after a day, if it ends at all, has not ended."""
    return valid_until.is_(None) | (valid_until >= TODAY)
