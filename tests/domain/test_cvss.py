"""CVSS vectors score as FIRST's own examples do; what is no vector is refused plainly."""

from __future__ import annotations

from decimal import Decimal

import pytest

from vln_desktop.domain.cvss import CvssVersion, base_metrics, cvss_score, metrics_of, vector_of
from vln_desktop.errors import UserError


@pytest.mark.parametrize(
    ("vector", "score", "rating"),
    [
        # FIRST, CVSS v3.1 examples: CVE-2013-1937, CVE-2014-3566, CVE-2014-0160
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N", "6.1", "medium"),
        ("CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N", "3.1", "low"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N", "7.5", "high"),
        # FIRST, CVSS v4.0 examples: CVE-2022-41741, CVE-2014-0160
        ("CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", "7.3", "high"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:N/VA:N/SC:N/SI:N/SA:N", "8.7", "high"),
        ("CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:N/VI:N/VA:N/SC:N/SI:N/SA:N", "0.0", "none"),
    ],
)
def test_vectors_come_to_what_first_says(vector: str, score: str, rating: str) -> None:
    found = cvss_score(f"  {vector} ")
    assert found is not None
    assert (found.vector, found.value, found.rating) == (vector, Decimal(score), rating)


def test_temporal_metrics_count() -> None:
    base = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
    found = cvss_score(f"{base}/E:U/RL:O/RC:U")
    assert found is not None
    assert found.value < Decimal("9.8")


@pytest.mark.parametrize(
    ("vector", "told"),
    [
        ("9.8", "begins with CVSS:3.1/"),
        ("CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "begins with CVSS:3.1/"),
        ("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H", "does not say: Availability"),
        ("CVSS:4.0/AV:N", "does not say: Attack Complexity"),
        ("CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "no vector of CVSS 3.1"),
        ("CVSS:4.0/" + "AV:N/" * 200, "begins with CVSS:3.1/"),
        ("CVSS:4.0/'; DROP TABLE findings --", "does not say"),
    ],
)
def test_what_is_no_vector_is_refused_in_one_sentence(vector: str, told: str) -> None:
    with pytest.raises(UserError, match=told) as refused:
        cvss_score(vector)
    assert refused.value.field == "cvss_vector"


@pytest.mark.parametrize("version", CvssVersion)
def test_the_calculators_metrics_make_a_vector_that_scores(version: CvssVersion) -> None:
    chosen = {metric.key: metric.values[0][0] for metric in base_metrics(version)}
    vector = vector_of(version, {**chosen, "E": "X"})
    found = cvss_score(vector)
    assert found is not None
    assert found.version is version
    assert metrics_of(vector) == {**chosen, "E": "X"}


def test_nothing_is_no_score() -> None:
    assert cvss_score("  ") is None
