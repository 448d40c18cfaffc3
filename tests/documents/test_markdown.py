"""Markdown of every kind, the hostile too: it prints, inside the frame, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reportlab.platypus import Flowable

from tests.documents.readers import check_paper, flat, text_of
from tests.documents.samples import report, sections
from vln_desktop.documents.listing import CodeListing
from vln_desktop.documents.markdown import flowables
from vln_desktop.documents.report import render_report
from vln_desktop.documents.tables import RowTable
from vln_desktop.documents.text import TextBlock


def _printed(markdown: str) -> bytes:
    finding = replace(report(1).findings[0], description=markdown, proof="", remediation="")
    return render_report(report(1, findings=(finding,), sections=sections(markdown)))


def _blocks(markdown: str) -> list[TextBlock]:
    return [item for item in flowables(markdown) if isinstance(item, TextBlock)]


def _said(items: list[Flowable]) -> str:
    return "".join(run.text for item in items if isinstance(item, TextBlock) for run in item.runs)


HOSTILE = {
    "unclosed fence": "before\n\n```solidity\ncontract A {\n# not a heading\n",
    "long word": "x" * 10_000,
    "long heading of a table": f"| {'h' * 9_000} | b |\n|---|---|\n" + "| a | b |\n" * 90,
    "long word in table": f"| a | b |\n|---|---|\n| {'y' * 5_000} | z |\n",
    "long word in code": f"`{'z' * 3_000}`\n\n```\n{'w' * 9_000}\n```\n",
    "long table": "| a | b |\n|---|---|\n" + "| one | two |\n" * 2_000,
    "wide table": "|" + "c|" * 60 + "\n|" + "-|" * 60 + "\n|" + "v|" * 60 + "\n",
    "ten columns": "|" + "column|" * 10 + "\n|" + "-|" * 10 + "\n|" + "longvalue|" * 10 + "\n",
    "tall cell": "| a | b |\n|---|---|\n| " + "word " * 3_000 + " | b |\n",
    "deep list": "\n".join(f"{'  ' * depth}- level {depth}" for depth in range(60)),
    "deep quote": "\n\n".join(f"{'> ' * depth}level {depth}" for depth in range(1, 60)),
    "html": "<script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n<!-- hidden -->",
    "entities": "a &lt; b &amp; c &#x202e; <para><font color='red'>red</font></para>",
    "links": "[a](javascript:alert(1)) [b](file:///etc/passwd) [c](https://x.example/é?ü=1)",
    "link of brackets": "[" * 5_000 + "](" * 5_000,
    "emphasis": "*" * 5_000 + "a" + "_" * 5_000,
    "controls": "a\x01b\x07c\x1b[31md\u2028e\u202ef\u200bg\ufeffh\ud7ffi\U0010ffffj",
    "scripts": "中文 العربية עברית हिन्दी 🙂🏳️‍🌈 Ёжик ὦ ﷽ é é",
    "images": "![](x.png) ![alt](https://x.example/y.png)",
    "empty": "",
    "blank": "\n\n \n\t\n",
    "only marks": "#\n-\n1.\n>\n```\n```\n| |\n|-|\n",
    "wide code": "```python\n" + "\t" * 200 + "x = '中文🙂'\n" * 3 + "```",
    "many lines": "```\n" + "line\n" * 3_000 + "```",
    "nested": "- a\n\n  > quote\n  >\n  > ```c\n  > int x;\n  > ```\n  >\n"
    "  > | t | u |\n  > |---|---|\n  > | 1 | 2 |\n",
    "languages": "```nosuch\na\n```\n\n```solidity filename=x\nuint a;\n```\n\n```{.js}\nb\n```",
    "ordinals": "999999999. a\n\n0. b\n",
    "windows": "# T\r\n\r\ntext\r\n\r\n```\r\ncode\r\n```\r\n",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_markdown_prints_inside_the_frame(name: str) -> None:
    check_paper(_printed(HOSTILE[name]))


@given(st.text(alphabet="ab \n#*_`|->[]()!<&\\~:\t1.0中\u202e", max_size=300))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_becomes_flowables_that_can_be_set_in_any_width(text: str) -> None:
    for width in (12.0, 400.0):
        for item in flowables(text):
            item.wrap(width, 500)
            for part in item.split(width, 60):
                part.wrap(width, 500)


@pytest.mark.parametrize("depth", [50, 70, 200])
def test_no_level_of_nesting_loses_its_text(depth: int) -> None:
    text = text_of(_printed("\n\n".join(f"{'> ' * at}level{at}." for at in range(1, depth))))
    joined = "".join(text.replace("↪", "").split())
    assert all(f"level{at}." in joined for at in range(1, depth))


def test_raw_html_is_printed_as_text() -> None:
    assert "<script>alert(1)</script>" in text_of(_printed("<script>alert(1)</script>"))


def test_a_fence_that_is_never_closed_keeps_its_lines_as_code() -> None:
    text = text_of(_printed("```\n# heading?\nlast line"))
    assert "# heading?" in text
    assert "last line" in text


def test_a_long_word_is_broken_and_complete() -> None:
    word = "abcdefghij" * 300
    assert word in "".join(text_of(_printed(word)).split())


def test_a_wrapped_line_of_code_shows_an_arrow_and_keeps_its_number() -> None:
    text = text_of(_printed("```\n" + "a" * 150 + "\nshort\n```"))
    assert "↪" in text
    assert "".join(text.split()).count("a" * 60) >= 2


def test_every_row_of_a_long_table_is_printed_under_its_header() -> None:
    rows = "".join(f"| row{at} | v |\n" for at in range(300))
    text = flat(text_of(_printed("| heading | b |\n|---|---|\n" + rows)))
    assert all(f"row{at} " in text for at in range(300))
    assert text.count("heading") > 10


def test_ten_thousand_rows_take_time_in_proportion() -> None:
    table = flowables("| a | b |\n|---|---|\n" + "| x | y |\n" * 10_000)[0]
    measured = 0
    while isinstance(table, RowTable):
        parts = table.split(400, 700)
        measured += 1
        table = parts[1] if len(parts) == 2 else Flowable()
    assert measured > 200


@pytest.mark.parametrize(
    ("markdown", "link"),
    [
        ("[a](https://x.example)", "https://x.example"),
        ("[a](HTTPS://x.example)", "HTTPS://x.example"),
        ("<https://x.example>", "https://x.example"),
        ("[a](mailto:x@y.example)", "mailto:x@y.example"),
        ("[a](javascript:alert(1))", ""),
        ("[a](file:///etc/passwd)", ""),
        ("[a](#place)", ""),
        ("[a](../x)", ""),
    ],
)
def test_links_lead_to_the_web_and_to_mail_only(markdown: str, link: str) -> None:
    (block,) = _blocks(markdown)
    assert {run.ink.link for run in block.runs} == {link}


def test_emphasis_chooses_the_face() -> None:
    (block,) = _blocks("a **b *c*** *d* `e` ~~f~~")
    faces = {run.text: run.ink.face for run in block.runs if run.text.strip()}
    assert faces["b "] == "Roboto-Bold"
    assert faces["c"] == "Roboto-BoldItalic"
    assert faces["d"] == "Roboto-Italic"
    assert faces["e"] == "JetBrainsMono-Regular"
    assert block.runs[-1].ink.struck


def test_lists_number_from_their_start() -> None:
    bullets = [block.bullet.text for block in _blocks("7. a\n8. b\n") if block.bullet]
    assert bullets == ["7.", "8."]


def test_deep_lists_leave_room() -> None:
    blocks = _blocks("\n".join(f"{'  ' * depth}- x" for depth in range(25)))
    assert max(block.block.left for block in blocks) <= 90


def test_code_is_highlighted_by_language_and_plain_without() -> None:
    def faces(markdown: str) -> set[str]:
        (listing,) = (i for i in flowables(markdown) if isinstance(i, CodeListing))
        listing.wrap(400, 700)
        return {span.face for row in listing.rows for span in row.spans}

    assert "JetBrainsMono-Bold" in faces("```solidity\ncontract A {}\n```")
    assert faces("```nosuch\ncontract A {}\n```") == {"JetBrainsMono-Regular"}


def test_a_hash_inside_a_fence_is_no_heading() -> None:
    assert _said(flowables("```\n# no\n```\n\n# yes")) == "yes"
