"""The grid of scanners' rules that the firm grades itself."""

from __future__ import annotations

from vln_desktop.db.base import table_of
from vln_desktop.db.models.findings import ScannerRule
from vln_desktop.domain.filters import Choice, FilterField, Kind, choices_of
from vln_desktop.domain.findings import Category, FindingKind, Severity
from vln_desktop.domain.paging import Sort
from vln_desktop.domain.permissions import Right
from vln_desktop.services.grid_spec import GridColumn, GridFilter, GridSpec

_T = table_of(ScannerRule).c
_SEVERITIES = tuple(Choice(s.value, s.value, (s.value[0],)) for s in Severity)

SCANNER_RULES = GridSpec(
    name="scanner_rules",
    table=table_of(ScannerRule),
    identity=_T.id,
    columns=(
        GridColumn("tool", _T.tool),
        GridColumn("rule", _T.rule_id),
        GridColumn("severity", _T.severity),
        GridColumn("kind", _T.kind),
        GridColumn("category", _T.category),
        GridColumn("weakness", _T.weakness_id),
        GridColumn("updated", _T.updated_at),
    ),
    orders={"tool": (_T.tool, _T.rule_id), "updated": (_T.updated_at,)},
    default=Sort("tool"),
    filters=(
        GridFilter(FilterField("tool", Kind.TEXT), _T.tool),
        GridFilter(FilterField("rule", Kind.TEXT), _T.rule_id),
        GridFilter(FilterField("severity", Kind.CHOICE, ("sev",), _SEVERITIES), _T.severity),
        GridFilter(FilterField("kind", Kind.CHOICE, (), choices_of(FindingKind)), _T.kind),
        GridFilter(FilterField("category", Kind.CHOICE, (), choices_of(Category)), _T.category),
        GridFilter(FilterField("cwe", Kind.TEXT, ("weakness",)), _T.weakness_id),
        GridFilter(FilterField("updated", Kind.DATE), _T.updated_at),
    ),
    needs=Right.RULES_READ,
)
