"""A field for files: their names are typed, or chosen in the system's dialog."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QBoxLayout, QLineEdit, QWidget

from vln_desktop.ui.widgets.ask_files import ask_for_files
from vln_desktop.ui.widgets.controls import button, row
from vln_desktop.ui.widgets.fields import Field

_BETWEEN = "; "


class FileField(Field):
    """One file, or several with semicolons between them; `kinds` are filters of the dialog."""

    chosen = Signal()
    """Files were chosen in the dialog."""

    def __init__(
        self, name: str, hint: str, kinds: Sequence[str], parent: QWidget, *, several: bool = False
    ) -> None:
        self.edit = QLineEdit(parent)
        super().__init__(name, self.edit, parent)
        self._title = name
        self._kinds = tuple(kinds)
        self._several = several
        self.edit.setPlaceholderText(hint)
        self.browse = button(self.tr("Choose…"), parent=self)
        self.browse.setAccessibleName(self.tr("Choose: {name}").format(name=name))
        self.browse.clicked.connect(self._browse)
        put_beside(self, self.browse)

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are named."""
        text = self.edit.text()
        parts = text.split(_BETWEEN.strip()) if self._several else [text]
        return tuple(Path(part.strip()) for part in parts if part.strip())

    def set_files(self, files: Sequence[Path]) -> None:
        """Name files."""
        self.edit.setText(_BETWEEN.join(map(str, files)))

    def _browse(self) -> None:
        ask_for_files(self, self._title, self._take, self._kinds)

    def _take(self, files: list[str]) -> None:
        self.set_files([Path(file) for file in (files if self._several else files[:1])])
        self.chosen.emit()


def put_beside(field: Field, control: QWidget) -> None:
    """Put a control at the right of a field's input."""
    layout = field.layout()
    if isinstance(layout, QBoxLayout):
        layout.removeWidget(field.input)
        line = row([field.input, control])
        line.setStretch(0, 1)
        layout.insertLayout(1, line)
