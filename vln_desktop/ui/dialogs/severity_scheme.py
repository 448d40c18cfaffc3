"""Makes a severity scheme, beginning from one that is there, and retires one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QComboBox, QGridLayout, QLineEdit, QWidget
from uuid_utils.compat import uuid7

from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import Level, Severity
from vln_desktop.domain.severity_schemes import (
    IMPACT_LIKELIHOOD,
    LONGEST_NAME,
    SchemeDraft,
    SchemeMethod,
)
from vln_desktop.errors import UserError
from vln_desktop.services.severity_schemes import KeptScheme, SchemesService
from vln_desktop.ui.dialogs.form_panel import FormPanel
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.choices import WordBox
from vln_desktop.ui.widgets.controls import button, label, row
from vln_desktop.ui.widgets.fields import Field
from vln_desktop.ui.workbench import Workbench

_WIDTH = 620


def _tr(text: str) -> str:
    return QCoreApplication.translate("Schemes", text)


def method_name(method: SchemeMethod) -> str:
    """Return what a scheme goes by, in words."""
    return {
        SchemeMethod.MATRIX: _tr("Impact and likelihood"),
        SchemeMethod.IMPACT: _tr("Impact alone"),
        SchemeMethod.CVSS_3_1: _tr("CVSS 3.1"),
        SchemeMethod.CVSS_4_0: _tr("CVSS 4.0"),
    }[method]


class SeverityGrid(QWidget):
    """A severity for each impact (down) and likelihood (across)."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._boxes: dict[tuple[Level, Level], WordBox] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(GAP)
        self._across = [label(self._likelihood(level), "small", parent=self) for level in Level]
        for column, head in enumerate(self._across, start=1):
            grid.addWidget(head, 0, column, Qt.AlignmentFlag.AlignLeft)
        for line, impact in enumerate(Level, start=1):
            name = self._impact(impact)
            grid.addWidget(label(name, "small", parent=self), line, 0)
            for column, likelihood in enumerate(Level, start=1):
                told = f"{name}, {self._likelihood(likelihood)}"
                box = WordBox(list(Severity), told, "severity", parent=self)
                self._boxes[(impact, likelihood)] = box
                grid.addWidget(box, line, column)

    def show_severities(self, severities: dict[tuple[Level, Level], Severity]) -> None:
        """Show severities; pairs that are not given stay."""
        for pair, severity in severities.items():
            self._boxes[pair].choose(severity)

    def show_likelihood(self, *, shown: bool) -> None:
        """Show all columns, or the first one alone, where likelihood changes nothing."""
        for (_impact, likelihood), box in self._boxes.items():
            box.setVisible(shown or likelihood is Level.HIGH)
        for head in self._across:
            head.setVisible(shown)

    @property
    def severities(self) -> dict[tuple[Level, Level], Severity]:
        """What is chosen."""
        return {pair: Severity(box.word) for pair, box in self._boxes.items() if box.word}

    def _impact(self, level: Level) -> str:
        return _tr("{level} impact").format(level=look_of("level", level).text)

    def _likelihood(self, level: Level) -> str:
        return _tr("{level} likelihood").format(level=look_of("level", level).text)


class SeveritySchemePanel(FormPanel):
    """One new scheme; what a scheme says is never changed, as findings were graded by it."""

    def __init__(
        self,
        workbench: Workbench,
        service: SchemesService,
        schemes: Sequence[KeptScheme],
        window: QWidget,
    ) -> None:
        super().__init__(
            workbench,
            _tr("Severity schemes"),
            _tr("A scheme does not change once it is made: findings were graded by it. Make "
                "another one and retire the old one; audits that go by it keep it."),
            _tr("Make this scheme"),
            window,
            width=_WIDTH,
        )  # fmt: skip
        self._service = service
        self._schemes = tuple(schemes)
        self._key = uuid7()
        self.base = QComboBox(self.panel)
        for kept in schemes:
            self.base.addItem(self._base_name(kept))
        self.retire = button(_tr("Retire it"), "danger", parent=self.panel)
        self.name = QLineEdit(self.panel)
        self.name.setMaxLength(LONGEST_NAME)
        self.name.setPlaceholderText(_tr("Name of the new scheme"))
        self.method = QComboBox(self.panel)
        for method in SchemeMethod:
            self.method.addItem(method_name(method))
        self.grid = SeverityGrid(self.panel)
        self.build(
            {
                "base": Field(_tr("Begin from"), self.base, self.panel),
                "name": Field(_tr("Name"), self.name, self.panel),
                "method": Field(_tr("Graded by"), self.method, self.panel),
                "grid": Field(_tr("Severities"), self.grid, self.panel),
            }
        )
        self.content.insertLayout(3, row([None, self.retire]))
        self.base.currentIndexChanged.connect(self._begin_from)
        self.method.currentIndexChanged.connect(self._offer)
        self.retire.clicked.connect(self._retire)
        self.grid.show_severities(IMPACT_LIKELIHOOD)
        methods = [kept.scheme.method for kept in schemes]
        by_matrix = SchemeMethod.MATRIX
        self.base.setCurrentIndex(methods.index(by_matrix) if by_matrix in methods else 0)
        self._begin_from(self.base.currentIndex())

    def open(self) -> None:
        """Show the panel; one names the new scheme at once."""
        super().open()
        self.name.setFocus()

    @property
    def chosen_method(self) -> SchemeMethod:
        """What the new scheme goes by."""
        return list(SchemeMethod)[max(self.method.currentIndex(), 0)]

    def send(self) -> None:
        """Make the scheme."""
        self.clear_faults()
        draft = SchemeDraft(self.name.text(), self.chosen_method, self.grid.severities)
        try:
            draft.validate()
        except UserError as error:
            self.refuse(error)
            return
        key = self._key

        def work(_context: TaskContext) -> Changes:
            return self._service.make(draft, key)

        def done(changes: Changes) -> None:
            self.workbench.publish(changes)
            self.workbench.messages.saved(_tr("The scheme is made; an audit's menu offers it now."))

        self.save(work, done, _tr("Making the scheme"))

    def _begin_from(self, at: int) -> None:
        if not 0 <= at < len(self._schemes):
            return
        scheme = self._schemes[at].scheme
        self.method.setCurrentIndex(list(SchemeMethod).index(scheme.method))
        self.grid.show_severities({(i, l_): severity for i, l_, severity in scheme.cells})
        self._offer()

    def _offer(self, _index: int = 0) -> None:
        method = self.chosen_method
        self.fields["grid"].setVisible(method.cvss_version is None)
        self.grid.show_likelihood(shown=method is SchemeMethod.MATRIX)
        self._place()

    def _retire(self) -> None:
        at = self.base.currentIndex()
        if not 0 <= at < len(self._schemes):
            return
        scheme, bench, service = self._schemes[at].scheme, self.workbench, self._service
        window = self.window()

        def back() -> None:
            bench.change(
                window, partial(service.restore, scheme.id),
                _tr("“{name}” can be chosen again.").format(name=scheme.name),
            )  # fmt: skip

        def work(_context: TaskContext) -> Changes:
            return service.retire(scheme.id)

        def done(changes: Changes) -> None:
            bench.publish(changes)
            bench.messages.saved(_tr("“{name}” is retired.").format(name=scheme.name), back)

        self.save(work, done, _tr("Retiring the scheme"))

    def _base_name(self, kept: KeptScheme) -> str:
        used = _tr("{count} audits").format(count=f"{kept.audits:,}")
        return f"{kept.scheme.name}  ·  {method_name(kept.scheme.method)}  ·  {used}"
