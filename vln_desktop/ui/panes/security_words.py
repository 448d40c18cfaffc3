"""What a security event tells beside its kind, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from vln_desktop.ui.panes.formats import words

_N = QT_TRANSLATE_NOOP
_REASONS = {
    "wrong": _N("Security", "wrong code"),
    "used": _N("Security", "code used before"),
    "invite": _N("Security", "wrong invitation"),
}
_NAMES = {
    "last_day": _N("Security", "last day"),
    "email": _N("Security", "e-mail"),
    "what": _N("Security", "what"),
}
_YES, _NO = _N("Security", "yes"), _N("Security", "no")
_BARE = frozenset({"device", "reason", "what", "which", "audit", "number", "team"})
"""Details that speak for themselves, without their name."""


def told(detail: object) -> str:
    """Return an event's detail as one line: "auditor → finance", "report · ACME-7"."""
    if not isinstance(detail, Mapping):
        return ""
    parts = (_part(str(key), value) for key, value in detail.items())
    return "  ·  ".join(part for part in parts if part)


def facts(detail: Mapping[str, Any]) -> list[tuple[str, str]]:
    """Return an event's detail as named facts."""
    return [(_name(key).capitalize(), _value(key, value)) for key, value in detail.items()]


def _part(key: str, value: object) -> str:
    if isinstance(value, bool):
        return _name(key) if value else ""
    text = _value(key, value)
    return text if key in _BARE or isinstance(value, list) else f"{_name(key)} {text}"


def _name(key: str) -> str:
    known = _NAMES.get(key)
    return _tr(str(known)) if known else key.replace("_", " ")


def _value(key: str, value: object) -> str:
    if isinstance(value, list):
        before, after = (_value(key, one) for one in (*value, None, None)[:2])
        return f"{before or '–'} → {after or '–'}"
    if isinstance(value, bool):
        return _tr(str(_YES if value else _NO))
    if isinstance(value, int):
        return f"{value:,}"
    if value is None:
        return ""
    reason = _REASONS.get(str(value)) if key == "reason" else None
    if reason is not None:
        return _tr(str(reason))
    return words(str(value)).lower() if key in {"role", "duty", "what"} else str(value)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Security", text)
