"""Severity by CVSS 3.1 and 4.0 (FIRST's specifications): scores of vectors, and their metrics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from cvss import CVSS3, CVSS4, CVSSError, constants3, constants4

from vln_desktop.errors import UserError

FIELD = "cvss_vector"
LONGEST_VECTOR = 400
"""Longer than any vector with every metric of CVSS 4.0 set once."""


class CvssVersion(StrEnum):
    """The versions in use; a 3.0 vector scores differently and is not taken for a 3.1."""

    V3_1 = "3.1"
    V4_0 = "4.0"

    @property
    def prefix(self) -> str:
        """What a vector of this version begins with."""
        return f"CVSS:{self.value}/"


@dataclass(frozen=True, slots=True)
class CvssScore:
    """A vector in the order of its specification, and what it comes to (0.0 to 10.0).

    `rating` is a word of the qualitative scale, the same in 3.1 and 4.0: none, low, medium, high,
    critical.
    """

    version: CvssVersion
    vector: str
    value: Decimal
    rating: str


@dataclass(frozen=True, slots=True)
class CvssMetric:
    """A metric of the base group: "AV", Attack Vector, and the values it may take by their keys."""

    key: str
    name: str
    values: tuple[tuple[str, str], ...]


def cvss_score(vector: str) -> CvssScore | None:
    """Return what a vector comes to, None for an empty one.

    With threat, temporal or environmental metrics the score counts them. Raises UserError for what
    is no vector of 3.1 or 4.0.
    """
    typed = vector.strip()
    if not typed:
        return None
    version = version_of(typed)
    if version is None or len(typed) > LONGEST_VECTOR:
        raise UserError(
            "A CVSS vector begins with CVSS:3.1/ or CVSS:4.0/; the calculator writes one.",
            field=FIELD,
        )
    parsed = _parsed(version, typed)
    if version is CvssVersion.V4_0:
        value, rating = parsed.base_score, parsed.severity
    else:
        value, rating = parsed.scores()[-1], parsed.severities()[-1]
    return CvssScore(version, parsed.clean_vector(), Decimal(str(value)), rating.lower())


def version_of(vector: str) -> CvssVersion | None:
    """Return the version that a vector says it is of, None for any other."""
    return next((one for one in CvssVersion if vector.startswith(one.prefix)), None)


def base_metrics(version: CvssVersion) -> tuple[CvssMetric, ...]:
    """Return the metrics that every vector of a version must have, in their order."""
    names, values, keys = _tables(version)
    return tuple(
        CvssMetric(key, names[key], tuple((value, name) for value, name in values[key].items()))
        for key in keys
    )


def metrics_of(vector: str) -> dict[str, str]:
    """Return what a vector sets, by metric; what cannot be read is left out."""
    parts = [part.partition(":") for part in vector.strip().split("/")[1:]]
    return {key: value for key, colon, value in parts if colon and key and value}


def vector_of(version: CvssVersion, metrics: Mapping[str, str]) -> str:
    """Return the vector that sets `metrics`, those of the base group first."""
    base = [metric.key for metric in base_metrics(version)]
    ordered = [*(key for key in base if key in metrics), *(k for k in metrics if k not in base)]
    return version.prefix + "/".join(f"{key}:{metrics[key]}" for key in ordered)


def _parsed(version: CvssVersion, vector: str) -> Any:
    try:
        return CVSS4(vector) if version is CvssVersion.V4_0 else CVSS3(vector)
    except (CVSSError, KeyError) as error:
        missing = [m.name for m in base_metrics(version) if m.key not in metrics_of(vector)]
        told = (
            f"The CVSS vector does not say: {', '.join(missing)}."
            if missing
            else f"This is no vector of CVSS {version.value}; the calculator writes one."
        )
        raise UserError(told, field=FIELD) from error


def _tables(version: CvssVersion) -> tuple[Any, Any, Any]:
    tables = constants4 if version is CvssVersion.V4_0 else constants3
    return tables.METRICS_ABBREVIATIONS, tables.METRICS_VALUE_NAMES, tables.METRICS_MANDATORY
