"""The demo's responses: what a client says when it takes a position, and what the firm replies.

Chosen by the finding's place, not by chance, so that everything else of the demo stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from vln_desktop.domain.findings import ClientPosition
from vln_desktop.domain.responses import Channel, Party
from vln_desktop.tools.demo.finding_records import Finding, FindingResponse, FindingStatusChange

CLIENT_SAYS = {
    ClientPosition.WILL_FIX: (
        "We agree, and fix it before the launch.",
        "Thank you. The effect moves before the call, and a test keeps it there.",
        "Correct. We missed that the function is reachable through the router as well.",
    ),
    ClientPosition.ACKNOWLEDGED: (
        "We accept this: the owner is a multisig of five with a delay of two days.",
        "Known, and acceptable for us until the next version.",
    ),
    ClientPosition.DISPUTED: (
        "We do not agree: only a registered keeper can call this function.",
        "In our view the rounding is in favour of the pool and cannot be used.",
    ),
}
FIRM_SAYS = (
    "We keep the finding: the keeper is a single key, and `Registry.add` lets it name others.",
    "We keep the finding and lowered its severity: the gain is bounded by the fee.",
)
"""Replies to what is disputed."""

_CHANNELS = (Channel.EMAIL, Channel.MEETING, Channel.PORTAL)
_RESPONSE, _REPLY = 1, 2
"""Make ids of a change's: they stay ids made by its time."""


def position_responses(
    finding: Finding, changes: Sequence[FindingStatusChange]
) -> tuple[FindingResponse, ...]:
    """Return the responses that go with a finding's client positions."""
    found: list[FindingResponse] = []
    for change in changes:
        said = CLIENT_SAYS.get(ClientPosition(change.after)) if _is_position(change) else None
        if said is None:
            continue
        body = said[finding.ordinal % len(said)]
        found.append(_response(finding, change, Party.CLIENT, body))
        if change.after == ClientPosition.DISPUTED:
            reply = FIRM_SAYS[finding.ordinal % len(FIRM_SAYS)]
            found.append(_response(finding, change, Party.VLN, reply))
    return tuple(found)


def _is_position(change: FindingStatusChange) -> bool:
    return change.word == "client_position"


def _response(
    finding: Finding, change: FindingStatusChange, party: Party, body: str
) -> FindingResponse:
    client = party is Party.CLIENT
    at = change.created_at if client else change.created_at + timedelta(hours=3)
    return FindingResponse(
        id=UUID(int=change.id.int ^ (_RESPONSE if client else _REPLY)),
        audit_id=finding.audit_id,
        finding_id=finding.id,
        author_id=change.actor_id,
        party=party.value,
        position=change.after if client else None,
        body=body,
        fix_commit="",
        channel=_CHANNELS[finding.ordinal % len(_CHANNELS)].value,
        received_on=at.date(),
        created_at=at,
        updated_at=at,
    )
