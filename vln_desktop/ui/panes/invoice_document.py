"""The paper of one invoice: shown when somebody looks at it, saved as PDF, printed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrintDialog, QPrinter
from PySide6.QtWidgets import QWidget

from vln_desktop.domain.e_invoices import DocumentKind
from vln_desktop.domain.invoices import InvoiceDetail
from vln_desktop.services.invoice_papers import InvoicePapers
from vln_desktop.ui.panes.paper_document import PaperDocument
from vln_desktop.ui.pdf_pages import print_pages
from vln_desktop.ui.tasks import TaskContext
from vln_desktop.ui.widgets.ask_files import ask_where_to_save
from vln_desktop.ui.workbench import Workbench


class InvoiceDocument(PaperDocument):
    """An invoice's document, which can be saved in each of its forms, and printed."""

    def __init__(self, workbench: Workbench, papers: InvoicePapers, parent: QWidget) -> None:
        super().__init__(workbench, papers, parent)
        self._papers = papers

    def ask_where_to_save(
        self, found: InvoiceDetail, kind: DocumentKind = DocumentKind.PDF
    ) -> None:
        """Ask for a file, then write the invoice as PDF or XML."""

        def chosen(name: str) -> None:
            self.save(found, Path(name), kind)

        ending, filters = (
            (".pdf", self.tr("PDF (*.pdf)"))
            if kind is DocumentKind.PDF
            else (f".{kind.value}.xml", self.tr("XML (*.xml)"))
        )
        name = file_name(found).removesuffix(".pdf") + ending
        ask_where_to_save(self, self.tr("Save the invoice"), name, chosen, (filters,))

    def save(self, found: InvoiceDetail, path: Path, kind: DocumentKind = DocumentKind.PDF) -> None:
        """Write an invoice into a file."""
        bench = self.workbench

        def work(_context: TaskContext) -> None:
            self._papers.save(found.id, path, kind)

        def done(_nothing: None) -> None:
            bench.messages.saved(self.tr("Saved as {file}.").format(file=path.name))

        bench.tasks.run(
            self, work, done, bench.messages.report, title=self.tr("Saving the invoice")
        )

    def ask_printer(self, found: InvoiceDetail) -> None:
        """Ask for a printer, then print."""
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self.window())
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.setWindowModality(Qt.WindowModality.WindowModal)

        def chosen() -> None:
            self.print_on(found, printer)

        dialog.accepted.connect(chosen)
        dialog.show()

    def print_on(self, found: InvoiceDetail, printer: QPrinter) -> None:
        """Print an invoice."""
        bench = self.workbench

        def work(context: TaskContext) -> None:
            self._papers.hand_out(found.id, lambda pdf: print_pages(pdf, printer, context))

        def done(_nothing: None) -> None:
            bench.messages.saved(self.tr("Sent to the printer."))

        bench.tasks.run(self, work, done, bench.messages.report, title=self.tr("Printing"))


def file_name(found: InvoiceDetail) -> str:
    """Return the name proposed for an invoice's file: its number, else whose draft it is."""
    name = found.number or f"draft {found.client}"
    return "".join(sign if sign.isalnum() or sign in " -_." else "-" for sign in name) + ".pdf"
