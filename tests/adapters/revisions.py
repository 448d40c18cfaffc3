# mypy: disable-error-code="no-untyped-call"
"""Revisions that somebody appends to a signed paper, from a line of text to nothing at all."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    NumberObject,
    StreamObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

Write = Callable[[IncrementalPdfFileWriter], None]


def _dictionary(**entries: object) -> DictionaryObject:
    return DictionaryObject({pdf_name(f"/{name}"): told for name, told in entries.items()})


def _first_page(writer: IncrementalPdfFileWriter) -> DictionaryObject:
    page: DictionaryObject = writer.root["/Pages"]["/Kids"][0].get_object()
    return page


def _entry_of_a_page(writer: IncrementalPdfFileWriter) -> None:
    page = _first_page(writer)
    page[pdf_name("/Note")] = pdf_string("added later")
    writer.update_container(page)


def _note(writer: IncrementalPdfFileWriter) -> None:
    corners = ArrayObject(NumberObject(at) for at in (50, 50, 300, 90))
    note = _dictionary(
        Type=pdf_name("/Annot"), Subtype=pdf_name("/FreeText"), Rect=corners,
        Contents=pdf_string("No findings."),
    )  # fmt: skip
    page = _first_page(writer)
    page[pdf_name("/Annots")] = ArrayObject([writer.add_object(note)])
    writer.update_container(page)


def _other_page(writer: IncrementalPdfFileWriter) -> None:
    content = writer.add_object(StreamObject(stream_data=b"0 0 200 200 re f"))
    page = _first_page(writer)
    page[pdf_name("/Contents")] = content
    writer.update_container(page)


def _other_title(writer: IncrementalPdfFileWriter) -> None:
    writer.set_info(writer.add_object(_dictionary(Title=pdf_string("Another"))))


def _proof(writer: IncrementalPdfFileWriter) -> None:
    writer.root[pdf_name("/DSS")] = writer.add_object(_dictionary(Certs=ArrayObject()))
    writer.update_root()


def _loose_object(writer: IncrementalPdfFileWriter) -> None:
    writer.add_object(_dictionary(Nobody=pdf_string("refers to this")))


def _version(writer: IncrementalPdfFileWriter) -> None:
    writer.root[pdf_name("/Version")] = pdf_name("/2.1")
    writer.update_root()


def _revised(write: Write) -> Callable[[bytes], bytes]:
    def revise(pdf: bytes) -> bytes:
        writer = IncrementalPdfFileWriter(BytesIO(pdf), strict=False)
        write(writer)
        out = BytesIO()
        writer.write(out)
        return out.getvalue()

    return revise


REVISIONS: dict[str, Callable[[bytes], bytes]] = {
    "entry of a page": _revised(_entry_of_a_page),
    "note": _revised(_note),
    "other page": _revised(_other_page),
    "other title": _revised(_other_title),
    "proof": _revised(_proof),
    "loose object": _revised(_loose_object),
    "version": _revised(_version),
    "end once more": lambda pdf: pdf + b"\n" + pdf[pdf.rindex(b"startxref") :],
    "empty line": lambda pdf: pdf + b"\n",
}
"""What was done to a paper, and how; each returns the paper with something behind it."""
