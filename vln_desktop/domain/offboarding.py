"""What happens when somebody leaves: what ends, what is handed over, what remains to be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID


class ItemKind(StrEnum):
    """What a line of the checklist is about, in the order of the list."""

    LOGIN = "login"
    SESSIONS = "sessions"
    TEAMS = "teams"
    ASSIGNMENTS = "assignments"
    REQUESTS = "requests"
    API_KEYS = "api_keys"
    AUDIT_LED = "audit_led"
    FINDINGS = "findings"
    REPORTS = "reports"
    ROTATE_KEYS = "rotate_keys"
    DEVICES = "devices"


class Outcome(StrEnum):
    """What became of a line."""

    DONE = "done"
    HANDED_OVER = "handed_over"
    NOT_HANDED_OVER = "not_handed_over"
    TO_DO = "to_do"


@dataclass(frozen=True, slots=True)
class OffboardingItem:
    """One line of the checklist; `label` names the audit it is about, if it is about one."""

    kind: ItemKind
    label: str
    how_many: int
    outcome: Outcome
    id: UUID | None = None
    remark: str = ""
    done_by: UUID | None = None
    done_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Offboarding:
    """Evidence that somebody left in order; kept as it is but for lines ticked later."""

    id: UUID
    person_id: UUID
    successor_id: UUID | None
    reason: str
    done_by: UUID
    created_at: datetime
    items: tuple[OffboardingItem, ...]


_SENTENCES = {
    ItemKind.LOGIN: "The login is disabled",
    ItemKind.SESSIONS: "{count} of the person's sessions end",
    ItemKind.TEAMS: "{count} places in teams end today",
    ItemKind.ASSIGNMENTS: "{count} assignments to audits end today",
    ItemKind.REQUESTS: "{count} open access requests are withdrawn",
    ItemKind.API_KEYS: "{count} API keys are revoked",
    ItemKind.AUDIT_LED: "The lead of {label}",
    ItemKind.FINDINGS: "{count} open findings of {label}",
    ItemKind.REPORTS: "{count} unfinished reports of {label} keep their author",
    ItemKind.ROTATE_KEYS: "Rotate the team's data key; the person could read {count} envelopes",
    ItemKind.DEVICES: "Take back laptop, phone and papers",
}
_MARKS = {
    Outcome.DONE: "done",
    Outcome.HANDED_OVER: "handed over",
    Outcome.NOT_HANDED_OVER: "NOT handed over",
    Outcome.TO_DO: "to do",
}


def sentence(item: OffboardingItem) -> str:
    """Return what a line says."""
    return _SENTENCES[item.kind].format(count=item.how_many, label=item.label)


def outcome_word(outcome: Outcome) -> str:
    """Return how an outcome is called."""
    return _MARKS[outcome]


def as_text(title: str, items: Sequence[OffboardingItem]) -> str:
    """Return the checklist as plain text, to be copied or printed."""
    lines = [title, "=" * len(title), ""]
    for item in items:
        said = f" - {item.remark}" if item.remark else ""
        lines.append(f"[{outcome_word(item.outcome)}] {sentence(item)}{said}")
    return "\n".join(lines) + "\n"
