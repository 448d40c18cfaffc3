"""Who asked, decided and reviewed in the demo: what its activity log tells of access."""

from __future__ import annotations

from collections.abc import Iterator

from vln_desktop.tools.demo.content import DemoContent
from vln_desktop.tools.demo.telling import Origin, Step, Values


def access_origins(content: DemoContent) -> dict[str, tuple[Origin, ...]]:
    """Say who made the rows of access, and how they looked before they were decided."""
    started = {review.id: review.started_by for review in content.access_reviews}
    undecided: Values = {"status": "requested", "approver_id": None, "decided_at": None,
                         "remark": "", "open_rank": 1}  # fmt: skip
    unreviewed: Values = {"reviewer_id": None, "decision": None, "decided_at": None, "remark": "",
                  "open_rank": 1}  # fmt: skip
    unjudged: Values = {"reviewed_by": None, "reviewed_at": None, "verdict": None, "remark": "",
                "open_rank": 1}  # fmt: skip
    running: Values = {"status": "open", "finished_at": None, "finished_by": None}
    return {
        "access_requests": tuple(
            Origin(r.id, r.requester_id, undecided) for r in content.access_requests
        ),
        "access_reviews": tuple(
            Origin(r.id, r.started_by, running) for r in content.access_reviews
        ),
        "access_review_items": tuple(
            Origin(i.id, started[i.review_id], unreviewed) for i in content.access_review_items
        ),
        "break_glass_uses": tuple(
            Origin(u.id, u.user_id, unjudged) for u in content.break_glass_uses
        ),
    }


def access_steps(content: DemoContent) -> dict[str, tuple[Step, ...]]:
    """Say how the rows of access were decided."""
    return {
        "access_requests": tuple(_decisions(content)),
        "access_reviews": tuple(
            Step(r.id, r.finished_at, r.finished_by,
                 {"status": ["open", r.status], "finished_at": [None, r.finished_at.isoformat()],
                  "finished_by": [None, str(r.finished_by)]})
            for r in content.access_reviews if r.finished_at and r.finished_by
        ),
        "access_review_items": tuple(
            Step(i.id, i.decided_at, i.reviewer_id,
                 {"decision": [None, i.decision], "decided_at": [None, i.decided_at.isoformat()],
                  "reviewer_id": [None, str(i.reviewer_id)], "open_rank": [1, 0],
                  **({"remark": ["", i.remark]} if i.remark else {})})
            for i in content.access_review_items if i.decided_at and i.reviewer_id
        ),
        "break_glass_uses": tuple(
            Step(u.id, u.reviewed_at, u.reviewed_by,
                 {"verdict": [None, u.verdict], "reviewed_at": [None, u.reviewed_at.isoformat()],
                  "reviewed_by": [None, str(u.reviewed_by)], "open_rank": [1, 0],
                  "remark": ["", u.remark]})
            for u in content.break_glass_uses if u.reviewed_at and u.reviewed_by
        ),
    }  # fmt: skip


def _decisions(content: DemoContent) -> Iterator[Step]:
    for request in content.access_requests:
        if request.decided_at is None:
            continue
        changes: dict[str, list[object]] = {
            "status": ["requested", request.status],
            "decided_at": [None, request.decided_at.isoformat()],
            "open_rank": [1, 0],
        }
        if request.approver_id is not None:
            changes["approver_id"] = [None, str(request.approver_id)]
        if request.remark:
            changes["remark"] = ["", request.remark]
        yield Step(
            request.id, request.decided_at, request.approver_id or request.requester_id, changes
        )
