"""How scanners' own words become the firm's severity, kind, category and weakness.

A proposal only: the table `scanner_rules` of the database goes before it, a person after it.
Sources: the detector list of Slither, the SWC registry with its CWE mapping, and the bands that
GitHub documents for the SARIF property `security-severity`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from vln_desktop.domain.findings import Category, FindingKind, Level, Severity

SLITHER_IMPACTS: tuple[str, ...] = ("High", "Medium", "Low", "Informational", "Optimization")
"""The digit that opens a rule id of Slither's SARIF counts in this list."""
SLITHER_CONFIDENCES: tuple[str, ...] = ("High", "Medium", "Low")

_IMPACT_SEVERITY = {
    "high": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "low": Severity.LOW,
    "informational": Severity.INFORMATIONAL,
    "optimization": Severity.INFORMATIONAL,
}
_SCORE_BANDS = ((9.0, Severity.CRITICAL), (7.0, Severity.HIGH), (4.0, Severity.MEDIUM))
_LEVEL_SEVERITY = {
    "error": Severity.HIGH,
    "warning": Severity.MEDIUM,
    "note": Severity.LOW,
    "none": Severity.INFORMATIONAL,
}
_WORD_SEVERITY = {
    "critical": Severity.CRITICAL,
    "blocker": Severity.CRITICAL,
    "high": Severity.HIGH,
    "important": Severity.HIGH,
    "major": Severity.HIGH,
    "medium": Severity.MEDIUM,
    "moderate": Severity.MEDIUM,
    "low": Severity.LOW,
    "minor": Severity.LOW,
    "negligible": Severity.LOW,
    "info": Severity.INFORMATIONAL,
    "informational": Severity.INFORMATIONAL,
    "information": Severity.INFORMATIONAL,
    "note": Severity.INFORMATIONAL,
}
_LINTERS = frozenset(
    {
        "eslint",
        "tslint",
        "stylelint",
        "pylint",
        "flake8",
        "ruff",
        "checkstyle",
        "solhint",
        "cppcheck",
    }
)
"""Tools about the quality of code: their levels grade style, not danger."""
_QUALITY_TAGS = frozenset({"maintainability", "readability", "reliability", "convention", "style"})
"""Tags of CodeQL and its like for rules that are not about security (their tag is `security`)."""
_FLAT_LEVELS = {"checkov": Severity.MEDIUM}
"""Tools that call everything an error, with the severity meant on average."""

_SLITHER_QUALITY = frozenset(
    {
        "assembly", "boolean-equal", "constable-states", "cyclomatic-complexity", "dead-code",
        "deprecated-standards", "function-init-state", "incorrect-using-for", "missing-inheritance",
        "naming-convention", "pragma", "redundant-statements", "similar-names", "solc-version",
        "too-many-digits", "unimplemented-functions", "unindexed-event-address",
        "unused-import", "unused-state", "low-level-calls", "missing-events",
    }
)  # fmt: skip

SLITHER_SWC: dict[str, str] = {
    "reentrancy-eth": "SWC-107",
    "reentrancy-no-eth": "SWC-107",
    "reentrancy-benign": "SWC-107",
    "reentrancy-events": "SWC-107",
    "reentrancy-unlimited-gas": "SWC-107",
    "reentrancy-balance": "SWC-107",
    "arbitrary-send-eth": "SWC-105",
    "arbitrary-send-erc20": "SWC-105",
    "arbitrary-send-erc20-permit": "SWC-105",
    "suicidal": "SWC-106",
    "unchecked-lowlevel": "SWC-104",
    "unchecked-send": "SWC-104",
    "unchecked-transfer": "SWC-104",
    "unused-return": "SWC-104",
    "tx-origin": "SWC-115",
    "timestamp": "SWC-116",
    "weak-prng": "SWC-120",
    "controlled-delegatecall": "SWC-112",
    "delegatecall-loop": "SWC-112",
    "controlled-array-length": "SWC-124",
    "uninitialized-storage": "SWC-109",
    "uninitialized-local": "SWC-109",
    "uninitialized-state": "SWC-109",
    "incorrect-equality": "SWC-132",
    "shadowing-state": "SWC-119",
    "shadowing-abstract": "SWC-119",
    "shadowing-local": "SWC-119",
    "shadowing-builtin": "SWC-119",
    "calls-loop": "SWC-113",
    "costly-loop": "SWC-128",
    "encode-packed-collision": "SWC-133",
    "rtlo": "SWC-130",
    "unused-state": "SWC-131",
    "dead-code": "SWC-135",
    "solc-version": "SWC-102",
    "pragma": "SWC-103",
    "deprecated-standards": "SWC-111",
    "assert-state-change": "SWC-110",
    "reused-constructor": "SWC-118",
    "multiple-constructors": "SWC-118",
    "divide-before-multiply": "SWC-101",
    "ecrecover": "SWC-117",
}

SWC_CWE: dict[str, str] = {
    "SWC-100": "CWE-710", "SWC-101": "CWE-682", "SWC-102": "CWE-937", "SWC-103": "CWE-664",
    "SWC-104": "CWE-252", "SWC-105": "CWE-284", "SWC-106": "CWE-284", "SWC-107": "CWE-841",
    "SWC-108": "CWE-710", "SWC-109": "CWE-824", "SWC-110": "CWE-670", "SWC-111": "CWE-477",
    "SWC-112": "CWE-829", "SWC-113": "CWE-703", "SWC-114": "CWE-362", "SWC-115": "CWE-477",
    "SWC-116": "CWE-829", "SWC-117": "CWE-347", "SWC-118": "CWE-665", "SWC-119": "CWE-710",
    "SWC-120": "CWE-330", "SWC-121": "CWE-347", "SWC-122": "CWE-345", "SWC-123": "CWE-573",
    "SWC-124": "CWE-123", "SWC-125": "CWE-696", "SWC-126": "CWE-691", "SWC-127": "CWE-695",
    "SWC-128": "CWE-400", "SWC-129": "CWE-480", "SWC-130": "CWE-451", "SWC-131": "CWE-1164",
    "SWC-132": "CWE-667", "SWC-133": "CWE-294", "SWC-134": "CWE-655", "SWC-135": "CWE-710",
    "SWC-136": "CWE-767",
}  # fmt: skip
"""The SWC registry's own mapping (SWC-100 to SWC-136; the registry is frozen since 2020)."""

_SWC_CATEGORY = {
    "SWC-101": Category.ARITHMETIC,
    "SWC-104": Category.UNCHECKED_CALL,
    "SWC-105": Category.ACCESS_CONTROL,
    "SWC-106": Category.ACCESS_CONTROL,
    "SWC-107": Category.REENTRANCY,
    "SWC-110": Category.FLOW_CONTROL,
    "SWC-112": Category.ACCESS_CONTROL,
    "SWC-113": Category.FLOW_CONTROL,
    "SWC-114": Category.FRONT_RUNNING,
    "SWC-115": Category.AUTHENTICATION,
    "SWC-116": Category.TIMESTAMP_DEPENDENCY,
    "SWC-117": Category.CRYPTOGRAPHY,
    "SWC-120": Category.CRYPTOGRAPHY,
    "SWC-121": Category.CRYPTOGRAPHY,
    "SWC-122": Category.CRYPTOGRAPHY,
    "SWC-124": Category.ACCESS_CONTROL,
    "SWC-128": Category.FLOW_CONTROL,
    "SWC-132": Category.LOGIC_ERROR,
    "SWC-133": Category.CRYPTOGRAPHY,
    "SWC-136": Category.DATA_EXPOSURE,
    "SWC-102": Category.CONFIGURATION,
    "SWC-103": Category.CONFIGURATION,
    "SWC-118": Category.ACCESS_CONTROL,
}
_CATEGORY_CWES: dict[Category, frozenset[int]] = {
    Category.ACCESS_CONTROL: frozenset({22, 250, 269, 276, 284, 285, 639, 732, 749, 862, 863}),
    Category.ARITHMETIC: frozenset({128, 190, 191, 193, 369, 681, 682}),
    Category.AUTHENTICATION: frozenset(
        {287, 290, 294, 295, 297, 306, 307, 384, 521, 613, 620, 798}
    ),
    Category.CONFIGURATION: frozenset({16, 614, 937, 1004, 1104, 1188}),
    Category.CRYPTOGRAPHY: frozenset({310, 321, 326, 327, 328, 330, 331, 338, 345, 347, 916}),
    Category.DATA_EXPOSURE: frozenset({200, 203, 209, 311, 312, 319, 497, 522, 532, 538, 922}),
    Category.FLOW_CONTROL: frozenset({400, 670, 674, 691, 703, 754, 755, 770, 834, 835}),
    Category.RACE_CONDITION: frozenset({362, 366, 367, 662, 667, 820, 821}),
    Category.REENTRANCY: frozenset({841, 1265}),
    Category.UNCHECKED_CALL: frozenset({252, 253}),
}
_CWE_CATEGORY = {cwe: category for category, cwes in _CATEGORY_CWES.items() for cwe in cwes}

_SLITHER_ID = re.compile(r"^([0-4])-([0-2])-(.+)$")
_GAS = re.compile(r"(?:^|[^a-z])(gas|optimi[sz]ation)(?:$|[^a-z])", re.IGNORECASE)
_CENTRALIZATION = re.compile(r"centrali[sz]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Grade:
    """What is proposed for one result: how bad, what sort, which weaknesses."""

    severity: Severity
    kind: FindingKind
    category: Category
    cwes: tuple[str, ...] = ()
    swcs: tuple[str, ...] = ()
    impact: Level | None = None
    confidence: Level | None = None


@dataclass(frozen=True, slots=True)
class SlitherRule:
    """A rule id of Slither's SARIF taken apart."""

    check: str
    impact: str
    confidence: str


def slither_rule(rule_id: str) -> SlitherRule | None:
    """Take `<impact>-<confidence>-<check>` apart; None if the id has another shape."""
    match = _SLITHER_ID.match(rule_id)
    if match is None:
        return None
    impact, confidence, check = match.groups()
    return SlitherRule(check, SLITHER_IMPACTS[int(impact)], SLITHER_CONFIDENCES[int(confidence)])


def slither_grade(check: str, impact: str, confidence: str) -> Grade:
    """Return what is proposed for a detector of Slither with its impact and confidence."""
    swc = SLITHER_SWC.get(check)
    swcs = (swc,) if swc else ()
    cwes = tuple(SWC_CWE[known] for known in swcs)
    return Grade(
        severity=_IMPACT_SEVERITY.get(impact.lower(), Severity.INFORMATIONAL),
        kind=_kind_of_slither(check, impact),
        category=category_of(swcs, cwes),
        cwes=cwes,
        swcs=swcs,
        impact=level_of_word(impact),
        confidence=level_of_word(confidence),
    )


def severity_of_score(score: float) -> Severity:
    """Return the severity of a CVSS-like score from 0 to 10 (the bands of CVSS 3.1)."""
    for least, severity in _SCORE_BANDS:
        if score >= least:
            return severity
    return Severity.LOW if score > 0 else Severity.INFORMATIONAL


def severity_of_word(word: str) -> Severity | None:
    """Return the severity a tool's word stands for, None for any other word."""
    return _WORD_SEVERITY.get(word.strip().lower())


def severity_of_level(tool: str, level: str) -> Severity:
    """Return the severity of a SARIF level, the last resort: level grades rules, not danger."""
    name = tool.lower()
    if any(name.startswith(linter) for linter in _LINTERS):
        return Severity.LOW if level == "error" else Severity.INFORMATIONAL
    return _FLAT_LEVELS.get(name) or _LEVEL_SEVERITY.get(level, Severity.MEDIUM)


def level_of_word(word: str) -> Level | None:
    """Return the grade of impact or confidence a tool's word names, None if it names none."""
    try:
        return Level(word.strip().lower())
    except ValueError:
        return None


def _kind_of_slither(check: str, impact: str) -> FindingKind:
    """Return what sort of remark a detector of Slither makes."""
    if impact.lower() == "optimization":
        return FindingKind.GAS
    return FindingKind.QUALITY if check in _SLITHER_QUALITY else FindingKind.VULNERABILITY


def kind_of_rule(tool: str, rule_id: str, words: tuple[str, ...]) -> FindingKind:
    """Return what sort of remark a rule makes, by its tool, id, name and tags."""
    if _CENTRALIZATION.search(rule_id) or any(_CENTRALIZATION.search(word) for word in words):
        return FindingKind.CENTRALIZATION
    if _GAS.search(rule_id) or any(_GAS.search(word) for word in words):
        return FindingKind.GAS
    if any(tool.lower().startswith(linter) for linter in _LINTERS):
        return FindingKind.QUALITY
    tags = {word.lower() for word in words}
    if tags & _QUALITY_TAGS and "security" not in tags:
        return FindingKind.QUALITY
    return FindingKind.VULNERABILITY


def category_of(swcs: tuple[str, ...], cwes: tuple[str, ...]) -> Category:
    """Return the class of weakness that the catalogue ids name, `other` if none does."""
    for swc in swcs:
        if swc in _SWC_CATEGORY:
            return _SWC_CATEGORY[swc]
    for cwe in cwes:
        category = _CWE_CATEGORY.get(int(cwe.removeprefix("CWE-")))
        if category is not None:
            return category
    return Category.OTHER
