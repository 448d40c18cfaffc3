"""How findings were graded: the audit's severity matrix in its colours, or the ratings of CVSS."""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.lib.colors import Color
from reportlab.platypus import Flowable, KeepTogether

from vln_desktop.documents import fonts
from vln_desktop.documents.base import draw_text
from vln_desktop.documents.styles import (
    CELL,
    CELL_BOLD,
    CELL_HEAD,
    HEADING,
    HEADING_BLOCK,
    MUTED,
    SEVERITY_COLOURS,
    SMALL,
    SMALL_BLOCK,
    TEXT,
    TEXT_WIDTH,
    WHITE,
    Ink,
)
from vln_desktop.documents.tables import RowTable, cell
from vln_desktop.documents.text import Run, TextBlock, headed, plain
from vln_desktop.documents.words import Words
from vln_desktop.domain.findings import Severity
from vln_desktop.domain.report_content import ReportContent, ReportScheme

_BANDS = {
    Severity.CRITICAL: ("9.0", "10.0"),
    Severity.HIGH: ("7.0", "8.9"),
    Severity.MEDIUM: ("4.0", "6.9"),
    Severity.LOW: ("0.1", "3.9"),
    Severity.INFORMATIONAL: ("0.0", "0.0"),
}
"""The qualitative scale of FIRST, the same in CVSS 3.1 (section 5) and 4.0 (section 6)."""
_AXIS = Ink(size=7.8, colour=MUTED)
_LEVEL = Ink(face=fonts.MEDIUM, size=8.6, colour=TEXT)
_GRADE = Ink(face=fonts.MEDIUM, size=9, colour=WHITE)
_ROW = 26.0
_HEAD = 30.0
_SIDE = 96.0
_GAP = 2.0


def scheme_part(content: ReportContent, words: Words) -> list[Flowable]:
    """Return how the audit's findings were graded, under a heading; nothing without a scheme."""
    scheme = content.scheme
    if scheme is None:
        return []
    _guard, title = headed(words("matrix"), HEADING, HEADING_BLOCK)
    named = TextBlock((Run(scheme.name, SMALL),), SMALL_BLOCK)
    if not scheme.cells:
        return [KeepTogether([title, named, plain(words("by_cvss")), _ratings(words)])]
    return [KeepTogether([title, named, SeverityMatrix(scheme, words)])]


def _ratings(words: Words) -> RowTable:
    rows = [[cell(words("severity"), CELL_HEAD), cell(words("score"), CELL_HEAD)]]
    for severity, (lowest, highest) in _BANDS.items():
        ink = Ink(CELL_BOLD.face, CELL_BOLD.size, SEVERITY_COLOURS[severity])
        band = lowest if lowest == highest else f"{lowest} – {highest}"
        rows.append([cell(words(f"severity.{severity.value}"), ink), cell(band, CELL)])
    return RowTable(rows, (TEXT_WIDTH * 0.4, TEXT_WIDTH * 0.6))


class SeverityMatrix(Flowable):
    """Impact downwards, likelihood to the right, each cell in the colour of its severity."""

    def __init__(self, scheme: ReportScheme, words: Words) -> None:
        super().__init__()
        self._scheme, self._words = scheme, words
        self.spaceBefore, self.spaceAfter = 4, 10

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Take the whole width, a row for each impact."""
        self.width, self.height = width, _HEAD + _ROW * len(self._scheme.impacts)
        return self.width, self.height

    def draw(self) -> None:
        """Draw the axes, then the cells."""
        words, scheme = self._words, self._scheme
        heads = [words(f"level.{one.value}") for one in scheme.likelihoods]
        column = (self.width - _SIDE) / max(len(heads), 1)
        top = self.height - _HEAD
        draw_text(self.canv, (Run(words("impact"), _AXIS),), 0, top + 6, _SIDE)
        axis = words("likelihood") if heads else words("severity")
        draw_text(self.canv, (Run(axis, _AXIS),), _SIDE, top + 19, self.width - _SIDE)
        for at, head in enumerate(heads):
            draw_text(self.canv, (Run(head, _LEVEL),), _SIDE + at * column, top + 6, column)
        for at, (impact, row) in enumerate(zip(scheme.impacts, scheme.cells, strict=True)):
            bottom = top - (at + 1) * _ROW
            name = Run(words(f"level.{impact.value}"), _LEVEL)
            draw_text(self.canv, (name,), 0, bottom + 9.5, _SIDE)
            self._draw_row(row, bottom, column)

    def _draw_row(self, row: Sequence[Severity], bottom: float, column: float) -> None:
        for at, severity in enumerate(row):
            left, width = _SIDE + at * column, column - _GAP
            colour: Color = SEVERITY_COLOURS[severity]
            self.canv.setFillColor(colour)
            self.canv.rect(left, bottom, width, _ROW - _GAP, stroke=0, fill=1)
            grade = Run(self._words(f"severity.{severity.value}"), _GRADE)
            draw_text(self.canv, (grade,), left + 8, bottom + 8.5, width - 12)
