"""The saved views of one grid pane: they are shown, counted, saved, changed and removed here."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QMenu, QWidget

from vln_desktop.domain.paging import Count
from vln_desktop.domain.views import MOST_COUNTED, SavedView, ViewDraft
from vln_desktop.errors import UserError, VlnError
from vln_desktop.services.views import ViewsService
from vln_desktop.ui.commands import Command
from vln_desktop.ui.dialogs.save_view import SaveViewPanel
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.filter_bar import FilterBar
from vln_desktop.ui.widgets.grid import Grid
from vln_desktop.ui.widgets.view_bar import ViewBar
from vln_desktop.ui.workbench import Workbench

_RECOUNT_MS = 5_000
"""Counts follow changes at most this often."""

CountLine = Callable[[str, int], Count | None]
"""Counts a filter line's rows up to a number, on a thread; None where that takes too long."""


class PaneViews(QObject):
    """Joins the bar of views to a pane's filter line and grid."""

    def __init__(
        self,
        workbench: Workbench,
        service: ViewsService,
        pane_id: str,
        shown: tuple[FilterBar, Grid],
        rows: tuple[CountLine, tuple[str, ...]],
        parent: QWidget,
    ) -> None:
        """`rows`: what counts, and the orders that the person may use."""
        super().__init__(parent)
        self._bench = workbench
        self._service = service
        self._pane = pane_id
        self._filter_bar, self._grid = shown
        self._count, self._orders = rows
        self._host = parent
        self._views: tuple[SavedView, ...] = ()
        self._to_count: deque[SavedView] = deque()
        self._opening = True
        self.bar = ViewBar(parent)
        self._later = QTimer(self, singleShot=True, interval=_RECOUNT_MS)
        self._later.timeout.connect(self._count_all)
        self.bar.chosen.connect(self.show_view)
        self.bar.menu_wanted.connect(self._offer)
        self.bar.add_wanted.connect(self.save_new)
        self._filter_bar.filtered.connect(self._mark)
        self._grid.layout_changed.connect(self._mark)

    @property
    def views(self) -> tuple[SavedView, ...]:
        """The views as they were fetched last."""
        return self._views

    def load(self) -> None:
        """Fetch the views; the first time, the default one is shown if there is one."""

        def work(_context: TaskContext) -> tuple[SavedView, ...]:
            return self._service.of(self._pane)

        self._bench.tasks.run(self, work, self._loaded, self._bench.messages.report)

    def recount(self) -> None:
        """Count anew soon: rows have changed."""
        if not self._later.isActive():
            self._later.start()

    def commands(self, group: str) -> list[Command]:
        """Save a view, and choose one from a menu, by its number if one likes."""
        return [
            Command(f"{self._pane}.save_view", self.tr("Save as a view…"), self.save_new,
                    "Ctrl+Shift+S", Glyph.ADD, group=group),
            Command(f"{self._pane}.views", self.tr("Saved views…"), self.bar.offer, "V",
                    Glyph.VIEW, enabled=self._has_any, group=group),
        ]  # fmt: skip

    def show_view(self, view: SavedView) -> None:
        """Show what a view shows."""
        self._grid.restore_state(view.draft.grid, self._orders)
        self._filter_bar.set_text(view.draft.filter)
        self._grid.sort_by(self._grid.sort)
        self._mark()

    def save_new(self) -> None:
        """Save what is shown now as a view."""
        self._ask(self._now(ViewDraft("", "")), None)

    def _loaded(self, views: tuple[SavedView, ...]) -> None:
        self._views = views
        self.bar.show_views(views)
        self._bench.commands.refresh()
        opening, self._opening = self._opening, False
        first = self._default() if opening else None
        if first is not None:
            self.show_view(first)
        self._mark()
        self._count_all()

    def _default(self) -> SavedView | None:
        """Return one's own default; the role's only when the pane opens for the first time."""
        defaults = [view for view in self._views if view.draft.is_default]
        mine = next((view for view in defaults if view.draft.role is None), None)
        preferences, key = self._bench.preferences, f"{self._pane}.opened"
        known = preferences.get(key, False)
        preferences.set(key, True)
        return mine or (defaults[0] if defaults and not known else None)

    def _now(self, draft: ViewDraft) -> ViewDraft:
        """Return a draft with what is shown now."""
        return replace(draft, filter=self._filter_bar.text.strip(), grid=self._grid.save_state())

    def _mark(self, *_told: object) -> None:
        """Mark the view whose filter, order and groups are shown."""
        line = self._filter_bar.text.strip()
        order = [self._grid.sort.key, self._grid.sort.descending]
        found = (
            view.id
            for view in self._views
            if view.draft.filter == line
            and view.draft.grid.get("sort", order) == order
            and self._grid.groups_like(view.draft.grid)
        )
        self.bar.mark(next(found, None))

    def _count_all(self) -> None:
        waiting = bool(self._to_count)
        self._to_count = deque(self._views)
        if not waiting:
            self._count_next()

    def _count_next(self) -> None:
        """Count one view after the other, so that a pane never takes more than one connection."""
        if not self._to_count:
            return
        view = self._to_count[0]

        def work(_context: TaskContext) -> Count | None:
            return self._count(view.draft.filter, MOST_COUNTED)

        self._bench.tasks.run(
            self, work, partial(self._counted, view.id), partial(self._not_counted, view.id)
        )

    def _counted(self, view: UUID, count: Count | None) -> None:
        self.bar.show_count(view, count)
        if self._to_count:
            self._to_count.popleft()
        self._count_next()

    def _not_counted(self, view: UUID, error: Exception) -> None:
        """Show no number where the filter cannot be read (any more) or the server is away."""
        if not isinstance(error, VlnError):
            self._bench.messages.report(error)
        self._counted(view, None)

    def _has_any(self) -> str | None:
        return None if self._views else self.tr("No view is saved yet.")

    def _offer(self, view: SavedView, at: QPoint) -> None:
        """Offer what can be done with a view."""
        menu = QMenu(self._host)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Show it")).triggered.connect(partial(self.show_view, view))
        if self._service.may_change(view):
            for text, act in (
                (self.tr("Let it show what is shown now"), self.update_view),
                (self.tr("Rename, or open the pane with it…"), self.rename),
                (self.tr("Remove"), self.remove),
            ):
                menu.addAction(text).triggered.connect(partial(self._act, act, view))
        menu.popup(at)

    def _act(self, act: Callable[[SavedView], None], view: SavedView, _checked: bool) -> None:
        act(view)

    def update_view(self, view: SavedView) -> None:
        """Let a view show what is shown now; the notice offers what it showed before."""
        self._change(view, self._now(view.draft), self.tr("The view is saved."))

    def rename(self, view: SavedView) -> None:
        """Ask for a view's name, and whether the pane opens with it."""
        self._ask(view.draft, view)

    def remove(self, view: SavedView) -> None:
        """Remove a view; the notice offers it back."""

        def work(_context: TaskContext) -> None:
            self._service.remove(view)

        def back(_context: TaskContext) -> None:
            self._service.add(view.pane, view.draft)

        def told(_nothing: None) -> None:
            self.load()
            text = self.tr("The view “{name}” is removed.").format(name=view.name)
            self._bench.messages.saved(text, partial(self._run, back, self._reloaded))

        self._run(work, told)

    def _change(self, view: SavedView, draft: ViewDraft, text: str) -> None:
        def work(_context: TaskContext) -> None:
            self._service.change(view, draft)

        def told(_nothing: None) -> None:
            self.load()
            self._bench.messages.saved(text, partial(self._put_back, view))

        self._run(work, told)

    def _put_back(self, before: SavedView) -> None:
        """Give a view what it showed before, as it is stored now."""

        def work(_context: TaskContext) -> None:
            found = {view.id: view for view in self._service.of(self._pane)}.get(before.id)
            if found is None:
                raise UserError(self.tr("This view is gone."))
            self._service.change(found, before.draft)

        self._run(work, self._reloaded)

    def _reloaded(self, _nothing: None) -> None:
        self.load()

    def _run(self, work: Callable[[TaskContext], None], then: Callable[[None], None]) -> None:
        self._bench.act(self, work, then, self._failed)

    def _failed(self, error: Exception) -> None:
        self._bench.messages.report(error)
        self.load()

    def _ask(self, draft: ViewDraft, view: SavedView | None) -> None:
        SaveViewPanel(
            self._bench, self._service, (self._pane, draft, view), self.load, self._host.window()
        ).open()
