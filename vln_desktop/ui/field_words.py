"""How fields of any record and their logged values are called, for people; nothing of widgets."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from uuid import UUID

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication

from vln_desktop.domain.history import Json
from vln_desktop.domain.money import Money
from vln_desktop.errors import VlnError
from vln_desktop.services.directory import Directory
from vln_desktop.ui.panes.formats import amount, day, moment, words
from vln_desktop.ui.widgets.chip import LOOKS, look_of

NOTHING = "–"
_N = QT_TRANSLATE_NOOP
_ENTITIES = {
    "audit_requests": _N("FieldWords", "Audit"),
    "findings": _N("FieldWords", "Finding"),
    "invoices": _N("FieldWords", "Invoice"),
    "line_items": _N("FieldWords", "Invoice line"),
    "users": _N("FieldWords", "Person"),
}
_CHIPS = {
    ("findings", "severity"): "severity",
    ("findings", "status"): "finding_status",
    ("findings", "review_state"): "review_state",
    ("findings", "client_position"): "client_position",
    ("findings", "fix_verdict"): "verdict",
    ("findings", "kind"): "kind",
    ("audit_requests", "status"): "audit_status",
    ("audit_requests", "priority"): "priority",
    ("reports", "status"): "report_status",
    ("invoices", "kind"): "invoice_kind",
}
"""Words that chips show elsewhere; here they are called the same."""
_WORDS = frozenset(
    {"status", "kind", "category", "duty", "service_type", "method", "role", "impact_level",
     "likelihood_level", "purpose", "outcome"}
)  # fmt: skip
"""Fields that hold words of closed lists."""
_NAMES = {
    "cvss_vector": _N("FieldWords", "CVSS vector"),
    "cvss_score": _N("FieldWords", "CVSS score"),
    "po_number": _N("FieldWords", "PO number"),
}


class FieldWords:
    """Words for the fields of records, with the names of colleagues."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    def entity(self, entity: str) -> str:
        """Return what one record of a kind is called."""
        known = _ENTITIES.get(entity)
        if known is not None:
            return QCoreApplication.translate("FieldWords", str(known))
        return words(entity.removesuffix("s"))

    def field(self, field: str) -> str:
        """Return what a field is called."""
        known = _NAMES.get(field)
        if known is not None:
            return QCoreApplication.translate("FieldWords", str(known))
        return words(field.removesuffix("_id").removesuffix("_minor")) or field

    def who(self, actor: UUID | None) -> str:
        """Return who did something."""
        found = self._directory.name_of(actor)
        return found or QCoreApplication.translate("FieldWords", "the database")

    def value(self, entity: str, field: str, value: Json, record: Mapping[str, Json]) -> str:
        """Return a value as people write it; `record` holds the fields that it hangs on."""
        if value is None or value == "":
            return NOTHING
        if isinstance(value, bool):
            return _yes_or_no(value)
        if isinstance(value, int) and field.endswith("_minor"):
            return _money(value, record.get("currency"))
        if isinstance(value, str):
            return self._text(entity, field, value)
        if isinstance(value, dict):
            return "\n".join(_lines(value))
        return json.dumps(value, ensure_ascii=False)

    def names(self, field: str, value: Json) -> bool:
        """Tell whether a value is only the id of something that has no name here."""
        if not isinstance(value, str) or not (field == "id" or field.endswith("_id")):
            return False
        return self._text("", field, value) == value and _is_id(value)

    def _text(self, entity: str, field: str, value: str) -> str:
        kind = _CHIPS.get((entity, field))
        if kind is not None and value in LOOKS[kind]:
            return look_of(kind, value).text
        if field in _WORDS:
            return words(value)
        try:
            if field.endswith("_id"):
                known = self._directory.name_of(UUID(value))
                return known if known and known != "somebody" else value
            if field.endswith("_at"):
                return moment(datetime.fromisoformat(value))
            if field.endswith(("_on", "_until", "_from", "_to")):
                return day(date.fromisoformat(value))
        except ValueError:
            return value
        return value


def _lines(record: Mapping[str, Json], indent: str = "") -> Iterator[str]:
    """Yield what a record within a field holds, a line each; empty ones are left out."""
    for key, told in record.items():
        if isinstance(told, dict):
            yield f"{indent}{words(key)}:"
            yield from _lines(told, f"{indent}    ")
        elif told not in (None, "", []):
            yield f"{indent}{words(key)}: {told}"


def _is_id(value: str) -> bool:
    try:
        UUID(value)
    except ValueError:
        return False
    return True


def _yes_or_no(value: bool) -> str:
    text = _N("FieldWords", "yes") if value else _N("FieldWords", "no")
    return QCoreApplication.translate("FieldWords", str(text))


def _money(minor: int, currency: Json) -> str:
    try:
        return amount(Money.from_minor(minor, str(currency)))
    except VlnError:
        return f"{minor:,}"
