"""The report's cover: the firm, what was audited for whom, and the counts at a glance."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas

from vln_desktop.documents import fonts
from vln_desktop.documents.base import FIRM, MAIL, SITE, draw_text
from vln_desktop.documents.report_control import distribution_of
from vln_desktop.documents.styles import (
    ACCENT,
    FAINT,
    MARGIN_LEFT,
    MUTED,
    NAVY,
    NAVY_LIGHT,
    PAGE_HEIGHT,
    PAGE_WIDTH,
    RULE,
    SEVERITY_COLOURS,
    TEXT,
    TEXT_WIDTH,
    WHITE,
    Ink,
)
from vln_desktop.documents.text import Run, break_lines, draw_lines
from vln_desktop.documents.words import Words
from vln_desktop.domain.report_content import (
    ReportContent,
)

_BAND_BOTTOM = PAGE_HEIGHT * 0.46
_FACT_LEADING = 14.0
_TITLE_SIZES = (34.0, 28.0, 23.0, 18.0)
_TITLE_LINES = 4
_CLIENT_LINES = 3


def draw_cover(canvas: Canvas, content: ReportContent, words: Words) -> None:
    """Paint the whole first page."""
    _draw_band(canvas)
    _draw_firm(canvas, words)
    if content.is_draft:
        _draw_draft(canvas, words)
    _draw_title(canvas, content, words)
    _draw_facts(canvas, _facts(content, words))
    _draw_counts(canvas, content, words)
    foot = Ink(size=8.4, colour=MUTED)
    draw_text(canvas, (Run(f"{SITE}  ·  {MAIL}", foot),), MARGIN_LEFT, 16 * mm, TEXT_WIDTH)


def _draw_band(canvas: Canvas) -> None:
    """A dark field with a fine lattice of hexagons, brighter to the right."""
    canvas.setFillColor(NAVY)
    canvas.rect(0, _BAND_BOTTOM, PAGE_WIDTH, PAGE_HEIGHT - _BAND_BOTTOM, stroke=0, fill=1)
    canvas.saveState()
    clip = canvas.beginPath()
    clip.rect(0, _BAND_BOTTOM, PAGE_WIDTH, PAGE_HEIGHT - _BAND_BOTTOM)
    canvas.clipPath(clip, stroke=0)
    canvas.setStrokeColor(NAVY_LIGHT)
    canvas.setLineWidth(0.7)
    side = 26.0
    for column in range(7, 17):
        for row in range(12):
            x = column * side * 1.5
            y = _BAND_BOTTOM + row * side * math.sqrt(3) + (column % 2) * side * math.sqrt(3) / 2
            if (column * 7 + row * 5) % 11 < (column - 6):
                _draw_hexagon(canvas, x, y, side * 0.94)
    canvas.restoreState()
    canvas.setFillColor(ACCENT)
    canvas.rect(0, _BAND_BOTTOM - 3, PAGE_WIDTH, 3, stroke=0, fill=1)


def _draw_hexagon(canvas: Canvas, x: float, y: float, side: float) -> None:
    path = canvas.beginPath()
    for corner in range(6):
        angle = math.pi / 3 * corner
        point = (x + side * math.cos(angle), y + side * math.sin(angle))
        if corner:
            path.lineTo(*point)
        else:
            path.moveTo(*point)
    path.close()
    canvas.drawPath(path, stroke=1, fill=0)


def _draw_firm(canvas: Canvas, words: Words) -> None:
    top = PAGE_HEIGHT - 30 * mm
    name = Run(FIRM, Ink(face=fonts.BOLD, size=30, colour=WHITE))
    draw_text(canvas, (name,), MARGIN_LEFT, top, TEXT_WIDTH)
    line = Run(words("firm_line"), Ink(face=fonts.LIGHT, size=10.5, colour=WHITE))
    draw_text(canvas, (line,), MARGIN_LEFT, top - 17, TEXT_WIDTH)


def _draw_draft(canvas: Canvas, words: Words) -> None:
    label = words("draft")
    width = fonts.unit_width(fonts.BOLD, label) * 13 + 24
    left, bottom = PAGE_WIDTH - MARGIN_LEFT - width, PAGE_HEIGHT - 31 * mm
    canvas.setStrokeColor(WHITE)
    canvas.setLineWidth(1.2)
    canvas.roundRect(left, bottom, width, 24, 3, stroke=1, fill=0)
    ink = Ink(face=fonts.BOLD, size=13, colour=WHITE)
    draw_text(canvas, (Run(label, ink),), left + 12, bottom + 7.4, width)


def _draw_title(canvas: Canvas, content: ReportContent, words: Words) -> None:
    """The project's name as large as it fits, standing on the lower part of the band."""
    width = TEXT_WIDTH * 0.86
    for size in _TITLE_SIZES:
        ink = Ink(face=fonts.MEDIUM, size=size, colour=WHITE)
        lines = break_lines((Run(content.project.replace("\n", " "), ink),), width)
        if len(lines) <= _TITLE_LINES:
            break
    lines = lines[: _TITLE_LINES + 2]
    leading = size * 1.2
    bottom = _BAND_BOTTOM + 24 * mm
    top = bottom + leading * len(lines)
    draw_lines(canvas, lines, [MARGIN_LEFT] * len(lines), top, leading)
    kind = Run(words(f"report.{content.kind.value}"), Ink(fonts.MEDIUM, 12.5, ACCENT))
    draw_text(canvas, (kind,), MARGIN_LEFT, top + 10, width)
    client = Run(content.client.replace("\n", " "), Ink(fonts.LIGHT, 13.5, WHITE))
    by = break_lines((client,), TEXT_WIDTH)[:_CLIENT_LINES]
    draw_lines(canvas, by, [MARGIN_LEFT] * len(by), bottom - 9, 18)


def _facts(content: ReportContent, words: Words) -> list[tuple[str, str]]:
    facts = [
        (words("audit"), content.audit_number),
        (words("service"), words(f"service.{content.service_type.value}")),
        (words("period"), words.days(content.period_from, content.period_to)),
        (words("date"), words.day(content.dated)),
        (words("version"), content.version),
    ]
    readers = distribution_of(content, words)
    if readers:
        facts.append((words("distribution"), readers))
    if content.unsigned:
        facts.append((words("signature"), words("unsigned")))
    return facts


def _draw_facts(canvas: Canvas, facts: Sequence[tuple[str, str]]) -> None:
    top = _BAND_BOTTOM - 22 * mm
    name_ink, value_ink = Ink(size=9.4, colour=MUTED), Ink(size=10.4, colour=TEXT)
    for name, value in facts:
        draw_text(canvas, (Run(name, name_ink),), MARGIN_LEFT, top, 90)
        lines = break_lines((Run(value, value_ink),), TEXT_WIDTH - 96)[:3]
        draw_lines(canvas, lines, [MARGIN_LEFT + 96] * len(lines), top + 10.6, _FACT_LEADING)
        top -= _FACT_LEADING * len(lines) + 5


def _draw_counts(canvas: Canvas, content: ReportContent, words: Words) -> None:
    counts = content.severity_counts
    width, bottom = TEXT_WIDTH / len(counts), 33 * mm
    canvas.setStrokeColor(RULE)
    canvas.setLineWidth(0.6)
    canvas.line(MARGIN_LEFT, bottom + 48, MARGIN_LEFT + TEXT_WIDTH, bottom + 48)
    number = Ink(face=fonts.MEDIUM, size=22)
    name = Ink(size=8.4, colour=MUTED)
    for at, (severity, count) in enumerate(counts.items()):
        left = MARGIN_LEFT + at * width
        colour = SEVERITY_COLOURS[severity] if count else FAINT
        shown = Run(words.number(count), replace(number, colour=colour))
        draw_text(canvas, (shown,), left, bottom + 15, width)
        draw_text(canvas, (Run(words(f"severity.{severity.value}"), name),), left, bottom, width)
