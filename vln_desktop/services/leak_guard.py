"""Looks through a report for what must not leave the firm, before it is published."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import Connection, Text, column, func, select

from vln_desktop.db.base import table_of
from vln_desktop.db.models import findings as tables
from vln_desktop.db.models.audits import AuditRequest
from vln_desktop.db.models.clients import Client
from vln_desktop.db.models.files import FindingEvidence, UploadedFile
from vln_desktop.db.session import Database
from vln_desktop.domain.cvss import cvss_score
from vln_desktop.domain.findings import Level, Severity
from vln_desktop.domain.leaks import Leak, LeakContext, texts_of
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.report_content import ReportContent
from vln_desktop.domain.report_work import ReportDetail
from vln_desktop.domain.severity_schemes import SeverityScheme
from vln_desktop.errors import UserError
from vln_desktop.formats.secrets import find_secrets
from vln_desktop.services.leak_rules import find_leaks
from vln_desktop.services.severity_schemes import scheme_of

_A = table_of(AuditRequest).c
_C = table_of(Client).c
_E = table_of(FindingEvidence).c
_F = table_of(tables.Finding).c
_N = table_of(tables.FindingComment).c
_U = table_of(UploadedFile).c


class LeakGuard:
    """Checks reports for the person signed in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def check(self, report: ReportDetail, content: ReportContent) -> tuple[Leak, ...]:
        """Return what must not be printed as it stands, in the order of the report.

        A manager's check knows the names of all clients, an auditor's those of their own audits.
        """
        chosen = [one.finding_id for one in report.findings if not one.left_out]
        with self._database.unit_of_work() as session:  # asking for names is put on record
            connection = session.connection()
            beside = LeakContext(
                notes=_notes(connection, chosen),
                clients=self._clients(connection, report, content),
                sensitive=_sensitive(connection, chosen),
                proposed=_proposed(connection, report.audit_id, chosen),
            )
        return find_leaks(content, beside, find_secrets)

    def _clients(
        self, connection: Connection, report: ReportDetail, content: ReportContent
    ) -> tuple[str, ...]:
        if self._database.actor.role is Role.MANAGER:
            printed = "\n".join(text for _place, text in texts_of(content))
            named = func.vln.clients_named(report.id, printed).table_valued(column("name", Text()))
            return tuple(connection.scalars(select(named.c.name)))
        own = select(_A.client_id).where(_A.id == report.audit_id).scalar_subquery()
        return tuple(connection.scalars(select(_C.legal_name).where(_C.id != own)))


def _notes(connection: Connection, findings: Sequence[UUID]) -> dict[str, tuple[str, ...]]:
    """Return the internal comments in plain text; secret ones nobody can copy by mistake."""
    rows = connection.execute(
        select(_F.number, _N.body)
        .join(table_of(tables.Finding), _F.id == _N.finding_id)
        .where(_N.finding_id.in_(findings), _N.deleted_at.is_(None), _N.body != "")
    )
    notes: dict[str, tuple[str, ...]] = {}
    for row in rows:
        notes[row.number] = (*notes.get(row.number, ()), row.body)
    return notes


def _sensitive(connection: Connection, findings: Sequence[UUID]) -> frozenset[str]:
    return frozenset(
        connection.scalars(
            select(_U.sha256)
            .join(table_of(FindingEvidence), _E.file_id == _U.id)
            .where(_E.finding_id.in_(findings), _E.printed, _E.sensitive)
        )
    )


def _proposed(
    connection: Connection, audit_id: UUID, findings: Sequence[UUID]
) -> dict[str, Severity]:
    """Return what the scheme says of findings that give no reason to depart from it."""
    scheme = scheme_of(connection, audit_id)
    if scheme is None:
        return {}
    rows = connection.execute(
        select(_F.number, _F.impact_level, _F.likelihood_level, _F.cvss_vector).where(
            _F.id.in_(findings), _F.severity_reason == ""
        )
    )
    proposals = {
        row.number: _proposal(scheme, row.impact_level, row.likelihood_level, row.cvss_vector)
        for row in rows
    }
    return {number: severity for number, severity in proposals.items() if severity is not None}


def _proposal(
    scheme: SeverityScheme, impact: str | None, likelihood: str | None, vector: str
) -> Severity | None:
    try:
        score = cvss_score(vector)
    except UserError:
        score = None
    return scheme.propose(
        Level(impact) if impact else None, Level(likelihood) if likelihood else None, score
    )
