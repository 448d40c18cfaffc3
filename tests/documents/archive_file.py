"""What makes a PDF no archive file by ISO 19005-3 (PDF/A-3b): the essentials, looked up by hand."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
from lxml import etree

_SPACES = {
    "pdfaid": "http://www.aiim.org/pdfa/ns/id/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "pdf": "http://ns.adobe.com/pdf/1.3/",
    "fx": "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#",
}
_FORBIDDEN_ACTIONS = {"/JavaScript", "/Launch", "/Sound", "/Movie", "/ResetForm", "/ImportData"}
_SYMBOLIC = 4


def archive_faults(pdf: bytes) -> list[str]:
    """Return what ISO 19005-3 would have against a file, as far as it can be seen here."""
    with pikepdf.open(io.BytesIO(pdf)) as file:
        return [*_file(pdf, file), *_objects(file), *_intent(file), *_xmp(file), *_attached(file)]


def _file(pdf: bytes, file: pikepdf.Pdf) -> Iterator[str]:
    if not pdf.startswith(b"%PDF-1.7\n%"):
        yield "header"
    if any(byte < 128 for byte in pdf.split(b"\n")[1][1:5]):
        yield "the second line is no binary comment"
    if not pdf.rstrip().endswith(b"%%EOF"):
        yield "something follows the end"
    if "/ID" not in file.trailer or len(bytes(file.trailer.ID[0])) != 16:
        yield "no identifier"
    if file.is_encrypted:
        yield "encrypted"
    for key in ("/OpenAction", "/AA", "/NeedsRendering", "/OCProperties", "/Requirements"):
        if key in file.Root:
            yield f"{key} in the catalogue"
    if "/Lang" not in file.Root:
        yield "no language"


def _objects(file: pikepdf.Pdf) -> Iterator[str]:
    for thing in file.objects:
        if not isinstance(thing, pikepdf.Dictionary | pikepdf.Stream):
            continue
        if thing.get("/Type") == "/Font":
            yield from _font(thing)
        if thing.get("/S") in _FORBIDDEN_ACTIONS:
            yield f"action {thing.S}"
        if thing.get("/S") == "/Transparency" or "/SMask" in thing:
            yield "transparency"
        if any(thing.get(key, 1) != 1 for key in ("/CA", "/ca")):
            yield "transparency"
        if thing.get("/Type") == "/Annot" and not int(thing.get("/F", 0)) & 4:
            yield "an annotation that is not printed"
        filters = thing.get("/Filter") if isinstance(thing, pikepdf.Stream) else None
        if filters is not None and "/LZWDecode" in str(filters):
            yield "LZW"


def _font(font: pikepdf.Object) -> Iterator[str]:
    descriptor = font.get("/FontDescriptor")
    name = str(font.get("/BaseFont"))
    if descriptor is None or not any(f"/FontFile{n}" in descriptor for n in ("", "2", "3")):
        yield f"{name} is not embedded"
    elif int(descriptor.Flags) & _SYMBOLIC and "/Encoding" in font:
        yield f"{name} is symbolic and has an encoding"
    if "/ToUnicode" not in font:
        yield f"{name} tells no characters"


def _intent(file: pikepdf.Pdf) -> Iterator[str]:
    intents = list(file.Root.get("/OutputIntents", []))
    if [intent.S for intent in intents] != ["/GTS_PDFA1"]:
        yield "no output intent"
        return
    profile = intents[0].DestOutputProfile
    data = profile.read_bytes()
    if profile.N != 3 or data[16:20] != b"RGB " or data[36:40] != b"acsp" or data[8] > 4:
        yield "the output profile is none of RGB"


def _xmp(file: pikepdf.Pdf) -> Iterator[str]:
    metadata = file.Root.get("/Metadata")
    if metadata is None or "/Filter" in metadata:
        yield "no plain metadata"
        return
    tree = etree.fromstring(metadata.read_bytes())

    def told(name: str) -> str:
        found = tree.find(f".//{name}", namespaces=_SPACES)
        return "" if found is None else "".join(map(str, found.itertext())).strip()

    if (told("pdfaid:part"), told("pdfaid:conformance")) != ("3", "B"):
        yield "not called PDF/A-3b"
    for key, name in (
        ("/Title", "dc:title"), ("/Subject", "dc:description"), ("/Author", "dc:creator"),
        ("/Creator", "xmp:CreatorTool"), ("/Producer", "pdf:Producer"),
    ):  # fmt: skip
        if str(file.docinfo.get(key, "")) != told(name):
            yield f"{key} says something else than the metadata"
    if told("xmp:CreateDate").replace("-", "")[:8] != str(file.docinfo.CreationDate)[2:10]:
        yield "two dates"
    if (told("fx:DocumentFileName"), told("fx:ConformanceLevel")) != ("factur-x.xml", "EN 16931"):
        yield "the metadata names no invoice"


def _attached(file: pikepdf.Pdf) -> Iterator[str]:
    for one in file.Root.get("/AF", []):
        stored = one.EF.F
        if one.get("/AFRelationship") != "/Data" or one.get("/UF") is None or "/F" not in one:
            yield "the attachment says no relationship or name"
        if stored.get("/Subtype") != "/text/xml" or "/ModDate" not in stored.Params:
            yield "the attachment says no type or date"
    if len(list(file.Root.get("/AF", []))) != 1:
        yield "not one attachment"
