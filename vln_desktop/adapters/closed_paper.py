"""Writes the file that is signed so that nothing can be appended to it, whatever it says.

Imported with the first paper that is signed, as pyHanko itself.
"""

from __future__ import annotations

from typing import IO

from pyhanko.pdf_utils.generic import NullObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter


class ClosedPaperWriter(IncrementalPdfFileWriter):
    """Ends with one revision more than the signature's own, so that both are signed.

    A reader asks whether the signed bytes end with the revision that brought the signature, and if
    they do, what came after it: changed properties are then borne by some, for an archive's sake.
    Here they end behind it, so a file that goes on is refused without such a question.
    """

    def write(self, stream: IO[bytes]) -> None:
        """Write the revision of the signature, then one with an object that nothing refers to."""
        super().write(stream)  # type: ignore[no-untyped-call]
        end = IncrementalPdfFileWriter(stream)
        end.add_object(NullObject())
        end.write_in_place()  # type: ignore[no-untyped-call]
