"""Lets the demo's approved reports name what was approved, so that they can be published."""

from __future__ import annotations

from sqlalchemy import Connection, update

from vln_desktop.db.base import table_of
from vln_desktop.db.models.reports import Report
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.report_json import approval_digest
from vln_desktop.domain.reports import ReportStatus
from vln_desktop.services.directory import Colleague, Directory
from vln_desktop.services.report_content import content_of_report
from vln_desktop.services.reports import report_detail
from vln_desktop.tools.demo.content import DemoContent


def name_approved_content(connection: Connection, content: DemoContent) -> None:
    """Store the digest of what each approved report holds; everything else is loaded already."""
    directory = Directory(
        tuple(Colleague(one.id, one.name, Role(one.role), True) for one in content.staff)
    )
    report = table_of(Report)
    for approved in content.reports:
        if approved.status == ReportStatus.APPROVED:
            gathered = content_of_report(
                connection, directory, report_detail(connection, approved.id)
            )
            connection.execute(
                update(report)
                .where(report.c.id == approved.id)
                .values(approved_digest=approval_digest(gathered))
            )
