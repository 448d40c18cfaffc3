"""Evidence as a list: a small picture, the name, the caption, and who added it."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QIcon,
    QImage,
    QPainter,
    QPixmap,
    QShowEvent,
)
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from vln_desktop.domain.files import AuditFile, Evidence, size_words
from vln_desktop.errors import UserError
from vln_desktop.services.desk import Desk
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.pictures import picture_of, thumbnail
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.workbench import Workbench

_ICON = QSize(112, 72)
_GLYPH = 28
_LARGEST_THUMBNAIL = 8 * 1024 * 1024
"""Of larger pictures no small one is made: they would have to be fetched whole."""
_MOST_KEPT = 200


class EvidenceList(QListWidget):
    """Shows evidence in its order; pictures are fetched once, when the list is seen."""

    def __init__(self, desk: Desk, workbench: Workbench, parent: QWidget) -> None:
        super().__init__(parent)
        self._desk = desk
        self._bench = workbench
        self._evidence: tuple[Evidence, ...] = ()
        self._small: dict[str, QIcon] = {}
        self.setAccessibleName(self.tr("Evidence"))
        self.setIconSize(_ICON)
        self.setWordWrap(True)
        self.setSpacing(2)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def show_evidence(self, evidence: Sequence[Evidence], selected: UUID | None) -> None:
        """Show evidence; the selected one stays selected, if it is still there."""
        self._evidence = tuple(evidence)
        self.clear()
        for one in evidence:
            self.addItem(self._item(one))
            if one.id == selected:
                self.setCurrentRow(self.count() - 1)
        if self.isVisible():
            self._fetch_small()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fetch_small()

    def _item(self, one: Evidence) -> QListWidgetItem:
        below = [size_words(one.file.size), self._desk.directory.name_of(one.added_by)]
        if not one.printed:
            below.append(self.tr("not printed"))
        lines = [one.file.name, one.caption, "  ·  ".join(below)]
        item = QListWidgetItem("\n".join(line for line in lines if line))
        item.setIcon(self._small.get(one.file.sha256) or self._glyph(one.file))
        return item

    def _glyph(self, file: AuditFile) -> QIcon:
        theme = self._bench.theme
        pixmap = QPixmap(_ICON)
        pixmap.fill(QColor(theme.tokens.sunken))
        place = QRect(0, 0, _GLYPH, _GLYPH)
        place.moveCenter(pixmap.rect().center())
        painter = QPainter(pixmap)
        theme.icon(Glyph.VIEW if file.is_picture else Glyph.CODE).paint(painter, place)
        painter.end()
        return QIcon(pixmap)

    def _fetch_small(self) -> None:
        """Fetch the pictures that are shown small, once each; opening them is noted."""
        wanted = [
            one.file
            for one in self._evidence
            if one.file.is_picture
            and one.file.size <= _LARGEST_THUMBNAIL
            and one.file.sha256 not in self._small
        ]
        if not wanted:
            return

        def work(context: TaskContext) -> list[tuple[str, QImage]]:
            return [(file.sha256, self._made_small(file, context)) for file in wanted]

        self._bench.tasks.run(
            self, work, self._show_small, self._bench.messages.report, priority=-1
        )

    def _made_small(self, file: AuditFile, context: TaskContext) -> QImage:
        context.check()
        try:
            picture = picture_of(self._desk.files.read(file))
        except UserError:
            return QImage()
        return thumbnail(picture, _ICON.width() * 2, _ICON.height() * 2)

    def _show_small(self, found: list[tuple[str, QImage]]) -> None:
        if len(self._small) > _MOST_KEPT:
            self._small.clear()
        for digest, picture in found:
            if not picture.isNull():
                self._small[digest] = QIcon(QPixmap.fromImage(picture))
        for at, one in enumerate(self._evidence):
            icon = self._small.get(one.file.sha256)
            if icon is not None:
                self.item(at).setIcon(icon)
