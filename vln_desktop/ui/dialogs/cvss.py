"""The CVSS calculator: the metrics of the base group as boxes, the vector and its score live."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QComboBox, QGridLayout, QHBoxLayout, QWidget

from vln_desktop.domain.cvss import (
    CvssMetric,
    CvssScore,
    CvssVersion,
    base_metrics,
    cvss_score,
    metrics_of,
    vector_of,
    version_of,
)
from vln_desktop.domain.severity_schemes import severity_of
from vln_desktop.errors import UserError
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.theme import GAP, WIDE_GAP
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.controls import button, column, label, row, selectable
from vln_desktop.ui.widgets.detail import empty_layout

_WIDTH = 620
_COLUMNS = 2


def _tr(text: str) -> str:
    return QCoreApplication.translate("Cvss", text)


def score_text(score: CvssScore) -> str:
    """Return a score with the firm's word for it: "9.8 Critical"."""
    return f"{score.value} {look_of('severity', severity_of(score)).text}"


def _beside(wide: QWidget, small: QWidget) -> QHBoxLayout:
    line = row([wide, small])
    line.setStretch(0, 1)
    return line


class CvssPanel(Overlay):
    """Chooses a vector; metrics beyond the base group that stood in it are kept."""

    chosen = Signal(str)
    """The person takes the vector: carries it."""

    def __init__(self, vector: str, version: CvssVersion, window: QWidget) -> None:
        super().__init__(window, _WIDTH)
        self._metrics = metrics_of(vector)
        self.version = QComboBox(self.panel)
        self.version.setAccessibleName(_tr("Version of CVSS"))
        for known in CvssVersion:
            self.version.addItem(f"CVSS {known.value}", known.value)
        self.version.setCurrentIndex(list(CvssVersion).index(version_of(vector) or version))
        self.boxes: dict[str, QComboBox] = {}
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(WIDE_GAP)
        self._grid.setVerticalSpacing(GAP)
        self.vector = selectable(label("", "code", wrap=True, parent=self.panel))
        self.score = label("", "heading", parent=self.panel)
        self.use = button(_tr("Use this vector"), "primary", parent=self.panel)
        self._lay_out()
        self.version.currentIndexChanged.connect(self._change_version)
        self.closed.connect(self.deleteLater)
        self._show_metrics()

    def open(self) -> None:
        """Show the panel; the first metric is at hand."""
        super().open()
        next(iter(self.boxes.values())).setFocus()

    def take(self) -> None:
        """Tell the vector and close."""
        self.chosen.emit(self.vector.text())
        self.close_panel()

    def _lay_out(self) -> None:
        cancel = button(_tr("Cancel"), parent=self.panel)
        cancel.clicked.connect(self.close_panel)
        self.use.clicked.connect(self.take)
        title = label(_tr("CVSS calculator"), "title", parent=self.panel)
        body = column(
            [row([title, None, self.version]), self._grid, _beside(self.vector, self.score),
             row([None, cancel, self.use])],
            gap=WIDE_GAP,
        )  # fmt: skip
        self.content.addLayout(body)

    @property
    def _version(self) -> CvssVersion:
        return CvssVersion(self.version.currentData())

    def _change_version(self, _index: int) -> None:
        """Begin anew: the versions share names of metrics, not their meaning."""
        self._metrics = {}
        self._show_metrics()

    def _show_metrics(self) -> None:
        empty_layout(self._grid)
        self.boxes.clear()
        metrics = base_metrics(self._version)
        height = -(-len(metrics) // _COLUMNS)
        for at, metric in enumerate(metrics):
            box = self._box(metric)
            name = label(metric.name, "small", wrap=True, parent=self.panel)
            name.setBuddy(box)
            line, place = at % height, at // height
            self._grid.addLayout(column([name, box], gap=2), line, place)
            for part in (name, box):
                part.show()
        self._show_score()
        self._place()

    def _box(self, metric: CvssMetric) -> QComboBox:
        box = QComboBox(self.panel)
        box.setAccessibleName(metric.name)
        for key, name in metric.values:
            box.addItem(name, key)
        keys = [key for key, _name in metric.values]
        set_before = self._metrics.get(metric.key)
        box.setCurrentIndex(keys.index(set_before) if set_before in keys else -1)
        box.setPlaceholderText(_tr("Choose…"))
        box.currentIndexChanged.connect(partial(self._set, metric.key, box))
        self.boxes[metric.key] = box
        return box

    def _set(self, key: str, box: QComboBox, _index: int) -> None:
        self._metrics[key] = box.currentData()
        self._show_score()

    def _show_score(self) -> None:
        left = sum(box.currentIndex() < 0 for box in self.boxes.values())
        self.use.setEnabled(not left)
        if left:
            self.vector.setText(_tr("{count} metrics are still to choose.").format(count=left))
            self.score.clear()
            return
        try:
            score = cvss_score(vector_of(self._version, self._metrics))
        except UserError as error:  # a metric beyond the base group that stood in the vector
            self._tell(str(error))
        else:
            self._tell(score.vector if score else "", score)

    def _tell(self, text: str, score: CvssScore | None = None) -> None:
        self.vector.setText(text)
        self.score.setText(score_text(score) if score else "")
        self.use.setEnabled(score is not None)
