"""What stays together at the foot of a page: leads with what they announce, lists, short code.

A reader of texts marks bonds; each chain of bonds gets a guard in front, which moves on to the next
page if the chain has no room on this one. Nothing is laid out twice for it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from reportlab.platypus import CondPageBreak, Flowable

from vln_desktop.documents.listing import CodeListing
from vln_desktop.documents.styles import BODY_BLOCK, TEXT_WIDTH
from vln_desktop.documents.tables import RowTable
from vln_desktop.documents.text import TextBlock

_MOST_KEPT = 230.0
"""A chain higher than this, a third of a page, is parted: white feet are ugly too."""
_SHORT_LIST = 110.0
"""A list no higher than this stands on one page; of others two items stand on either side."""
_SHORT_TEXT = 5 * BODY_BLOCK.leading
_SHORT_CODE = 6
"""Code of no more rows than this is read together with the sentence before it."""


def announces(flowable: Flowable | None) -> bool:
    """Tell whether something is a short text that ends in a colon."""
    return (
        isinstance(flowable, TextBlock)
        and bool(flowable.runs)
        and flowable.runs[-1].text.rstrip().endswith(":")
        and is_short(flowable)
    )


def is_short(flowable: Flowable | None) -> bool:
    """Tell whether something is a text of a few lines."""
    return isinstance(flowable, TextBlock) and flowable.wrap(TEXT_WIDTH, 0)[1] <= _SHORT_TEXT


def is_short_code(listing: CodeListing) -> bool:
    """Tell whether code is an illustration of the sentence before it rather than a listing."""
    listing.wrap(TEXT_WIDTH, 0)
    return len(listing.rows) <= _SHORT_CODE


def bonds_of_list(items: Sequence[Flowable]) -> set[int]:
    """Return which parts of a list stay with the part before them, by their places in it."""
    if sum(_whole(item) for item in items) <= _SHORT_LIST:
        return set(range(1, len(items)))
    return {1, len(items) - 1}


def guarded(found: Sequence[Flowable], bonds: Collection[int]) -> list[Flowable]:
    """Put a guard before each chain; `bonds` holds the places of what stays with its forerunner."""
    kept: list[Flowable] = []
    start = 0
    for at in range(1, len(found) + 1):
        if at < len(found) and at in bonds and _room(found[start : at + 1]) <= _MOST_KEPT:
            continue
        chain = found[start:at]
        if len(chain) > 1:
            kept.append(CondPageBreak(_room(chain)))
        kept.extend(chain)
        start = at
    return kept


def _room(chain: Sequence[Flowable]) -> float:
    """Return the height of a chain, in points, of whose last link the beginning is enough."""
    *before, last = chain
    return sum(_whole(link) for link in before) + _least(last)


def _whole(flowable: Flowable) -> float:
    height: float = flowable.wrap(TEXT_WIDTH, 0)[1] + flowable.getSpaceAfter()
    return height


def _least(flowable: Flowable) -> float:
    if isinstance(flowable, CodeListing | RowTable | TextBlock):
        return flowable.least_height(TEXT_WIDTH)
    return _whole(flowable)
