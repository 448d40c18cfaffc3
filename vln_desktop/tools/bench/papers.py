"""The report's speed: pages a second, over WeasyPrint printing the same content.

Both print the same findings (the demo's written texts, of real length), with highlighted code, a
table of contents with page numbers, and page x of y; rounds alternate. WeasyPrint comes with the
`bench` extra only.
"""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from itertools import cycle, islice
from statistics import median

import pypdfium2

from vln_desktop.documents.report import render_report
from vln_desktop.domain.audits import ServiceType
from vln_desktop.domain.findings import Category, FindingKind
from vln_desktop.domain.report_content import (
    ReportContent,
    ReportFinding,
    ReportLocation,
)
from vln_desktop.domain.report_templates import standard_sections
from vln_desktop.domain.reports import (
    ReportKind,
    ReportStatus,
    next_labels,
)
from vln_desktop.errors import Unavailable
from vln_desktop.tools.bench.line import Bench, Line, Skip
from vln_desktop.tools.demo.texts import Archetype, archetypes

FINDINGS = 100
ROUNDS = 3
GOAL = 4.0
_BASELINE = "vln_desktop.tools.bench.papers_weasyprint"


@dataclass(frozen=True, slots=True)
class PrintRun:
    """One engine's rounds: the pages of its report and the seconds each round took."""

    pages: int
    seconds: tuple[float, ...]

    @property
    def pages_per_second(self) -> float:
        """Pages over the median round."""
        return self.pages / median(self.seconds)


@dataclass(frozen=True, slots=True)
class ReportSpeed:
    """Both engines' runs; `ratio` is the line of the bench (goal: 4 or more)."""

    ours: PrintRun
    baseline: PrintRun

    @property
    def ratio(self) -> float:
        """Our pages a second over the baseline's."""
        return self.ours.pages_per_second / self.baseline.pages_per_second


def measure(bench: Bench) -> Iterator[Line | Skip]:
    """Print a report of 100 findings with both engines."""
    name = "report pages a second over WeasyPrint"
    try:
        speed = measure_report(rounds=min(ROUNDS, bench.rounds))
    except Unavailable as reason:
        yield Skip(name, str(reason))
        return
    ours, base = speed.ours, speed.baseline
    yield Line(
        name, speed.ratio, "×", GOAL, ours.pages_per_second, base.pages_per_second, "pages/s",
        more_is_better=True, detail=f"{ours.pages} pages, WeasyPrint {base.pages}",
    )  # fmt: skip


def measure_report(findings: int = FINDINGS, rounds: int = ROUNDS) -> ReportSpeed:
    """Print a report with both engines in turn; raises Unavailable without WeasyPrint."""
    content = bench_report(findings)
    engines = (render_report, _baseline())
    printed = [render(bench_report(1)) for render in engines]  # fonts and lexers are loaded
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(rounds):
        for at, render in enumerate(engines):
            start = time.perf_counter()
            printed[at] = render(content)
            seconds[at].append(time.perf_counter() - start)
    ours, baseline = (
        PrintRun(len(pypdfium2.PdfDocument(io.BytesIO(pdf))), tuple(taken))
        for pdf, taken in zip(printed, seconds, strict=True)
    )
    return ReportSpeed(ours, baseline)


def _baseline() -> Callable[[ReportContent], bytes]:
    try:
        module = import_module(_BASELINE)
    except (ImportError, OSError) as error:  # OSError: Pango is missing
        raise Unavailable(f"WeasyPrint cannot be loaded ({error}); install the bench extra.") from (
            error
        )
    render: Callable[[ReportContent], bytes] = module.render_html_report
    return render


def bench_report(findings: int) -> ReportContent:
    """Return a report of a number of findings made of the demo's written texts."""
    chosen = list(islice(cycle(archetypes()), findings))
    labels = next_labels((FindingKind(text.kind), text.severity) for text in chosen)
    return ReportContent(
        client="Bench Client",
        audit_number="BENCH-1",
        project="Bench Project",
        service_type=ServiceType.SMART_CONTRACT_AUDIT,
        kind=ReportKind.FINAL,
        status=ReportStatus.PUBLISHED,
        version="1.0",
        dated=date(2026, 3, 24),
        period_from=date(2026, 3, 2),
        period_to=date(2026, 3, 20),
        sections=standard_sections(ReportKind.FINAL, ServiceType.SMART_CONTRACT_AUDIT, "en"),
        findings=tuple(
            _finding(text, label, at)
            for at, (label, text) in enumerate(zip(labels, chosen, strict=True), 1)
        ),
    )


def _finding(text: Archetype, label: str, at: int) -> ReportFinding:
    return ReportFinding(
        label=label,
        number=f"BENCH-1-F{at:02d}",
        title=f"{text.titles[0]}, {at}",
        severity=text.severity,
        kind=FindingKind(text.kind),
        category=Category(text.category),
        weaknesses=(text.weakness,) if text.weakness else (),
        locations=tuple(
            ReportLocation(f"src/{place.slot}.sol", function=place.function)
            for place in text.places
        ),
        description=text.sections.get("description", ""),
        impact=text.sections.get("impact", ""),
        likelihood=text.sections.get("likelihood", ""),
        remediation=text.sections.get("remediation", ""),
        proof=text.sections.get("proof", ""),
    )
