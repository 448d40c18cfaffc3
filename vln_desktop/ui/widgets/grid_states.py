"""What a grid without rows has to say: it is loading, empty, out of reach or not allowed."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from vln_desktop.ui.models.grid_model import GridModel, GridState
from vln_desktop.ui.widgets.states import StatePage


def describe_state(page: StatePage, model: GridModel, empty: tuple[str, str]) -> None:
    """Show a model's state on a page; `empty` stands where there is nothing at all."""
    reason = str(model.error or "")
    match model.state:
        case GridState.IDLE | GridState.LOADING:
            page.loading()
        case GridState.NOTHING_FOUND:
            page.empty(_tr("Nothing matches"), _tr("No row passes the filter."))
        case GridState.FAILED:
            page.failed(reason, model.retry)
        case GridState.NOT_PERMITTED:
            page.not_permitted(reason)
        case _:
            page.empty(*empty)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Grid", text)
