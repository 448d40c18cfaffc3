"""The window's bottom line: selection, last save, background tasks, connection."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QProgressBar, QToolButton, QWidget

from vln_desktop.ui.connection import Health
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.tasks import Task, TaskRunner
from vln_desktop.ui.theme import GAP, PAGE_GAP, WIDE_GAP, Theme, Tone
from vln_desktop.ui.widgets.controls import IconLabel, label, row

_HEIGHT = 28
_BAR_WIDTH = 80
_DOT = 14


class TaskLine(QWidget):
    """One background task: what it does, how far it is, and a way to stop it."""

    def __init__(self, task: Task[Any], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.task = task
        self._text = label("", "small", parent=self)
        self._bar = QProgressBar(self)
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(_BAR_WIDTH)
        stop = QToolButton(self)
        stop.setIcon(theme.icon(Glyph.CLOSE))
        stop.setToolTip(self.tr("Stop"))
        stop.setAccessibleName(self.tr("Stop: {task}").format(task=task.title))
        stop.clicked.connect(self.stop)
        self.setLayout(row([self._text, self._bar, stop], gap=GAP))
        self.refresh()

    def refresh(self) -> None:
        """Show how far the task is."""
        progress = self.task.progress
        known = progress.fraction is not None
        self._bar.setRange(0, 100 if known else 0)
        title = str(self.task.title)
        if progress.text:
            title = f"{title}: {progress.text}"
        if progress.fraction is not None:
            percent = round(progress.fraction * 100)
            self._bar.setValue(percent)
            title = f"{title}  {percent} %"
        if self.task.cancelled:
            title = self.tr("Stopping {task}").format(task=self.task.title)
        self._text.setText(title)

    def stop(self) -> None:
        """Cancel the task."""
        self.task.cancel()
        self.refresh()


class StatusBar(QWidget):
    """What is selected and saved, what runs, and how the server is."""

    def __init__(self, tasks: TaskRunner, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("kind", "chrome")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(_HEIGHT)
        self._tasks = tasks
        self._theme = theme
        self._selection = label("", "small", parent=self)
        self._saved = label("", "small", parent=self)
        self._dot = IconLabel(theme, Glyph.DATABASE, _DOT, Tone.NEUTRAL, self)
        self._connection = label("", "small", parent=self)
        self._live = ""
        self._lines: list[TaskLine] = []
        self._task_row = row([], gap=PAGE_GAP)
        layout = row([self._selection, self._saved], gap=PAGE_GAP)
        layout.addLayout(self._task_row)
        layout.addStretch(1)
        layout.addLayout(row([self._dot, self._connection], gap=GAP))
        layout.setContentsMargins(WIDE_GAP, 0, WIDE_GAP, 0)
        self.setLayout(layout)
        self._selection.hide()
        self._saved.hide()
        tasks.changed.connect(self._show_tasks)
        self.show_connecting()

    def show_selection(self, text: str) -> None:
        """Show what is selected."""
        self._selection.setText(text)
        self._selection.setVisible(bool(text))

    def show_saved(self, at: datetime) -> None:
        """Show when the last save was committed; `at` is local time."""
        self._saved.setText(self.tr("saved {time}").format(time=at.strftime("%H:%M:%S")))
        self._saved.show()

    def show_connecting(self) -> None:
        """The first answer is awaited."""
        self._show_connection(Tone.NEUTRAL, self.tr("connecting…"))

    def show_live(self, word: str) -> None:
        """Show how the changes of others arrive."""
        self._live = word

    def show_health(self, health: Health) -> None:
        """The server answered."""
        text = self.tr("{ms} ms  ·  pool {used}/{size}").format(
            ms=round(health.round_trip_ms), used=health.in_use, size=health.size
        )
        text = f"{text}  ·  {self._live}" if self._live else text
        self._show_connection(Tone.SUCCESS, text)

    def show_down(self, seconds: int) -> None:
        """The server does not answer; the next try comes in so many seconds."""
        text = self.tr("not connected  ·  next try in {seconds} s").format(seconds=seconds)
        self._show_connection(Tone.DANGER, text)

    def _show_connection(self, tone: Tone, text: str) -> None:
        self._connection.setText(text)
        self._dot.show_glyph(Glyph.OFFLINE if tone is Tone.DANGER else Glyph.DATABASE, tone)

    def _show_tasks(self) -> None:
        running = self._tasks.running
        for line in [line for line in self._lines if line.task not in running]:
            self._lines.remove(line)
            self._task_row.removeWidget(line)
            line.hide()
            line.deleteLater()
        shown = [line.task for line in self._lines]
        for task in running:
            if task not in shown:
                line = TaskLine(task, self._theme, self)
                self._lines.append(line)
                self._task_row.addWidget(line)
        for line in self._lines:
            line.refresh()
