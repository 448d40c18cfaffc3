"""The demo's files: what clients handed in with a request, and what auditors worked with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from vln_desktop.domain.audits import AuditStatus
from vln_desktop.tools.demo.audits import AuditWork
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.codebases import CONTRACT_KINDS
from vln_desktop.tools.demo.records import UploadedFile

_NONE_IN_100 = 8
_MOMENT = timedelta(seconds=1)
_PDF, _PNG, _ZIP = "application/pdf", "image/png", "application/zip"


class _Sort(NamedTuple):
    """A file by name, media type, kind and the sizes it may have, in kB."""

    name: str
    mime: str
    kind: str
    least: int
    most: int


_SPECIFICATION = _Sort("specification.pdf", _PDF, "upload", 240, 3_900)
_CODE = {
    "contracts": _Sort("contracts.zip", _ZIP, "upload", 60, 900),
    "wallet": _Sort("transaction-flows.pdf", _PDF, "upload", 310, 2_400),
    "api": _Sort("openapi.yaml", "application/yaml", "upload", 40, 380),
    "generator": _Sort("raw-output.zip", _ZIP, "upload", 24_000, 96_000),
    "platform": _Sort("source.zip", _ZIP, "upload", 2_800, 31_000),
}
_BESIDE = (
    _Sort("architecture.png", _PNG, "upload", 110, 1_600),
    _Sort("threat-model.md", "text/markdown", "upload", 4, 38),
    _Sort("deployment.json", "application/json", "upload", 2, 24),
    _Sort("earlier-audit-report.pdf", _PDF, "report", 420, 5_200),
)
_WORKING = (
    _Sort("notes.md", "text/markdown", "working", 6, 60),
    _Sort("static-analysis.sarif", "application/sarif+json", "working", 120, 4_800),
    _Sort("coverage.html", "text/html", "working", 210, 1_900),
    _Sort("proofs-of-concept.zip", _ZIP, "working", 18, 240),
)


def make_files(work: AuditWork, chance: Chance) -> tuple[UploadedFile, ...]:
    """Make the two to five files of an audit, none for a few; working ones once it is worked on."""
    if chance.percent(_NONE_IN_100):
        return ()
    handed_in = [_SPECIFICATION, _code(work)][: chance.between(1, 2)]
    handed_in += chance.random.sample(_BESIDE, chance.between(1, 5 - len(handed_in) - 2))
    requested = work.entered[AuditStatus.PENDING]
    files = list(_handed(work, handed_in, requested, chance))
    begun = work.entered.get(AuditStatus.IN_PROGRESS)
    if begun is not None:
        made = chance.random.sample(_WORKING, chance.between(1, 2))
        files += _handed(work, made, begun + timedelta(hours=1), chance)
    return tuple(files)


def _code(work: AuditWork) -> _Sort:
    kind = "contracts" if work.codebase.kind in CONTRACT_KINDS else work.codebase.kind
    return _CODE.get(kind, _CODE["contracts"])


def _handed(
    work: AuditWork, sorts: Iterable[_Sort], since: datetime, chance: Chance
) -> Iterator[UploadedFile]:
    """Yield files that came minutes after one another, all before the story's end."""
    at = since
    for sort in sorts:
        at = min(at + timedelta(seconds=chance.between(20, 900)), work.told_until - _MOMENT)
        id_ = chance.identity(at)
        yield UploadedFile(
            id_, work.audit.id, f"audits/{work.audit.id}/{id_}", sort.name, sort.mime,
            chance.between(sort.least * 1024, sort.most * 1024), chance.hexadecimal(64),
            sort.kind, at,
        )  # fmt: skip
