"""Looks at the signatures of a file from anywhere, in a process that may take so much and no more.

A PDF can be made to take hours and all memory: pages that unpack to gigabytes, a hundred thousand
signatures, tables that lead in circles. Whatever happens there, one sentence comes of it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from vln_desktop.adapters.apart import Bounds, Ended, TookTooLong, TookTooMuch, apart
from vln_desktop.adapters.signing import verify
from vln_desktop.domain.signatures import PaperCheck
from vln_desktop.errors import UserError

_SECONDS = 60
_MEMORY = 1024 * 1024 * 1024
_COPIES = 6
"""How often the bytes of a file may stand in memory while it is looked through."""


def check_paper(pdf: bytes, roots: Sequence[bytes], bounds: Bounds | None = None) -> PaperCheck:
    """Return what is to be said of a file; one that cannot be looked through has a `problem`."""
    limits = bounds or Bounds(_SECONDS, _MEMORY + _COPIES * len(pdf))
    try:
        return apart(verify, pdf, tuple(roots), bounds=limits)
    except UserError as error:
        if error.field == "roots":
            raise
        problem = str(error)
    except TookTooLong:
        problem = (
            f"This file cannot be looked through in {limits.seconds:g} seconds, as any report can:"
            " nothing is said of its signatures."
        )
    except TookTooMuch:
        problem = (
            "This file takes more memory to look through than any report: nothing is said of its"
            " signatures."
        )
    except Ended:
        problem = "The check of this file broke off: nothing is said of its signatures."
    return PaperCheck(hashlib.sha256(pdf).hexdigest(), (), problem)
