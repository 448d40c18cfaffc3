"""The check of signatures against damage, appended revisions and files made to break it."""

from __future__ import annotations

import os
import random
import re
import resource
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.adapters.hostile_pdf import hostile_files, revisions
from tests.adapters.test_signing import by_pdfsig, opened
from tests.authority import Authority, served_authority
from tests.documents.samples import report
from vln_desktop import cli
from vln_desktop.adapters.apart import Bounds, apart
from vln_desktop.adapters.paper_check import check_paper
from vln_desktop.adapters.signing import SigningWish, sign, verify
from vln_desktop.documents.report import render_report
from vln_desktop.errors import UserError

SEED = int(os.environ.get("VLN_DAMAGE_SEED", "20261127"))
ENOUGH = Bounds(300, 2 * 1024**3)
MOST_MEMORY = 1024 * 1024
"""Kilobytes that may be in use at once while hostile files are looked through."""


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    with served_authority() as served:
        yield served


@pytest.fixture(scope="module")
def signed(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A paper that is signed for long: with time stamp and revocation data."""
    key = opened(authority, tmp_path_factory.mktemp("key"))
    wish = SigningWish("Published", (authority.root,), f"{authority.address}/tsa")
    return sign(render_report(report(1)), key, wish).pdf


def found(pdf: bytes, roots: Sequence[bytes]) -> tuple[bool, str]:
    """Return whether a file is called good, and the sentence of it."""
    try:
        check = verify(pdf, roots)
    except UserError as error:
        return False, str(error)
    return check.valid, check.sentence


def looked_through(
    files: Sequence[bytes], roots: Sequence[bytes]
) -> tuple[list[tuple[bool, str]], int]:
    """Look at many files in one process; return what came of each, and the memory at its peak."""
    told = [found(pdf, roots) for pdf in files]
    return told, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def places_of(pdf: bytes) -> dict[str, tuple[int, int]]:
    """Return the kinds of places in a signed file, each as a range of offsets."""
    contents = re.search(rb"/Contents\s*<", pdf)
    assert contents is not None
    start, end = contents.end(), pdf.index(b">", contents.end())
    ranges = pdf.index(b"/ByteRange")
    unsigned = pdf.index(b"%%EOF")
    objects = pdf.index(b" obj", pdf.index(b"endstream"))
    text = pdf.index(b"stream", 1000)
    return {
        "header": (0, 16), "an object": (objects - 4, objects + 60), "a stream": (text, text + 400),
        "the first table": (pdf.index(b"xref"), unsigned),
        "the end of the first revision": (unsigned - 30, unsigned + 5),
        "the ranges": (ranges, ranges + 60), "before the signature": (start - 20, start - 1),
        "the signature": (start, end), "behind the signature": (end + 1, end + 40),
        "the last table": (pdf.rindex(b"xref", 0, pdf.rindex(b"startxref")), len(pdf) - 40),
        "the last lines": (len(pdf) - 40, len(pdf)), "anywhere": (0, len(pdf)),
    }  # fmt: skip


def damaged(pdf: bytes, at: int, chance: random.Random) -> bytes:
    """Return a file with one damage: bits, a byte less or more, a hole, an end."""
    match chance.randrange(6):
        case 0 | 1:
            changed = bytearray(pdf)
            changed[at] ^= 1 << chance.randrange(8)
            return bytes(changed)
        case 2:
            return pdf[:at] + pdf[at + 1 :]
        case 3:
            return pdf[:at] + bytes([chance.randrange(256)]) + pdf[at:]
        case 4:
            length = chance.randrange(1, 200)
            return pdf[:at] + bytes(length) + pdf[at + length :]
        case _:
            return pdf[:at]


def signs_the_same(changed: bytes, signed: bytes) -> bool:
    """Tell whether nothing but the digits of the signature itself differs, if anything does."""
    start, end = places_of(signed)["the signature"]
    return changed[:start] == signed[:start] and changed[start:].endswith(signed[end:])


def test_damage_of_any_kind_in_any_place_is_refused(authority: Authority, signed: bytes) -> None:
    """Within the signature itself only what it does not use may differ, such as upper case."""
    chance = random.Random(SEED)
    for place, (first, last) in places_of(signed).items():
        for _ in range(5):
            at = chance.randrange(first, last)
            changed = damaged(signed, at, chance)
            valid, told = found(changed, [authority.root])
            assert not valid or signs_the_same(changed, signed), (SEED, place, at)
            assert told.endswith("."), told


def test_a_byte_behind_the_signature_in_its_own_place_is_refused(
    authority: Authority, signed: bytes
) -> None:
    """The room for the signature is filled with zeros; nobody hides anything there."""
    _start, end = places_of(signed)["the signature"]
    changed = signed[: end - 4] + b"beef" + signed[end:]
    assert not found(changed, [authority.root])[0]
    assert found(signed, [authority.root])[0]


@pytest.mark.parametrize("name", [name for name, _append in revisions()])
def test_whatever_is_appended_is_refused(
    authority: Authority, signed: bytes, tmp_path: Path, name: str
) -> None:
    longer = dict(revisions())[name](signed)

    valid, told = found(longer, [authority.root])

    assert longer.startswith(signed)
    assert not valid, name
    assert told in {
        "Something was appended to the document after it was signed.",
        "This document carries no signature.", "This file is no PDF that can be read.",
        "The document was changed after it was signed.",
    }, (name, told)  # fmt: skip
    (tmp_path / "longer.pdf").write_bytes(longer)
    assert name in {"a line end", "zeros"} or not by_pdfsig(tmp_path / "longer.pdf")


def test_files_made_to_break_the_check_get_one_sentence(authority: Authority) -> None:
    """In one process, with bounds: those that take too long or too much have a test each."""
    files = [(name, pdf) for name, pdf in hostile_files() if name not in BOUNDED]

    told, memory = apart(
        looked_through, [pdf for _, pdf in files], [authority.root], bounds=ENOUGH
    )  # fmt: skip

    for (name, _pdf), (valid, sentence) in zip(files, told, strict=True):
        assert not valid, name
        assert sentence.endswith("."), name
        assert "\n" not in sentence, name
    assert memory < MOST_MEMORY, memory


BOUNDED = (
    "a form packed in a bomb", "a tree of fields that doubles", "a table of a billion",
    "a name of ten million letters", "a signature of a huge tag",
    "a stream of a table with b'/W [1 8 8] /Index [0 2000000000]'",
    "a stream of a table with b'/W [0 0 0] /Index [0 900000000]'",
)  # fmt: skip


@pytest.mark.parametrize("name", BOUNDED)
def test_a_file_that_would_take_hours_or_all_memory_is_ended(name: str) -> None:
    pdf = next(one for called, one in hostile_files() if called == name)

    check = check_paper(pdf, [], Bounds(3, 512 * 1024**2))

    assert not check.valid
    assert check.sentence.endswith(".")


def test_a_hostile_file_ends_the_command_with_1_and_one_line(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    names = ("a hundred thousand signatures", "dictionaries nested too deep")
    for name, pdf in hostile_files():
        if name in names:
            (tmp_path / "hostile.pdf").write_bytes(pdf)
            assert cli.main(["verify", "report", str(tmp_path / "hostile.pdf")]) == 1
            told = capfd.readouterr()
            assert told.out == ""
            assert re.fullmatch(r"\S+hostile\.pdf: [^\n]+\.\nSHA-256 [0-9a-f]{64}\n", told.err)


@pytest.mark.long
def test_thousands_of_damages_never_pass_and_never_end_the_process(
    authority: Authority, signed: bytes
) -> None:
    """`VLN_DAMAGE_SEED` repeats a run; the seed is printed with what failed."""
    chance = random.Random(SEED)
    places = places_of(signed)
    for _round in range(40):
        files = []
        for _ in range(100):
            pdf = signed
            for _ in range(chance.randrange(1, 4)):
                first, last = places[chance.choice(list(places))]
                pdf = damaged(pdf, min(chance.randrange(first, last), len(pdf) - 1), chance)
                if len(pdf) < 10:
                    break
            files.append(pdf)
        told, memory = apart(looked_through, files, [authority.root], bounds=ENOUGH)
        assert memory < MOST_MEMORY
        for pdf, (valid, _told) in zip(files, told, strict=True):
            assert not valid or signs_the_same(pdf, signed), SEED
