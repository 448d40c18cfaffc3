"""Semgrep's JSON. Its errors say which files or rules were left out: then the run failed."""

from __future__ import annotations

from vln_desktop.domain.findings import Severity
from vln_desktop.domain.scanner_rules import level_of_word
from vln_desktop.domain.scans import Outcome, ScanFile, ScanLocation, ScanRun, SourceCode
from vln_desktop.errors import UserError
from vln_desktop.formats.native import NativeReader, Said, one_line, sections
from vln_desktop.formats.values import (
    Json,
    Notes,
    Object,
    items,
    member,
    members,
    objects,
    string,
    whole,
)
from vln_desktop.formats.weaknesses import cwe_ids

TOOL = "Semgrep"
LEVELS = {"error": Severity.HIGH, "warning": Severity.MEDIUM, "info": Severity.LOW}
"""Semgrep's levels grade rules; newer versions write critical to low instead."""

_HIDDEN = "requires login"


def looks_like_semgrep(value: Json) -> bool:
    """Tell whether a JSON value means to be Semgrep's output."""
    results = member(value, "results")
    if not isinstance(results, list):
        return False
    first = results[0] if results else None
    if isinstance(first, dict) and {"check_id", "path"} <= first.keys():
        return True
    return isinstance(value, dict) and {"errors", "paths"} <= value.keys()


def read_semgrep(value: Json, notes: Notes, source: SourceCode | None = None) -> ScanFile:
    """Return what a JSON file of Semgrep says; raises UserError for one that is not Semgrep's."""
    if not looks_like_semgrep(value):
        raise UserError("The file is not the JSON of Semgrep.")
    reader = NativeReader(TOOL, source, notes)
    for result in reader.each(items(value, "results")):
        reader.add(_said(reader, result))
    return ScanFile("semgrep", (_run(value, notes),), reader.results, notes.all())


def _run(value: Json, notes: Notes) -> ScanRun:
    version = notes.text(member(value, "version"), 100)
    errors = [e for e in objects(value, "errors") if string(e, "level").lower() != "warn"]
    if not errors:
        return ScanRun(TOOL, version, Outcome.COMPLETED)
    said = notes.text(one_line(string(errors[0], "message") or string(errors[0], "type")))
    notes.add(f"Semgrep tells of {len(errors)} errors{', the first: ' + said if said else '.'}")
    return ScanRun(TOOL, version, Outcome.FAILED, said)


def _said(reader: NativeReader, result: Object) -> Said:
    extra = members(result, "extra")
    about = members(extra, "metadata")
    told = string(extra, "severity").lower()
    references = [text for text in items(about, "references") if isinstance(text, str)]
    message = reader.text(extra.get("message"))
    fingerprint = reader.text(extra.get("fingerprint"), 500)
    links = "\n".join(f"- <{reader.text(url, 500)}>" for url in references
                      if url.startswith(("https://", "http://")))  # fmt: skip
    return Said(
        rule=reader.rule(result.get("check_id"), uri=about.get("shortlink") or about.get("source")),
        severity=LEVELS.get(told) or reader.severity(told),
        message=message,
        description=sections(("", message), ("References", links)),
        remediation=_fix(reader, extra),
        locations=(_place(reader, result, extra),),
        cwes=cwe_ids((about.get("cwe"),)),
        words=(string(about, "category"), string(about, "subcategory")),
        impact=level_of_word(string(about, "impact")),
        confidence=string(about, "confidence"),
        fingerprints=(("fingerprint", fingerprint),) if fingerprint else (),
        suppressed=extra.get("is_ignored") is True,
        suppression_reason="A comment in the code tells Semgrep to ignore it."
        if extra.get("is_ignored") is True else "",
    )  # fmt: skip


def _fix(reader: NativeReader, extra: Object) -> str:
    fix = reader.text(extra.get("fix"), 20_000)
    return f"Semgrep proposes:\n\n```\n{fix.replace('```', '')}\n```" if fix.strip() else ""


def _place(reader: NativeReader, result: Object, extra: Object) -> ScanLocation:
    start, end = members(result, "start"), members(result, "end")
    lines = string(extra, "lines")
    return reader.place(
        result.get("path"),
        whole(start, "line", 1),
        whole(end, "line", 1),
        column=whole(start, "col", 1),
        snippet="" if lines.strip().lower() == _HIDDEN else lines,
    )
