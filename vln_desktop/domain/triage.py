"""What one person changed in this session, in order: undo and redo without limit.

A deed is taken back by another deed, never by forgetting the first: each is a change of its own in
the log. Which value a deed left behind stands in it, so that taking it back never overwrites what
somebody else has written since.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from uuid import UUID

from vln_desktop.domain.findings import TriageOutcome


@dataclass(frozen=True, slots=True)
class CommentDeed:
    """A comment that was added to a finding, or taken back again."""

    comment: UUID
    finding: UUID
    number: str
    shown: bool = True
    """Whether the comment is there after the deed."""


Deed = TriageOutcome | CommentDeed


def findings_of(deed: Deed) -> tuple[UUID, ...]:
    """Return the findings that a deed changed."""
    if isinstance(deed, CommentDeed):
        return (deed.finding,)
    return tuple(step.id for step in deed.changed)


def numbers_of(deed: Deed) -> tuple[str, ...]:
    """Return the numbers of the findings that a deed changed."""
    if isinstance(deed, CommentDeed):
        return (deed.number,)
    return tuple(step.number for step in deed.changed)


@dataclass(slots=True)
class DeedHistory:
    """The deeds that can be taken back, and those that were and can be done again."""

    _done: list[Deed] = field(default_factory=list)
    _undone: list[Deed] = field(default_factory=list)

    @property
    def last_done(self) -> Deed | None:
        """What undo takes back next."""
        return self._done[-1] if self._done else None

    @property
    def last_undone(self) -> Deed | None:
        """What redo takes back next: a deed that undid another."""
        return self._undone[-1] if self._undone else None

    def did(self, deed: Deed) -> None:
        """Note a new deed; what was undone before it can no longer be done again."""
        if findings_of(deed):
            self._done.append(deed)
            self._undone.clear()

    def undid(self, reverse: Deed) -> None:
        """Note that the last deed was taken back, by `reverse`, as far as it could be."""
        self._done.pop()
        if findings_of(reverse):
            self._undone.append(reverse)

    def redid(self, again: Deed) -> None:
        """Note that the last undo was taken back, by `again`, as far as it could be."""
        self._undone.pop()
        if findings_of(again):
            self._done.append(again)
