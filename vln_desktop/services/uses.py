"""Tells the security events that something confidential was looked at or left the database.

It is a record of honest use, not a guard: the database cannot see what a client does with rows.
No text goes along, not even that of a filter: admins read these events, and not the findings.
"""

from __future__ import annotations

from sqlalchemy import cast, func, select
from sqlalchemy.dialects.postgresql import JSONB

from vln_desktop.db.session import Database


def note_export(database: Database, what: str, **facts: str | int | bool) -> None:
    """Note that a paper or list was written into a file; call it once that is done.

    `what` is a feature's word, `facts` say which and how many rows.
    """
    _note(database, "exported", {"what": what, **facts})


def note_view(database: Database, what: str, **facts: str | int | bool) -> None:
    """Note that a confidential paper was opened."""
    _note(database, "viewed", {"what": what, **facts})


def _note(database: Database, kind: str, detail: dict[str, str | int | bool]) -> None:
    with database.unit_of_work() as session:
        session.execute(select(func.vln.note_use(kind, cast(detail, JSONB))))
