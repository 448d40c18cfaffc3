"""Turns a record's log entries into lines of a timeline."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from vln_desktop.domain.activity import ActivityEntry, FieldChange
from vln_desktop.services.directory import Directory
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.widgets.detail import TimelineEvent

_LONGEST = 80
_N = QT_TRANSLATE_NOOP
_ACTIONS = {
    "insert": (_N("History", "Created"), Glyph.ADD),
    "update": (_N("History", "Changed"), Glyph.EDIT),
    "delete": (_N("History", "Deleted"), Glyph.DELETE),
}


def history_events(entries: Sequence[ActivityEntry], directory: Directory) -> list[TimelineEvent]:
    """Return one event per entry, as given."""
    events = []
    for entry in entries:
        text, icon = _ACTIONS[entry.action]
        words = QCoreApplication.translate("History", str(text))
        told = [words, *map(_change, entry.changes or ())] if entry.action == "update" else [words]
        who = directory.name_of(entry.actor_id)
        events.append(TimelineEvent(entry.at, who, "\n".join(told), icon))
    return events


def _change(change: FieldChange) -> str:
    name = change.field.replace("_", " ")
    return f"{name}: {_short(change.before)} → {_short(change.after)}"


def _short(value: str | None) -> str:
    if not value:
        return "–"
    text = " ".join(value.split())
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
