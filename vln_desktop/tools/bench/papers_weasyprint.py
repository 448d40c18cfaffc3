"""The baseline of the report's speed: the same content as HTML, printed by WeasyPrint."""

from __future__ import annotations

from html import escape

import weasyprint
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters.html import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from vln_desktop.documents import fonts
from vln_desktop.domain.report_content import (
    ReportContent,
    ReportFinding,
)

_FORMATTER = HtmlFormatter(linenos="inline")
_FACES = (
    ("Sans", fonts.SANS, "normal", "normal"),
    ("Sans", fonts.BOLD, "bold", "normal"),
    ("Sans", fonts.ITALIC, "normal", "italic"),
    ("Mono", fonts.MONO, "normal", "normal"),
    ("Mono", fonts.MONO_BOLD, "bold", "normal"),
)
_STYLE = """
@page { size: A4; margin: 27mm 22mm 24mm;
        @bottom-right { content: "Page " counter(page) " of " counter(pages); font-size: 8pt } }
body { font: 9.6pt/14.2pt Sans }
pre { font: 7.7pt/10.6pt Mono; background: #eef1f5; padding: 6pt; white-space: pre-wrap;
      overflow-wrap: anywhere }
code { font-family: Mono }
section { page-break-before: always }
nav a::after { content: leader('.') target-counter(attr(href), page) }
nav a { display: block }
table { width: 100%; border-collapse: collapse }
td, th { border-bottom: 0.5pt solid #dce1e8; text-align: left; padding: 3pt 5pt }
h2 { background: #f4f6f9; padding: 8pt; border-left: 74pt solid #a3142e }
"""


def _highlighted(code: str, language: str, _attributes: str) -> str:
    try:
        lexer = get_lexer_by_name(language)
    except ClassNotFound:
        return f"<pre>{escape(code)}</pre>"
    return highlight(code, lexer, _FORMATTER)


_PARSER = MarkdownIt("commonmark", {"html": False, "highlight": _highlighted}).enable("table")


def render_html_report(content: ReportContent) -> bytes:
    """Print a report's findings with contents and page numbers."""
    faces = "".join(
        f"@font-face {{ font-family: {family}; font-weight: {weight}; font-style: {style};"
        f" src: url({(fonts.folder() / f'{face}.ttf').as_uri()}) }}"
        for family, face, weight, style in _FACES
    )
    colours = _FORMATTER.get_style_defs()  # type: ignore[no-untyped-call]
    style = f"<style>{faces}{_STYLE}{colours}</style>"
    entries = "".join(
        f'<a href="#{f.label}">{f.label} {escape(f.title)}</a>' for f in content.findings
    )
    cards = "".join(map(_card, content.findings))
    body = (
        f"<h1>{escape(content.project)}</h1><section><h1>Contents</h1><nav>{entries}</nav>"
        f"</section><section><h1>Findings</h1>{cards}</section>"
    )
    pdf = weasyprint.HTML(
        string=f"<html><head>{style}</head><body>{body}</body></html>"
    ).write_pdf()
    return bytes(pdf or b"")


def _card(finding: ReportFinding) -> str:
    facts = "".join(
        f"<tr><td>{name}</td><td>{escape(value)}</td></tr>"
        for name, value in (
            ("Severity", finding.severity),
            ("Category", finding.category),
            ("Weakness", ", ".join(finding.weaknesses)),
            ("Locations", ", ".join(map(str, finding.locations))),
        )
    )
    texts = "".join(
        f"<h3>{name}</h3>{_PARSER.render(text)}"
        for name, text in (
            ("Description", finding.description),
            ("Impact", finding.impact),
            ("Likelihood", finding.likelihood),
            ("Proof of concept", finding.proof),
            ("Recommendation", finding.remediation),
        )
        if text
    )
    head = f'<h2 id="{finding.label}">{finding.label} {escape(finding.title)}</h2>'
    return f"{head}<table>{facts}</table>{texts}"
