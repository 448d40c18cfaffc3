"""Tables that cross pages with their header, in time proportional to their rows.

ReportLab's Table measures all remaining rows again at every page. This one measures once, splits
between rows, and within a row that is taller than a page has room for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.lib.colors import Color
from reportlab.platypus import Flowable

from vln_desktop.documents.styles import CELL_BLOCK, RULE, TINT, Block, Ink
from vln_desktop.documents.text import Run, TextBlock, natural_widths

_TALL_ROW = 150.0
"""A row higher than this is split rather than moved to the next page."""
_KEPT_TABLE = 150.0
_MOST_KEPT_ROWS = 12
"""A table of no more rows, and no higher, than this stands on one page."""
_LEAST_ROWS = 2
"""Of a longer one so many rows stand on either page, if they are not tall."""


@dataclass(frozen=True, slots=True)
class TableLook:
    """How a table is drawn; lengths in points."""

    pad_x: float = 5.0
    pad_y: float = 3.4
    header_tint: Color | None = TINT
    body_tint: Color | None = None
    rule: Color | None = RULE
    left: float = 0.0
    before: float = 3.0
    after: float = 9.0


LOOK = TableLook()


class RowTable(Flowable):
    """Rows of text blocks in columns of given widths; `headers` rows are repeated on each page."""

    def __init__(
        self,
        rows: Sequence[Sequence[TextBlock]],
        widths: Sequence[float],
        headers: int = 1,
        look: TableLook = LOOK,
    ) -> None:
        super().__init__()
        self._header, self._body = rows[:headers], rows[headers:]
        self._widths, self._look = tuple(widths), look
        self._heights: Sequence[float] | None = None
        self.spaceBefore, self.spaceAfter = look.before, look.after

    def wrap(self, width: float, _height: float) -> tuple[float, float]:
        """Measure every row once."""
        self.width, self.height = width, self._header_height() + sum(self._body_heights())
        return self.width, self.height

    def _header_height(self) -> float:
        return sum(self._row_height(row) for row in self._header)

    def _body_heights(self) -> Sequence[float]:
        if self._heights is None:
            self._heights = [self._row_height(row) for row in self._body]
        return self._heights

    def _row_height(self, row: Sequence[TextBlock]) -> float:
        inner = (width - 2 * self._look.pad_x for width in self._widths)
        tallest = max(cell.wrap(room, 0)[1] for cell, room in zip(row, inner, strict=True))
        return tallest + 2 * self._look.pad_y

    def _is_short(self) -> bool:
        few = len(self._body) <= _MOST_KEPT_ROWS
        return few and self._header_height() + sum(self._body_heights()) <= _KEPT_TABLE

    def least_height(self, width: float) -> float:
        """Return the room, in points, without which the table starts on the next page."""
        if self._is_short():
            return self.wrap(width, 0)[1]
        rows = self._body_heights()[:_LEAST_ROWS]
        return self._header_height() + min(sum(rows), _TALL_ROW)

    def split(self, _width: float, height: float) -> list[Flowable]:
        """Split before the first row that does not fit, or within it if it is tall.

        A short table is not split at all, and a header that is tall itself is not repeated.
        """
        if self._is_short():
            return []
        if self._header_height() > _TALL_ROW:
            rows = [*self._header, *self._body]
            return RowTable(rows, self._widths, 0, self._look).split(_width, height)
        heights = self._body_heights()
        room, fitting = height - self._header_height(), 0
        while fitting < len(heights) and heights[fitting] <= room + 0.01:
            room -= heights[fitting]
            fitting += 1
        if fitting == len(heights):
            return [self]
        if heights[fitting] > _TALL_ROW:
            halves = self._split_row(self._body[fitting], room - 2 * self._look.pad_y)
            if halves:
                upper, lower = halves
                return [
                    self._part([*self._body[:fitting], upper]),
                    self._part([lower, *self._body[fitting + 1 :]], first=False),
                ]
        fitting = self._fair(fitting, heights)
        if fitting == 0:
            return []
        return [
            self._part(self._body[:fitting], heights[:fitting]),
            self._part(self._body[fitting:], heights[fitting:], first=False),
        ]

    @staticmethod
    def _fair(fitting: int, heights: Sequence[float]) -> int:
        """Return how many rows stay, so that none stands alone on either page."""
        if sum(heights[-_LEAST_ROWS:]) > _TALL_ROW or len(heights) < 2 * _LEAST_ROWS:
            return fitting
        fair = min(fitting, len(heights) - _LEAST_ROWS)
        return fair if fair >= _LEAST_ROWS else 0

    def _split_row(
        self, row: Sequence[TextBlock], room: float
    ) -> tuple[list[TextBlock], list[TextBlock]] | None:
        upper, lower = [], []
        for cell, width in zip(row, self._widths, strict=True):
            parts = cell.cut(width - 2 * self._look.pad_x, room)
            if parts is None:
                return None
            upper.append(parts[0])
            lower.append(parts[1])
        return upper, lower

    def _part(
        self,
        body: Sequence[Sequence[TextBlock]],
        heights: Sequence[float] | None = None,
        first: bool = True,
    ) -> RowTable:
        part = RowTable([*self._header, *body], self._widths, len(self._header), self._look)
        part._heights = heights
        if not first:
            part.spaceBefore = 0
        return part

    def draw(self) -> None:
        """Draw rows downwards, a hairline under each."""
        top = self.height
        for row in self._header:
            top = self._draw_row(row, top, self._row_height(row), self._look.header_tint)
        for row, height in zip(self._body, self._body_heights(), strict=True):
            top = self._draw_row(row, top, height, self._look.body_tint)

    def _draw_row(
        self, row: Sequence[TextBlock], top: float, height: float, tint: Color | None
    ) -> float:
        canvas, look, bottom = self.canv, self._look, top - height
        if tint:
            canvas.setFillColor(tint)
            canvas.rect(look.left, bottom, sum(self._widths), height, stroke=0, fill=1)
        if look.rule:
            canvas.setStrokeColor(look.rule)
            canvas.setLineWidth(0.5)
            canvas.line(look.left, bottom, look.left + sum(self._widths), bottom)
        left = look.left
        for cell, width in zip(row, self._widths, strict=True):
            cell_height = cell.wrap(width - 2 * look.pad_x, height)[1]
            cell.drawOn(canvas, left + look.pad_x, top - look.pad_y - cell_height)
            left += width
        return bottom


def cell(text: str, ink: Ink, block: Block = CELL_BLOCK) -> TextBlock:
    """Return one cell of a table."""
    return TextBlock((Run(text, ink),), block)


class SideBySide(Flowable):
    """Flowables in columns of given widths, their tops level; kept on one page."""

    def __init__(self, columns: Sequence[Sequence[Flowable]], widths: Sequence[float]) -> None:
        super().__init__()
        self._columns, self._widths = columns, widths

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Be as tall as the tallest column."""
        self.width = width
        self.height = max(
            sum(item.wrap(room, height)[1] for item in column)
            for column, room in zip(self._columns, self._widths, strict=True)
        )
        return self.width, self.height

    def draw(self) -> None:
        """Draw each column downwards."""
        left = 0.0
        for column, room in zip(self._columns, self._widths, strict=True):
            top = self.height
            for item in column:
                top -= item.wrap(room, top)[1]
                item.drawOn(self.canv, left, top)
            left += room


def fitted_widths(
    rows: Sequence[Sequence[Sequence[Run]]], width: float, pad_x: float = LOOK.pad_x
) -> list[float]:
    """Share a width among columns by what their cells hold; the sum is exactly `width`.

    Each column gets its widest word if all have room for theirs, then shares by whole texts.
    """
    columns = range(len(rows[0]))
    words, wholes = [0.0] * len(columns), [0.0] * len(columns)
    for row in rows:
        for at in columns:
            word, whole = natural_widths(row[at])
            words[at] = max(words[at], word + 2 * pad_x + 0.1)
            wholes[at] = max(wholes[at], whole + 2 * pad_x + 0.1)
    if sum(wholes) <= width:
        spare = (width - sum(wholes)) / len(wholes)
        return [whole + spare for whole in wholes]
    least = [min(word, width / len(words)) for word in words]
    wanted = [whole - low for whole, low in zip(wholes, least, strict=True)]
    spare = width - sum(least)
    return [low + spare * want / sum(wanted) for low, want in zip(least, wanted, strict=True)]
