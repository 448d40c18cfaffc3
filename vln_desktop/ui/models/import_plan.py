"""An import's preview as two small tables: one row per file, one row per result."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from uuid import UUID

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from vln_desktop.domain.findings import Severity
from vln_desktop.domain.imports import Became, Choices, FilePlan, ImportPlan, Item, StoredFinding
from vln_desktop.domain.scans import ScanLocation
from vln_desktop.ui.models.columns import Column

WOULD_CLOSE = "would_close"
CHIP_KIND = Qt.ItemDataRole.UserRole
"""Role of a cell's kind of chip, None for text."""

_ORDER = (
    Became.CREATED.value,
    Became.REAPPEARED.value,
    WOULD_CLOSE,
    Became.REFUSED.value,
    Became.MERGED.value,
    Became.KNOWN.value,
)
_WORST = {severity.value: rank for rank, severity in enumerate(Severity)}
_DISPLAY, _ALIGN, _TIP, _CHECK = (
    Qt.ItemDataRole.DisplayRole,
    Qt.ItemDataRole.TextAlignmentRole,
    Qt.ItemDataRole.ToolTipRole,
    Qt.ItemDataRole.CheckStateRole,
)
_RIGHT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight
_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
Index = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()
_COUNT_WIDTH = 74


Tick = tuple[int, int] | UUID
"""A new result by its file's number and its ordinal, or a finding that could be closed."""


@dataclass(frozen=True, slots=True)
class ResultRow:
    """What the person sees of one result, or of a finding that is not reported any more."""

    became: str
    severity: str
    title: str
    number: str
    place: ScanLocation
    file: str
    reason: str
    choice: Tick | None = None
    """What its tick decides, None for a row that nobody decides."""

    def cells(self) -> tuple[str, ...]:
        """Return the texts in the order of the columns."""
        place = short_place(self.place)
        return (self.became, self.severity, self.title, self.number, place, self.file)

    def tip(self) -> str:
        """Return what the row has no room for: the whole title, where it is, and why."""
        return "\n".join(filter(None, (self.title, self.place.path, self.reason)))


class PlanTable(QAbstractTableModel):
    """A table of texts that are all there; chips paint themselves by their column's kind."""

    def __init__(self, columns: Sequence[Column], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._rows: list[tuple[str, ...]] = []
        self._tips: list[str] = []

    def show_rows(self, rows: Iterable[tuple[str, ...]], tips: Iterable[str]) -> None:
        """Replace what the table shows."""
        self.beginResetModel()
        self._rows, self._tips = list(rows), list(tips)
        self.endResetModel()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: Index = _NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = int(_DISPLAY)
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or not 0 <= section < len(self.columns):
            return None
        if role == _DISPLAY:
            return self.columns[section].title
        if role == _ALIGN:
            return _RIGHT if self.columns[section].right else _LEFT
        return None

    def data(self, index: Index, role: int = int(_DISPLAY)) -> Any:
        if role == _DISPLAY:
            return self._rows[index.row()][index.column()]
        if role == CHIP_KIND:
            return self.columns[index.column()].chip
        if role == _ALIGN:
            return _RIGHT if self.columns[index.column()].right else _LEFT
        if role == _TIP:
            # Qt takes a tip that looks like HTML for HTML; what a scanner wrote stays text.
            return f"<p style='white-space:pre-wrap'>{escape(self._tips[index.row()])}</p>"
        return None


class FileTable(PlanTable):
    """The files with what becomes of each; a ticked one is imported."""

    def __init__(self, parent: QObject | None = None) -> None:
        columns = [
            Column("file", self.tr("File"), 220),
            Column("tool", self.tr("Tool"), 100),
            _count("results", self.tr("Results")),
            _count("created", self.tr("New")),
            _count("known", self.tr("Known")),
            _count("reappeared", self.tr("Back")),
            _count("merged", self.tr("Merged")),
            _count("refused", self.tr("Refused")),
            _count(WOULD_CLOSE, self.tr("Gone")),
            _count("suppressed", self.tr("Ignored")),
        ]
        super().__init__(columns, parent)
        self._usable: list[bool] = []
        self.ticked: list[bool] = []

    def show_files(self, plans: Sequence[FilePlan], ticked: Sequence[bool]) -> None:
        """Show the files; one that was refused cannot be ticked."""
        self._usable = [plan.file.scan is not None for plan in plans]
        self.ticked = [on and usable for on, usable in zip(ticked, self._usable, strict=True)]
        rows = [self._row(plan) for plan in plans]
        self.show_rows(rows, ("\n".join((*p.errors, *p.warnings)) for p in plans))

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid() or not self._usable[index.row()]:
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsUserCheckable if index.column() == 0 else flags

    def data(self, index: Index, role: int = int(_DISPLAY)) -> Any:
        if role == _CHECK and index.column() == 0:
            on = self.ticked[index.row()]
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = int(_DISPLAY)) -> bool:
        if role != _CHECK or not self._usable[index.row()]:
            return False
        self.ticked[index.row()] = Qt.CheckState(value) is Qt.CheckState.Checked
        self.dataChanged.emit(index, index, [_CHECK])
        return True

    def _row(self, plan: FilePlan) -> tuple[str, ...]:
        told = plan.as_json()
        if plan.file.scan is None:
            return (plan.file.name, self.tr("refused"), *[""] * (len(self.columns) - 2))
        counts = (str(told[column.key] or "–") for column in self.columns[2:])
        return (plan.file.name, plan.file.scan.tool, *counts)


class ResultTable(PlanTable):
    """The results of the ticked files: what is new first, the worst first.

    A new result is ticked and can be left out; a finding that is not reported any more is not
    ticked, and can be closed if nobody has judged it yet.
    """

    chosen_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        columns = [
            Column("became", self.tr("Becomes"), 136, chip="became"),
            Column("severity", self.tr("Severity"), 96, chip="severity"),
            Column("title", self.tr("Title"), 440),
            Column("number", self.tr("Finding"), 104),
            Column("place", self.tr("Where"), 148),
            Column("file", self.tr("File"), 132),
        ]
        super().__init__(columns, parent)
        self._choices: list[Tick | None] = []
        self._ticked: set[Tick] = set()

    def show_plan(self, plan: ImportPlan, *, decided: bool = False) -> None:
        """Show every result of a plan, and the findings that it reports no more.

        `decided`: the import is done, and nothing is to be chosen any more.
        """
        rows = sorted(_result_rows(plan), key=_rank)
        self._choices = [None if decided else row.choice for row in rows]
        self._ticked = {one for one in self._choices if isinstance(one, tuple)}
        self.show_rows((row.cells() for row in rows), (row.tip() for row in rows))

    @property
    def choices(self) -> Choices:
        """What the ticks decide."""
        new = frozenset(one for one in self._choices if isinstance(one, tuple))
        gone = frozenset(one for one in self._ticked if isinstance(one, UUID))
        return Choices(left_out=new - self._ticked, close=gone)

    @property
    def new(self) -> int:
        """How many new results are ticked."""
        return sum(1 for one in self._ticked if isinstance(one, tuple))

    def tick_all(self, became: str, on: bool) -> None:
        """Tick or untick every row of a kind."""
        for row, choice in enumerate(self._choices):
            if choice is not None and self._rows[row][0] == became:
                self._set(choice, on)
        if self._rows:
            last = self.index(len(self._rows) - 1, 0)
            self.dataChanged.emit(self.index(0, 0), last, [_CHECK])
        self.chosen_changed.emit()

    def flags(self, index: Index) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        decided = index.column() > 0 or self._choices[index.row()] is None
        return flags if decided else flags | Qt.ItemFlag.ItemIsUserCheckable

    def data(self, index: Index, role: int = int(_DISPLAY)) -> Any:
        if role == _CHECK and index.column() == 0 and self._choices[index.row()] is not None:
            on = self._choices[index.row()] in self._ticked
            return Qt.CheckState.Checked if on else Qt.CheckState.Unchecked
        return super().data(index, role)

    def setData(self, index: Index, value: Any, role: int = int(_DISPLAY)) -> bool:
        choice = self._choices[index.row()]
        if role != _CHECK or choice is None:
            return False
        self._set(choice, Qt.CheckState(value) is Qt.CheckState.Checked)
        self.dataChanged.emit(index, index, [_CHECK])
        self.chosen_changed.emit()
        return True

    def _set(self, choice: Tick, on: bool) -> None:
        if on:
            self._ticked.add(choice)
        else:
            self._ticked.discard(choice)


def _count(key: str, title: str) -> Column:
    return Column(key, title, _COUNT_WIDTH, right=True)


def short_place(place: ScanLocation) -> str:
    """Return where a result points, as `Vault.sol:11`, else the function."""
    name = place.path.rpartition("/")[2]
    if name and place.start_line is not None:
        return f"{name}:{place.start_line}"
    return name or place.function


def _result_rows(plan: ImportPlan) -> Iterator[ResultRow]:
    for number, file in enumerate(plan.files):
        for item in file.items:
            new = item.became is Became.CREATED
            choice = (number, item.result.ordinal) if new else None
            yield _item_row(item, file.file.name, choice)
        for finding in file.would_close:
            yield _gone_row(finding, file.file.name)


def _item_row(item: Item, file: str, choice: Tick | None) -> ResultRow:
    return ResultRow(
        became=item.became.value,
        severity=item.severity.value,
        title=item.result.title,
        number=item.number,
        place=item.result.place,
        file=file,
        reason=item.reason or item.suppression_reason,
        choice=choice,
    )


def _gone_row(finding: StoredFinding, file: str) -> ResultRow:
    judged = "" if finding.candidate else "It was judged already: a fix review decides."
    choice = finding.id if finding.candidate else None
    return ResultRow(
        WOULD_CLOSE, finding.severity.value, finding.title, finding.number, ScanLocation(), file,
        judged, choice,
    )  # fmt: skip


def _rank(row: ResultRow) -> tuple[int, int]:
    return _ORDER.index(row.became), _WORST[row.severity]
