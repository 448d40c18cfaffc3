"""Trivy's JSON: vulnerable packages, misconfigurations, secrets and licences of each target.

The value of a secret is never taken over. A check that passed is a result that is no finding.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from vln_desktop.domain.findings import FindingKind, Severity
from vln_desktop.domain.scans import Outcome, ScanFile, ScanRun, SourceCode
from vln_desktop.errors import UserError
from vln_desktop.formats.native import NativeReader, Said, sections
from vln_desktop.formats.values import Json, Notes, Object, items, member, members, string, whole
from vln_desktop.formats.weaknesses import cwe_ids

TOOL = "Trivy"
HARDCODED_CREDENTIALS = "CWE-798"


def looks_like_trivy(value: Json) -> bool:
    """Tell whether a JSON value means to be Trivy's report, of today or of before 0.20."""
    if isinstance(value, list):
        return bool(value) and isinstance(value[0], dict) and "Target" in value[0]
    if not isinstance(value, dict):
        return False
    return {"SchemaVersion", "Results"} <= value.keys() or (
        {"ArtifactName", "ArtifactType"} <= value.keys()
    )


def read_trivy(value: Json, notes: Notes, source: SourceCode | None = None) -> ScanFile:
    """Return what a JSON report of Trivy says; raises UserError for one that is not Trivy's."""
    if not looks_like_trivy(value):
        raise UserError("The file is not the JSON report of Trivy.")
    reader = NativeReader(TOOL, source, notes)
    targets = value if isinstance(value, list) else items(value, "Results")
    for target in targets:
        if not isinstance(target, dict):
            notes.add("A target that is no object was left out.")
            continue
        for name, read in _SECTIONS.items():
            for entry in reader.each(items(target, name)):
                reader.add(read(reader, target, entry))
    return ScanFile("trivy", (_run(value, notes),), reader.results, notes.all())


def _run(value: Json, notes: Notes) -> ScanRun:
    version = notes.text(member(members(value, "Trivy"), "Version"), 100)
    if isinstance(value, list) or isinstance(member(value, "Results"), list):
        return ScanRun(TOOL, version, Outcome.COMPLETED)
    notes.add("Trivy's file names no target at all: that does not say that it is clean.")
    return ScanRun(TOOL, version, Outcome.EMPTY)


def _severity(reader: NativeReader, entry: Object) -> Severity:
    word = string(entry, "Severity")
    unknown = word.upper() == "UNKNOWN"
    return Severity.INFORMATIONAL if unknown else reader.severity(word)


def _vulnerability(reader: NativeReader, target: Object, entry: Object) -> Said:
    package = reader.text(entry.get("PkgName"), 300)
    number = reader.text(entry.get("VulnerabilityID"), 100)
    installed = reader.text(entry.get("InstalledVersion"), 200)
    fixed = reader.text(entry.get("FixedVersion"), 200)
    title = reader.text(entry.get("Title"), 300)
    about = f"{number} in {package}"
    return Said(
        rule=reader.rule(number, title, uri=entry.get("PrimaryURL")),
        severity=_severity(reader, entry),
        message=f"{about}: {title}" if title else about,
        title=f"{about}: {title}" if title else about,
        description=sections(
            ("", f"`{package}` {installed} in `{reader.text(target.get('Target'), 500)}`."),
            ("", reader.text(entry.get("Description"))),
        ),
        remediation=f"Update {package} from {installed} to {fixed}." if fixed else "",
        locations=(reader.place(target.get("Target"), function=package),),
        cwes=cwe_ids((entry.get("CweIDs"),)),
    )


def _misconfiguration(reader: NativeReader, target: Object, entry: Object) -> Said:
    cause = members(entry, "CauseMetadata")
    title = reader.text(entry.get("Title"), 300)
    message = reader.text(entry.get("Message")) or title
    status = string(entry, "Status").upper()
    return Said(
        rule=reader.rule(entry.get("ID"), title, uri=entry.get("PrimaryURL")),
        severity=_severity(reader, entry),
        message=message,
        title=title,
        description=sections(("", message), ("", reader.text(entry.get("Description")))),
        remediation=reader.text(entry.get("Resolution")),
        locations=(
            reader.place(
                target.get("Target"), whole(cause, "StartLine", 1), whole(cause, "EndLine", 1),
                function=cause.get("Resource"),
            ),
        ),
        suppressed=status == "EXCEPTION",
        suppression_reason="Trivy was told to except it." if status == "EXCEPTION" else "",
        refusal="The check passed." if status == "PASS" else "",
    )  # fmt: skip


def _secret(reader: NativeReader, target: Object, entry: Object) -> Said:
    title = reader.text(entry.get("Title"), 300)
    place = reader.place(target.get("Target"), function=entry.get("Category"))
    first, last = whole(entry, "StartLine", 1), whole(entry, "EndLine", 1)
    at = f", line {first}" if first else ""
    return Said(
        rule=reader.rule(entry.get("RuleID"), title),
        severity=_severity(reader, entry),
        message=f"{title} in {place.path}{at}",
        title=f"Secret in the code: {title}",
        description=f"{title} stands in `{place.path}`{at}. Its value is not taken over here.",
        remediation="Revoke the secret, then remove it from the code and its history.",
        locations=(replace(place, start_line=first, end_line=last or first, snippet=""),),
        cwes=(HARDCODED_CREDENTIALS,),
    )


def _licence(reader: NativeReader, target: Object, entry: Object) -> Said:
    name = reader.text(entry.get("Name"), 200)
    package = reader.text(entry.get("PkgName"), 300)
    file = entry.get("FilePath") or target.get("Target")
    about = f"{name} licence" + (f" of {package}" if package else "")
    return Said(
        rule=reader.rule(f"licence/{name}", about),
        severity=_severity(reader, entry),
        message=f"{about} ({reader.text(entry.get('Category'), 100)})",
        locations=(reader.place(file, function=package),),
        kind=FindingKind.QUALITY,
    )


_SECTIONS: dict[str, Callable[[NativeReader, Object, Object], Said]] = {
    "Vulnerabilities": _vulnerability,
    "Misconfigurations": _misconfiguration,
    "Secrets": _secret,
    "Licenses": _licence,
}
