"""One result of a SARIF run: its rule, level, texts, weaknesses, suppression and fingerprints."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from vln_desktop.domain.findings import Severity
from vln_desktop.domain.scanner_rules import (
    SWC_CWE,
    Grade,
    SlitherRule,
    category_of,
    kind_of_rule,
    severity_of_level,
    severity_of_score,
    severity_of_word,
    slither_grade,
    slither_rule,
)
from vln_desktop.domain.scans import ScanLocation, ScanResult, ScanRule, SourceCode
from vln_desktop.formats.sarif_locations import Locations
from vln_desktop.formats.sarif_messages import Message, message_of, numbered, plain
from vln_desktop.formats.sarif_rules import FoundRule, Rules, Taxonomies, rule_texts
from vln_desktop.formats.texts import described, slither_function, slither_markdown, title_of
from vln_desktop.formats.unreadable import unreadable
from vln_desktop.formats.values import Json, Notes, Object, items, members, objects, string
from vln_desktop.formats.weaknesses import bare_cwe, cwe_ids, swc_ids

LEVELS = ("error", "warning", "note", "none")
DEFAULT_LEVEL = "warning"

_MAX_ID = 300
_MAX_FINGERPRINTS = 20
_MAX_WEAKNESSES = 20
_NO_FINDING = {
    "pass": "The tool says that this check passed.",
    "notApplicable": "The tool says that this check does not apply.",
}
_SEVERITY_NAMES = ("severity", "Severity", "issue_severity", "securityRisk", "risk")
_SCORE_NAMES = ("security-severity", "securitySeverity", "cvssv3_baseScore", "cvss_score")
_ID_WORD = re.compile(r"^\[(\w+)\]\s")
_HELP_WORD = re.compile(r"^\W*Severity\W+(\w+)", re.MULTILINE)


class RunReader:
    """Reads the results of one run."""

    def __init__(self, run: Object, source: SourceCode | None, notes: Notes) -> None:
        self._notes = notes
        self._rules = Rules(run)
        self._taxonomies = Taxonomies(run)
        self._locations = Locations(run, source, notes)
        driver = members(members(run, "tool"), "driver")
        self._tool = notes.text(driver.get("name"), 100)
        self._is_slither = self._tool.lower().startswith("slither")

    def result(self, body: Json, ordinal: int) -> ScanResult:
        """Return one result; what is no object at all is a result that is refused."""
        if not isinstance(body, dict):
            return unreadable(self._tool, ordinal, self._notes, DEFAULT_LEVEL)
        found = self._rules.of(body)
        parts = slither_rule(found.id) if self._is_slither else None
        level = _level(body, found.body)
        message = self._message(body, found)
        rule = self._rule(found, parts)
        grade = self._grade(body, found, parts, level)
        suppressed, reason = self._suppression(body)
        markdown = message.markdown or message.text
        return ScanResult(
            ordinal=ordinal,
            tool=self._tool,
            rule=rule,
            level=level,
            severity=grade.severity,
            kind=grade.kind,
            category=grade.category,
            title=title_of(message.text, rule),
            message=message.text,
            description=described(slither_markdown(markdown) if parts else markdown, rule),
            remediation=self._remediation(body, found, parts),
            locations=self._places(body, message),
            cwes=grade.cwes,
            swcs=grade.swcs,
            impact=grade.impact,
            confidence=grade.confidence,
            suppressed=suppressed,
            suppression_reason=reason,
            tool_fingerprints=self._fingerprints(body),
            refusal=_refusal(body),
        )

    def _rule(self, found: FoundRule, parts: SlitherRule | None) -> ScanRule:
        text = self._notes.text
        identifier = text(found.id, _MAX_ID)
        summary = plain(found.body, "shortDescription", self._notes)
        if parts is not None:
            key = text(parts.check, _MAX_ID)
            return ScanRule(identifier, key, key, summary)
        full = plain(found.body, "fullDescription", self._notes)
        help_body = members(found.body, "help")
        return ScanRule(
            id=identifier,
            key=identifier,
            name=text(found.body.get("name"), _MAX_ID),
            summary=summary or full,
            help=text(help_body.get("markdown")) or text(help_body.get("text")) or full,
            help_uri=text(found.body.get("helpUri"), 2_000),
        )

    def _grade(
        self, body: Object, found: FoundRule, parts: SlitherRule | None, level: str
    ) -> Grade:
        if parts is not None:
            return slither_grade(parts.check, parts.impact, parts.confidence)
        properties = members(body, "properties")
        texts = rule_texts(found, properties)
        bare = (
            bare_cwe(value)
            for bag in (members(found.body, "properties"), properties)
            for name, value in bag.items()
            if "cwe" in name.lower()
        )
        cwes = [*self._taxonomies.cwes(body, found.body), *cwe_ids(texts), *filter(None, bare)]
        swcs = swc_ids(texts)[:_MAX_WEAKNESSES]
        unique = tuple(dict.fromkeys([*cwes, *(SWC_CWE[s] for s in swcs if s in SWC_CWE)]))
        return Grade(
            severity=_severity(self._tool, body, found, level),
            kind=kind_of_rule(self._tool, found.id, _words(found)),
            category=category_of(swcs, unique),
            cwes=unique[:_MAX_WEAKNESSES],
            swcs=swcs,
        )

    def _message(self, body: Object, found: FoundRule) -> Message:
        said = body.get("message")
        if isinstance(said, str):
            self._notes.add("A message is plain text where SARIF asks for an object; it was read.")
            return Message(self._notes.text(said))
        message = members(body, "message")
        linked = any("](" in text for text in message.values() if isinstance(text, str))
        places = numbered(body, self._locations.place) if linked or "id" in message else {}
        return message_of(message, found.body, found.component, places, self._notes)

    def _places(self, body: Object, message: Message) -> tuple[ScanLocation, ...]:
        """Return the locations; Slither names the function only in its message."""
        locations = self._locations.of(body)
        function = slither_function(message.markdown) if self._is_slither else ""
        if not function or any(location.function for location in locations):
            return locations
        first = locations[0] if locations else ScanLocation()
        return (replace(first, function=function), *locations[1:])

    def _remediation(self, body: Object, found: FoundRule, parts: SlitherRule | None) -> str:
        fixes = (plain(fix, "description", self._notes) for fix in objects(body, "fixes"))
        said = "\n\n".join(dict.fromkeys(fix for fix in fixes if fix))
        return said or (plain(found.body, "help", self._notes) if parts is not None else "")

    def _suppression(self, body: Object) -> tuple[bool, str]:
        """Tell whether the result is suppressed (SARIF 3.27.23) and why.

        One entry that is under review or rejected means that the finding is open. `state` is
        what drafts called `status`.
        """
        entries = list(objects(body, "suppressions"))
        states = [string(e, "status") or string(e, "state") or "accepted" for e in entries]
        if not entries or any(state != "accepted" for state in states):
            return False, ""
        reasons = (self._notes.text(e.get("justification"), 1_000).strip() for e in entries)
        kinds = ("in the source" if string(e, "kind") == "inSource" else "outside" for e in entries)
        said = "; ".join(dict.fromkeys(reason for reason in reasons if reason))
        return True, said or f"Suppressed {next(kinds)}, no reason given."

    def _fingerprints(self, body: Object) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for bag in (members(body, "fingerprints"), members(body, "partialFingerprints")):
            for name, value in bag.items():
                inner = string(value, "value") if isinstance(value, dict) else value
                text = self._notes.text(inner, 500)
                if text:
                    found.append((self._notes.text(name, 100), text))
        return tuple(found[:_MAX_FINGERPRINTS])


def _level(body: Object, rule: Object) -> str:
    """Return the result's level, else its rule's default, else warning (SARIF 3.27.10)."""
    own = string(body, "level")
    default = string(members(rule, "defaultConfiguration"), "level")
    return next((level for level in (own, default) if level in LEVELS), DEFAULT_LEVEL)


def _refusal(body: Object) -> str:
    if string(body, "baselineState") == "absent":
        return "The tool says that this result is gone since its baseline."
    return _NO_FINDING.get(string(body, "kind"), "")


def _severity(tool: str, body: Object, found: FoundRule, level: str) -> Severity:
    """Return the proposed severity: what the result, then the rule says, the level at last."""
    own, rules = members(body, "properties"), members(found.body, "properties")
    for bag in (own, rules):
        score = next((s for name in _SCORE_NAMES if (s := _score(bag.get(name))) is not None), None)
        if score is not None:
            return severity_of_score(score)
        word = next((w for name in _SEVERITY_NAMES if (w := _word(bag.get(name)))), None)
        if word is not None:
            return word
    for text in _words(found):
        word = severity_of_word(text)
        if word is not None:
            return word
    return severity_of_level(tool, level)


def _words(found: FoundRule) -> tuple[str, ...]:
    """Return a rule's words that may grade it: tags, name, and a severity in its id or help."""
    tags = [tag for tag in items(members(found.body, "properties"), "tags") if isinstance(tag, str)]
    marks = _ID_WORD.findall(found.id)
    said = _HELP_WORD.findall(string(members(found.body, "help"), "text")[:5_000])
    return (*marks, *said, *tags, string(found.body, "name"))


def _score(value: Json) -> float | None:
    try:
        score = float(value) if isinstance(value, str | int | float) else math.nan
    except (ValueError, OverflowError):
        return None
    return score if 0 <= score <= 10 else None


def _word(value: Json) -> Severity | None:
    return severity_of_word(value) if isinstance(value, str) else None
