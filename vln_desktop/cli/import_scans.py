"""`vln-desktop import`: scanner files into an audit, or what that would do."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.markdown_findings import is_taken_in, take_findings
from vln_desktop.cli.opening import opened
from vln_desktop.cli.output import counting, note, print_json, print_table
from vln_desktop.domain.imports import FilePlan, ImportPlan
from vln_desktop.errors import UserError
from vln_desktop.formats.detect import FORMATS
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.imports import ImportsService, read_files

app = typer.Typer()

_DONE, _FOUND_SOMETHING, _BAD_INPUT = 0, 1, 2
_TITLES = ("file", "tool", "results", "created", "known", "reappeared", "merged", "refused",
           "would_close", "suppressed")  # fmt: skip
_FORMATS = f"One of {', '.join(FORMATS)}."


@app.command("import")
def import_scans(
    context: typer.Context,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files of scanners.")],
    audit: Annotated[str, typer.Option("--audit", help="The audit's number, such as ACME-7.")],
    format: Annotated[str, typer.Option("--format", help=_FORMATS)] = "auto",
    source: Annotated[
        Path | None, typer.Option("--source", help="The audited code, to cut snippets from.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")
    ] = False,
) -> None:
    """Import findings into an audit as one transaction; the same file twice creates nothing.

    Files that `export findings` wrote (.md) are taken in each on its own, with what was edited; of
    its mitigation table what the client answers.

    Exit 0: done. 1: some file was refused or its tool failed. 2: every file was refused.
    """
    invocation = invocation_of(context)
    markdown = [file for file in files if is_taken_in(file)]
    if markdown and format == "auto":
        if len(markdown) < len(files):
            raise UserError("Import files of scanners and Markdown files one after the other.")
        take_findings(invocation, files, audit, dry_run=dry_run)
    read = read_files(files, format, source)
    with opened(invocation) as database:
        audit_id = AuditsService(database).find(audit)
        service = ImportsService(database)
        if dry_run:
            plan = service.preview(audit_id, read)
        else:
            plan = service.apply(audit_id, read, counting("rows"))
    _tell(plan)
    if invocation.as_json:
        print_json([file.as_json() for file in plan.files])
    else:
        print_table(_TITLES, (_cells(file) for file in plan.files))
    raise typer.Exit(_exit_code(plan))


def _tell(plan: ImportPlan) -> None:
    for file in plan.files:
        for sentence in (*file.errors, *file.warnings):
            note(f"{file.file.name}: {sentence}")


def _cells(file: FilePlan) -> list[object]:
    told = file.as_json()
    return [told[title] for title in _TITLES]


def _exit_code(plan: ImportPlan) -> int:
    if all(file.file.scan is None for file in plan.files):
        return _BAD_INPUT
    return _FOUND_SOMETHING if any(file.errors for file in plan.files) else _DONE
