"""`vln-desktop tour`: pictures of every pane and dialog, and two papers, without a display."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from PySide6.QtCore import QSize

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.output import note
from vln_desktop.errors import UserError
from vln_desktop.tools.tour.run import run
from vln_desktop.ui.theme import Mode

app = typer.Typer(add_completion=False)

_LEAST_PIXELS, _MOST_PIXELS = 100, 8_000
"""Of a picture's longer side: Qt ends the program over one that does not fit into memory."""


class Palette(StrEnum):
    """The two palettes."""

    LIGHT = "light"
    DARK = "dark"


@app.command()
def tour(
    context: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="The folder to fill.", file_okay=False)],
    theme: Annotated[Palette, typer.Option(help="The palette.")] = Palette.LIGHT,
    size: Annotated[str, typer.Option(help="Width and height of the window.")] = "1440x900",
) -> None:
    """Take a picture of every pane and dialog as each role, and print a report and an invoice."""
    found = re.fullmatch(r"(\d{3,5})x(\d{3,5})", size)
    area = QSize(int(found[1]), int(found[2])) if found else QSize()
    if max(area.width(), area.height()) not in range(_LEAST_PIXELS, _MOST_PIXELS + 1):
        raise UserError(f"The size {size!r} is not like 1440x900, with {_MOST_PIXELS} at most.")
    path = run(out, Mode(theme.value), area, note)
    if invocation_of(context).as_json:
        typer.echo(path.read_text())
    else:
        note(f"The pictures and papers are in {out}; {path.name} lists them.")
