"""PDF files made to break whoever reads their signatures, and revisions of all kinds."""

from __future__ import annotations

import io
import zlib
from collections.abc import Callable, Iterator
from typing import Any

from pyhanko.pdf_utils import generic as typed_generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

generic: Any = typed_generic  # half of it has no types
MEGA = 1024 * 1024


def written(objects: dict[int, bytes], trailer: bytes = b"") -> bytes:
    """Return a PDF of objects as they are given; number 1 is its catalogue."""
    out = bytearray(b"%PDF-1.7\n")
    places = {}
    for number, body in objects.items():
        places[number] = len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    size = max(objects) + 1
    out += b"xref\n0 %d\n0000000000 65535 f \n" % size
    for number in range(1, size):
        free = b"0000000000 00000 f \n"
        out += b"%010d 00000 n \n" % places[number] if number in places else free
    out += b"trailer\n<</Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (
        size, trailer, start,
    )  # fmt: skip
    return bytes(out)


def stream(content: bytes, entries: bytes = b"", length: bytes | None = None) -> bytes:
    """Return a stream, with the length it has or another one that it claims."""
    told = b"%d" % len(content) if length is None else length
    return b"<</Length %s %s>>\nstream\n%s\nendstream" % (told, entries, content)


def form(fields: bytes, more: dict[int, bytes] | None = None) -> bytes:
    """Return a PDF whose form has these fields."""
    return written({
        1: b"<</Type /Catalog /Pages 2 0 R /AcroForm <</SigFlags 3 /Fields %s>>>>" % fields,
        2: b"<</Type /Pages /Kids [] /Count 0>>",
        **(more or {}),
    })  # fmt: skip


def signature(ranges: bytes = b"[0 10 20 10]", contents: bytes = b"<00>") -> bytes:
    """Return a signature with these ranges and this content."""
    return (
        b"<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange %s"
        b" /Contents %s>>" % (ranges, contents)
    )


def signed_by(value: bytes) -> bytes:
    """Return a PDF with one signature field of that value."""
    return form(b"[3 0 R]", {3: b"<</FT /Sig /T (S) /V 4 0 R>>", 4: value})


def crossed(tables: bytes) -> bytes:
    """Return a PDF that ends with these tables, in which `{}` stands for where they begin."""
    begin = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog>>\nendobj\n"
    return begin + tables.replace(b"{}", b"%d" % len(begin))


def hostile_files() -> Iterator[tuple[str, bytes]]:
    """Yield files by what they try."""
    table = b"xref\n0 1\n0000000000 65535 f \n"
    yield "nothing but a header", b"%PDF-1.7\n"
    yield (
        "a table that is its own forerunner",
        crossed(table + b"trailer\n<</Size 2 /Root 1 0 R /Prev {}>>\nstartxref\n{}\n%%EOF\n"),
    )
    yield (
        "a table that is its own stream",
        crossed(table + b"trailer\n<</Size 2 /Root 1 0 R /XRefStm {}>>\nstartxref\n{}\n%%EOF\n"),
    )
    for where in (b"-1", b"99999999999999999999", b"0", b"x", b"1e9"):
        yield f"a table at {where!r}", crossed(table + b"startxref\n" + where + b"\n%%EOF\n")
    yield (
        "a table of a billion",
        crossed(
            b"xref\n0 1000000000\ntrailer\n<</Size 1000000000 /Root 1 0 R>>\nstartxref\n{}\n%%EOF\n"
        ),
    )
    yield (
        "a table of less than nothing",
        crossed(b"xref\n0 -5\ntrailer\n<</Size -5 /Root 1 0 R>>\nstartxref\n{}\n%%EOF\n"),
    )
    for entries in (
        b"/W [1 8 8] /Index [0 2000000000]", b"/W [-1 -8 8]", b"/W [0 0 0] /Index [0 900000000]",
        b"/W [1 1000000000 1]", b"/W [1 2 1] /Index [5 -9]", b"/W []", b"/W 5",
    ):  # fmt: skip
        body = stream(zlib.compress(bytes(MEGA)), b"/Type /XRef /Size 9 /Root 1 0 R"
                      b" /Filter /FlateDecode " + entries)  # fmt: skip
        tables = b"2 0 obj\n" + body + b"\nendobj\nstartxref\n{}\n%%EOF\n"
        yield f"a stream of a table with {entries!r}", crossed(tables)
    yield from _streams()
    yield from _forms()
    yield from _signatures()


def _streams() -> Iterator[tuple[str, bytes]]:
    for length in (b"-1", b"999999999999", b"3 0 R", b"(x)", b"null", b"99999999999999999999999"):
        yield f"a stream of the length {length!r}", written({
            1: b"<</Type /Catalog /AcroForm 3 0 R>>", 3: stream(b"abc", length=length),
        })  # fmt: skip
    bomb = zlib.compress(bytes(64 * MEGA), 9)
    yield "a form packed in a bomb", _packed(zlib.compress(bomb * 64, 9), b"[/FlateDecode "
                                             b"/FlateDecode]", b"/N 1 /First 5")  # fmt: skip
    for entries in (
        b"/N 1000000000 /First 10", b"/N -1 /First -10", b"/N 1 /First 999999999",
        b"/N (x) /First (y)", b"/Extends 5 0 R /N 1 /First 4",
    ):  # fmt: skip
        yield (
            f"an object stream with {entries!r}",
            _packed(zlib.compress(b"3 0 " * 1000), b"/FlateDecode", entries),
        )
    yield "a hundred filters", _packed(b"abc", b"[" + b"/FlateDecode " * 100 + b"]", b"/N 1")


def _packed(content: bytes, filters: bytes, entries: bytes) -> bytes:
    """Return a PDF whose form lies in an object stream."""
    begin = b"%PDF-1.7\n1 0 obj\n<</Type /Catalog /AcroForm 3 0 R>>\nendobj\n"
    packed = b"5 0 obj\n" + stream(
        content, b"/Type /ObjStm /Filter " + filters + b" " + entries
    ) + b"\nendobj\n"  # fmt: skip
    rows = [(0, 0, 65535), (1, 9, 0), (0, 0, 0), (2, 5, 0), (0, 0, 0), (1, len(begin), 0)]
    table = b"".join(bytes([kind]) + a.to_bytes(4, "big") + b.to_bytes(2, "big")
                     for kind, a, b in rows)  # fmt: skip
    xref = stream(table, b"/Type /XRef /Size 6 /W [1 4 2] /Root 1 0 R")
    start = len(begin) + len(packed)
    return begin + packed + b"6 0 obj\n" + xref + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % start


def _forms() -> Iterator[tuple[str, bytes]]:
    yield "fields nested too deep", form(b"[" * 200_000 + b"]" * 200_000)
    yield "dictionaries nested too deep", form(b"<</K " * 100_000 + b"1" + b">>" * 100_000)
    yield "brackets that nobody closes", form(b"[" * 500_000)
    yield (
        "a field that is its own child",
        form(b"[3 0 R]", {3: b"<</T (a) /Kids [3 0 R 3 0 R] /Parent 3 0 R>>"}),
    )
    yield "a reference to itself", form(b"3 0 R", {3: b"3 0 R"})
    yield (
        "a tree of fields that doubles",
        form(
            b"[3 0 R]",
            {n: b"<</T (a) /Kids [%d 0 R %d 0 R]>>" % (n + 1, n + 1) for n in range(3, 60)},
        ),
    )
    same = b"<</FT /Sig /T (S) /V 4 0 R>>"
    yield (
        "a hundred thousand signatures",
        form(b"[" + b"3 0 R " * 100_000 + b"]", {3: same, 4: signature()}),
    )
    yield "a name of ten million letters", form(b"[/" + b"a" * 10_000_000 + b"]")
    yield "a catalogue that is none", written({1: b"[1 0 R]"})
    yield (
        "a file that is locked",
        written({1: b"<</Type /Catalog>>"}, b"/Encrypt <</Filter /Standard /V 9 /R 9 /Length -8>>"),
    )


def _signatures() -> Iterator[tuple[str, bytes]]:
    for ranges in (
        b"[]", b"[0 1]", b"[0 -1 -5 99999999999]", b"[(a) (b) (c) (d)]", b"[0 1.5 2.5 3]", b"null",
        b"[99999999999999999999 1 2 3]", b"[" + b"0 1 " * 200_000 + b"]", b"[0 0 0 0]", b"4 0 R",
    ):  # fmt: skip
        yield f"the ranges {ranges[:40]!r}", signed_by(signature(ranges))
    nested = b"\x30\x80" * 30_000
    sized = b""
    for _ in range(2000):
        sized = b"\x30\x82" + min(len(sized), 65_535).to_bytes(2, "big") + sized
    for name, content in (
        ("empty", b""), ("of a negative integer", b"\x02\x01\xff"), ("without end", nested),
        ("nested too deep", sized), ("of a false length", b"\x30\x84\xff\xff\xff\xff\x00"),
        ("of zeros", bytes(MEGA)), ("of a huge tag", b"\x3f" + b"\xff" * 100_000 + b"\x01\x00"),
    ):  # fmt: skip
        yield f"a signature {name}", signed_by(signature(contents=b"<" + content.hex().encode()
                                                         + b">"))  # fmt: skip
    for contents in (b"<0>", b"<zz>", b"(text)", b"5", b"null", b"[<00>]", b"<" + b"0" * 999_999):
        yield f"the content {contents[:20]!r}", signed_by(signature(contents=contents))
    yield "a signature that is a number", signed_by(b"5")


def revisions() -> Iterator[tuple[str, Callable[[bytes], bytes]]]:
    """Yield what may be appended to a signed paper, by name."""
    yield "a note", _with(_note)
    yield "another page", _with(_page)
    yield "revocation data alone", _with(_revocation_data)
    yield "another title", _with(_title)
    yield "another outline", _with(_outline)
    yield "another language", _with(_language)
    yield "a layer", _with(_layer)
    yield "a script", _with(_script)
    yield "the same catalogue again", _with(lambda writer: writer.update_root())
    yield "a line end", lambda pdf: pdf + b"\n"
    yield "a comment", lambda pdf: pdf + b"%added\n"
    yield "zeros", lambda pdf: pdf + bytes(1000)
    yield "another file", lambda pdf: pdf + written({1: b"<</Type /Catalog>>"})
    yield "itself", lambda pdf: pdf + pdf
    yield "a table that hides the signature", _hiding


def _with(change: Callable[[Any], None]) -> Callable[[bytes], bytes]:
    def append(pdf: bytes) -> bytes:
        writer: Any = IncrementalPdfFileWriter(io.BytesIO(pdf), strict=False)
        change(writer)
        out = io.BytesIO()
        writer.write(out)
        return out.getvalue()

    return append


def _first_page(writer: Any) -> Any:
    return writer.root["/Pages"]["/Kids"][0].get_object()


def _note(writer: Any) -> None:
    note = generic.DictionaryObject({
        pdf_name("/Type"): pdf_name("/Annot"), pdf_name("/Subtype"): pdf_name("/FreeText"),
        pdf_name("/Rect"): generic.ArrayObject(map(generic.NumberObject, (10, 10, 200, 200))),
        pdf_name("/Contents"): pdf_string("All findings were fixed."),
    })  # fmt: skip
    page = _first_page(writer)
    page[pdf_name("/Annots")] = generic.ArrayObject([writer.add_object(note)])
    writer.update_container(page)


def _page(writer: Any) -> None:
    pages = writer.root["/Pages"]
    pages["/Kids"].append(pages["/Kids"].raw_get(0))
    pages[pdf_name("/Count")] = generic.NumberObject(len(pages["/Kids"]))
    writer.update_container(pages)


def _revocation_data(writer: Any) -> None:
    writer.root[pdf_name("/DSS")] = writer.add_object(
        generic.DictionaryObject({pdf_name("/Certs"): generic.ArrayObject()})
    )
    writer.update_root()


def _title(writer: Any) -> None:
    info = writer.trailer["/Info"]
    info[pdf_name("/Title")] = pdf_string("Another title")
    writer.update_container(info)


def _outline(writer: Any) -> None:
    outline = writer.root["/Outlines"]
    outline[pdf_name("/Count")] = generic.NumberObject(0)
    writer.update_container(outline)


def _language(writer: Any) -> None:
    writer.root[pdf_name("/Lang")] = pdf_string("xx")
    writer.update_root()


def _layer(writer: Any) -> None:
    layer = generic.DictionaryObject({pdf_name("/Type"): pdf_name("/OCG")})
    writer.root[pdf_name("/OCProperties")] = generic.DictionaryObject(
        {pdf_name("/OCGs"): generic.ArrayObject([writer.add_object(layer)])}
    )
    writer.update_root()


def _script(writer: Any) -> None:
    writer.root[pdf_name("/OpenAction")] = generic.DictionaryObject(
        {pdf_name("/S"): pdf_name("/JavaScript"), pdf_name("/JS"): pdf_string("app.alert(1)")}
    )
    writer.update_root()


def _hiding(pdf: bytes) -> bytes:
    """Append a catalogue without a form: a reader finds no signature at all."""
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    size, before = int(reader.trailer["/Size"]), pdf.rsplit(b"startxref", 1)[1].split()[0]
    start = len(pdf)
    body = b"%d 0 obj\n<</Type /Catalog /Pages 2 0 R>>\nendobj\n" % size
    return pdf + body + (
        b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d /Root %d 0 R /Prev %s>>\n"
        b"startxref\n%d\n%%%%EOF\n" % (size, start, size + 1, size, before, start + len(body))
    )  # fmt: skip
