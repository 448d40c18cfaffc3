"""The bar of a list's saved views: a button each, with how many rows it shows now."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from uuid import UUID

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QMenu, QPushButton, QWidget

from vln_desktop.domain.paging import Count
from vln_desktop.domain.views import MOST_COUNTED, SavedView
from vln_desktop.ui.theme import GRID
from vln_desktop.ui.widgets.controls import button, row

_MOST_BUTTONS = 5
_LONGEST = 28
_BY_KEY = 9


class ViewBar(QWidget):
    """The first views as buttons, further ones in a menu, and the way to save another."""

    chosen = Signal(object)
    """A view shall be shown: carries the SavedView."""

    menu_wanted = Signal(object, object)
    """What can be done with a view was asked for: carries the SavedView and where."""

    add_wanted = Signal()
    """What is shown now shall be saved as a view."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._views: tuple[SavedView, ...] = ()
        self._counts: dict[UUID, Count | None] = {}
        self._active: UUID | None = None
        self.buttons: dict[UUID, QPushButton] = {}
        self.more = button(self.tr("More"), "view", parent=self)
        self.more.clicked.connect(self.offer)
        self.add = button("+", "view", parent=self)
        self.add.setToolTip(self.tr("Save what is shown as a view"))
        self.add.setAccessibleName(self.tr("Save what is shown as a view"))
        self.add.clicked.connect(self.add_wanted)
        self._line = row([self.more, self.add], gap=GRID)
        self.setLayout(self._line)
        self.show_views(())

    def show_views(self, views: Sequence[SavedView]) -> None:
        """Show views in this order; counts that are known stay."""
        for old in self.buttons.values():
            old.hide()
            old.deleteLater()
        self._views = tuple(views)
        self.buttons = {view.id: self._button(view) for view in self._views[:_MOST_BUTTONS]}
        for at, made in enumerate(self.buttons.values()):
            self._line.insertWidget(at, made)
            made.show()
        self.more.setVisible(len(self._views) > _MOST_BUTTONS)
        self._word_all()

    def show_count(self, view: UUID, count: Count | None) -> None:
        """Show how many rows a view has; None: it is not known."""
        self._counts[view] = count
        self._word_all()

    def mark(self, view: UUID | None) -> None:
        """Mark the view that is shown now."""
        self._active = view
        self._word_all()

    def _button(self, view: SavedView) -> QPushButton:
        made = button("", "view", parent=self)
        made.setCheckable(True)
        made.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        made.setToolTip(view.draft.filter or self.tr("Everything"))
        made.clicked.connect(partial(self._choose, view))
        made.customContextMenuRequested.connect(partial(self._ask_menu, view, made))
        return made

    def _word_all(self) -> None:
        for view in self._views:
            made = self.buttons.get(view.id)
            if made is not None:
                made.setText(self._words(view).replace("&", "&&"))
                made.setAccessibleName(self.tr("View {name}").format(name=view.name))
                made.setChecked(view.id == self._active)

    def _words(self, view: SavedView) -> str:
        name = view.name if len(view.name) <= _LONGEST else f"{view.name[: _LONGEST - 1]}…"
        count = self._counts.get(view.id)
        return name if count is None else f"{name}  {_number(count)}"

    def _choose(self, view: SavedView, _checked: bool = True) -> None:
        self._word_all()  # a click turns the mark over; what is shown decides
        self.chosen.emit(view)

    def _ask_menu(self, view: SavedView, made: QPushButton, at: QPoint) -> None:
        self.menu_wanted.emit(view, made.mapToGlobal(at))

    def offer(self) -> None:
        """Open a menu of all views; the first nine have their number as key."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for at, view in enumerate(self._views, start=1):
            key = f"&{at}  " if at <= _BY_KEY else ""
            action = menu.addAction(key + self._words(view).replace("&", "&&"))
            action.setCheckable(True)
            action.setChecked(view.id == self._active)
            action.triggered.connect(partial(self._choose, view))
        menu.popup(self.mapToGlobal(self.rect().bottomLeft()))


def _number(count: Count) -> str:
    return f"{count.value:,}" if count.value <= MOST_COUNTED else f"{MOST_COUNTED:,}+"
