"""`vln-desktop list`: the rows of a pane, as far as the role may see them."""

from __future__ import annotations

from typing import Annotated

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.opening import opened
from vln_desktop.cli.output import print_json, print_table
from vln_desktop.errors import UserError
from vln_desktop.services.grid_spec import GridSpec
from vln_desktop.services.grids import GRIDS
from vln_desktop.services.listing import Listing

app = typer.Typer()


def grid_named(pane: str) -> GridSpec:
    """Return a pane's list; raises UserError with the panes there are."""
    try:
        return GRIDS[pane]
    except KeyError:
        raise UserError(f"There is no pane {pane!r}; there are {', '.join(GRIDS)}.") from None


@app.command("list")
def list_rows(
    context: typer.Context,
    pane: Annotated[
        str,
        typer.Argument(help=f"One of {', '.join(GRIDS)}."),
    ],
    filter_text: Annotated[
        str, typer.Option("--filter", help="As in the window: status:open sev:high words")
    ] = "",
    limit: Annotated[int, typer.Option(min=1, help="At most this many rows.")] = 50,
) -> None:
    """List the rows of a pane, newest first, with their ids and numbers."""
    invocation = invocation_of(context)
    spec = grid_named(pane)
    with opened(invocation) as database:
        listing = Listing(database, spec)
        records = list(listing.records(filter_text, limit))
        titles = listing.titles
    if invocation.as_json:
        print_json(records)
    else:
        shown = [title for title in titles if title != "id"]
        print_table(shown, ([record[title] for title in shown] for record in records))
