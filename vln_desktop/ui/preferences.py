"""What the window remembers per person: its place, columns, splitters, sorts, filters, looks."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import QByteArray, QObject, QSettings

V = TypeVar("V", bool, int, str, list[str], dict[str, object])


class Preferences(QObject):
    """Values by key in one file per person under the state folder.

    Until somebody signs in, a file of the machine serves. A damaged or foreign value counts as
    absent: a convenience is no reason to stop.
    """

    def __init__(self, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder = folder
        self._settings = self._open("window")

    def use(self, person: str) -> None:
        """Switch to a person's own file."""
        self._settings.sync()
        self._settings = self._open(re.sub(r"[^\w@.+-]", "_", person))

    def get(self, key: str, default: V) -> V:
        """Return a value of the default's type, or the default."""
        try:
            value = json.loads(str(self._settings.value(key, "")))
        except ValueError:
            return default
        return value if type(value) is type(default) else default

    def set(self, key: str, value: V) -> None:
        """Keep a value."""
        self._settings.setValue(key, json.dumps(value))

    def get_state(self, key: str) -> QByteArray:
        """Return the state of a window, splitter or header, empty if there is none."""
        return QByteArray.fromBase64(QByteArray(self.get(key, "").encode("ascii", "ignore")))

    def set_state(self, key: str, state: QByteArray) -> None:
        """Keep what `saveState` or `saveGeometry` returned."""
        self.set(key, bytes(state.toBase64().data()).decode("ascii"))

    def save(self) -> None:
        """Write the file now."""
        self._settings.sync()

    def _open(self, name: str) -> QSettings:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{name}.ini"
        return QSettings(str(file), QSettings.Format.IniFormat, self)
