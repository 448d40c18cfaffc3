"""Takes a logged change back by making a new one through the ordinary services.

The log itself is never changed. What can be taken back is data: one `Reverter` per kind of record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from vln_desktop.domain.audits import AUDIT_TRANSITIONS, AuditStatus, Priority
from vln_desktop.domain.changes import Changes
from vln_desktop.domain.findings import (
    Category,
    FindingKind,
    Level,
    Severity,
    TriageField,
)
from vln_desktop.domain.history import Json, LogEntry, RecordHistory
from vln_desktop.domain.invoices import InvoiceStatus
from vln_desktop.domain.permissions import Right, Role, may
from vln_desktop.domain.reverts import RevertPlan, RevertStep
from vln_desktop.domain.transitions import Transitions
from vln_desktop.errors import UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.history import HistoryService
from vln_desktop.services.invoices import ISSUED, InvoicesService

Read = Callable[[Json], object]
Put = Callable[[UUID, Mapping[str, Any], Mapping[str, Any]], Changes]
"""Sets fields of a record to what is wanted where they hold what is given: id, given, wanted."""

_KEPT = {
    "payments": "A payment that is recorded is kept; record what corrects it.",
    "settlement_lines": "A settlement that is booked is kept; book what corrects it.",
    "audit_assignments": "People are put on an audit and taken off it in its own pane.",
    "line_items": "The lines of a draft are changed in its form; issued ones are kept.",
    "reports": "A report goes on by review and approval; its steps are not taken back from here.",
    "report_versions": "A published report is kept as it is.",
}
_FOREIGN = "Changes of this kind of record are not taken back from here."


def _same(value: Json) -> object:
    return value


def _maybe(read: Read) -> Read:
    """Return a reader that leaves nothing as nothing."""

    def reading(value: Json) -> object:
        return None if value is None else read(value)

    return reading


@dataclass(frozen=True, slots=True)
class RevertField:
    """A field that people may edit: the right for it and how its logged value is read."""

    needs: Right
    read: Read = _same
    transitions: Transitions | None = None


@dataclass(frozen=True, slots=True)
class Reverter:
    """What can be taken back of one kind of record.

    `follows` are fields that the database sets from the others; they need no step of their own.
    `refuses` tells from what the record holds now why nothing of it can be taken back.
    """

    fields: Mapping[str, RevertField]
    put: Put
    follows: frozenset[str] = frozenset()
    refuses: Callable[[Mapping[str, Json]], str | None] = field(default=lambda _present: None)


class RevertService:
    """Plans and makes the change that takes a logged one back, for the person signed in."""

    def __init__(
        self,
        role: Role,
        history: HistoryService,
        findings: FindingsService,
        audits: AuditsService,
        invoices: InvoicesService,
    ) -> None:
        self._role = role
        self._history = history
        self._reverters = {
            "findings": _findings(findings),
            "audit_requests": _audits(audits),
            "invoices": _invoices(invoices),
        }

    def plan(self, entry_id: int) -> RevertPlan:
        """Return what taking an entry back would do now.

        Raises UserError, in one sentence, if nothing of it can be taken back.
        """
        history = self._history.of_entry(entry_id)
        entry = history.entries[_index(history, entry_id)]
        reverter = self._reverter(history, entry)
        steps: list[RevertStep] = []
        left: list[tuple[str, str]] = []
        for name, (before, after) in sorted((entry.changes or {}).items()):
            if name in reverter.follows:
                continue
            now = (history.present or {}).get(name)
            step = RevertStep(name, after, before, now)
            reason = self._reason(reverter, history, step)
            if reason is None:
                steps.append(step)
            else:
                left.append((name, reason))
        if not steps:
            raise UserError(left[0][1] if len(left) == 1 else _nothing(left))
        return RevertPlan(
            history.entity, history.record_id, history.label, tuple(steps), tuple(left)
        )

    def apply(self, plan: RevertPlan) -> Changes:
        """Make the change of a plan: all of it or nothing.

        Raises Conflict, with what the logged change gave, what would be set and what stands there
        now, for fields that were changed again since; UserError for what is refused.
        """
        if not plan.steps:
            raise UserError("Nothing is left to take back.")
        reverter = self._reverters[plan.entity]
        read = {step.field: reverter.fields[step.field].read for step in plan.steps}
        given = {step.field: read[step.field](step.given) for step in plan.steps}
        wanted = {step.field: read[step.field](step.wanted) for step in plan.steps}
        return reverter.put(plan.record_id, given, wanted)

    def _reverter(self, history: RecordHistory, entry: LogEntry) -> Reverter:
        """Return who takes an entry back; raises UserError where nobody does."""
        reverter = self._reverters.get(history.entity)
        if reverter is None:
            raise UserError(_KEPT.get(history.entity, _FOREIGN))
        if entry.action != "update":
            raise UserError("This line tells how the record began or ended; only changes go back.")
        if entry.changes is None:
            raise UserError("You do not see what this line changed, so you cannot take it back.")
        if history.present is None:
            raise UserError("This record does not exist any more, or you may not see it.")
        refusal = reverter.refuses(history.present)
        if refusal is not None:
            raise UserError(refusal)
        return reverter

    def _reason(self, reverter: Reverter, history: RecordHistory, step: RevertStep) -> str | None:
        """Return why a field is left alone, None if it can be set."""
        known = reverter.fields.get(step.field)
        if known is None:
            return "This field is not edited by hand."
        if not may(self._role, known.needs):
            return "Your role does not edit this field."
        if any(history.is_hidden(step.field, value) for value in (step.given, step.wanted)):
            return "The log does not keep its values."
        if step.now == step.wanted:
            return "It holds that value already."
        steps = known.transitions
        if steps is not None and not steps.allows(str(step.now), str(step.wanted)):
            return f"{_words(step.now).capitalize()} cannot become {_words(step.wanted)}."
        return None


def _index(history: RecordHistory, entry_id: int) -> int:
    try:
        return history.index_of(entry_id)
    except KeyError:
        raise UserError("This line is too old to be taken back.") from None


def _nothing(left: list[tuple[str, str]]) -> str:
    if not left:
        return "Nothing of this change is edited by hand, so there is nothing to take back."
    told = " ".join(f"{_words(name).capitalize()}: {reason}" for name, reason in left)
    return f"Nothing of this change can be taken back. {told}"


def _words(value: Json) -> str:
    return str(value).replace("_", " ")


def _findings(service: FindingsService) -> Reverter:
    edit = Right.FINDINGS_EDIT
    texts = ("title", "description", "impact", "likelihood", "remediation", "proof",
             "severity_reason")  # fmt: skip
    return Reverter(
        {
            **{name: RevertField(edit) for name in texts},
            "impact_level": RevertField(edit, _maybe(Level)),
            "likelihood_level": RevertField(edit, _maybe(Level)),
            "severity": RevertField(edit, Severity),
            "category": RevertField(edit, Category),
            "kind": RevertField(edit, FindingKind),
            "weakness_id": RevertField(edit),
            "cvss_vector": RevertField(edit),
            **{
                one.value: RevertField(edit, transitions=one.transitions)
                for one in (
                    TriageField.REVIEW_STATE, TriageField.CLIENT_POSITION,
                )
            },
            TriageField.ASSIGNEE.value: RevertField(edit, _maybe(UUID)),
        },
        service.restore,
        follows=frozenset({"status", "cvss_score"}),
    )  # fmt: skip


def _audits(service: AuditsService) -> Reverter:
    return Reverter(
        {
            "status": RevertField(Right.AUDITS_STEP, AuditStatus, AUDIT_TRANSITIONS),
            "priority": RevertField(Right.AUDITS_EDIT, Priority),
        },
        service.restore,
        follows=frozenset({"completed_at"}),
    )


def _invoices(service: InvoicesService) -> Reverter:
    edit = Right.INVOICES_EDIT
    day = RevertField(edit, _maybe(date.fromisoformat))
    return Reverter(
        {
            "payment_days": RevertField(edit),
            "supply_from": day,
            "supply_to": day,
            **{name: RevertField(edit) for name in ("po_number", "buyer_reference", "note")},
        },
        service.restore,
        refuses=_refuses_invoice,
    )


def _refuses_invoice(present: Mapping[str, Json]) -> str | None:
    return None if present.get("status") == InvoiceStatus.DRAFT else ISSUED
