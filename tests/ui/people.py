"""Made-up people and panes for tests of the window."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID, uuid5

from PySide6.QtWidgets import QWidget

from vln_desktop.domain.permissions import Right, Role
from vln_desktop.ui.commands import Command
from vln_desktop.ui.icons import Glyph
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.workbench import Pane, PaneSpec, Workbench

_PEOPLE = UUID("5f8b2f4e-2d4c-4c7e-9a63-0d6b7d1f0a11")


@dataclass(frozen=True)
class Somebody:
    """A signed-in person."""

    role: Role = Role.MANAGER
    name: str = "Ana Petrović"
    email: str = "ana@vln.gg"

    @property
    def user_id(self) -> UUID:
        return uuid5(_PEOPLE, self.email)


class CountingPane(Pane):
    """Counts what the window asks of it."""

    def __init__(self, id_: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.id = id_
        self.reloads = 0
        self.shown: list[UUID] = []
        self.lost: str | None = None

    def commands(self) -> list[Command]:
        return [Command(f"{self.id}.new", f"New in {self.id}", self.reload, group=self.id)]

    def reload(self) -> None:
        self.reloads += 1

    def show_record(self, id_: UUID) -> None:
        self.shown.append(id_)

    def unsaved(self) -> str | None:
        return self.lost


def _audits(_bench: Workbench, parent: QWidget) -> Pane:
    return CountingPane("audits", parent)


def _findings(_bench: Workbench, parent: QWidget) -> Pane:
    return CountingPane("findings", parent)


def _invoices(_bench: Workbench, parent: QWidget) -> Pane:
    return CountingPane("invoices", parent)


def fourteen(_context: TaskContext) -> int:
    return 14


PANES = (
    PaneSpec("audits", "Audits", Glyph.AUDIT, Right.AUDITS_READ, _audits, "audits",
             frozenset({"audits"})),
    PaneSpec("findings", "Findings", Glyph.FINDING, Right.FINDINGS_READ, _findings, "findings",
             frozenset({"findings", "audits"}), fourteen),
    PaneSpec("invoices", "Invoices", Glyph.INVOICE, Right.INVOICES_READ, _invoices, "invoices",
             frozenset({"invoices"})),
)  # fmt: skip
