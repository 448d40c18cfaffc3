"""Lets a file show a finding: a picture is looked at and blurred before anything leaves here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath

from PySide6.QtCore import QCoreApplication, QRect
from PySide6.QtGui import QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QLineEdit, QWidget

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.files import (
    CAPTION_MAX,
    NAME_MAX,
    Evidence,
    FileDraft,
    check_caption,
    size_words,
)
from vln_desktop.domain.findings import FindingDetail
from vln_desktop.errors import UserError
from vln_desktop.services.evidence import EvidenceService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.pictures import blurred, png_of
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.widgets.picture_view import PictureView
from vln_desktop.ui.workbench import Workbench

_WIDTH = 760
_PICTURE_HEIGHT = 340


def _tr(text: str) -> str:
    return QCoreApplication.translate("Evidence", text)


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that somebody hands in, with its picture if it is one that can be shown here."""

    draft: FileDraft
    picture: QImage | None = None


class AddEvidencePanel(FormPanel):
    """One file; with `old` it takes the place of what shows the finding already."""

    stoppable = True

    def __init__(
        self,
        workbench: Workbench,
        service: EvidenceService,
        finding: FindingDetail,
        given: GivenFile,
        window: QWidget,
        old: Evidence | None = None,
    ) -> None:
        title = _tr("Blur parts of {name}") if old else _tr("Evidence of {number}")
        super().__init__(
            workbench,
            title.format(name=given.draft.name, number=finding.number),
            _told(given, old),
            _tr("Replace the picture") if old else _tr("Add the evidence"),
            window,
            width=_WIDTH,
        )
        self._service = service
        self._finding = finding.id
        self._given = given
        self._old = old
        self._versions: list[QImage] = [given.picture] if given.picture is not None else []
        self.view = PictureView(workbench.theme, self.panel, marks=True)
        self.view.setAccessibleName(_tr("Picture; the arrow keys mark a part to be blurred"))
        self.undo = button(_tr("Undo the blur"), parent=self.panel)
        self.name = QLineEdit(given.draft.name, self.panel)
        self.name.setMaxLength(NAME_MAX)
        self.caption = QLineEdit(old.caption if old else "", self.panel)
        self.caption.setMaxLength(CAPTION_MAX)
        self.caption.setPlaceholderText(_tr("What it shows; printed below it"))
        fields = {
            "name": Field(_tr("Name"), self.name, self.panel),
            "caption": Field(_tr("Caption"), self.caption, self.panel),
        }
        self.build(fields)
        for field in fields.values():
            field.setVisible(old is None)
        self._lay_out_picture()

    def open(self) -> None:
        """Show the panel; one types the caption, or marks what is to be blurred."""
        super().open()
        (self.view if self._old else self.caption).setFocus()

    def send(self) -> None:
        """Store the file and let it show the finding."""
        self.clear_faults()
        try:
            draft, caption = self._draft(), check_caption(self.caption.text())
        except UserError as error:
            self.refuse(error)
            return
        finding, old = self._finding, self._old

        def work(context: TaskContext) -> Changes:
            if old is not None:
                return self._service.replace(finding, old, draft, context.count)
            return self._service.add(finding, [(draft, caption)], context.count)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("{name} is stored.").format(name=draft.name))

        self.save(work, done, _tr("Storing {name}").format(name=draft.name))

    def blur(self, region: QRect) -> None:
        """Make a region of the picture unreadable, in what will be stored too."""
        self._versions.append(blurred(self._versions[-1], region))
        self._show_version()

    def take_back(self) -> None:
        """Take the last blur back."""
        if len(self._versions) > 1:
            self._versions.pop()
            self._show_version()

    def _draft(self) -> FileDraft:
        """Return what is stored: what was blurred is a new PNG, without the picture's notes."""
        name = self.name.text().strip()
        try:
            if len(self._versions) < 2:
                if self._old is not None:
                    raise UserError(_tr("Mark what is to be blurred first."))
                return FileDraft.of(name, self._given.draft.data)
            name = f"{PurePath(name).stem}.png"
            return FileDraft.of(name, png_of(self._versions[-1]))
        except UserError as error:
            raise UserError(str(error), field=error.field or "name") from error

    def _lay_out_picture(self) -> None:
        shown = bool(self._versions)
        hint = label(_tr("Drag over what nobody may read."), "small", parent=self.panel)
        self.view.setFixedHeight(_PICTURE_HEIGHT)
        self.content.insertWidget(2, self.view)
        self.content.insertLayout(3, row([hint, None, self.undo]))
        for part in (self.view, self.undo, hint):
            part.setVisible(shown)
        if not shown:
            return
        self.view.marked.connect(self.blur)
        self.undo.clicked.connect(self.take_back)
        QShortcut(QKeySequence.StandardKey.Undo, self.view).activated.connect(self.take_back)
        self._show_version()

    def _show_version(self) -> None:
        self.view.show_picture(self._versions[-1])
        self.undo.setEnabled(len(self._versions) > 1)


def _told(given: GivenFile, old: Evidence | None) -> str:
    size = size_words(len(given.draft.data))
    if old is not None:
        return _tr("The blurred picture takes its place, and the old one leaves the audit's files.")
    if given.picture is None:
        return _tr("{size}. It is checked by its hash, and every opening is logged.").format(
            size=size
        )
    return _tr("{size}. What you blur here never leaves this machine.").format(size=size)
