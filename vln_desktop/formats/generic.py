"""DefectDojo's Generic Findings, as JSON and as CSV: what any tool or person can write.

A result without a title or with false_positive and its like is counted all the same: refused with
the reason, or imported as suppressed. Dates are not taken over; the import's own is what counts.
"""

from __future__ import annotations

import csv
import io

from vln_desktop.domain.findings import Severity
from vln_desktop.domain.scans import Outcome, ScanFile, ScanRun, SourceCode
from vln_desktop.errors import UserError
from vln_desktop.formats.native import NativeReader, Said, sections
from vln_desktop.formats.values import Json, Notes, Object, items, member, string, whole
from vln_desktop.formats.weaknesses import bare_cwe

TOOL = "Generic"
_NEEDED = {"title", "severity", "description"}
_CLOSED = (
    ("false_p", "It is marked as a false positive."),
    ("duplicate", "It is marked as a duplicate."),
    ("out_of_scope", "It is marked as out of scope."),
    ("risk_accepted", "It is marked as an accepted risk."),
    ("is_mitigated", "It is marked as mitigated."),
)
_COLUMNS = {
    "cweid": "cwe",
    "falsepositive": "false_p",
    "ismitigated": "is_mitigated",
    "outofscope": "out_of_scope",
    "riskaccepted": "risk_accepted",
    "filepath": "file_path",
    "vulnerabilityid": "cve",
}
_YES = frozenset({"true", "yes", "1"})
_NO = frozenset({"false", "no", "0"})


def looks_like_generic(value: Json) -> bool:
    """Tell whether a JSON value means to be DefectDojo's Generic Findings."""
    return isinstance(member(value, "findings"), list)


def looks_like_generic_csv(text: str) -> bool:
    """Tell whether a text begins with the columns of DefectDojo's Generic Findings."""
    return set(_names(text.lstrip("\ufeff").split("\n", 1)[0].split(","))) >= _NEEDED


def read_generic(value: Json, notes: Notes, source: SourceCode | None = None) -> ScanFile:
    """Return what a JSON file of Generic Findings says; raises UserError for another one."""
    if not looks_like_generic(value):
        raise UserError("The file is not DefectDojo's Generic Findings: it has no list “findings”.")
    tool = notes.text(member(value, "type") or member(value, "name"), 100) or TOOL
    reader = NativeReader(tool, source, notes)
    for finding in reader.each(items(value, "findings")):
        reader.add(_said(reader, finding))
    run = ScanRun(tool, notes.text(member(value, "version"), 100), Outcome.COMPLETED)
    return ScanFile("generic", (run,), reader.results, notes.all())


def read_generic_csv(text: str, notes: Notes, source: SourceCode | None = None) -> ScanFile:
    """Return what a CSV file of Generic Findings says; raises UserError for a broken one."""
    reader = NativeReader(TOOL, source, notes)
    try:
        rows = list(csv.reader(io.StringIO(text.lstrip("\ufeff")), strict=True))
    except csv.Error as error:
        raise UserError(f"The table cannot be read: {error}.") from None
    names = _names(rows[0]) if rows else []
    if not set(names) >= _NEEDED:
        raise UserError("The table lacks one of the columns title, severity and description.")
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(names):
            notes.add(f"Line {number} has {len(row)} cells, the head {len(names)}.")
        reader.add(_said(reader, _object(dict(zip(names, row, strict=False)))))
    run = ScanRun(TOOL, "", Outcome.COMPLETED)
    return ScanFile("generic", (run,), reader.results, notes.all())


def _names(head: list[str]) -> list[str]:
    plain = (name.strip().strip('"').strip().lower() for name in head)
    return [_COLUMNS.get(name, name) for name in plain]


def _object(row: dict[str, str]) -> Object:
    """Return a row as the JSON would say it: truth and numbers are no texts."""
    made: Object = {}
    for name, cell in row.items():
        word = cell.strip()
        if word.lower() in _YES | _NO and name not in {"cwe", "line", "title", "description"}:
            made[name] = word.lower() in _YES
        elif name in {"cwe", "line"} and word.isascii() and word.isdigit():
            made[name] = int(word[:9])
        else:
            made[name] = word
    return made


def _said(reader: NativeReader, finding: Object) -> Said:
    title = reader.text(finding.get("title"), 300)
    known = reader.text(finding.get("vuln_id_from_tool") or finding.get("cve"), 300)
    cwe = bare_cwe(finding.get("cwe"))
    unique = reader.text(finding.get("unique_id_from_tool"), 500)
    closed = [why for name, why in _CLOSED if finding.get(name) is True]
    if finding.get("active") is False and not closed:
        closed = ["It is marked as not active."]
    description = reader.text(finding.get("description"))
    return Said(
        rule=reader.rule(known or title, title),
        severity=_severity(reader, finding),
        message=title,
        title=title,
        description=_description(reader, finding, description),
        remediation=reader.text(finding.get("mitigation")),
        locations=(
            reader.place(
                finding.get("file_path") or finding.get("url") or _endpoint(finding),
                whole(finding, "line", 1),
                function=finding.get("component_name"),
            ),
        ),
        cwes=(cwe,) if cwe else (),
        words=tuple(tag for tag in items(finding, "tags") if isinstance(tag, str))[:20],
        fingerprints=(("unique_id_from_tool", unique),) if unique else (),
        suppressed=bool(closed),
        suppression_reason=closed[0] if closed else "",
        refusal="" if title else "The result has no title.",
    )


def _severity(reader: NativeReader, finding: Object) -> Severity:
    if not finding:
        return Severity.INFORMATIONAL
    return reader.severity(finding.get("severity"))


def _endpoint(finding: Object) -> str:
    endpoints = items(finding, "endpoints")
    first = endpoints[0] if endpoints else ""
    return first if isinstance(first, str) else string(first, "host")


def _description(reader: NativeReader, finding: Object, text: str) -> str:
    numbers = [n for n in (finding.get("cve"), *items(finding, "vulnerability_ids"))
               if isinstance(n, str) and n]  # fmt: skip
    scores = [string(finding, name) for name in ("cvssv3", "cvssv4") if string(finding, name)]
    return sections(
        ("", text),
        ("Impact", reader.text(finding.get("impact"))),
        ("Steps to reproduce", reader.text(finding.get("steps_to_reproduce"))),
        ("Known as", reader.text(", ".join(dict.fromkeys(numbers)), 2_000)),
        ("CVSS", reader.text("\n".join(f"`{score}`" for score in scores), 500)),
        ("References", reader.text(finding.get("references"))),
    )
