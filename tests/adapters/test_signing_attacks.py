"""What people without the key, or with a key for something else, may try on a signed paper."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner

from tests.adapters.test_signing import by_pdfsig, opened
from tests.adapters.wrapped_signature import FORGED, wrapped
from tests.authority import PASSPHRASE, Authority, served_authority
from tests.documents.readers import text_of
from tests.documents.samples import report
from vln_desktop.adapters.signing import SigningWish, open_pkcs12, sign, verify
from vln_desktop.documents.report import render_report
from vln_desktop.domain.signatures import SignatureCheck
from vln_desktop.errors import UserError


@pytest.fixture(scope="module")
def paper() -> bytes:
    return render_report(report(1))


@pytest.fixture(scope="module")
def authority() -> Iterator[Authority]:
    with served_authority() as served:
        yield served


def check(authority: Authority, pdf: bytes) -> SignatureCheck:
    [found] = verify(pdf, [authority.root]).signatures
    return found


def signed_anyway(paper: bytes, data: bytes, folder: Path, stamper: Any = None) -> bytes:
    """Return a paper signed with any PKCS#12, as a program signs that asks nothing first."""
    (folder / "any.p12").write_bytes(data)
    signer = open_pkcs12(folder / "any.p12", PASSPHRASE).signer
    meta = PdfSignatureMetadata(field_name="Mine", subfilter=SigSeedSubFilter.PADES)
    out = io.BytesIO()
    PdfSigner(meta, signer, timestamper=stamper).sign_pdf(
        IncrementalPdfFileWriter(io.BytesIO(paper)), output=out
    )
    return out.getvalue()


def test_a_signature_wrapped_around_another_page_is_refused(
    authority: Authority, paper: bytes, tmp_path: Path
) -> None:
    """The signature is intact and lengths alone look right, as pyHanko measures them."""
    signed = sign(paper, opened(authority, tmp_path), SigningWish("Published", (authority.root,)))
    forged = wrapped(signed.pdf)
    assert FORGED in text_of(forged)

    found = check(authority, forged)

    assert found.problem == "Something was appended to the document after it was signed."
    (tmp_path / "forged.pdf").write_bytes(forged)
    assert not by_pdfsig(tmp_path / "forged.pdf")


def test_nobody_vouches_for_an_earlier_time_themselves(
    authority: Authority, paper: bytes, tmp_path: Path
) -> None:
    expired, _certificate = authority.pkcs12(days=(-300, -30))
    made_up = Authority(name="Made up").time_stamper(datetime.now(UTC) - timedelta(days=100))

    found = check(authority, signed_anyway(paper, expired, tmp_path, made_up))

    assert found.stamped_at is None
    assert "expired" in found.problem


def test_a_certificate_of_a_server_signs_no_paper(
    authority: Authority, paper: bytes, tmp_path: Path
) -> None:
    of_a_server = ExtendedKeyUsageOID.SERVER_AUTH
    data, _certificate = authority.pkcs12(purpose=of_a_server)
    key = opened(authority, tmp_path, purpose=of_a_server)
    not_for_papers = "was not issued for signing documents"

    with pytest.raises(UserError, match=not_for_papers):
        sign(paper, key, SigningWish("Published", (authority.root,)))
    assert not_for_papers in check(authority, signed_anyway(paper, data, tmp_path)).problem


def test_a_certificate_for_signing_documents_signs(
    authority: Authority, paper: bytes, tmp_path: Path
) -> None:
    key = opened(authority, tmp_path, purpose=ObjectIdentifier("1.3.6.1.5.5.7.3.36"))

    signed = sign(paper, key, SigningWish("Published", (authority.root,)))

    assert check(authority, signed.pdf).valid


def test_a_name_brings_no_escape_sequences_to_the_terminal(
    authority: Authority, paper: bytes, tmp_path: Path
) -> None:
    key = opened(authority, tmp_path, subject="VLN\x1b[31m\u202eReports")

    signed = sign(paper, key, SigningWish("Published", (authority.root,)))

    assert check(authority, signed.pdf).signer.isprintable()
