"""Document control: who made and approved a version, who may read it, and what came before it."""

from __future__ import annotations

from reportlab.platypus import Flowable, KeepTogether

from vln_desktop.documents import fonts
from vln_desktop.documents.styles import (
    CELL,
    CELL_BLOCK,
    CELL_HEAD,
    HEADING,
    HEADING_BLOCK,
    MUTED,
    TEXT_WIDTH,
    Ink,
)
from vln_desktop.documents.tables import RowTable, cell
from vln_desktop.documents.text import Run, TextBlock, headed
from vln_desktop.documents.words import Words
from vln_desktop.domain.report_content import ReportContent

_HASH = Ink(face=fonts.MONO, size=6.4, colour=MUTED)


def control_part(content: ReportContent, words: Words) -> list[Flowable]:
    """Return the facts of this version and a table of the earlier ones."""
    rows = [
        [cell(name, CELL_HEAD), TextBlock((Run(value, CELL),), CELL_BLOCK)]
        for name, value in control_facts(content, words)
    ]
    _guard, title = headed(words("control"), HEADING, HEADING_BLOCK)
    found: list[Flowable] = [
        KeepTogether([title, RowTable(rows, (124, TEXT_WIDTH - 124), headers=0)])
    ]
    if content.revisions:
        found += headed(words("revisions"), HEADING, HEADING_BLOCK)
        heads = [cell(words(key), CELL_HEAD) for key in ("version", "date", "kind", "sha256")]
        earlier = [
            [
                cell(one.version, CELL),
                cell(words.day(one.dated), CELL),
                cell(words(f"report.{one.kind.value}"), CELL),
                cell(one.sha256, _HASH),
            ]
            for one in content.revisions
        ]
        found.append(RowTable([heads, *earlier], (40, 82, TEXT_WIDTH - 384, 262)))
    return found


def control_facts(content: ReportContent, words: Words) -> list[tuple[str, str]]:
    """Return what is said of a version: its number, people, readers and signature."""
    facts = [
        (words("document"), content.title or words(f"report.{content.kind.value}")),
        (words("version"), f"{content.version}, {words.day(content.dated)}"),
        (words("author"), content.author),
        (words("approver"), content.approver),
        (words("distribution"), distribution_of(content, words)),
        (words("signature"), words("unsigned") if content.unsigned else ""),
    ]
    return [(name, value) for name, value in facts if value]


def distribution_of(content: ReportContent, words: Words) -> str:
    """Return who may read a report, and from when on."""
    if not content.distribution:
        return ""
    who = words.optional(f"distribution.{content.distribution}", content.distribution)
    if content.embargo_until is None:
        return who
    return f"{who}; {words('embargo', day=words.day(content.embargo_until))}"
