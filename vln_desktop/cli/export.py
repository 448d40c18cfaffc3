"""`vln-desktop export`: papers and lists as files."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Annotated

import typer

from vln_desktop.cli.invocation import invocation_of
from vln_desktop.cli.listing import grid_named
from vln_desktop.cli.opening import opened
from vln_desktop.cli.output import note, print_json
from vln_desktop.documents.press import InlinePress
from vln_desktop.domain.e_invoices import DocumentKind
from vln_desktop.domain.paging import Query
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.directory import Directory
from vln_desktop.services.finding_files import TABLE_NAME, FindingFiles
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grid_export import ending_of, export_grid
from vln_desktop.services.invoice_papers import InvoicePapers
from vln_desktop.services.invoices import InvoicesService
from vln_desktop.services.quote_papers import QuotePapers
from vln_desktop.services.quotes import QuotesService
from vln_desktop.services.report_papers import ReportPapers

app = typer.Typer(no_args_is_help=True, help="Reports, quotes, invoices and lists as files.")

Out = Annotated[Path, typer.Option("--out", help="The file to write.", dir_okay=False)]


@app.command()
def report(context: typer.Context, audit: str, out: Out) -> None:
    """Write an audit's report as .pdf, .md, .html or .json: the published one, else a draft."""
    invocation = invocation_of(context)
    with opened(invocation) as database:
        audit_id = AuditsService(database).find(audit)
        service = ReportPapers(database, Directory.load(database), InlinePress())
        printed = service.write(audit_id, out)
    if invocation.as_json:
        print_json({"file": out, "bytes": len(printed.pdf), "draft": printed.draft})
    else:
        note(f"{out}: {'a draft' if printed.draft else 'the published report'} of {audit}.")


@app.command()
def invoice(
    context: typer.Context,
    number: str,
    out: Out,
    kind: Annotated[
        DocumentKind | None,
        typer.Option("--format", help="Else .pdf is the PDF with its XML inside, .xml is CII."),
    ] = None,
) -> None:
    """Write an issued invoice as it was sent: PDF (Factur-X) or XML (CII, UBL)."""
    invocation = invocation_of(context)
    with opened(invocation) as database:
        papers = InvoicePapers(database, InlinePress())
        data = papers.save(InvoicesService(database).find(number), out, kind)
    if invocation.as_json:
        print_json({"file": out, "bytes": len(data), "sha256": hashlib.sha256(data).hexdigest()})
    else:
        note(f"{out}: invoice {number}.")


@app.command()
def quote(context: typer.Context, number: str, out: Out) -> None:
    """Write a sent quote as PDF."""
    invocation = invocation_of(context)
    with opened(invocation) as database:
        papers = QuotePapers(database, InlinePress())
        pdf = papers.save(QuotesService(database).find(number), out)
    if invocation.as_json:
        print_json({"file": out, "bytes": len(pdf)})
    else:
        note(f"{out}: quote {number}.")


@app.command()
def findings(
    context: typer.Context,
    audit: str,
    out: Annotated[Path, typer.Option("--out", help="The folder to write into.", file_okay=False)],
) -> None:
    """Write an audit's findings as Markdown, one file each, and the mitigation table as CSV."""
    invocation = invocation_of(context)
    with opened(invocation) as database:
        audit_id = AuditsService(database).find(audit)
        out.mkdir(parents=True, exist_ok=True)
        count = FindingFiles(database, FindingsService(database)).write(audit_id, out)
    if invocation.as_json:
        print_json({"folder": out, "findings": count})
    else:
        note(f"{out}: {count} findings of {audit} and {TABLE_NAME}.")


@app.command()
def grid(
    context: typer.Context,
    pane: str,
    out: Out,
    filter_text: Annotated[str, typer.Option("--filter", help="As in the window.")] = "",
) -> None:
    """Write all rows that a filter leaves as .csv or .xlsx, in the order of the pane."""
    invocation = invocation_of(context)
    spec = grid_named(pane)
    ending_of(out)  # before anybody is asked to sign in
    with opened(invocation) as database:
        source = GridSource(database, spec, Directory.load(database).find)
        query = Query(source.default_sort, source.parse(filter_text))
        written = export_grid(source, out, query)
    if invocation.as_json:
        print_json({"file": out, "rows": written})
    else:
        note(f"{out}: {written:,} rows.")
