"""Signing papers and looking at signatures, with pyHanko's own and with other programs' eyes."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.adapters.revisions import REVISIONS
from tests.authority import PASSPHRASE, Authority, served_authority
from tests.documents.samples import report
from vln_desktop.adapters.signing import SigningKey, SigningWish, open_pkcs12, sign, verify
from vln_desktop.documents.report import render_report
from vln_desktop.domain.signatures import SignatureLevel, SignedPaper
from vln_desktop.errors import Unavailable, UserError

PYHANKO = Path(sys.executable).with_name("pyhanko")


@pytest.fixture(scope="module")
def paper() -> bytes:
    return render_report(report(3))


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    with served_authority() as served:
        yield served


@pytest.fixture
def key(authority: Authority, tmp_path: Path) -> SigningKey:
    return opened(authority, tmp_path)


def opened(authority: Authority, folder: Path, **options: object) -> SigningKey:
    data, _certificate = authority.pkcs12(**options)  # type: ignore[arg-type]
    (folder / "vln.p12").write_bytes(data)
    return open_pkcs12(folder / "vln.p12", PASSPHRASE)


def wish(authority: Authority, *, stamped: bool = True) -> SigningWish:
    return SigningWish(
        "Published", (authority.root,), f"{authority.address}/tsa" if stamped else ""
    )


@pytest.fixture
def signed(authority: Authority, key: SigningKey, paper: bytes) -> SignedPaper:
    return sign(paper, key, wish(authority))


def told(*command: str | Path) -> tuple[int, str]:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def by_pyhanko(authority: Authority, file: Path) -> bool:
    root = file.with_name("root.pem")
    root.write_bytes(authority.root)
    code, _said = told(PYHANKO, "sign", "validate", "--trust", root, "--trust-replace",
                       "--soft-revocation-check", file)  # fmt: skip
    return code == 0


def by_pdfsig(file: Path) -> bool:
    _code, said = told("pdfsig", "-nocert", file)
    return "Signature is Valid" in said and "Total document signed" in said


def test_a_signed_paper_begins_with_the_very_bytes_that_were_given(
    signed: SignedPaper, paper: bytes
) -> None:
    assert signed.pdf.startswith(paper)


def test_a_paper_with_time_and_revocations_is_good_for_long(
    authority: Authority, signed: SignedPaper
) -> None:
    assert signed.signature is not None
    assert (signed.signature.level, signed.signature.note) == (SignatureLevel.B_LT, "")
    [check] = verify(signed.pdf, [authority.root]).signatures
    assert check.valid
    assert check.level is SignatureLevel.B_LT
    assert check.signer == "VLN Reports"
    assert check.stamped_at is not None
    assert check.sentence == "Signed by VLN Reports, and not changed since."


def test_without_an_authority_the_level_says_so(
    authority: Authority, key: SigningKey, paper: bytes
) -> None:
    signature = sign(paper, key, wish(authority, stamped=False)).signature
    assert signature is not None
    assert signature.level is SignatureLevel.B_B
    assert "no time" in signature.note


def test_without_revocation_data_it_is_time_stamped_only(
    authority: Authority, paper: bytes, tmp_path: Path
) -> None:
    alone = Authority(name="Silent Root")  # its certificates name no list of revocations
    key = opened(alone, tmp_path)
    wished = SigningWish("Published", (alone.root, authority.root), f"{authority.address}/tsa")

    signature = sign(paper, key, wished).signature

    assert signature is not None
    assert signature.level is SignatureLevel.B_T
    assert "revocation" in signature.note


def test_an_authority_that_does_not_answer_is_told(key: SigningKey, paper: bytes) -> None:
    with pytest.raises(Unavailable, match="does not answer"):
        sign(paper, key, SigningWish("Published", (), "http://127.0.0.1:9/tsa"))


def test_other_programs_accept_it(
    authority: Authority, signed: SignedPaper, tmp_path: Path
) -> None:
    file = tmp_path / "signed.pdf"
    file.write_bytes(signed.pdf)

    assert by_pdfsig(file)
    assert by_pyhanko(authority, file)
    assert told("qpdf", "--check", file)[0] == 0


def test_a_changed_byte_is_refused_by_everybody(
    authority: Authority, signed: SignedPaper, tmp_path: Path
) -> None:
    chance = random.Random(20261127)
    outside = (
        signed.pdf.find(b"/Contents <"),
        signed.pdf.rfind(b">", 0, signed.pdf.rfind(b"startxref")),
    )
    places = [at for at in (chance.randrange(len(signed.pdf)) for _ in range(60))
              if not outside[0] <= at <= outside[1]]  # fmt: skip
    file = tmp_path / "changed.pdf"
    for count, at in enumerate(places):
        changed = bytearray(signed.pdf)
        changed[at] ^= 1
        with contextlib.suppress(UserError):  # it may be no PDF at all any more
            assert not verify(bytes(changed), [authority.root]).valid, at
        if count < 3:
            file.write_bytes(changed)
            assert not by_pyhanko(authority, file), at
            assert not by_pdfsig(file), at


@pytest.mark.parametrize("kind", sorted(REVISIONS))
@pytest.mark.parametrize("stamped", [True, False])
def test_an_appended_revision_is_refused_by_everybody_whatever_it_says(
    authority: Authority, key: SigningKey, paper: bytes, tmp_path: Path, kind: str, stamped: bool
) -> None:
    signed = sign(paper, key, wish(authority, stamped=stamped)).pdf
    longer = REVISIONS[kind](signed)
    assert longer.startswith(signed)
    assert len(longer) > len(signed)
    [check] = verify(longer, [authority.root]).signatures

    assert not check.valid
    assert check.sentence == "Something was appended to the document after it was signed."
    file = tmp_path / "longer.pdf"
    file.write_bytes(longer)
    assert not by_pyhanko(authority, file)
    assert not by_pdfsig(file)


def test_a_signer_that_nobody_trusts_here_is_named(signed: SignedPaper) -> None:
    check = verify(signed.pdf, [Authority(name="Another Root").root])
    assert not check.valid
    assert "VLN Reports" in check.sentence
    assert "no root that is trusted here" in check.sentence


def test_an_unsigned_paper_and_no_paper_are_told_apart(paper: bytes) -> None:
    check = verify(paper, [])
    assert not check.valid
    assert check.sentence == "This document carries no signature."
    for junk in (b"", b"no pdf", b"%PDF-1.7\n" + b"x" * 1000, paper[:500]):
        with pytest.raises(UserError, match="no PDF"):
            verify(junk, [])


@pytest.mark.parametrize(("days", "said"), [((-9, -1), "expired"), ((1, 9), "not valid before")])
def test_a_certificate_out_of_its_time_does_not_sign(
    authority: Authority, paper: bytes, tmp_path: Path, days: tuple[int, int], said: str
) -> None:
    key = opened(authority, tmp_path, days=days)
    with pytest.raises(UserError, match=said):
        sign(paper, key, wish(authority))


@pytest.mark.parametrize(
    ("passphrase", "content", "field"),
    [("wrong", None, "passphrase"), (PASSPHRASE, b"junk", "path"), (PASSPHRASE, b"", "path")],
)
def test_what_cannot_be_opened_names_its_field(
    authority: Authority, tmp_path: Path, passphrase: str, content: bytes | None, field: str
) -> None:
    file = tmp_path / "vln.p12"
    file.write_bytes(authority.pkcs12()[0] if content is None else content)
    with pytest.raises(UserError) as caught:
        open_pkcs12(file, passphrase)
    assert caught.value.field == field


def test_a_file_that_is_not_there_names_its_field(tmp_path: Path) -> None:
    with pytest.raises(UserError) as caught:
        open_pkcs12(tmp_path / "none.p12", "")
    assert caught.value.field == "path"
