"""The demo's evidence of severe findings: a picture of a trace, and a test that shows the fault."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from vln_desktop.config import resource
from vln_desktop.domain.files import FileDraft, FileKind
from vln_desktop.domain.findings import ReviewState, Severity
from vln_desktop.tools.demo.finding_records import Finding
from vln_desktop.tools.demo.records import FileChunk, FindingEvidence, UploadedFile

MOST = 40
"""So many findings have evidence, the latest ones: each is a picture to paint."""
_SHOWN = (Severity.CRITICAL.value, Severity.HIGH.value)
_LOOKED_AT = (ReviewState.CONFIRMED.value, ReviewState.READY.value)
_PICTURE, _TEST, _PICTURE_LINK, _TEST_LINK = 7, 8, 9, 10
"""Make ids of a finding's: they stay ids made by its time."""
_AFTER = timedelta(minutes=20)
_SIZE = (920, 372)
_PAPER, _BAR, _TEXT, _RED, _DIM = "#14171f", "#262b38", "#d6dae4", "#ff6b6b", "#8b93a7"


@dataclass(frozen=True, slots=True)
class Proofs:
    """Files with their bytes, and what they show."""

    files: tuple[UploadedFile, ...] = ()
    chunks: tuple[FileChunk, ...] = ()
    evidence: tuple[FindingEvidence, ...] = ()


def make_evidence(findings: Sequence[Finding]) -> Proofs:
    """Return the evidence of the latest severe findings that somebody has confirmed."""
    severe = [f for f in findings if f.severity in _SHOWN and f.review_state in _LOOKED_AT]
    latest = sorted(severe, key=lambda f: (f.created_at, f.id), reverse=True)[:MOST]
    made = [part for finding in latest for part in _of(finding)]
    return Proofs(
        tuple(file for file, _, _ in made),
        tuple(chunk for _, chunk, _ in made),
        tuple(shown for _, _, shown in made),
    )


def _of(finding: Finding) -> Iterator[tuple[UploadedFile, FileChunk, FindingEvidence]]:
    number = finding.number.lower()
    pictured = FileDraft.of(f"{number}-trace.png", _trace(finding))
    yield _shown(finding, pictured, 0, "The trace of the test: the call comes back before the "
                 "balance is written.")  # fmt: skip
    test = FileDraft.of(f"{number}.t.sol", _test(finding).encode())
    yield _shown(finding, test, 1, "Run with `forge test -vvvv`.")


def _shown(
    finding: Finding, draft: FileDraft, ordinal: int, caption: str
) -> tuple[UploadedFile, FileChunk, FindingEvidence]:
    file_id = _id(finding, (_PICTURE, _TEST)[ordinal])
    at = finding.created_at + _AFTER
    audit = finding.audit_id
    file = UploadedFile(
        file_id, audit, f"db:{file_id}", draft.name, draft.mime, len(draft.data), draft.sha256,
        FileKind.WORKING.value, at, finding.finder_id, at,
    )  # fmt: skip
    shown = FindingEvidence(
        _id(finding, (_PICTURE_LINK, _TEST_LINK)[ordinal]), audit, finding.id, file_id, caption,
        ordinal, ordinal == 0, finding.finder_id, at,
    )  # fmt: skip
    return file, FileChunk(file_id, 0, audit, draft.data, at), shown


def _test(finding: Finding) -> str:
    name = "".join(word.capitalize() for word in finding.category.split("_"))
    return f"""// SPDX-License-Identifier: UNLICENSED
pragma solidity ^0.8.24;

import {{Test}} from "forge-std/Test.sol";

// {finding.number}: {finding.title}
contract {name}Test is Test {{
    address internal attacker = makeAddr("attacker");

    function test_{name}() public {{
        uint256 before = attacker.balance;
        vm.prank(attacker);
        target.run();
        assertGt(attacker.balance, before, "nothing was taken");
    }}
}}
"""


def _trace(finding: Finding) -> bytes:
    """Paint what a terminal shows of a test's run."""
    # The window knows the demo, and is opened without what paints pictures for paper.
    from PIL import Image, ImageDraw, ImageFont  # noqa: PLC0415

    picture = Image.new("RGB", _SIZE, _PAPER)
    pen = ImageDraw.Draw(picture)
    font = ImageFont.truetype(str(resource("fonts/JetBrainsMono-Regular.ttf")), 15)
    pen.rectangle((0, 0, _SIZE[0], 30), fill=_BAR)
    for at, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        pen.ellipse((14 + 20 * at, 9, 26 + 20 * at, 21), fill=colour)
    for line, (text, colour) in enumerate(_lines(finding)):
        pen.text((18, 46 + 24 * line), text, font=font, fill=colour)
    stream = io.BytesIO()
    picture.save(stream, "PNG", optimize=True)
    return stream.getvalue()


def _lines(finding: Finding) -> Iterable[tuple[str, str]]:
    name = "".join(word.capitalize() for word in finding.category.split("_"))
    token = hashlib.sha256(finding.number.encode()).hexdigest()
    return (
        (f"$ forge test --match-test test_{name} -vvvv", _TEXT),
        ("[..] Compiling... No files changed, compilation skipped", _DIM),
        ("", _TEXT),
        (f"Ran 1 test for test/{finding.number}.t.sol:{name}Test", _TEXT),
        (f"[PASS] test_{name}() (gas: {int(token[:5], 16)})", "#28c840"),
        ("Traces:", _DIM),
        (f"  [{int(token[5:9], 16)}] {name}Test::test_{name}()", _TEXT),
        (f"    ├─ [{int(token[9:13], 16)}] Target::run{{value: 1 ether}}()", _TEXT),
        (f"    │   ├─ 0x{token[20:44]}…::fallback()", _RED),
        ("    │   │   └─ Target::run()   ← the balance is still the old one", _RED),
        ("    │   └─ ← [Stop]", _DIM),
        ("    └─ ← [Return]", _DIM),
        ("Suite result: ok. 1 passed; 0 failed; 0 skipped", "#28c840"),
    )


def _id(finding: Finding, sort: int) -> UUID:
    """Return an id beside a finding's own."""
    return UUID(int=finding.id.int ^ (sort << 32))
