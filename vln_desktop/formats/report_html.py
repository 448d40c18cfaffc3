"""A report as one HTML file: style and pictures inside, nothing fetched, nothing that runs."""

from __future__ import annotations

import base64
import html
from collections.abc import Iterator, Sequence
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from vln_desktop.domain.files import PICTURES
from vln_desktop.domain.report_content import (
    NO_PICTURES,
    Pictures,
    ReportContent,
    ReportFinding,
    ReportSection,
)
from vln_desktop.domain.reports import SectionKind
from vln_desktop.formats.report_markdown import (
    computed_tables,
    facts_of,
    finding_facts,
    finding_texts,
    section_heading,
)

_LONGEST_HIGHLIGHTED = 40_000
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""Whatever stands in the texts, the file runs nothing and fetches nothing."""
_STYLE = """
body{font:16px/1.55 system-ui,sans-serif;color:#1c2230;max-width:58rem;margin:2rem auto}
h1,h2{color:#0c1a30}h2{border-bottom:2px solid #12a594;padding-bottom:.2rem;margin-top:2.6rem}
table{border-collapse:collapse;width:100%;margin:1rem 0;font-size:.9rem;overflow-wrap:anywhere}
th,td{border-bottom:1px solid #dce1e8;padding:.3rem .5rem;text-align:left;vertical-align:top}
pre{background:#eef1f5;padding:.8rem;overflow-x:auto;border-left:3px solid #12a594}
code{font-family:ui-monospace,monospace;font-size:.85rem}img{max-width:100%}
dl{display:grid;grid-template-columns:9rem 1fr}
dt{color:#5b6575}dd{margin:0;overflow-wrap:anywhere}.draft{color:#a3142e;font-weight:700}
.critical{color:#a3142e}.high{color:#d1491b}.medium{color:#b47a09}.low{color:#2a6fb5}
figure{margin:1rem 0}figcaption{color:#5b6575;font-size:.9rem}
@media print{h3{break-after:avoid}pre,figure{break-inside:avoid}}
"""


def report_html(content: ReportContent, pictures: Pictures = NO_PICTURES) -> str:
    """Return a report as one HTML file; `pictures` holds its evidence by SHA-256."""
    title = html.escape(content.title or content.project)
    body = "".join(_body(content, pictures))
    return (
        f'<!DOCTYPE html>\n<html lang="{content.language}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n{body}</body></html>\n"
    )


def _body(content: ReportContent, pictures: Pictures) -> Iterator[str]:
    yield f"<h1>{html.escape(content.title or content.project)}</h1>\n"
    if content.is_draft:
        yield '<p class="draft">DRAFT</p>\n'
    yield _facts(facts_of(content))
    yield "<nav><ul>"
    for at, section in enumerate(content.sections):
        yield f'<li><a href="#s{at}">{html.escape(section_heading(section))}</a></li>'
    yield "</ul></nav>\n"
    for at, section in enumerate(content.sections):
        yield f'<h2 id="s{at}">{html.escape(section_heading(section))}</h2>\n'
        yield _markdown(section.text)
        yield from _computed(section, content)
        if section.kind is SectionKind.FINDINGS:
            for finding in content.findings:
                yield from _finding(finding, pictures)


def _computed(section: ReportSection, content: ReportContent) -> Iterator[str]:
    for title, heads, rows in computed_tables(section, content):
        if rows:
            yield f"<h3>{title}</h3>{_table(heads, rows)}\n"


def _finding(finding: ReportFinding, pictures: Pictures) -> Iterator[str]:
    head = f"{finding.label} {finding.title}"
    severity = finding.severity.value
    yield f'<h3 id="{html.escape(finding.label)}" class="{severity}">{html.escape(head)}</h3>\n'
    yield _facts(finding_facts(finding))
    for heading, text in finding_texts(finding):
        yield f"<h4>{heading}</h4>\n{_markdown(text)}"
    if finding.references:
        links = "".join(
            f"<li>{html.escape(one.title)} {_link(one.url)}</li>" for one in finding.references
        )
        yield f"<h4>References</h4><ul>{links}</ul>\n"
    for one in finding.evidence:
        caption = html.escape(one.caption or one.name)
        data = pictures.get(one.sha256) if one.mime in PICTURES else None
        shown = ""
        if data is not None:
            inside = base64.b64encode(data).decode()
            shown = f'<img alt="{caption}" src="data:{one.mime};base64,{inside}">'
        named = f"{caption} <code>{one.sha256}</code>"
        yield f"<figure>{shown}<figcaption>{named}</figcaption></figure>\n"


def _facts(facts: Sequence[tuple[str, str]]) -> str:
    inner = "".join(
        f"<dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd>" for name, value in facts
    )
    return f"<dl>{inner}</dl>\n"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    head = "".join(f"<th>{html.escape(one)}</th>" for one in heads)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _link(address: str) -> str:
    shown = html.escape(address)
    if not address.startswith(("https://", "http://", "mailto:")):
        return shown
    return f'<a href="{shown}" rel="noopener noreferrer">{shown}</a>'


def _markdown(text: str) -> str:
    """Return Markdown as HTML: raw HTML is text, images are named, code is highlighted."""
    parser = MarkdownIt("commonmark", {"html": False, "linkify": False})
    parser.enable(["table", "strikethrough"])
    parser.add_render_rule("fence", _code)
    parser.add_render_rule("image", _image)
    rendered: str = parser.render(text)
    return rendered


def _code(
    _renderer: object, tokens: Sequence[Token], at: int, _options: object, _env: dict[str, Any]
) -> str:
    token = tokens[at]
    language = token.info.strip().split(" ")[0] if token.info else ""
    try:
        if len(token.content) > _LONGEST_HIGHLIGHTED:
            raise ClassNotFound(language)
        lexer = get_lexer_by_name(language)
        inner: str = highlight(token.content, lexer, HtmlFormatter(noclasses=True, nowrap=True))
    except ClassNotFound:
        inner = html.escape(token.content)
    return f"<pre><code>{inner}</code></pre>\n"


def _image(
    _renderer: object, tokens: Sequence[Token], at: int, _options: object, _env: object
) -> str:
    token = tokens[at]
    return f"<em>[{html.escape(token.content or str(token.attrGet('src') or ''))}]</em>"
