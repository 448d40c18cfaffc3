"""A person's desk: what it leaves when it closes."""

from __future__ import annotations

import multiprocessing

from tests.firm import Firm
from vln_desktop.services.desk import open_desk


def test_a_closed_desk_leaves_neither_process_nor_connection(firm: Firm) -> None:
    desk = open_desk(firm.sign_in("auditor.a"))
    before = desk.press.pid
    draft = desk.press.report(desk.report_papers.draft(firm.a.id("audit_requests")))

    process = desk.press.pid
    desk.close()

    assert before is None
    assert draft.startswith(b"%PDF")
    assert process not in {child.pid for child in multiprocessing.active_children()}
    assert desk.pool_status.open == 0
