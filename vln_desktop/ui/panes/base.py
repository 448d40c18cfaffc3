"""What every pane with a grid shares: title line, filter bar, grid, detail panel in a splitter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any, Generic, TypeVar
from uuid import UUID

from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSplitter,
    QWidget,
)

from vln_desktop.domain.filters import Filter
from vln_desktop.domain.paging import Count
from vln_desktop.domain.permissions import Right
from vln_desktop.errors import Unavailable, UserError, VlnError
from vln_desktop.services.grid import GridSource
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.go_to_date import GoToDatePanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.models.columns import Column, permitted
from vln_desktop.ui.models.grid_model import GridModel
from vln_desktop.ui.panes.exporting import GridExporting
from vln_desktop.ui.panes.grid_rows import GridRows
from vln_desktop.ui.panes.grouping import group_commands
from vln_desktop.ui.panes.views import PaneViews
from vln_desktop.ui.tasks import Task, TaskContext
from vln_desktop.ui.theme import GAP, PAGE_GAP, WIDE_GAP
from vln_desktop.ui.widgets.controls import column, label, line, row
from vln_desktop.ui.widgets.detail_panel import DetailPanel
from vln_desktop.ui.widgets.filter_bar import FilterBar
from vln_desktop.ui.widgets.grid import Grid
from vln_desktop.ui.workbench import Pane, Workbench

D = TypeVar("D")

_DETAIL_DELAY_MS = 90


@dataclass(frozen=True, slots=True)
class GridLayout:
    """A grid pane as data.

    `id` prefixes command ids and what is remembered; `groups` are the choices by which rows may be
    grouped, whose texts name a group by its word (None: nothing names it). `toolbar` and `menu`
    list command ids. `empty_title` and `empty_text` stand in a grid without any rows, `choose` in a
    detail panel without a record. `shares` divides the width between grid and details.
    """

    id: str
    title: str
    columns: tuple[Column, ...]
    groups: tuple[Column, ...] = ()
    toolbar: tuple[str, ...] = ()
    menu: tuple[str, ...] = ()
    empty_title: str = ""
    empty_text: str = ""
    choose: str = ""
    one: str = ""
    many: str = ""
    shares: tuple[int, int] = (66, 34)


class GridPane(Pane, Generic[D]):
    """A pane over one grid.

    A subclass gives its `layout_of` data through the constructor, adds tabs to `self.detail`, and
    overrides `fetch` (on a thread), `fill` and `commands`.
    """

    def __init__(
        self,
        workbench: Workbench,
        rows: GridRows,
        layout: GridLayout,
        people: Sequence[str] = (),
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setProperty("kind", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.workbench = workbench
        self.layout_data = layout
        self._rows = rows
        self._task: Task[D] | None = None
        self._shown: Any = None
        self._filled: Any = None
        self._then: Callable[[], None] | None = None
        self._total: Count | None = None
        columns = permitted(layout.columns, rows.keys)
        groups = tuple(choice for choice in layout.groups if choice.key in rows.groupings)
        self.model = GridModel(rows, columns, rows.keys, workbench.tasks, self, groups)
        self.grid = Grid(self.model, rows.default_sort, workbench.theme, self)
        self.grid.say_when_empty(layout.empty_title, layout.empty_text)
        self.filter_bar = FilterBar(rows.fields, rows.parse, workbench.theme, people, self)
        self.detail = DetailPanel(workbench.theme, self)
        self._title_line = QHBoxLayout()
        self._splitter = QSplitter(Qt.Orientation.Horizontal, self)
        self.views = self._make_views()
        self._exporting = (
            GridExporting(workbench, rows, self.grid, layout.title, self)
            if isinstance(rows, GridSource)
            else None
        )
        self._wait = QTimer(self, singleShot=True, interval=_DETAIL_DELAY_MS)
        self._lay_out()
        self._connect()
        self._restore()
        self._show_selection(())
        self.setFocusProxy(self.grid)
        if self.views is not None:
            self.views.load()

    def fetch(self, id_: UUID, context: TaskContext) -> D:
        """Fetch a record's detail; runs on a thread."""
        raise NotImplementedError

    def fill(self, detail: D) -> None:
        """Show a fetched detail in the panel."""
        raise NotImplementedError

    @property
    def selected(self) -> tuple[Any, ...]:
        """The keys of the selected records."""
        return self.grid.selected

    def with_detail(self, act: Callable[[], None]) -> None:
        """Act on the one selected record: now if its details are shown, else when they arrive.

        Who types "next, edit" quickly means the next record, not the one still on screen.
        """
        if self._shown is None:
            return
        if self._shown == self._filled:
            act()
            return
        self._then = act
        self._fetch_shown()

    def need_one(self) -> str | None:
        """Return why not, unless one record is selected: for `Command.enabled`."""
        if len(self.selected) == 1:
            return None
        return self.tr("Select one {record} first.").format(record=self.layout_data.one)

    def need_some(self) -> str | None:
        """Return why not, unless a record is selected: for `Command.enabled`."""
        if self.selected:
            return None
        return self.tr("Select one or more {records} first.").format(records=self.layout_data.many)

    def commands(self) -> list[Command]:
        """The commands that every grid has; a subclass adds its own to them."""
        id_, group = self.layout_data.id, self.layout_data.title
        return [
            Command(f"{id_}.filter", self.tr("Filter"), self.filter_bar.setFocus, "Ctrl+F",
                    Glyph.FILTER, group=group),
            Command(f"{id_}.next", self.tr("Next"), self.go_down, "J", Glyph.DOWN, group=group),
            Command(f"{id_}.previous", self.tr("Previous"), self.go_up, "K", Glyph.UP,
                    group=group),
            Command(f"{id_}.go_to_date", self.tr("Go to date…"), self.ask_for_day, "Ctrl+G",
                    Glyph.CALENDAR, enabled=self._can_go_to_date, group=group),
            Command(f"{id_}.copy", self.tr("Copy rows as a table"), self.grid.copy, "",
                    Glyph.COPY, enabled=self.need_some, group=group),
            Command(f"{id_}.columns", self.tr("Choose columns…"), self._choose_columns, "",
                    Glyph.COLUMNS, group=group),
            *([self._exporting.command(id_, group)] if self._exporting is not None else []),
            *group_commands(self.grid, id_, group),
            *(self.views.commands(group) if self.views is not None else []),
            Command(f"{id_}.detail", self.tr("Show or hide details"), self._toggle_detail,
                    "Ctrl+Alt+D", Glyph.VIEW, group=group),
        ]  # fmt: skip

    def own_command(
        self,
        name: str,
        text: str,
        handler: Callable[[], None],
        shortcut: str,
        icon: Glyph,
        needs: Right,
        enabled: Callable[[], str | None] | None = None,
    ) -> Command:
        """Return a command of this pane; the one called “new” is its primary one."""
        return Command(
            f"{self.layout_data.id}.{name}", text, handler, shortcut, icon, needs, enabled,
            self.layout_data.title, primary=name == "new",
        )  # fmt: skip

    def equip(self) -> None:
        """Put the registered commands into the title line; the window calls it once."""
        for button in self.workbench.commands.buttons(self.layout_data.toolbar, self):
            self._title_line.addWidget(button)

    def reload(self) -> None:
        """Fetch rows and detail anew; selection and place stay."""
        self.grid.reload()
        if self.views is not None:
            self.views.recount()
        self._filled = None
        if self._shown is not None:
            self._fetch_shown()

    def show_record(self, id_: UUID) -> None:
        """Select a record, wherever it is, and show its details."""
        self.grid.go_to(id_)
        self._shown = id_
        self._fetch_shown()

    def go_down(self) -> None:
        """Select the next row."""
        self.grid.go_to_row(self.grid.currentIndex().row() + 1)

    def go_up(self) -> None:
        """Select the row before."""
        self.grid.go_to_row(max(self.grid.currentIndex().row() - 1, 0), -1)

    def ask_for_day(self) -> None:
        """Ask for a day and go to where its rows begin."""
        GoToDatePanel(self.go_to_day, self.window()).open()

    def go_to_day(self, day: date) -> None:
        """Go to where a day's rows begin, from the top; raises UserError for one out of bounds."""
        place = self._rows.place_of_day(self.grid.sort, day)
        if place is not None:
            self.grid.go_to_value(place)
            self.grid.setFocus()

    def fill_status(self, selected: tuple[Any, ...]) -> None:
        """Tell the status bar what is selected."""
        text = self.tr("{count} selected").format(count=len(selected)) if selected else ""
        self.selection_told.emit(text)

    def _make_views(self) -> PaneViews | None:
        service = self.workbench.views
        if service is None:
            return None
        shown, counted = (self.filter_bar, self.grid), (self._rows.count_line, self._rows.orders)
        return PaneViews(self.workbench, service, self.layout_data.id, shown, counted, self)

    def _lay_out(self) -> None:
        title: QLabel = label(self.layout_data.title, "title", parent=self)
        bar = [] if self.views is None else [self.views.bar]
        self._title_line = row([title, *bar, None], gap=GAP)
        top = column([self._title_line, self.filter_bar], gap=GAP)
        top.setContentsMargins(PAGE_GAP, WIDE_GAP, PAGE_GAP, WIDE_GAP)
        self._splitter.addWidget(self.grid)
        self._splitter.addWidget(self.detail)
        self._splitter.setChildrenCollapsible(False)
        for at, share in enumerate(self.layout_data.shares):
            self._splitter.setStretchFactor(at, share)
        self._splitter.setSizes([10 * share for share in self.layout_data.shares])
        self.setLayout(column([top, line(self), self._splitter], gap=0))
        self.layout().setStretch(2, 1)  # type: ignore[union-attr]

    def _connect(self) -> None:
        self.filter_bar.filtered.connect(self._apply_filter)
        self.grid.selected_changed.connect(self._show_selection)
        self.grid.opened.connect(self._open)
        self.grid.menu_wanted.connect(self._show_menu)
        self.grid.layout_changed.connect(self._remember_grid)
        self.grid.group_changed.connect(self.workbench.commands.refresh)
        self.grid.selection_cut.connect(self._tell_cut)
        self.model.count_changed.connect(self._show_count)
        self.model.failed.connect(self._show_failure)
        self._splitter.splitterMoved.connect(self._remember_splitter)
        self._wait.timeout.connect(self._fetch_shown)

    def _apply_filter(self, wanted: Filter) -> None:
        self.grid.show_filter(wanted)
        self.workbench.preferences.set(f"{self.layout_data.id}.filter", self.filter_bar.text)

    def _show_count(self, count: Count) -> None:
        if not self.grid.filter:
            self._total = count
        self.filter_bar.show_count(count, self._total)

    def _show_failure(self, error: Exception) -> None:
        if isinstance(error, UserError) and error.field == "filter":
            self.filter_bar.show_fault(str(error))
        elif isinstance(error, Unavailable) or not isinstance(error, VlnError):
            self.workbench.messages.report(error, self.model.retry)

    def _show_selection(self, selected: tuple[Any, ...]) -> None:
        self.fill_status(selected)
        self._then = None
        self._shown = selected[0] if len(selected) == 1 else None
        self.workbench.commands.refresh()
        if self._shown is not None:
            self._wait.start()
            return
        if self._task is not None:
            self._task.cancel()
        layout = self.layout_data
        if selected:
            title = self.tr("{count} {records} selected")
            self.detail.state.empty(title.format(count=len(selected), records=layout.many))
        else:
            self.detail.state.empty(layout.choose)

    def _fetch_shown(self) -> None:
        self._wait.stop()
        if self._task is not None:
            self._task.cancel()
        wanted = self._shown
        if wanted is None:
            return

        def work(context: TaskContext) -> D:
            return self.fetch(wanted, context)

        self._task = self.workbench.tasks.run(
            self, work, partial(self._fill_in, wanted), self._detail_failed
        )

    def _fill_in(self, key: object, detail: D) -> None:
        self._filled = key
        self.fill(detail)
        self.workbench.commands.refresh()  # what can be done may follow from the detail
        then, self._then = self._then, None
        if then is not None:
            then()

    def _detail_failed(self, error: Exception) -> None:
        self._filled = self._then = None
        if isinstance(error, VlnError):
            self.detail.state.failed(str(error), self._fetch_shown)
        if isinstance(error, Unavailable) or not isinstance(error, VlnError):
            self.workbench.messages.report(error, self._fetch_shown)

    def _can_go_to_date(self) -> str | None:
        today = datetime.now().astimezone().date()
        if self._rows.place_of_day(self.grid.sort, today) is not None:
            return None
        return self.tr("Sort by a column of days first.")

    def _open(self, id_: Any) -> None:
        self._shown = id_
        self._fetch_shown()
        self.detail.show()
        self.detail.setFocus()

    def _show_menu(self, at: QPoint) -> None:
        menu = self.workbench.commands.menu(self.layout_data.menu, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(at)

    def _choose_columns(self) -> None:
        menu = self.grid.column_menu()
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.grid.mapToGlobal(QPoint(WIDE_GAP, WIDE_GAP)))

    def _toggle_detail(self) -> None:
        self.detail.setVisible(self.detail.isHidden())
        shown = not self.detail.isHidden()
        self.workbench.preferences.set(f"{self.layout_data.id}.detail", shown)

    def _tell_cut(self, most: int) -> None:
        text = self.tr("At most {count} rows can be selected at once.")
        self.workbench.messages.say(text.format(count=f"{most:,}"))

    def _restore(self) -> None:
        get, id_ = self.workbench.preferences.get, self.layout_data.id
        self.grid.restore_state(get(f"{id_}.grid", dict[str, object]()), self._rows.orders)
        self._splitter.restoreState(self.workbench.preferences.get_state(f"{id_}.splitter"))
        self.detail.setVisible(get(f"{id_}.detail", True))
        self.filter_bar.set_text(get(f"{id_}.filter", ""))
        if self.model.query is None:
            self.grid.show_filter(Filter())

    def _remember_grid(self) -> None:
        self.workbench.preferences.set(f"{self.layout_data.id}.grid", self.grid.save_state())

    def _remember_splitter(self) -> None:
        state = self._splitter.saveState()
        self.workbench.preferences.set_state(f"{self.layout_data.id}.splitter", state)
