"""Chips: small coloured words with a shape, for severity, status and the like.

A chip is painted by `paint_chip` (grids) or shown by `Chip` (details); what a word looks like is
data in `LOOKS`. Each look of a kind differs in shape and word, never in colour alone; where a kind
has more words than there are shapes, words of one shape differ in tone.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from PySide6.QtCore import (
    QT_TRANSLATE_NOOP,
    QCoreApplication,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from vln_desktop.ui.theme import GRID, Size, Theme, Tone

_SHAPE = 8
_PADDING = 6
_CENTRE_LEFT = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft


class Shape(Enum):
    """The mark in front of a chip's word."""

    DOT = auto()
    RING = auto()
    HALF = auto()
    DIAMOND = auto()
    UP = auto()
    DOWN = auto()
    SQUARE = auto()
    FRAME = auto()
    CHECK = auto()
    CROSS = auto()
    DASH = auto()
    TWINS = auto()


@dataclass(frozen=True, slots=True)
class Look:
    """How a word is shown; `word` is English, translated when it is painted."""

    word: str
    tone: Tone
    shape: Shape

    @property
    def text(self) -> str:
        """The word in the person's language."""
        return QCoreApplication.translate("Chip", self.word)


def _look(word: object, tone: Tone, shape: Shape) -> Look:
    return Look(str(word), tone, shape)


_N = QT_TRANSLATE_NOOP
LOOKS: dict[str, dict[str, Look]] = {
    "severity": {
        "critical": _look(_N("Chip", "Critical"), Tone.CRITICAL, Shape.DIAMOND),
        "high": _look(_N("Chip", "High"), Tone.DANGER, Shape.UP),
        "medium": _look(_N("Chip", "Medium"), Tone.WARNING, Shape.SQUARE),
        "low": _look(_N("Chip", "Low"), Tone.INFO, Shape.DOWN),
        "informational": _look(_N("Chip", "Info"), Tone.NEUTRAL, Shape.RING),
    },
    "finding_status": {
        "open": _look(_N("Chip", "Open"), Tone.ACCENT, Shape.RING),
        "acknowledged": _look(_N("Chip", "Acknowledged"), Tone.INFO, Shape.HALF),
        "remediated": _look(_N("Chip", "Remediated"), Tone.SUCCESS, Shape.CHECK),
        "accepted_risk": _look(_N("Chip", "Accepted risk"), Tone.WARNING, Shape.DASH),
        "duplicate": _look(_N("Chip", "Duplicate"), Tone.NEUTRAL, Shape.TWINS),
        "invalid": _look(_N("Chip", "Invalid"), Tone.NEUTRAL, Shape.CROSS),
    },
    "review_state": {
        "candidate": _look(_N("Chip", "Candidate"), Tone.WARNING, Shape.RING),
        "confirmed": _look(_N("Chip", "Confirmed"), Tone.ACCENT, Shape.HALF),
        "ready": _look(_N("Chip", "Ready"), Tone.SUCCESS, Shape.CHECK),
        "invalid": _look(_N("Chip", "Invalid"), Tone.NEUTRAL, Shape.CROSS),
        "duplicate": _look(_N("Chip", "Duplicate"), Tone.NEUTRAL, Shape.TWINS),
        "out_of_scope": _look(_N("Chip", "Out of scope"), Tone.NEUTRAL, Shape.DASH),
    },
    "client_position": {
        "none": _look(_N("Chip", "No answer"), Tone.NEUTRAL, Shape.RING),
        "will_fix": _look(_N("Chip", "Will fix"), Tone.ACCENT, Shape.UP),
        "acknowledged": _look(_N("Chip", "Acknowledged"), Tone.INFO, Shape.HALF),
        "disputed": _look(_N("Chip", "Disputed"), Tone.DANGER, Shape.CROSS),
    },
    "verdict": {
        "none": _look(_N("Chip", "Not reviewed"), Tone.NEUTRAL, Shape.RING),
        "fixed": _look(_N("Chip", "Fixed"), Tone.SUCCESS, Shape.CHECK),
        "partially_fixed": _look(_N("Chip", "Partially fixed"), Tone.WARNING, Shape.HALF),
        "not_fixed": _look(_N("Chip", "Not fixed"), Tone.DANGER, Shape.CROSS),
        "cannot_verify": _look(_N("Chip", "Cannot verify"), Tone.NEUTRAL, Shape.DASH),
    },
    "kind": {
        "vulnerability": _look(_N("Chip", "Vulnerability"), Tone.NEUTRAL, Shape.UP),
        "gas": _look(_N("Chip", "Gas"), Tone.INFO, Shape.DOWN),
        "quality": _look(_N("Chip", "Quality"), Tone.NEUTRAL, Shape.SQUARE),
        "centralization": _look(_N("Chip", "Centralization"), Tone.WARNING, Shape.DIAMOND),
    },
    "audit_status": {
        "pending": _look(_N("Chip", "Pending"), Tone.NEUTRAL, Shape.RING),
        "intake": _look(_N("Chip", "Intake"), Tone.INFO, Shape.FRAME),
        "approved": _look(_N("Chip", "Approved"), Tone.INFO, Shape.DOT),
        "in_progress": _look(_N("Chip", "In progress"), Tone.ACCENT, Shape.HALF),
        "under_review": _look(_N("Chip", "Under review"), Tone.WARNING, Shape.SQUARE),
        "report_generation": _look(_N("Chip", "Report"), Tone.WARNING, Shape.UP),
        "completed": _look(_N("Chip", "Completed"), Tone.SUCCESS, Shape.CHECK),
        "cancelled": _look(_N("Chip", "Cancelled"), Tone.NEUTRAL, Shape.CROSS),
    },
    "priority": {
        "low": _look(_N("Chip", "Low"), Tone.NEUTRAL, Shape.DOWN),
        "medium": _look(_N("Chip", "Medium"), Tone.INFO, Shape.SQUARE),
        "high": _look(_N("Chip", "High"), Tone.WARNING, Shape.UP),
        "critical": _look(_N("Chip", "Critical"), Tone.DANGER, Shape.DIAMOND),
    },
    "report_status": {
        "draft": _look(_N("Chip", "Draft"), Tone.NEUTRAL, Shape.RING),
        "review": _look(_N("Chip", "In review"), Tone.WARNING, Shape.HALF),
        "approved": _look(_N("Chip", "Approved"), Tone.ACCENT, Shape.DOT),
        "published": _look(_N("Chip", "Published"), Tone.SUCCESS, Shape.CHECK),
        "archived": _look(_N("Chip", "Archived"), Tone.NEUTRAL, Shape.FRAME),
    },
    "report_kind": {
        "preliminary": _look(_N("Chip", "Preliminary"), Tone.NEUTRAL, Shape.RING),
        "final": _look(_N("Chip", "Final"), Tone.ACCENT, Shape.CHECK),
        "fix_review": _look(_N("Chip", "Fix review"), Tone.INFO, Shape.HALF),
        "public_summary": _look(_N("Chip", "Public summary"), Tone.WARNING, Shape.UP),
        "attestation": _look(_N("Chip", "Attestation"), Tone.INFO, Shape.FRAME),
    },
    "distribution": {
        "client": _look(_N("Chip", "The client alone"), Tone.NEUTRAL, Shape.DOT),
        "restricted": _look(_N("Chip", "Named recipients"), Tone.INFO, Shape.FRAME),
        "public": _look(_N("Chip", "Public"), Tone.WARNING, Shape.UP),
    },
    "delivery_channel": {
        "email": _look(_N("Chip", "E-mail"), Tone.NEUTRAL, Shape.DOT),
        "portal": _look(_N("Chip", "Portal"), Tone.NEUTRAL, Shape.SQUARE),
        "in_person": _look(_N("Chip", "In person"), Tone.NEUTRAL, Shape.FRAME),
        "post": _look(_N("Chip", "Post"), Tone.NEUTRAL, Shape.DASH),
        "public": _look(_N("Chip", "Public"), Tone.WARNING, Shape.UP),
        "other": _look(_N("Chip", "Other"), Tone.NEUTRAL, Shape.RING),
    },
    "notice_channel": {
        "phone": _look(_N("Chip", "Phone"), Tone.NEUTRAL, Shape.DOT),
        "email": _look(_N("Chip", "E-mail"), Tone.NEUTRAL, Shape.SQUARE),
        "chat": _look(_N("Chip", "Chat"), Tone.NEUTRAL, Shape.FRAME),
        "in_person": _look(_N("Chip", "In person"), Tone.NEUTRAL, Shape.RING),
    },
    "signature": {
        "none": _look(_N("Chip", "Unsigned"), Tone.WARNING, Shape.RING),
        "B-B": _look(_N("Chip", "Signed (B-B)"), Tone.INFO, Shape.DOT),
        "B-T": _look(_N("Chip", "Time-stamped (B-T)"), Tone.INFO, Shape.HALF),
        "B-LT": _look(_N("Chip", "Long-term (B-LT)"), Tone.SUCCESS, Shape.CHECK),
    },
    "comment_state": {
        "open": _look(_N("Chip", "Open"), Tone.WARNING, Shape.RING),
        "resolved": _look(_N("Chip", "Resolved"), Tone.SUCCESS, Shape.CHECK),
    },
    "leak_state": {
        "open": _look(_N("Chip", "Blocks"), Tone.DANGER, Shape.DIAMOND),
        "allowed": _look(_N("Chip", "Allowed"), Tone.NEUTRAL, Shape.CHECK),
    },
    "invoice_state": {
        "draft": _look(_N("Chip", "Draft"), Tone.NEUTRAL, Shape.RING),
        "open": _look(_N("Chip", "Open"), Tone.ACCENT, Shape.DOT),
        "partly_paid": _look(_N("Chip", "Partly paid"), Tone.INFO, Shape.HALF),
        "paid": _look(_N("Chip", "Paid"), Tone.SUCCESS, Shape.CHECK),
        "overdue": _look(_N("Chip", "Overdue"), Tone.DANGER, Shape.DIAMOND),
        "cancelled": _look(_N("Chip", "Cancelled"), Tone.NEUTRAL, Shape.CROSS),
        "written_off": _look(_N("Chip", "Written off"), Tone.NEUTRAL, Shape.DASH),
    },
    "invoice_kind": {
        "standard": _look(_N("Chip", "Invoice"), Tone.NEUTRAL, Shape.DOT),
        "deposit": _look(_N("Chip", "Deposit"), Tone.INFO, Shape.HALF),
        "final": _look(_N("Chip", "Final"), Tone.INFO, Shape.CHECK),
        "credit": _look(_N("Chip", "Credit note"), Tone.WARNING, Shape.DASH),
    },
    "quote_state": {
        "draft": _look(_N("Chip", "Draft"), Tone.NEUTRAL, Shape.RING),
        "sent": _look(_N("Chip", "Sent"), Tone.ACCENT, Shape.DOT),
        "expired": _look(_N("Chip", "Expired"), Tone.WARNING, Shape.DIAMOND),
        "accepted": _look(_N("Chip", "Accepted"), Tone.SUCCESS, Shape.CHECK),
        "declined": _look(_N("Chip", "Declined"), Tone.NEUTRAL, Shape.CROSS),
        "replaced": _look(_N("Chip", "Replaced"), Tone.NEUTRAL, Shape.DASH),
    },
    "payment_status": {
        "pending": _look(_N("Chip", "Pending"), Tone.NEUTRAL, Shape.RING),
        "processing": _look(_N("Chip", "Processing"), Tone.ACCENT, Shape.HALF),
        "completed": _look(_N("Chip", "Completed"), Tone.SUCCESS, Shape.CHECK),
        "failed": _look(_N("Chip", "Failed"), Tone.DANGER, Shape.DIAMOND),
        "refunded": _look(_N("Chip", "Refunded"), Tone.WARNING, Shape.TWINS),
        "cancelled": _look(_N("Chip", "Cancelled"), Tone.NEUTRAL, Shape.CROSS),
    },
    "activity_action": {
        "insert": _look(_N("Chip", "Created"), Tone.SUCCESS, Shape.UP),
        "update": _look(_N("Chip", "Changed"), Tone.INFO, Shape.HALF),
        "delete": _look(_N("Chip", "Deleted"), Tone.DANGER, Shape.CROSS),
    },
    "account_kind": {
        "iban": _look(_N("Chip", "IBAN"), Tone.NEUTRAL, Shape.DOT),
        "ach": _look(_N("Chip", "ACH"), Tone.NEUTRAL, Shape.SQUARE),
        "swift": _look(_N("Chip", "SWIFT"), Tone.NEUTRAL, Shape.FRAME),
        "crypto": _look(_N("Chip", "Crypto"), Tone.INFO, Shape.DIAMOND),
    },
    "account_state": {
        "live": _look(_N("Chip", "In use"), Tone.SUCCESS, Shape.CHECK),
        "waiting": _look(_N("Chip", "Change waits"), Tone.WARNING, Shape.HALF),
        "retired": _look(_N("Chip", "Retired"), Tone.NEUTRAL, Shape.FRAME),
    },
    "account_change": {
        "add": _look(_N("Chip", "New account"), Tone.INFO, Shape.DOT),
        "change": _look(_N("Chip", "Change"), Tone.WARNING, Shape.HALF),
        "retire": _look(_N("Chip", "Retire"), Tone.NEUTRAL, Shape.FRAME),
    },
    "vat_proof": {
        "fresh": _look(_N("Chip", "Confirmed"), Tone.SUCCESS, Shape.CHECK),
        "stale": _look(_N("Chip", "Too old"), Tone.WARNING, Shape.HALF),
        "invalid": _look(_N("Chip", "Not valid"), Tone.DANGER, Shape.CROSS),
        "none": _look(_N("Chip", "Not asked"), Tone.NEUTRAL, Shape.RING),
    },
    "series_proof": {
        "whole": _look(_N("Chip", "No gap"), Tone.SUCCESS, Shape.CHECK),
        "unused": _look(_N("Chip", "Unused"), Tone.NEUTRAL, Shape.RING),
        "gap": _look(_N("Chip", "Gap"), Tone.DANGER, Shape.DIAMOND),
    },
    "staff_role": {
        "admin": _look(_N("Chip", "Admin"), Tone.WARNING, Shape.DIAMOND),
        "manager": _look(_N("Chip", "Manager"), Tone.ACCENT, Shape.UP),
        "auditor": _look(_N("Chip", "Auditor"), Tone.INFO, Shape.HALF),
        "finance": _look(_N("Chip", "Finance"), Tone.SUCCESS, Shape.SQUARE),
        "readonly": _look(_N("Chip", "Read only"), Tone.NEUTRAL, Shape.RING),
        "worker": _look(_N("Chip", "Service"), Tone.NEUTRAL, Shape.FRAME),
    },
    "staff_state": {
        "active": _look(_N("Chip", "Active"), Tone.SUCCESS, Shape.CHECK),
        "invited": _look(_N("Chip", "Invited"), Tone.INFO, Shape.HALF),
        "uninvited": _look(_N("Chip", "Invite expired"), Tone.WARNING, Shape.RING),
        "locked": _look(_N("Chip", "Locked"), Tone.DANGER, Shape.DIAMOND),
        "ended": _look(_N("Chip", "Access ended"), Tone.NEUTRAL, Shape.DASH),
        "disabled": _look(_N("Chip", "Disabled"), Tone.NEUTRAL, Shape.CROSS),
    },
    "team_duty": {
        "lead": _look(_N("Chip", "Lead"), Tone.ACCENT, Shape.UP),
        "member": _look(_N("Chip", "Member"), Tone.NEUTRAL, Shape.DOT),
    },
    "team_state": {
        "live": _look(_N("Chip", "Live"), Tone.SUCCESS, Shape.CHECK),
        "archived": _look(_N("Chip", "Archived"), Tone.NEUTRAL, Shape.FRAME),
    },
    "security_kind": {
        "sign_in": _look(_N("Chip", "Signed in"), Tone.NEUTRAL, Shape.DOT),
        "sign_out": _look(_N("Chip", "Signed out"), Tone.NEUTRAL, Shape.RING),
        "code_refused": _look(_N("Chip", "Code refused"), Tone.WARNING, Shape.CROSS),
        "locked": _look(_N("Chip", "Locked"), Tone.DANGER, Shape.DIAMOND),
        "unlocked": _look(_N("Chip", "Unlocked"), Tone.SUCCESS, Shape.CHECK),
        "password_changed": _look(_N("Chip", "Password changed"), Tone.INFO, Shape.DOT),
        "password_reset": _look(_N("Chip", "Password reset"), Tone.WARNING, Shape.RING),
        "second_factor_enrolled": _look(
            _N("Chip", "Second factor set up"), Tone.SUCCESS, Shape.SQUARE
        ),
        "second_factor_reset": _look(_N("Chip", "Second factor reset"), Tone.WARNING, Shape.FRAME),
        "recovery_code_used": _look(_N("Chip", "Recovery code used"), Tone.WARNING, Shape.HALF),
        "session_revoked": _look(_N("Chip", "Session ended"), Tone.WARNING, Shape.DASH),
        "staff_created": _look(_N("Chip", "Invited"), Tone.INFO, Shape.HALF),
        "staff_renamed": _look(_N("Chip", "Renamed"), Tone.INFO, Shape.TWINS),
        "role_changed": _look(_N("Chip", "Role changed"), Tone.WARNING, Shape.TWINS),
        "access_end_set": _look(_N("Chip", "Last day set"), Tone.INFO, Shape.DASH),
        "disabled": _look(_N("Chip", "Disabled"), Tone.NEUTRAL, Shape.CROSS),
        "enabled": _look(_N("Chip", "Enabled"), Tone.SUCCESS, Shape.UP),
        "access_granted": _look(_N("Chip", "Access granted"), Tone.INFO, Shape.UP),
        "access_ended": _look(_N("Chip", "Access ended"), Tone.NEUTRAL, Shape.DOWN),
        "break_glass": _look(_N("Chip", "Break glass"), Tone.CRITICAL, Shape.DIAMOND),
        "exported": _look(_N("Chip", "Exported"), Tone.INFO, Shape.DOWN),
        "viewed": _look(_N("Chip", "Opened"), Tone.NEUTRAL, Shape.HALF),
        "log_alarm": _look(_N("Chip", "Log alarm"), Tone.CRITICAL, Shape.SQUARE),
    },
    "request_status": {
        "requested": _look(_N("Chip", "Requested"), Tone.WARNING, Shape.RING),
        "approved": _look(_N("Chip", "Approved"), Tone.SUCCESS, Shape.CHECK),
        "refused": _look(_N("Chip", "Refused"), Tone.DANGER, Shape.CROSS),
        "withdrawn": _look(_N("Chip", "Withdrawn"), Tone.NEUTRAL, Shape.DASH),
    },
    "review_decision": {
        "undecided": _look(_N("Chip", "Undecided"), Tone.WARNING, Shape.RING),
        "keep": _look(_N("Chip", "Keep"), Tone.SUCCESS, Shape.CHECK),
        "change": _look(_N("Chip", "Change"), Tone.INFO, Shape.HALF),
        "remove": _look(_N("Chip", "Remove"), Tone.DANGER, Shape.CROSS),
    },
    "break_glass_verdict": {
        "unreviewed": _look(_N("Chip", "Unreviewed"), Tone.WARNING, Shape.RING),
        "justified": _look(_N("Chip", "Justified"), Tone.SUCCESS, Shape.CHECK),
        "not_justified": _look(_N("Chip", "Not justified"), Tone.DANGER, Shape.CROSS),
    },
    "check_result": {
        "open": _look(_N("Chip", "Open"), Tone.NEUTRAL, Shape.RING),
        "pass": _look(_N("Chip", "Pass"), Tone.SUCCESS, Shape.CHECK),
        "fail": _look(_N("Chip", "Fail"), Tone.DANGER, Shape.CROSS),
        "not_applicable": _look(_N("Chip", "Not applicable"), Tone.NEUTRAL, Shape.DASH),
    },
    "activity": {
        "review": _look(_N("Chip", "Review"), Tone.NEUTRAL, Shape.DOT),
        "tooling": _look(_N("Chip", "Tooling"), Tone.NEUTRAL, Shape.SQUARE),
        "writing": _look(_N("Chip", "Writing"), Tone.NEUTRAL, Shape.DASH),
        "meeting": _look(_N("Chip", "Meeting"), Tone.NEUTRAL, Shape.TWINS),
        "fix_review": _look(_N("Chip", "Fix review"), Tone.NEUTRAL, Shape.CHECK),
        "other": _look(_N("Chip", "Other"), Tone.NEUTRAL, Shape.RING),
    },
    "became": {
        "created": _look(_N("Chip", "New"), Tone.SUCCESS, Shape.UP),
        "known": _look(_N("Chip", "Known"), Tone.NEUTRAL, Shape.DOT),
        "reappeared": _look(_N("Chip", "Reappeared"), Tone.WARNING, Shape.DIAMOND),
        "merged": _look(_N("Chip", "Merged"), Tone.NEUTRAL, Shape.TWINS),
        "refused": _look(_N("Chip", "Refused"), Tone.DANGER, Shape.CROSS),
        "would_close": _look(_N("Chip", "Gone"), Tone.INFO, Shape.CHECK),
    },
    "environment": {
        "demo": _look(_N("Chip", "demo"), Tone.SUCCESS, Shape.RING),
        "staging": _look(_N("Chip", "staging"), Tone.WARNING, Shape.SQUARE),
        "production": _look(_N("Chip", "production"), Tone.DANGER, Shape.DIAMOND),
    },
}


def look_of(kind: str, value: str) -> Look:
    """Return how a stored word of a kind is shown; an unknown one shows itself, neutrally."""
    known = LOOKS.get(kind, {}).get(value)
    return known or Look(value.replace("_", " ").capitalize(), Tone.NEUTRAL, Shape.DOT)


def chip_size(look: Look, metrics: QFontMetrics) -> QSize:
    """Return the room a chip needs."""
    width = 2 * _PADDING + _SHAPE + GRID + metrics.horizontalAdvance(look.text)
    return QSize(width + 1, metrics.height() + GRID)


def paint_chip(painter: QPainter, cell: QRect, look: Look, theme: Theme, font: QFont) -> None:
    """Paint a chip at the left of `cell`, centred in its height, cut if the cell is narrow."""
    metrics = QFontMetrics(font)
    size = chip_size(look, metrics)
    width = min(size.width(), cell.width())
    frame = QRect(cell.x(), cell.y() + (cell.height() - size.height()) // 2, width, size.height())
    ink = theme.tokens.tone(look.tone)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(ink.fill))
    painter.drawRoundedRect(QRectF(frame), GRID, GRID)
    mark = QRectF(frame.x() + _PADDING, frame.center().y() - _SHAPE / 2 + 0.5, _SHAPE, _SHAPE)
    paint_shape(painter, mark, look.shape, QColor(ink.ink))
    words = frame.adjusted(_PADDING + _SHAPE + GRID, 0, -_PADDING + GRID // 2, 0)
    if words.width() > metrics.averageCharWidth():
        painter.setFont(font)
        painter.setPen(QColor(ink.ink))
        painter.drawText(
            words,
            _CENTRE_LEFT,
            metrics.elidedText(look.text, Qt.TextElideMode.ElideRight, words.width()),
        )
    painter.restore()


_POLYGONS: dict[Shape, tuple[tuple[float, float], ...]] = {
    Shape.DIAMOND: ((0.5, -0.06), (1.06, 0.5), (0.5, 1.06), (-0.06, 0.5)),
    Shape.UP: ((0.5, 0.02), (1.04, 0.95), (-0.04, 0.95)),
    Shape.DOWN: ((-0.04, 0.08), (1.04, 0.08), (0.5, 1.0)),
}
_STROKES: dict[Shape, tuple[tuple[tuple[float, float], ...], ...]] = {
    Shape.CHECK: (((0.05, 0.55), (0.38, 0.88), (0.98, 0.15)),),
    Shape.CROSS: (((0.1, 0.1), (0.9, 0.9)), ((0.9, 0.1), (0.1, 0.9))),
    Shape.DASH: (((0.05, 0.5), (0.95, 0.5)),),
}


def paint_shape(painter: QPainter, box: QRectF, shape: Shape, ink: QColor) -> None:
    """Paint a chip's mark into a square box."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(ink, 1.6, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
    if shape in _STROKES:
        painter.setPen(pen)
        for stroke in _STROKES[shape]:
            painter.drawPolyline([_point(box, at) for at in stroke])
    elif shape in _POLYGONS:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(ink)
        painter.drawPolygon([_point(box, at) for at in _POLYGONS[shape]])
    else:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillPath(_area(shape, box), ink)


def _point(box: QRectF, at: tuple[float, float]) -> QPointF:
    return QPointF(box.x() + at[0] * box.width(), box.y() + at[1] * box.height())


def _area(shape: Shape, box: QRectF) -> QPainterPath:
    path, hole = QPainterPath(), QPainterPath()
    inner = box.adjusted(1.6, 1.6, -1.6, -1.6)
    if shape in {Shape.SQUARE, Shape.FRAME}:
        path.addRoundedRect(box.adjusted(0.4, 0.4, -0.4, -0.4), 1.5, 1.5)
        if shape is Shape.FRAME:
            hole.addRect(inner)
    elif shape is Shape.TWINS:
        size = box.width() * 0.68
        path.addRoundedRect(QRectF(box.x(), box.y(), size, size), 1, 1)
        hole.addRect(QRectF(box.x() + 1.5, box.y() + 1.5, size - 3, size - 3))
        second = QPainterPath()
        second.addRoundedRect(QRectF(box.right() - size, box.bottom() - size, size, size), 1, 1)
        return path.subtracted(hole).united(second)
    else:
        path.addEllipse(box)
        if shape is Shape.RING:
            hole.addEllipse(inner)
        elif shape is Shape.HALF:
            right = QPainterPath()
            right.addRect(QRectF(box.center().x(), box.y(), box.width() / 2, box.height()))
            hole.addEllipse(inner)
            hole = hole.intersected(right)
    return path.subtracted(hole)


class Chip(QWidget):
    """One chip as a widget."""

    def __init__(self, theme: Theme, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._look = look
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(look.text)
        theme.changed.connect(self._relayout)

    def show_look(self, look: Look) -> None:
        """Show another word."""
        self._look = look
        self.setAccessibleName(look.text)
        self._relayout()

    def sizeHint(self) -> QSize:
        return chip_size(self._look, QFontMetrics(self._chip_font()))

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        paint_chip(painter, self.rect(), self._look, self._theme, self._chip_font())
        painter.end()

    def _chip_font(self) -> QFont:
        return self._theme.font(Size.SMALL, weight=QFont.Weight.Medium)

    def _relayout(self) -> None:
        self.updateGeometry()
        self.update()
