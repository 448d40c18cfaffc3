"""Factur-X: an invoice whose XML lies in its PDF, which is an archive file."""

from __future__ import annotations

import io
from datetime import date

import facturx
import pikepdf
import pytest

from tests.documents.archive_file import archive_faults
from tests.documents.readers import check_paper, flat, pages_of
from tests.documents.samples import credit_note, invoice
from tests.formats.e_invoice_samples import STANDARD
from vln_desktop.documents.facturx import with_xml, xml_of
from vln_desktop.documents.invoice import render_invoice
from vln_desktop.domain.invoice_papers import InvoicePaper
from vln_desktop.formats.cii import write_cii

XML = write_cii(STANDARD)
DAY = date(2026, 3, 31)
PAPERS = {
    "one page": invoice(3),
    "sixty lines": invoice(60),
    "credit note": credit_note(),
    "german": invoice(3, language="de"),
    "scripts": invoice(1, notes="Ελληνικά, кириллица, 中文, `code` and a [link](https://vln.gg)."),
    "odd title": invoice(1, number="A & <b> \x07 “q”"),
}


@pytest.mark.parametrize("name", PAPERS)
def test_an_invoice_is_an_archive_file_with_its_xml_inside(name: str) -> None:
    paper: InvoicePaper = PAPERS[name]
    printed = render_invoice(paper)

    archived = with_xml(printed, XML, DAY)

    assert archive_faults(archived) == []
    assert xml_of(archived) == XML
    assert facturx.get_facturx_xml_from_pdf(archived, check_xsd=True) == ("factur-x.xml", XML)
    check_paper(archived)
    assert [flat(page) for page in pages_of(archived)] == [flat(page) for page in pages_of(printed)]
    assert with_xml(printed, XML, DAY) == archived


def test_what_is_no_archive_file_is_seen() -> None:
    printed = render_invoice(invoice(1))
    assert {"no output intent", "no plain metadata", "not one attachment"} <= set(
        archive_faults(printed)
    )
    with pikepdf.open(io.BytesIO(with_xml(printed, XML, DAY))) as file:
        file.Root.OpenAction = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="app.alert(1)")
        for font in file.objects:
            if isinstance(font, pikepdf.Dictionary) and font.get("/Type") == "/Font":
                del font["/FontDescriptor"]
        file.docinfo.Title = "Another"
        out = io.BytesIO()
        file.save(out)
    faults = " ".join(archive_faults(out.getvalue()))
    for said in ("/OpenAction", "is not embedded", "/Title says something else"):
        assert said in faults


@pytest.mark.parametrize("data", [b"", b"no pdf", b"%PDF-1.7\nxx"])
def test_what_is_no_pdf_is_said(data: bytes) -> None:
    with pytest.raises(ValueError, match="no PDF"):
        xml_of(data)


def test_a_pdf_without_an_invoice_has_none() -> None:
    assert xml_of(render_invoice(invoice(1))) is None
