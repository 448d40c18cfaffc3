"""A report as Markdown, HTML and JSON: all of it is there, and nothing in it runs."""

from __future__ import annotations

import base64
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]
import pytest
from PIL import Image

from tests.documents.samples import report, sections
from vln_desktop.domain.report_content import ReportContent, ReportEvidence
from vln_desktop.domain.report_json import to_json
from vln_desktop.domain.reports import ReportKind
from vln_desktop.formats.report_html import report_html
from vln_desktop.formats.report_markdown import report_markdown

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "report-content.schema.json"
HOSTILE = (
    "<script>alert(1)</script> <img src=x onerror=alert(1)> [x](javascript:alert(1))\n\n"
    "![y](https://evil.example/track.png)\n\n```js\n</code><script>alert(2)</script>\n```\n"
)


def hostile() -> ReportContent:
    content = report(2, title="<b>T</b>", client="<i>C</i>", sections=sections(HOSTILE))
    finding = replace(content.findings[0], title="a | b <u>", description=HOSTILE)
    return replace(content, findings=(finding, *content.findings[1:]))


@pytest.mark.parametrize("kind", list(ReportKind))
def test_every_finding_and_section_is_in_each_form(kind: ReportKind) -> None:
    content = report(14, kind=kind)
    for text in (report_markdown(content), report_html(content)):
        for finding in content.findings:
            assert finding.label in text
        assert content.audit_number in text
        assert "Limitations" in text


def test_nothing_in_html_runs_or_is_fetched() -> None:
    text = report_html(hostile())
    assert "<script" not in text
    assert not re.search(r"<[^>]*\son\w+=", text)
    assert 'href="javascript:' not in text
    assert not re.search(r"src=\"(?!data:)", text)
    assert "default-src 'none'" in text
    assert "&lt;script&gt;" in text


def test_pictures_stand_in_the_html_itself() -> None:
    stream = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(stream, "PNG")
    content = report(1)
    evidence = (ReportEvidence("a.png", "image/png", "ab" * 32, "A <field>"),)
    content = replace(content, findings=(replace(content.findings[0], evidence=evidence),))

    text = report_html(content, {"ab" * 32: stream.getvalue()})

    assert base64.b64encode(stream.getvalue()).decode() in text
    assert "A &lt;field&gt;" in text
    assert "data:image" not in report_html(content)


def test_tables_of_markdown_keep_their_columns() -> None:
    text = report_markdown(hostile())
    assert "a \\| b <u>" in text


@pytest.mark.parametrize("count", [0, 1, 14])
def test_json_is_as_its_schema_says(count: int) -> None:
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    document = json.loads(to_json(report(count)))
    jsonschema.Draft202012Validator(schema).validate(document)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema).validate(document | {"more": 1})
