"""The leak guard's rules: pure functions over what a report would print."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import islice

from vln_desktop.domain.findings import FindingKind, Severity
from vln_desktop.domain.leaks import (
    Leak,
    LeakContext,
    LeakPlace,
    LeakRule,
    SecretFinder,
    excerpt_of,
    texts_of,
)
from vln_desktop.domain.report_content import ReportContent, ReportFinding
from vln_desktop.domain.reports import ReportKind

_SHINGLE = 8
"""So many words of an internal note in a row are no chance."""
_LEAST_NAME = 4
_MOST = 50
"""Of one rule in one text no more are told: who mends these looks again."""
_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})")
_INLINE = re.compile(r"`[^`\n]*`")
_WORDS = re.compile(r"\w+")
_TO_DO = re.compile(
    r"\b(?:TODO|FIXME|XXX|TBD|TBC)\b|lorem ipsum|\[insert\b[^\]\n]{0,80}\]|<placeholder>|\?\?\?"
    r"|\[(?:hier|text) einf[üu]gen\]",
    re.IGNORECASE,
)
_TO_DO_WORDS = re.compile(r"\b(?:todo|xxx|tbd|tbc|fixme)\b")
_INTERNAL = re.compile(
    r"\binternal(?:\s+(?:only|note|use))?\s*:|\bdo not (?:share|publish|send)\b|\binternal only\b"
    r"|\bnot for the client\b|\bnote to self\b|\bintern(?:e notiz)?\s*:|\bnicht weitergeben\b"
    r"|\bnur intern\b|(?<![\w@./`])@[a-z][\w.-]{2,40}\b(?![\w.-]*/)",
    re.IGNORECASE,
)
_NUMBER_WORDS = {
    "no": 0, "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6,
    "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "kein": 0, "keine": 0, "keinen": 0, "ein": 1, "eine": 1, "einen": 1, "zwei": 2, "drei": 3,
    "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "elf": 11,
    "zwölf": 12,
}  # fmt: skip
_SEVERITIES = {
    "critical": Severity.CRITICAL, "high": Severity.HIGH, "medium": Severity.MEDIUM,
    "low": Severity.LOW, "informational": Severity.INFORMATIONAL,
    "kritisch": Severity.CRITICAL, "hoh": Severity.HIGH, "mittler": Severity.MEDIUM,
    "niedrig": Severity.LOW,
}  # fmt: skip
_COUNT = re.compile(
    r"\b(?P<number>\d{1,4}|" + "|".join(_NUMBER_WORDS) + r")\s+"
    r"(?:findings?\s+of\s+)?(?P<severity>critical|high|medium|low|informational"
    r"|kritisch|hoh|mittler|niedrig)(?:e[nrs]?)?\b(?:[- ]severity|[- ]risk)?"
    r"(?P<noun>\s+(?:findings?|issues?|vulnerabilit(?:y|ies)|weakness(?:es)?|severity"
    r"|Befunde?n?|Schwachstellen?))?(?P<after>[^\n]{0,60})",
    re.IGNORECASE,
)
_OF_SOME = re.compile(r"\b(?:of|von|unter)\s+(?:the|all|those|den|allen)?\s*$", re.IGNORECASE)
_QUALIFIED = re.compile(
    r"^[^\n.;:]{0,30}\b(?:fixed|resolved|open|unresolved|remain\w*|left|mitigated|accepted"
    r"|acknowledged|behoben|offen|gel[öo]st|verbleib\w*|bleib\w*)\b",
    re.IGNORECASE,
)
_LISTED = re.compile(r"^\s*(?:[,;.)]|and\b|und\b|$)", re.IGNORECASE)
_LABEL = re.compile(r"(?<![\w-])(?:CR|[CHMLIGQ])-\d{2,3}\b(?!-)")
_ANCHOR = re.compile(r"\]\(#([^)\s]*)\)")
_IMAGE = re.compile(r"!\[[^\]\n]{0,200}\]\(([^)\s]{1,300})[^)\n]{0,100}\)")
_NOTE_USED = re.compile(r"\[\^([^\]\s]{1,40})\](?!:)")
_NOTE_MADE = re.compile(r"^\[\^([^\]\s]{1,40})\]:", re.MULTILINE)


def find_leaks(
    content: ReportContent, beside: LeakContext, find_secrets: SecretFinder
) -> tuple[Leak, ...]:
    """Return what must not be printed as it stands, in the order of the report, each once."""
    found: dict[str, Leak] = {}
    for leak in _all(content, beside, find_secrets):
        found.setdefault(leak.key, leak)
    return tuple(found.values())


def _all(content: ReportContent, beside: LeakContext, find_secrets: SecretFinder) -> Iterator[Leak]:
    shingles = _shingles_of(beside)
    names = _foreign_names(content, beside.clients)
    for place, text in texts_of(content):
        prose = _prose(text)
        for secret in find_secrets(text):
            digest = sha256(secret.value.encode(errors="surrogatepass")).hexdigest()
            line = _line_of(text, secret.value)
            yield Leak(
                LeakRule.SECRET, replace(place, line=line), secret.masked,
                f"{secret.kind}: it must be revoked if it is real.", digest,
            )  # fmt: skip
        yield from _to_dos(place, prose)
        yield from _internal_words(place, prose)
        yield from _notes(place, text, shingles)
        yield from _clients(place, text, names)
        yield from _counts(place, prose, content)
        yield from _references(place, prose, content)
    for finding in content.findings:
        yield from _of_finding(finding, content, beside)


def _prose(text: str) -> str:
    """Return a Markdown text with its code blanked, so that lines keep their numbers."""
    lines, fence = [], ""
    for line in text.split("\n"):
        mark = _FENCE.match(line)
        if fence:
            if mark and mark[1][0] == fence[0] and len(mark[1]) >= len(fence):
                fence = ""
            lines.append("")
        elif mark:
            fence = mark[1]
            lines.append("")
        else:
            lines.append(_INLINE.sub(lambda code: " " * len(code[0]), line))
    return "\n".join(lines)


def _matches(
    rule: LeakRule, place: LeakPlace, text: str, matches: Iterable[re.Match[str]], message: str
) -> Iterator[Leak]:
    for match in islice(matches, _MOST):
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end())
        whole = text[start : end if end >= 0 else len(text)]
        line = text.count("\n", 0, match.start()) + 1
        yield Leak(rule, replace(place, line=line), excerpt_of(whole), message, match[0].lower())


def _to_dos(place: LeakPlace, prose: str) -> Iterator[Leak]:
    matches = (m for m in _TO_DO.finditer(prose) if not _TO_DO_WORDS.fullmatch(m[0]))
    return _matches(
        LeakRule.TO_DO, place, prose, matches, "Something was to be written here and is not."
    )


def _internal_words(place: LeakPlace, prose: str) -> Iterator[Leak]:
    return _matches(
        LeakRule.INTERNAL_NOTE, place, prose, _INTERNAL.finditer(prose),
        "This speaks to colleagues, not to the client.",
    )  # fmt: skip


def _shingles_of(beside: LeakContext) -> frozenset[tuple[str, ...]]:
    """Return all runs of words of the internal notes."""
    return frozenset(
        shingle
        for notes in beside.notes.values()
        for note in notes
        for shingle in _shingles(_WORDS.findall(note.casefold()))
    )


def _shingles(words: Sequence[str]) -> Iterator[tuple[str, ...]]:
    return (tuple(words[at : at + _SHINGLE]) for at in range(len(words) - _SHINGLE + 1))


def _notes(place: LeakPlace, text: str, shingles: frozenset[tuple[str, ...]]) -> Iterator[Leak]:
    if not shingles:
        return
    words = list(_WORDS.finditer(text))
    plain = [word[0].casefold() for word in words]
    for at, shingle in enumerate(_shingles(plain)):
        if shingle in shingles:
            first, last = words[at], words[at + _SHINGLE - 1]
            quoted = text[first.start() : last.end()]
            line = text.count("\n", 0, first.start()) + 1
            yield Leak(
                LeakRule.INTERNAL_NOTE, replace(place, line=line), excerpt_of(quoted),
                "This stands in an internal comment, word for word.",
            )  # fmt: skip
            return


def _foreign_names(
    content: ReportContent, clients: Sequence[str]
) -> list[tuple[str, re.Pattern[str]]]:
    """Return names of other clients that are not part of this client's or project's own."""
    own = f"{content.client}\n{content.project}".casefold()
    names = []
    for name in clients:
        plain = " ".join(name.split())
        if len(plain) >= _LEAST_NAME and plain.casefold() not in own:
            pattern = re.compile(rf"(?<!\w){re.escape(plain)}(?!\w)", re.IGNORECASE)
            names.append((plain, pattern))
    return names


def _clients(
    place: LeakPlace, text: str, names: Sequence[tuple[str, re.Pattern[str]]]
) -> Iterator[Leak]:
    for name, pattern in names:
        yield from _matches(
            LeakRule.FOREIGN_CLIENT, place, text, pattern.finditer(text),
            f"{name} is another client of the firm.",
        )  # fmt: skip


def _counts(place: LeakPlace, prose: str, content: ReportContent) -> Iterator[Leak]:
    counts = content.severity_counts
    told = 0
    for match in _COUNT.finditer(prose):
        if not match["noun"] and not _LISTED.match(match["after"]):
            continue
        if _QUALIFIED.match(match["after"]) or _OF_SOME.search(
            prose[max(match.start() - 20, 0) : match.start()]
        ):
            continue
        said = match["number"].lower()
        number = int(said) if said.isdecimal() else _NUMBER_WORDS[said]
        severity = _SEVERITIES[match["severity"].lower()]
        if number != counts[severity] and told < _MOST:
            told += 1
            shown = prose[match.start() : match.start("after")]
            line = prose.count("\n", 0, match.start()) + 1
            yield Leak(
                LeakRule.CONTRADICTING_COUNT, replace(place, line=line), excerpt_of(shown),
                f"The report counts {counts[severity]} of severity {severity.value}.",
            )  # fmt: skip


def _references(place: LeakPlace, prose: str, content: ReportContent) -> Iterator[Leak]:
    labels = {finding.label for finding in content.findings}
    numbers = {finding.number for finding in content.findings}
    pictures = {one.name for finding in content.findings for one in finding.evidence}
    number = re.compile(rf"(?<!\w){re.escape(content.audit_number)}-F\d{{2,5}}\b")
    made = set(_NOTE_MADE.findall(prose))
    for pattern, known, message in (
        (_LABEL, labels, "No finding of this report has this label."),
        (number, numbers, "This finding is not in the report."),
    ):
        if known or pattern is not _LABEL:
            lost = (m for m in pattern.finditer(prose) if m[0] not in known)
            yield from _matches(LeakRule.DEAD_REFERENCE, place, prose, lost, message)
    for pattern, held, message in (
        (_ANCHOR, frozenset[str](), "This link leads nowhere in the paper."),
        (_IMAGE, pictures, "This picture is not printed: it is no evidence of the report."),
        (_NOTE_USED, made, "This footnote has no text."),
    ):
        lost = (m for m in pattern.finditer(prose) if m[1] not in held)
        yield from _matches(LeakRule.DEAD_REFERENCE, place, prose, lost, message)


def _of_finding(
    finding: ReportFinding, content: ReportContent, beside: LeakContext
) -> Iterator[Leak]:
    place = LeakPlace(finding.number)
    for one in finding.evidence:
        if one.sha256 in beside.sensitive:
            yield Leak(
                LeakRule.UNBLURRED_EVIDENCE, replace(place, field="evidence"), one.name,
                "This evidence is marked sensitive and not blurred.", one.sha256,
            )  # fmt: skip
    proposed = beside.proposed.get(finding.number)
    if proposed is not None and proposed is not finding.severity:
        yield Leak(
            LeakRule.SEVERITY_SCHEME, replace(place, field="severity"), finding.severity.value,
            f"The audit's scheme says {proposed.value}, and no reason is noted.",
        )  # fmt: skip
    if content.kind in (ReportKind.PUBLIC_SUMMARY, ReportKind.ATTESTATION):
        return
    if finding.kind is not FindingKind.VULNERABILITY:
        return
    serious = finding.severity in (Severity.CRITICAL, Severity.HIGH)
    if serious and not finding.proof.strip() and not finding.evidence:
        yield Leak(
            LeakRule.NO_PROOF, replace(place, field="proof"), finding.severity.value,
            "A serious finding without proof of concept or evidence.",
        )  # fmt: skip
    if finding.severity is not Severity.INFORMATIONAL and not finding.remediation.strip():
        yield Leak(
            LeakRule.NO_REMEDIATION, replace(place, field="remediation"), finding.severity.value,
            "The client is not told what to do.",
        )  # fmt: skip


def _line_of(text: str, value: str) -> int:
    at = text.find(value)
    return text.count("\n", 0, at) + 1 if at >= 0 else 1
