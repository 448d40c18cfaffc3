"""“Export the list…” of every grid: the filtered rows in their order, with the columns shown."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.paging import Query
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grid_export import export_grid
from vln_desktop.ui.commands import Command
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.ask_files import ask_where_to_save
from vln_desktop.ui.widgets.grid import Grid
from vln_desktop.ui.workbench import Workbench


def _tr(text: str) -> str:
    return QCoreApplication.translate("Export", text)


class GridExporting:
    """Exports one pane's grid; `name` is what the file is called unless the person says else."""

    def __init__(
        self, workbench: Workbench, source: GridSource, grid: Grid, name: str, owner: QWidget
    ) -> None:
        self._workbench, self._source, self._grid = workbench, source, grid
        self._name, self._owner = name, owner

    def command(self, pane: str, group: str) -> Command:
        """Return the command of the pane."""
        return Command(f"{pane}.export_list", _tr("Export the list…"), self.ask, "",
                       Glyph.EXPORT, group=group)  # fmt: skip

    def ask(self) -> None:
        """Ask for a file, then write the rows that the filter leaves."""

        def chosen(name: str) -> None:
            self.write(Path(name))

        kinds = (_tr("Spreadsheet (*.xlsx)"), _tr("CSV (*.csv)"))
        title = _tr("Export the list")
        ask_where_to_save(self._owner, title, f"{self._name}.xlsx", chosen, kinds)

    def write(self, path: Path) -> None:
        """Write the list; its progress stands in the status bar, where it can be stopped."""
        query = Query(self._grid.sort, self._grid.filter)
        titles = self._titles()

        def work(context: TaskContext) -> int:
            def told(rows: int) -> None:
                context.check()
                context.progress(None, _tr("{rows} rows").format(rows=f"{rows:,}"))

            return export_grid(self._source, path, query, titles, told)

        def done(rows: int) -> None:
            told = _tr("{rows} rows written to {file}.")
            self._workbench.messages.saved(told.format(rows=f"{rows:,}", file=path.name))

        bench = self._workbench
        bench.tasks.run(
            self._owner, work, done, bench.messages.report, title=_tr("Exporting the list")
        )

    def _titles(self) -> list[tuple[str, str]]:
        """Return the values behind the columns shown, in their order; amounts with currency."""
        columns = self._grid.shown_columns()
        named = {_value_of(column): column.title for column in columns}
        also = [key for column in columns for key in column.sources if key == "currency"]
        return [*named.items(), *((key, _tr("Currency")) for key in also[:1] if key not in named)]


def _value_of(column: Column) -> str:
    """Return the value that a column is about; others may only help to write it."""
    return column.key if column.key in column.sources else column.sources[0]
