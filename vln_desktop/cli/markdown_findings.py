"""Findings from Markdown files on the command line: a part of `vln-desktop import`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from vln_desktop.cli.invocation import Invocation
from vln_desktop.cli.opening import opened
from vln_desktop.cli.output import note, print_json, print_table
from vln_desktop.formats.mitigation_csv import is_mitigation_table
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.finding_files import Becomes, FindingFiles, TakePlan
from vln_desktop.services.findings import FindingsService

_ENDINGS = (".md", ".markdown")
_HEAD_BYTES = 4096

_DONE, _FOUND_SOMETHING, _BAD_INPUT = 0, 1, 2
_TITLES = ("file", "becomes", "number", "title", "fields", "reason")
_STALE = "changed here since the file was written; look at it in the window"


def is_taken_in(file: Path) -> bool:
    """Tell whether a file is Markdown or a mitigation table, not a scanner's."""
    if file.suffix.lower() in _ENDINGS:
        return True
    if file.suffix.lower() != ".csv" or not file.is_file():
        return False
    with file.open("rb") as opened_file:
        return is_mitigation_table(opened_file.read(_HEAD_BYTES))


def take_findings(
    invocation: Invocation, files: Sequence[Path], audit: str, *, dry_run: bool
) -> None:
    """Take in what `export findings` wrote and somebody edited, each file on its own.

    A file whose finding was changed meanwhile is left out: the window shows both and lets a person
    choose. Exit 0: done. 1: some file was left out. 2: every file was.
    """
    with opened(invocation) as database:
        audit_id = AuditsService(database).find(audit)
        service = FindingFiles(database, FindingsService(database))
        plans = service.plan(audit_id, files)
        wanted = [plan for plan in plans if _is_taken(plan)]
        refused = () if dry_run else service.apply(audit_id, wanted)[1]
    for sentence in refused:
        note(sentence)
    if invocation.as_json:
        print_json([dict(zip(_TITLES, _cells(plan), strict=True)) for plan in plans])
    else:
        print_table(_TITLES, (_cells(plan) for plan in plans))
    left_out = sum(not _is_taken(plan) and plan.becomes is not Becomes.SAME for plan in plans)
    raise typer.Exit(_exit_code(left_out + len(refused), len(plans)))


def _is_taken(plan: TakePlan) -> bool:
    return plan.becomes in (Becomes.NEW, Becomes.CHANGED) and not plan.stale


def _cells(plan: TakePlan) -> list[str]:
    reason = plan.reason or (_STALE if plan.stale else "")
    return [plan.name, plan.becomes.value, plan.number, plan.title, ", ".join(plan.fields), reason]


def _exit_code(left_out: int, whole: int) -> int:
    if left_out == whole:
        return _BAD_INPUT
    return _FOUND_SOMETHING if left_out else _DONE
