"""Rows of the finding's form: its levels, severity and kind, and what the scheme proposes."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QWidget

from vln_desktop.domain.finding_drafts import FindingDraft
from vln_desktop.domain.findings import Category, FindingKind, Level, Severity
from vln_desktop.domain.severity_schemes import SchemeMethod, SeverityScheme
from vln_desktop.ui.finding_words import field_name
from vln_desktop.ui.theme import GAP
from vln_desktop.ui.widgets.choices import WordBox
from vln_desktop.ui.widgets.controls import column, label, row


class GradesRow(QWidget):
    """Impact, likelihood, severity, kind and category; a departure from the scheme asks why."""

    levels_changed = Signal()
    """Another level was chosen: the scheme may propose another severity."""

    def __init__(self, scheme: SeverityScheme | None, parent: QWidget) -> None:
        super().__init__(parent)
        self._scheme = scheme
        unset = self.tr("Not set")
        self.impact = WordBox(tuple(Level), field_name("impact_level"), "", unset, self)
        self.likelihood = WordBox(tuple(Level), field_name("likelihood_level"), "", unset, self)
        self.severity = WordBox(tuple(Severity), field_name("severity"), "severity", parent=self)
        self.category = WordBox(tuple(Category), field_name("category"), parent=self)
        self.kind = WordBox(tuple(FindingKind), field_name("kind"), "kind", parent=self)
        self.reason = QLineEdit(self)
        self.reason.setAccessibleName(field_name("severity_reason"))
        self.reason.setPlaceholderText(self.tr("Why the severity departs from the scheme"))
        self._proposal = label("", "small", wrap=True, parent=self)
        self._proposed: Severity | None = None
        self._lay_out()
        self.impact.activated.connect(self._tell_levels)
        self.likelihood.activated.connect(self._tell_levels)
        self.severity.activated.connect(self._tell_proposal)

    def put(self, draft: FindingDraft) -> FindingDraft:
        """Return a draft with what is chosen here."""
        return replace(
            draft,
            impact_level=_level(self.impact.word),
            likelihood_level=_level(self.likelihood.word),
            severity=Severity(self.severity.word or Severity.INFORMATIONAL),
            severity_reason=self.reason.text(),
            category=Category(self.category.word or Category.OTHER),
            kind=FindingKind(self.kind.word or FindingKind.VULNERABILITY),
        )

    def fill(self, draft: FindingDraft) -> None:
        """Show what a draft holds."""
        self.impact.choose(draft.impact_level)
        self.likelihood.choose(draft.likelihood_level)
        self.severity.choose(draft.severity)
        self.category.choose(draft.category)
        self.kind.choose(draft.kind)
        self.reason.setText(draft.severity_reason)

    def propose(self, proposed: Severity | None, *, take: bool) -> None:
        """Tell what the scheme proposes, None if it cannot; `take` chooses it too."""
        self._proposed = proposed
        if take and proposed is not None:
            self.severity.choose(proposed)
        self._tell_proposal()

    def _lay_out(self) -> None:
        grades = row(
            [
                *self._named("impact_level", self.impact),
                *self._named("likelihood_level", self.likelihood),
                *self._named("severity", self.severity),
                None,
                *self._named("kind", self.kind),
                *self._named("category", self.category),
            ]
        )
        self.setLayout(column([grades, row([self._proposal, self.reason])], gap=GAP))

    def _named(self, field: str, box: WordBox) -> tuple[QWidget, QWidget]:
        named = label(field_name(field), "dim", parent=self)
        named.setBuddy(box)
        return named, box

    def _tell_levels(self, _index: int) -> None:
        self.levels_changed.emit()

    def _tell_proposal(self) -> None:
        proposed, scheme = self._proposed, self._scheme
        if scheme is None:
            text = self.tr("This audit has no severity scheme.")
        elif proposed is None:
            text = self._asked_for(scheme)
        else:
            told = self.tr("The scheme “{name}” proposes {severity}.")
            text = told.format(name=scheme.name, severity=proposed.value)
        self._proposal.setText(text)
        self.reason.setVisible(proposed is not None and proposed != self.severity.word)

    def _asked_for(self, scheme: SeverityScheme) -> str:
        """Say what the scheme goes by, while that is not chosen."""
        version = scheme.method.cvss_version
        if version is not None:
            told = self.tr("Give a vector of CVSS {version}; it proposes the severity.")
            return told.format(version=version.value)
        if scheme.method is SchemeMethod.IMPACT:
            return self.tr("Choose the impact; the scheme proposes the severity.")
        return self.tr("Choose impact and likelihood; the scheme proposes the severity.")


def _level(word: StrEnum | None) -> Level | None:
    return Level(word) if word is not None else None
