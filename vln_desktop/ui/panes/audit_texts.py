"""What the panel of an audit says: its facts, tables and events as rows of text."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from PySide6.QtCore import QCoreApplication
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.audits import AuditDetail, ScopeItem
from vln_desktop.domain.deployments import network_name
from vln_desktop.domain.files import AuditFile, FileKind, size_words
from vln_desktop.domain.notices import UrgentNotice
from vln_desktop.domain.source_code import COUNTING_RULE
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.panes.formats import day, words
from vln_desktop.ui.theme import Tone
from vln_desktop.ui.widgets.chip import look_of
from vln_desktop.ui.widgets.detail import TimelineEvent, local_time
from vln_desktop.ui.widgets.text_table import TextColumn

_HASH_SHOWN = 12

NameOf = Callable[[UUID | None], str]
Table = tuple[list[TextColumn], list[tuple[str, ...]]]
"""Columns, and rows of as many texts."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Audits", text)


def facts_of(audit: AuditDetail) -> list[tuple[str, str | QWidget]]:
    """Return an audit's facts by their names."""
    found = sum(count for _severity, count in audit.findings_by_severity)
    by_severity = ", ".join(f"{count} {word}" for word, count in audit.findings_by_severity)
    facts: list[tuple[str, str | QWidget]] = [(_tr("Service"), words(audit.service_type))]
    if audit.scheme:
        facts.append((_tr("Graded by"), audit.scheme))
    facts += [
        (_tr("Created"), day(audit.created_at)),
        (_tr("Starts"), day(audit.starts_on)),
        (_tr("Due"), day(audit.due_on)),
        (_tr("Completed"), day(audit.completed_at)),
        (_tr("Findings"), f"{found}" + (f":  {by_severity}" if found else "")),
    ]
    for repository in audit.repositories:
        state = (repository.branch, repository.audited_commit[:_HASH_SHOWN])
        where = f"{repository.url}\n{' @ '.join(part for part in state if part)}"
        told = "  ·  ".join(part for part in (repository.compiler, repository.chains) if part)
        facts.append((_tr("Repository"), f"{where}\n{told}" if told else where))
    return facts


def people_of(audit: AuditDetail, name_of: NameOf) -> Table:
    """Return who works on an audit."""
    columns = [
        TextColumn(_tr("Name"), wide=True),
        TextColumn(_tr("Duty")),
        TextColumn(_tr("Until")),
    ]
    rows = [(name_of(p.user_id), words(p.duty), day(p.valid_until)) for p in audit.people]
    return columns, [*rows]


def scope_of(audit: AuditDetail) -> Table:
    """Return the files that are audited, and those that are not, with the reason."""
    columns = [
        TextColumn(_tr("File"), wide=True),
        TextColumn(_tr("Lines"), right=True),
        TextColumn(_tr("SHA-256")),
    ]
    return columns, [_scope_row(item) for item in audit.scope]


def _scope_row(item: ScopeItem) -> tuple[str, ...]:
    if item.address:
        where = f"{network_name(item.chain_id)}  {item.address}".strip()
        return f"{_path(item)}\n{where}", "", ""
    return _path(item), f"{item.nsloc:,}", item.sha256[:_HASH_SHOWN]


def scope_words(audit: AuditDetail) -> str:
    """Return how much is in scope, and the rule by which it was counted."""
    within = [item for item in audit.scope if item.in_scope and not item.address]
    if not within:
        return ""
    counted = _tr("{files} files in scope, {lines} lines.").format(
        files=len(within), lines=f"{sum(item.nsloc for item in within):,}"
    )
    return f"{counted} {COUNTING_RULE}"


def files_of(audit: AuditDetail, name_of: NameOf) -> Table:
    """Return the files that were handed in or made."""
    columns = [
        TextColumn(_tr("Name"), wide=True),
        TextColumn(_tr("Size"), right=True),
        TextColumn(_tr("By")),
        TextColumn(_tr("SHA-256")),
    ]
    return columns, [_file_row(file, name_of) for file in audit.files]


def _file_row(file: AuditFile, name_of: NameOf) -> tuple[str, ...]:
    state = [words(file.kind), local_time(file.created_at)]
    if file.waits:
        state.append(_tr("half uploaded: add it again to go on"))
    elif not file.here:
        state.append(_tr("kept elsewhere"))
    handed_in = file.uploaded_by is None and file.kind == FileKind.UPLOAD
    by = _tr("Client") if handed_in else name_of(file.uploaded_by)
    told = f"{file.name}\n{'  ·  '.join(state)}"
    return told, size_words(file.size), by, file.sha256[:_HASH_SHOWN]


def events_of(audit: AuditDetail, name_of: NameOf) -> list[TimelineEvent]:
    """Return the steps of an audit's status and its urgent notices, the latest first."""
    steps = [
        TimelineEvent(
            event.at,
            name_of(event.actor_id),
            look_of("audit_status", event.what).text,
            Glyph.AUDIT,
            look_of("audit_status", event.what).tone,
        )
        for event in audit.events
    ]
    notices = [
        TimelineEvent(one.draft.told_at, name_of(one.recorded_by), _told(one), Glyph.SEND,
                      Tone.DANGER)
        for one in audit.notices
    ]  # fmt: skip
    return sorted([*steps, *notices], key=lambda event: event.at, reverse=True)


def _told(one: UrgentNotice) -> str:
    said = QCoreApplication.translate("Audits", "Urgent notice to {who} ({how}): {text}")
    how = look_of("notice_channel", one.draft.channel).text
    return said.format(who=one.draft.recipient, how=how, text=one.draft.text)


def _path(item: ScopeItem) -> str:
    return item.path if item.in_scope else f"{item.path}  ({item.reason})"
