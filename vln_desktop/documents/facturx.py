"""Puts the XML of an invoice into its PDF: Factur-X, an archive file by ISO 19005-3 (PDF/A-3b).

The package factur-x makes such containers too, but stamps them with the clock and leaves the colour
profile to others: ours have the same bytes for the same invoice, which is what is hashed.
"""

from __future__ import annotations

import hashlib
import io
from datetime import date
from functools import cache

from PIL import ImageCms
from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DecodedStreamObject,
    DictionaryObject,
    IndirectObject,
    NameObject,
    NumberObject,
    TextStringObject,
)

from vln_desktop.documents.xmp import PaperFacts, packet

FILE_NAME = "factur-x.xml"
_PRINTED = 4
"""The flag of an annotation that is printed, which all of an archive file are (6.3.2)."""
_ICC_DATE, _ICC_ID = slice(24, 36), slice(84, 100)
"""Where a colour profile says when it was made and its own digest (ICC.1:2004-10, 7.2)."""


def with_xml(pdf: bytes, xml: bytes, issued_on: date) -> bytes:
    """Return the PDF with the XML attached; the same two give the same bytes.

    `issued_on` is the date of the file and of its attachment: an invoice is made when it is issued.
    """
    reader = PdfReader(io.BytesIO(pdf))
    writer = PdfWriter(clone_from=reader)
    writer.pdf_header = "%PDF-1.7"
    facts = _facts(reader, issued_on)
    _write_info(writer, facts)
    root = writer.root_object
    for page in writer.pages:
        page.pop("/Trans", None)  # how one page gives way to the next is no matter of an archive
        for link in page.get("/Annots", ArrayObject()):
            link.get_object()[NameObject("/F")] = NumberObject(_PRINTED)
    _attach(writer, root, xml, issued_on)
    root[NameObject("/OutputIntents")] = ArrayObject([_output_intent(writer)])
    metadata = _stream(packet(facts, FILE_NAME))
    metadata[NameObject("/Type")] = NameObject("/Metadata")
    metadata[NameObject("/Subtype")] = NameObject("/XML")
    root[NameObject("/Metadata")] = writer._add_object(metadata)
    identifier = ByteStringObject(hashlib.sha256(pdf + xml).digest()[:16])
    writer._ID = ArrayObject([identifier, identifier])
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def xml_of(pdf: bytes) -> bytes | None:
    """Return the invoice inside a PDF, None if there is none; raises ValueError for no PDF."""
    try:
        attached = PdfReader(io.BytesIO(pdf)).attachments
        for name in (FILE_NAME, "ZUGFeRD-invoice.xml", "zugferd-invoice.xml", "xrechnung.xml"):
            if attached.get(name):
                return attached[name][0]
    except Exception as error:
        raise ValueError("This file is no PDF that can be read.") from error
    return None


def _facts(reader: PdfReader, issued_on: date) -> PaperFacts:
    info = dict(reader.metadata or {})
    language = reader.root_object.get("/Lang")
    return PaperFacts(
        title=str(info.get("/Title") or ""),
        author=str(info.get("/Author") or ""),
        subject=str(info.get("/Subject") or ""),
        creator=str(info.get("/Creator") or ""),
        producer=str(info.get("/Producer") or ""),
        language=str(language or "en"),
        made_on=issued_on,
    )


def _write_info(writer: PdfWriter, facts: PaperFacts) -> None:
    """Say in the old place what the XMP packet says: the two must agree (6.6.3)."""
    made = f"D:{facts.made_on:%Y%m%d}000000+00'00'"
    writer.metadata = {
        "/Title": facts.title, "/Author": facts.author, "/Subject": facts.subject,
        "/Creator": facts.creator, "/Producer": facts.producer,
        "/CreationDate": made, "/ModDate": made,
    }  # fmt: skip


def _attach(writer: PdfWriter, root: DictionaryObject, xml: bytes, issued_on: date) -> None:
    """Attach the XML as the data that the PDF shows (/AFRelationship /Data)."""
    file = _stream(xml)
    file[NameObject("/Type")] = NameObject("/EmbeddedFile")
    file[NameObject("/Subtype")] = NameObject("/text/xml")
    file[NameObject("/Params")] = DictionaryObject({
        NameObject("/ModDate"): TextStringObject(f"D:{issued_on:%Y%m%d}000000+00'00'"),
        NameObject("/Size"): NumberObject(len(xml)),
        NameObject("/CheckSum"): ByteStringObject(hashlib.md5(xml, usedforsecurity=False).digest()),
    })  # fmt: skip
    stored = writer._add_object(file)
    specification = writer._add_object(DictionaryObject({
        NameObject("/Type"): NameObject("/Filespec"),
        NameObject("/F"): TextStringObject(FILE_NAME),
        NameObject("/UF"): TextStringObject(FILE_NAME),
        NameObject("/Desc"): TextStringObject("Factur-X/ZUGFeRD invoice"),
        NameObject("/AFRelationship"): NameObject("/Data"),
        NameObject("/EF"): DictionaryObject({
            NameObject("/F"): stored, NameObject("/UF"): stored,
        }),
    }))  # fmt: skip
    root[NameObject("/AF")] = ArrayObject([specification])
    names = DictionaryObject({
        NameObject("/Names"): ArrayObject([TextStringObject(FILE_NAME), specification])
    })  # fmt: skip
    root[NameObject("/Names")] = DictionaryObject({NameObject("/EmbeddedFiles"): names})


def _output_intent(writer: PdfWriter) -> IndirectObject:
    profile = _stream(_srgb())
    profile[NameObject("/N")] = NumberObject(3)
    return writer._add_object(DictionaryObject({
        NameObject("/Type"): NameObject("/OutputIntent"),
        NameObject("/S"): NameObject("/GTS_PDFA1"),
        NameObject("/OutputConditionIdentifier"): TextStringObject("sRGB"),
        NameObject("/Info"): TextStringObject("sRGB IEC61966-2.1"),
        NameObject("/DestOutputProfile"): writer._add_object(profile),
    }))  # fmt: skip


@cache
def _srgb() -> bytes:
    """Return the sRGB profile without the time at which the library made it."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[_ICC_DATE] = bytes.fromhex("07d0 0001 0001 0000 0000 0000")
    profile[_ICC_ID] = bytes(16)
    return bytes(profile)


def _stream(data: bytes) -> DecodedStreamObject:
    stream = DecodedStreamObject()
    stream.set_data(data)
    return stream
