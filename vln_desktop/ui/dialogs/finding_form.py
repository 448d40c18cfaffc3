"""A finding as its form starts from it, stored or new, and its record in the draft journal."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from uuid_utils.compat import uuid7

from vln_desktop.domain.drafts import Draft
from vln_desktop.domain.finding_drafts import FindingDraft, draft_of
from vln_desktop.domain.findings import FindingDetail, Severity
from vln_desktop.domain.severity_schemes import SeverityScheme
from vln_desktop.ui.drafts import Form

FORM = "finding"
"""The form's name in the draft journal."""

FORM_NEW = "new_finding"
"""The same of a finding that is not there yet; its record in the journal is the audit."""


def new_title(audit_number: str) -> str:
    """Return what the form of a new finding is called."""
    told = QCoreApplication.translate("Finding", "New finding in {number}")
    return told.format(number=audit_number)


@dataclass(frozen=True, slots=True)
class OpenFinding:
    """A finding as the form starts from it, with the scheme that grades it.

    `number` is the finding's, or of a new one the audit's. `draft` is what was typed before and not
    saved: it is shown, and what stood there then is its base.
    """

    id: UUID
    audit_id: UUID
    number: str
    stored: FindingDraft
    scheme: SeverityScheme | None
    draft: Draft | None = None
    is_new: bool = False

    @property
    def form(self) -> Form:
        """The form in the draft journal."""
        if self.is_new:
            return Form(FORM_NEW, self.audit_id, new_title(self.number))
        return Form(FORM, self.id, f"{self.number}  {self.stored.title}")


def open_finding(
    detail: FindingDetail, scheme: SeverityScheme | None, draft: Draft | None = None
) -> OpenFinding:
    """Return a finding that is there, opened to be edited."""
    return OpenFinding(detail.id, detail.audit_id, detail.number, draft_of(detail), scheme, draft)


def open_new_finding(
    audit_id: UUID, audit_number: str, scheme: SeverityScheme | None, draft: Draft | None = None
) -> OpenFinding:
    """Return a finding to be written into an audit; its id is made here, so a save can be retried.

    It begins as a medium one, which nobody overlooks.
    """
    empty = FindingDraft("", "", "", "", "", "", severity=Severity.MEDIUM)
    return OpenFinding(uuid7(), audit_id, audit_number, empty, scheme, draft, is_new=True)
