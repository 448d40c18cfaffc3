"""Footnotes, tasks, marked lines and turned tables: what Markdown says beyond paragraphs."""

from __future__ import annotations

import io
import re
import sys
from dataclasses import replace

import pikepdf
import pytest

from tests.documents.readers import check_paper, flat, pages_of, text_of
from tests.documents.samples import report
from vln_desktop.documents.listing import CodeListing
from vln_desktop.documents.markdown import flowables
from vln_desktop.documents.report import render_report
from vln_desktop.documents.styles import CODE_MARK
from vln_desktop.documents.tables import RowTable
from vln_desktop.documents.text import TextBlock
from vln_desktop.domain.report_content import ReportLocation

_WIDEST_NUMBER = 8
"""Points: links of one digit are narrower, all others of the paper are wider."""
NOTED = "First[^a] and again[^a], then^[said in *place*].\n\n[^a]: The **reason**.\n"


def _printed(markdown: str, **changes: object) -> bytes:
    (first,) = report(1).findings
    told = replace(first, description=markdown, proof="", remediation="", **changes)  # type: ignore[arg-type]
    return render_report(report(1, findings=(told,)))


def _listing(markdown: str, lines: tuple[range, ...] = ()) -> CodeListing:
    (found,) = (one for one in flowables(markdown, "", lines) if isinstance(one, CodeListing))
    found.wrap(400, 700)
    return found


def _marked(listing: CodeListing) -> list[int]:
    return [row.number for row in listing.rows if row.marked]


def test_notes_stand_at_the_end_of_their_text_with_links_both_ways() -> None:
    blocks = [one for one in flowables(NOTED, "here") if isinstance(one, TextBlock)]
    text, *notes = blocks
    marks = [run for run in text.runs if run.ink.rise]
    assert [(run.text, run.ink.link) for run in marks] == [
        ("1", "#here-note-0"), ("1", "#here-note-0"), ("2", "#here-note-1"),
    ]  # fmt: skip
    assert [run.ink.place for run in marks] == ["here-mark-0", "", "here-mark-1"]
    numbers = [note.bullet for note in notes]
    assert [(one.text, one.ink.place, one.ink.link) for one in numbers if one] == [
        ("1", "here-note-0", "#here-mark-0"), ("2", "here-note-1", "#here-mark-1"),
    ]  # fmt: skip
    assert ["".join(run.text for run in note.runs) for note in notes] == [
        "The reason.", "said in place",
    ]  # fmt: skip


def test_notes_of_one_name_in_many_texts_lead_each_to_its_own() -> None:
    findings = tuple(
        replace(one, description=NOTED, impact=NOTED, remediation=NOTED)
        for one in report(3).findings
    )
    pdf = render_report(report(3, findings=findings))
    check_paper(pdf)
    assert flat(text_of(pdf)).count("The reason.") == 9
    with pikepdf.open(io.BytesIO(pdf)) as paper:
        aims = {
            (link.Dest[0].objgen, link.Dest[2], link.Dest[3])
            for page in paper.pages
            for link in page.get("/Annots", ())
            if "/Dest" in link and link.Rect[2] - link.Rect[0] < _WIDEST_NUMBER
        }
    assert len(aims) == 9 * 4, "two notes and two marks in each of nine texts"


@pytest.mark.parametrize(
    "markdown",
    [
        "|a[^1]|" + "b|" * 12 + "\n|" + "-|" * 13 + "\n|c|\n\n[^1]: x\n",
        "|a[^1]|" + "b|" * 300 + "\n|" + "-|" * 301 + "\n" + "|c|\n" * 9 + "\n[^1]: x\n",
        "| a[^1] | b |\n|---|---|\n" + "| c | d[^1] |\n" * 200 + "\n[^1]: x\n",
        "[^1]\n\n[^1]: see [^1] and [^2]\n\n[^2]: back to [^1]\n",
        "# heading[^1]\n\n> quoted[^1]\n>\n> [^1]: inside a quotation\n",
        "- a[^1]\n\n  [^1]: inside\n\n      ```\n      code\n      ```\n",
        "text[^missing] and [^ ] and ^[]\n\n[^unused]: nobody asks\n",
        "[^1]: first\n\n    second\n\n    - a list\n\n    | t |\n    |---|\n    | u |\n\nlate[^1]",
    ],
)
def test_notes_in_odd_places_print(markdown: str) -> None:
    check_paper(_printed(markdown))


def test_a_task_is_drawn_as_a_box_in_place_of_its_bullet() -> None:
    blocks = flowables("- [ ] open\n- [x] done\n- [z] none\n\n[x] no item\n")
    told = [
        (one.bullet.text if one.bullet else "", "".join(run.text for run in one.runs))
        for one in blocks
        if isinstance(one, TextBlock)
    ]
    assert told == [("☐", "open"), ("☑", "done"), ("•", "[z] none"), ("", "[x] no item")]


@pytest.mark.parametrize(
    ("info", "numbers", "marked"),
    [
        ("solidity {3,5-7} start=120", (120, 128), [122, 124, 125, 126]),
        ("solidity {2}", (1, 9), [2]),
        ("solidity start=119", (119, 127), [119, 120, 121]),
        ("solidity", (1, 9), []),
        ("{4} start=10", (10, 18), [13]),
        ("solidity {9-1} start=0", (0, 8), []),
        ("solidity {1-99999999999999} start=99999999999", (1, 9), list(range(1, 10))),
        ("solidity {a,-}", (1, 9), []),
    ],
)
def test_a_fence_says_where_it_starts_and_which_lines_matter(
    info: str, numbers: tuple[int, int], marked: list[int]
) -> None:
    code = "uint a;\n" * 8 + "uint b;\n"
    listing = _listing(f"```{info}\n{code}```\n", (range(118, 122),))
    assert (listing.rows[0].number, listing.rows[-1].number) == numbers
    assert _marked(listing) == marked


def test_a_wrapped_line_is_marked_whole_and_on_both_sides_of_a_page() -> None:
    listing = _listing("```c {2-30}\n" + ("x" * 200 + "\n") * 30 + "```\n")
    assert sum(row.marked for row in listing.rows) == 29 * 3
    upper, lower = listing.split(400, 300)
    assert isinstance(upper, CodeListing)
    assert isinstance(lower, CodeListing)
    assert [*upper.rows, *lower.rows] == listing.rows


def test_the_lines_of_a_finding_are_marked_in_its_listing() -> None:
    places = (ReportLocation("src/Vault.sol", 42), ReportLocation("src/B.sol"))
    code = "```solidity start=40\n" + "".join(f"uint a{at};\n" for at in range(9)) + "```\n"
    plain, marked = (_printed(code, locations=one) for one in ((), places))
    colour = " ".join(f"{part:.6f}".lstrip("0") for part in CODE_MARK.rgb()).encode() + b" rg"
    assert colour not in _contents(plain)
    assert colour in _contents(marked)


def _contents(pdf: bytes) -> bytes:
    with pikepdf.open(io.BytesIO(pdf)) as paper:
        return b"".join(page.Contents.read_bytes() for page in paper.pages)


def test_a_table_of_too_many_columns_is_turned_and_loses_nothing() -> None:
    heads = [f"column{at}" for at in range(40)]
    rows = [[f"value{row}x{at}" for at in range(40)] for row in range(3)]
    lines = [heads, ["-"] * 40, *rows]
    pdf = _printed("\n".join("|" + "|".join(line) + "|" for line in lines))
    check_paper(pdf)
    text = flat(text_of(pdf))
    for row in rows:
        assert f"column0 {row[0]}" in text
        for head, value in zip(heads, row, strict=True):
            assert f"{head} {value}" in text


def test_a_table_of_two_hundred_columns_and_many_rows_is_printed_as_its_source() -> None:
    lines = ["a|" * 200, "-|" * 200, *(["b|" * 200] * 40)]
    markdown = "\n".join(f"|{line}" for line in lines)
    found = flowables(markdown)
    assert [type(one) for one in found] == [CodeListing]
    check_paper(_printed(markdown))


def test_a_table_that_fits_keeps_its_columns() -> None:
    (table,) = flowables("| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert isinstance(table, RowTable)


HOSTILE_PARTS = (
    "```solidity {1-9} start=7\nunclosed fence\n",
    "<script>alert(1)</script><img src=http://x.example/x.png onerror=alert(1)>\n",
    "|" + "c|" * 200 + "\n|" + "-|" * 200 + "\n|" + "v|" * 200 + "\n",
    "| a | b |\n|---|---|\n" + "| one | two |\n" * 150,
    "W" * 2_000,
    "\n".join(f"{'  ' * depth}- level {depth}" for depth in range(60)),
    "![a picture](file:///etc/passwd) ![](https://x.example/x.png)\n",
    NOTED * 3,
    "中文" * 900,
    "[" * 900 + "*_~~`" * 300,
)


def test_a_hundred_findings_with_three_hundred_kilobytes_of_hostile_markdown_print() -> None:
    findings = tuple(
        replace(
            one,
            title=f"重入 {at} {one.title}",
            description=HOSTILE_PARTS[at % len(HOSTILE_PARTS)],
            proof=HOSTILE_PARTS[(at + 3) % len(HOSTILE_PARTS)],
            remediation=HOSTILE_PARTS[(at + 7) % len(HOSTILE_PARTS)],
        )
        for at, one in enumerate(report(100).findings)
    )
    written = sum(len(f"{f.description}{f.proof}{f.remediation}".encode()) for f in findings)
    assert written > 300_000
    pdf = render_report(report(100, findings=findings))
    check_paper(pdf)
    pages = pages_of(pdf)
    text = flat("".join(pages))
    assert "![a picture](file:///etc/passwd) [https://x.example/x.png]" in text
    assert all(finding.label in text for finding in findings)


@pytest.mark.parametrize("mark", ["[", "^[", "![", "[^", "*a ", "_a", "~~a", "`", "<a ", "> ", "&"])
def test_work_grows_no_faster_than_the_text(mark: str) -> None:
    """Bounded work, counted in steps of the parser and not by a clock."""
    counted = [_steps(mark * (size // len(mark))) for size in (2_000, 8_000)]
    assert counted[1] < 6 * counted[0]


def _steps(markdown: str) -> int:
    steps = 0

    def count(_frame: object, event: str, _argument: object) -> None:
        nonlocal steps
        steps += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        flowables(markdown)
    finally:
        sys.setprofile(before)
    return steps


@pytest.mark.parametrize("lines", range(1, 40, 3))
def test_a_text_that_announces_code_stands_on_its_page_below_its_heading(lines: int) -> None:
    told = "A paragraph.\n\n" * lines + "## Heading\n\nThis is the code:\n\n```\nshort()\n```\n"
    proof = "The proof follows:\n\n```\n" + "call()\n" * 6 + "```\n"
    (first,) = report(1).findings
    content = report(1, findings=(replace(first, description=told, proof=proof),))
    pages = pages_of(render_report(content))
    assert [page for page in pages if "This is the code:" in page] == [
        page for page in pages if "short()" in page and "Heading\n" in page
    ]
    (page,) = [page for page in pages if "The proof follows:" in page]
    assert "Proof of concept" in page
    assert page.count("call()") == 6


SHORT_LIST = "It goes so:\n\n1. first step\n2. second step\n3. third step\n"
SHORT_TABLE = (
    "| step | vault |\n|---|---|\n| before | one |\n| between | two |\n| after | three |\n"
)
ADVICE = "- lower it\n- guard it\n\n```diff\n- call();\n+ lower();\n+ call();\n```\n"


@pytest.mark.parametrize("lines", range(1, 40, 3))
@pytest.mark.parametrize(
    ("text", "together"),
    [
        (SHORT_LIST, ("It goes so:", "first step", "second step", "third step")),
        (SHORT_TABLE, ("step", "before", "between", "after")),
        (ADVICE, ("lower it", "guard it", "lower();")),
    ],
)
def test_what_is_short_and_belongs_together_stands_on_one_page(
    lines: int, text: str, together: tuple[str, ...]
) -> None:
    (first,) = report(1).findings
    told = "A paragraph.\n\n" * lines + text
    pages = pages_of(render_report(report(1, findings=(replace(first, description=told),))))
    (page,) = [page for page in pages if together[-1] in page]
    assert [part for part in together if part not in page] == []


@pytest.mark.parametrize("lines", range(1, 40, 3))
def test_no_item_or_row_of_a_longer_one_stands_alone(lines: int) -> None:
    steps = "".join(f"{at}. step number {at}\n" for at in range(1, 16))
    rows = "| a | b |\n|---|---|\n" + "".join(f"| row {at} | x |\n" for at in range(1, 16))
    (first,) = report(1).findings
    told = "A paragraph.\n\n" * lines + steps + "\n" + rows
    pages = pages_of(render_report(report(1, findings=(replace(first, description=told),))))
    for name in ("step number", "row"):
        counts = [len(re.findall(rf"{name} \d+", page)) for page in pages]
        assert sum(counts) == 15
        assert 1 not in counts
