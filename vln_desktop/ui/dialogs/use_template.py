"""Takes over a template into a finding's form: per field kept, replaced or combined."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QT_TRANSLATE_NOOP, QCoreApplication, Qt
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QScrollArea,
    QWidget,
)

from vln_desktop.domain.finding_drafts import FindingDraft
from vln_desktop.domain.templates import FindingTemplate, How, proposed_ways, use_template, ways
from vln_desktop.services.templates import TemplatesService
from vln_desktop.ui.dialogs.overlay import Overlay
from vln_desktop.ui.finding_words import field_name
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP, WIDE_GAP
from vln_desktop.ui.widgets.controls import button, column, label, row
from vln_desktop.ui.widgets.detail import empty_layout
from vln_desktop.ui.workbench import Workbench

_WIDTH = 860
_LIST_WIDTH = 260
_HEIGHT = 380
_SHOWN = 110
_TEMPLATE = Qt.ItemDataRole.UserRole
_N = QT_TRANSLATE_NOOP
_WORDS = {
    How.KEEP: _N("Templates", "Keep mine"),
    How.REPLACE: _N("Templates", "Take the template's"),
    How.COMBINE: _N("Templates", "Both, mine first"),
}


def _tr(text: str) -> str:
    return QCoreApplication.translate("Templates", text)


class UseTemplatePanel(Overlay):
    """The templates at the left, what would become of each field at the right."""

    def __init__(
        self,
        workbench: Workbench,
        service: TemplatesService,
        draft: FindingDraft,
        take: Callable[[FindingDraft], None],
        window: QWidget,
    ) -> None:
        super().__init__(window, _WIDTH)
        self._bench = workbench
        self._service = service
        self._draft = draft
        self._take = take
        self._templates: tuple[FindingTemplate, ...] = ()
        self._how: dict[str, How] = {}
        self.search = QLineEdit(self.panel)
        self.search.setPlaceholderText(_tr("A part of a name or title"))
        self.search.setClearButtonEnabled(True)
        self.list = QListWidget(self.panel)
        self.list.setFixedWidth(_LIST_WIDTH)
        self.list.setMinimumHeight(_HEIGHT)
        self.list.setAccessibleName(_tr("Templates"))
        self._told = label("", "dim", wrap=True, parent=self.panel)
        self._fields = QGridLayout()
        self._fields.setColumnStretch(1, 1)
        self._fields.setHorizontalSpacing(WIDE_GAP)
        self.boxes: dict[str, QComboBox] = {}
        self.use = button(_tr("Use the template"), "primary", parent=self.panel)
        self.archive = button(_tr("Archive"), parent=self.panel)
        self._lay_out()
        self.search.textChanged.connect(self._list)
        self.list.currentItemChanged.connect(self._choose)
        self.use.clicked.connect(self.take)
        self.archive.clicked.connect(self._archive)
        self.closed.connect(self.deleteLater)

    @property
    def chosen(self) -> FindingTemplate | None:
        """The selected template."""
        row_ = self.list.currentRow()
        return None if row_ < 0 else self._templates[int(self.list.item(row_).data(_TEMPLATE))]

    def open(self) -> None:
        """Show the panel and fetch the templates."""
        super().open()
        self.search.setFocus()
        self._load()

    def take(self) -> None:
        """Take the template over as chosen, and close."""
        template = self.chosen
        if template is not None:
            self._take(use_template(self._draft, template.draft, self._how))
            self.close_panel()

    def _lay_out(self) -> None:
        cancel = button(_tr("Cancel"), parent=self.panel)
        cancel.clicked.connect(self.close_panel)
        page = QWidget()
        page.setProperty("kind", "clear")
        inside = column([self._fields, None], gap=GAP)
        page.setLayout(inside)
        fields = QScrollArea(self.panel)
        fields.setWidgetResizable(True)
        fields.setWidget(page)
        beside = row([self.list, column([self._told, fields], gap=GAP)], gap=WIDE_GAP)
        beside.setStretch(1, 1)
        self.content.setSpacing(GAP)
        self.content.addWidget(label(_tr("Templates"), "title", parent=self.panel))
        self.content.addWidget(self.search)
        self.content.addLayout(beside)
        self.content.addLayout(row([self.archive, None, cancel, self.use]))

    def _load(self) -> None:
        def work(_context: TaskContext) -> tuple[FindingTemplate, ...]:
            return self._service.all()

        self._bench.tasks.run(self, work, self._loaded, self._bench.messages.report)

    def _loaded(self, templates: tuple[FindingTemplate, ...]) -> None:
        self._templates = templates
        self._list()

    def _list(self) -> None:
        wanted = self.search.text().casefold().split()
        self.list.clear()
        for at, template in enumerate(self._templates):
            text = f"{template.name} {template.draft.title}".casefold()
            if all(word in text for word in wanted):
                item = QListWidgetItem(template.name, self.list)
                item.setData(_TEMPLATE, at)
                item.setToolTip(template.draft.title)
        self.list.setCurrentRow(0)
        self._choose()

    def _choose(self, *_items: object) -> None:
        """Show what would become of each field in which the template says something."""
        empty_layout(self._fields)
        self.boxes.clear()
        template = self.chosen
        self.use.setEnabled(template is not None)
        self.archive.setVisible(template is not None and self._service.may_change(template))
        if template is None:
            self._how = {}
            self._told.setText(
                _tr("No template is called so.")
                if self._templates
                else _tr("There is no template yet: save a finding that is well written as one.")
            )
            return
        self._how = proposed_ways(self._draft, template.draft)
        self._told.setText(template.draft.title)
        for at, name in enumerate(self._how):
            self._add_field(at, name, str(getattr(template.draft, name)))

    def _add_field(self, at: int, name: str, text: str) -> None:
        box = QComboBox(self.panel)
        box.setAccessibleName(field_name(name))
        for way in ways(name):
            box.addItem(_tr(str(_WORDS[way])), way.value)
        box.setCurrentIndex(ways(name).index(self._how[name]))
        box.currentIndexChanged.connect(partial(self._set, name, box))
        self.boxes[name] = box
        flat = " ".join(text.split())
        shown = flat if len(flat) <= _SHOWN else f"{flat[:_SHOWN]}…"
        for place, part in enumerate(
            (label(field_name(name), "dim", parent=self.panel),
             label(shown, "small", wrap=True, parent=self.panel), box)
        ):  # fmt: skip
            self._fields.addWidget(part, at, place)
            part.show()

    def _set(self, name: str, box: QComboBox, _index: int) -> None:
        self._how[name] = How(box.currentData())

    def _archive(self) -> None:
        template = self.chosen
        if template is None:
            return

        def work(_context: TaskContext) -> None:
            self._service.archive(template)

        def done(_nothing: None) -> None:
            told = _tr("The template “{name}” is archived.")
            self._bench.messages.saved(told.format(name=template.name))
            self._load()

        self._bench.act(self, work, done, self._bench.messages.report)
