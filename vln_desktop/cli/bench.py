"""`vln-desktop bench`: how fast this is, each figure beside its baseline in the same run."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.output import note, print_json, print_table
from vln_desktop.errors import UserError
from vln_desktop.tools.bench.opening import opened_bench
from vln_desktop.tools.bench.runner import SUBJECTS, run
from vln_desktop.tools.demo.database import Size

app = typer.Typer(add_completion=False)


@app.command()
def bench(
    context: typer.Context,
    size: Annotated[
        Size, typer.Option(help="The demo database to measure on; large is where goals count.")
    ] = Size.SMALL,
    only: Annotated[
        list[str] | None,
        typer.Option(help=f"Measure this alone ({', '.join(SUBJECTS)}); may be repeated."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the JSON document there.", dir_okay=False)
    ] = None,
    reset: Annotated[bool, typer.Option("--reset", help="Make the database anew.")] = False,
) -> None:
    """Measure on a demo database of the bench's own; a missed goal is told, and is no failure."""
    invocation = invocation_of(context)
    for subject in only or ():
        if subject not in SUBJECTS:
            raise UserError(f"“{subject}” is not measured; there are {', '.join(SUBJECTS)}.")
    with opened_bench(invocation.settings, size, note, reset=reset) as opened:
        document = {
            "size": size.value,
            "opened_in_seconds": round(opened.seconds),
            **run(opened.bench, only or ()),
        }
    if out is not None:
        _write(out, document)
    if invocation.as_json:
        print_json(document)
    else:
        _print(document)


def _write(out: Path, document: dict[str, object]) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UserError(f"{out} cannot be written: {error.strerror}.") from error


def _print(document: dict[str, object]) -> None:
    lines = document["lines"]
    if not isinstance(lines, list):
        raise TypeError("the lines of a bench are a list")
    rows = [
        (
            line["name"],
            f"{line['figure']:.2f} {line['unit']}",
            f"{'≥' if line['more_is_better'] else '≤'} {line['goal']:g} {line['unit']}",
            "met" if line["met"] else "missed",
        )
        for line in lines
    ]
    print_table(("what", "figure", "goal", ""), rows)
