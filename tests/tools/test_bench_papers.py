"""The report's bench: both engines print the same findings, and the ratio is pages a second."""

from __future__ import annotations

import pytest

from vln_desktop.documents.report import render_report
from vln_desktop.errors import Unavailable
from vln_desktop.tools.bench.papers import PrintRun, ReportSpeed, bench_report, measure_report


def test_the_benchs_report_has_as_many_findings_as_asked_and_prints() -> None:
    content = bench_report(80)
    assert len({finding.label for finding in content.findings}) == 80
    assert render_report(bench_report(2)).startswith(b"%PDF")


def test_the_ratio_compares_pages_a_second() -> None:
    speed = ReportSpeed(PrintRun(70, (1.0, 9.0, 1.0)), PrintRun(100, (10.0,)))
    assert speed.ratio == pytest.approx(7.0)


def test_both_engines_print_in_turn() -> None:
    try:
        speed = measure_report(findings=1, rounds=2)
    except Unavailable as reason:
        pytest.skip(str(reason))
    assert len(speed.ours.seconds) == len(speed.baseline.seconds) == 2
    assert speed.baseline.pages >= 3
