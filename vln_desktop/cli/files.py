"""`vln-desktop files`: what is handed in and worked with for an audit, and evidence of findings."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.opening import opened
from vln_desktop.cli.output import counting, note, print_json, print_table
from vln_desktop.domain.files import AuditFile, FileKind
from vln_desktop.errors import UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.evidence import EvidenceService
from vln_desktop.services.files import FilesService
from vln_desktop.services.findings import FindingsService

app = typer.Typer(no_args_is_help=True, help="Files of audits and evidence of findings.")

Audit = Annotated[str, typer.Argument(metavar="AUDIT", help="Its number, such as ACME-7.")]


@app.command("list")
def list_files(context: typer.Context, audit: Audit) -> None:
    """List an audit's files, the first one first."""
    invocation = invocation_of(context)
    with opened(invocation) as database:
        found = FilesService(database).of(AuditsService(database).find(audit))
    if invocation.as_json:
        print_json(found)
        return
    print_table(
        ("name", "kind", "bytes", "sha256", "state"),
        [(one.name, one.kind, one.size, one.sha256, _state(one)) for one in found],
    )


@app.command("add")
def add(
    context: typer.Context,
    audit: Audit,
    files: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files of this machine.")],
    kind: Annotated[FileKind, typer.Option(help="What they are to the audit.")] = FileKind.WORKING,
    finding: Annotated[
        str, typer.Option("--finding", help="Also as evidence of this finding (ACME-7-F03).")
    ] = "",
    caption: Annotated[str, typer.Option("--caption", help="Printed below the evidence.")] = "",
) -> None:
    """Store files; after a break the same command goes on where it stopped.

    All are read and judged before the first one is stored.
    """
    invocation = invocation_of(context)
    if caption and not finding:
        raise UserError("A caption belongs to evidence: name the finding too.")
    with opened(invocation) as database:
        audit_id, service = AuditsService(database).find(audit), FilesService(database)
        drafts = [service.given(path) for path in files]
        shown = FindingsService(database).find(audit_id, finding) if finding else None
        stored = [service.upload(audit_id, draft, kind, counting("bytes")) for draft in drafts]
        if shown is not None:
            evidence = EvidenceService(database, service)
            evidence.add(shown, [(draft, caption) for draft in drafts])
    if invocation.as_json:
        print_json(stored)
        return
    for one in stored:
        note(f"{one.name}: stored, SHA-256 {one.sha256}.")


@app.command("save")
def save(
    context: typer.Context,
    audit: Audit,
    file: Annotated[str, typer.Argument(help="Its name, or the beginning of its SHA-256.")],
    out: Annotated[Path, typer.Option("--out", help="The file to write.", dir_okay=False)],
) -> None:
    """Write a stored file, checked by its hash; the opening is logged."""
    invocation = invocation_of(context)
    with opened(invocation) as database:
        service = FilesService(database)
        found = _one(service.of(AuditsService(database).find(audit)), file)
        service.save(found, out, counting("bytes"))
    if invocation.as_json:
        print_json({"file": out, "bytes": found.size, "sha256": found.sha256})
    else:
        note(f"{out}: {found.name}, {found.size:,} bytes.")


def _one(files: tuple[AuditFile, ...], wanted: str) -> AuditFile:
    found = [one for one in files if one.name == wanted]
    if not found and len(wanted) >= 8:
        found = [one for one in files if one.sha256.startswith(wanted.lower())]
    if len(found) != 1:
        many = "more than one file" if found else "no file"
        raise UserError(f"The audit has {many} {wanted!r}; name it by its SHA-256.")
    return found[0]


def _state(file: AuditFile) -> str:
    if file.waits:
        return "half uploaded"
    return "stored" if file.here else "kept elsewhere"
