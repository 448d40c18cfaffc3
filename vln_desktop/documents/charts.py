"""The severity chart: one bar for each severity, in proportion to the largest count.

It is drawn on the page itself: ReportLab's Drawing names Helvetica in every file, which no paper
embeds.
"""

from __future__ import annotations

from collections.abc import Mapping

from reportlab.lib.colors import Color
from reportlab.platypus import Flowable

from vln_desktop.documents import fonts
from vln_desktop.documents.base import draw_text
from vln_desktop.documents.styles import MUTED, SEVERITY_COLOURS, TEXT, TINT, Ink
from vln_desktop.documents.text import Run
from vln_desktop.documents.words import Words
from vln_desktop.domain.findings import Severity

_ROW = 22.0
_BAR = 12.0
_NAME_WIDTH = 84.0
_COUNT_WIDTH = 30.0
_NAME = Ink(size=8.8, colour=TEXT)


class SeverityChart(Flowable):
    """Horizontal bars, worst on top; the count stands at the right end."""

    def __init__(self, counts: Mapping[Severity, int], words: Words) -> None:
        super().__init__()
        self._counts, self._words = counts, words

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Take the whole width and a row for each severity."""
        self.width, self.height = width, _ROW * len(self._counts)
        return self.width, self.height

    def draw(self) -> None:
        """Draw names, bars and counts."""
        longest = self.width - _NAME_WIDTH - _COUNT_WIDTH
        largest = max(self._counts.values(), default=0) or 1
        for at, (severity, count) in enumerate(self._counts.items()):
            bottom = self.height - (at + 1) * _ROW + (_ROW - _BAR) / 2
            name = Run(self._words(f"severity.{severity.value}"), _NAME)
            draw_text(self.canv, (name,), 0, bottom + 3, _NAME_WIDTH)
            self._draw_bar(bottom, longest, TINT)
            if count:
                self._draw_bar(bottom, longest * count / largest, SEVERITY_COLOURS[severity])
            ink = Ink(face=fonts.MEDIUM, colour=TEXT if count else MUTED)
            shown = Run(self._words.number(count), ink)
            draw_text(self.canv, (shown,), 0, bottom + 2.5, self.width, "right")

    def _draw_bar(self, bottom: float, length: float, colour: Color) -> None:
        self.canv.setFillColor(colour)
        self.canv.rect(_NAME_WIDTH, bottom, length, _BAR, stroke=0, fill=1)
