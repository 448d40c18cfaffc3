"""Signs papers and checks signatures with pyHanko: PAdES, by a certificate from PKCS#12.

pyHanko and what it brings take a third of a second to import, so it comes with the first paper.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from vln_desktop.adapters.trusted_roots import loaded_roots
from vln_desktop.domain.signatures import (
    Certificate,
    PaperCheck,
    Signature,
    SignatureCheck,
    SignatureLevel,
    SignedPaper,
)
from vln_desktop.errors import Unavailable, UserError

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko.sign.signers.pdf_cms import Signer
    from pyhanko.sign.validation import PdfSignatureStatus
    from pyhanko_certvalidator import ValidationContext

FIELD = "VLN"
REQUEST_S = 10
"""How long an authority may take to answer."""
_LARGEST_KEY_FILE = 1024 * 1024
_LONGEST_NAME = 200
_MOST_SIGNATURES = 100
_HEX = re.compile(rb"<[0-9A-Fa-f]*>")
_PURPOSES = frozenset({
    "any_extended_key_usage", "email_protection", "client_auth", "microsoft_document_signing",
    "adobe_authentic_documents_trust", "1.2.840.113583.1.1.5", "1.3.6.1.5.5.7.3.36",
})  # fmt: skip
"""What a certificate that signs papers may be issued for, if it says; the last is RFC 9336."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key that was opened, with its certificate and those above it."""

    certificate: Certificate
    signer: Signer
    chain: tuple[x509.Certificate, ...]


@dataclass(frozen=True, slots=True)
class SigningWish:
    """How a paper is to be signed: roots that are trusted (PEM or DER), and a time-stamp authority.

    Without an authority the level is B-B; with one, and with revocation data, B-LT.
    """

    reason: str
    roots: tuple[bytes, ...] = ()
    authority: str = ""


def open_pkcs12(path: Path, passphrase: str) -> SigningKey:
    """Open a PKCS#12 file; raises UserError (fields path, passphrase) for what cannot sign."""
    from pyhanko.sign.signers import SimpleSigner

    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST_KEY_FILE + 1)
    except OSError as error:
        raise UserError(
            f"{path.name} cannot be read ({error.strerror or error}).", field="path"
        ) from error
    if len(data) > _LARGEST_KEY_FILE:
        raise UserError(f"{path.name} is too large to be a certificate.", field="path")
    _check_pkcs12(data, path, passphrase)
    signer = SimpleSigner.load_pkcs12_data(data, [], passphrase.encode())
    return _key_of(signer)


def _check_pkcs12(data: bytes, path: Path, passphrase: str) -> None:
    """Tell a wrong passphrase from a wrong file; what opens the file says neither plainly."""
    from cryptography.hazmat.primitives.serialization import pkcs12

    try:
        key, certificate, _others = pkcs12.load_key_and_certificates(data, passphrase.encode())
    except ValueError as error:
        if "password" in str(error).lower() or "mac" in str(error).lower():
            raise UserError(
                "The passphrase is not the one of this file.", field="passphrase"
            ) from None
        raise UserError(f"{path.name} is no PKCS#12 file (.p12, .pfx).", field="path") from error
    if key is None or certificate is None:
        raise UserError(f"{path.name} holds no private key with its certificate.", field="path")


def _key_of(signer: Signer) -> SigningKey:
    found = signer.signing_cert
    if found is None:
        raise UserError("The key comes without a certificate.", field="path")
    return SigningKey(certificate_from(found), signer, tuple(signer.cert_registry))


def roots_of(key: SigningKey) -> bytes:
    """Return, as PEM, the certificates above a key that nobody else issued."""
    from asn1crypto import pem

    roots = [one for one in key.chain if one.self_signed != "no" and one.ca]
    return b"".join(pem.armor("CERTIFICATE", one.dump()) for one in roots)


def sign(pdf: bytes, key: SigningKey, wish: SigningWish) -> SignedPaper:
    """Sign a paper; the signed file begins with the very bytes that were given.

    Raises UserError for a certificate that is not valid now, Unavailable if the time-stamp
    authority does not answer.
    """
    now = datetime.now(UTC)
    problem = key.certificate.problem(now)
    if problem:
        raise UserError(problem)
    if not wish.authority:
        note = "No time-stamp authority is set, so the signature proves no time (level B-B)."
        return _signed(pdf, key, wish, None, SignatureLevel.B_B, now, note)
    try:
        context = _context(wish.roots, key.chain, fetching=True, revocation="require")
        return _signed(pdf, key, wish, context, SignatureLevel.B_LT, now, "")
    except _validation_errors() as error:
        log.info("no revocation data, so no long-term signature: %s", error)
    note = "No revocation data could be had, so the signature is time-stamped only (level B-T)."
    return _signed(pdf, key, wish, None, SignatureLevel.B_T, now, note)


def _signed(
    pdf: bytes,
    key: SigningKey,
    wish: SigningWish,
    context: ValidationContext | None,
    level: SignatureLevel,
    now: datetime,
    note: str,
) -> SignedPaper:
    from pyhanko.sign import PdfSignatureMetadata, fields, sign_pdf
    from pyhanko.sign.signers.pdf_signer import (
        DSSContentSettings,
        SigDSSPlacementPreference,
    )
    from pyhanko.sign.timestamps import TimestampRequestError

    from vln_desktop.adapters.closed_paper import ClosedPaperWriter

    placement = SigDSSPlacementPreference.TOGETHER_WITH_SIGNATURE
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        reason=wish.reason,
        name=key.certificate.subject,
        subfilter=fields.SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=fields.MDPPerm.NO_CHANGES,
        embed_validation_info=context is not None,
        validation_context=context,
        signer_key_usage=set(),
        dss_settings=DSSContentSettings(include_vri=False, placement=placement),
    )
    writer = ClosedPaperWriter(io.BytesIO(pdf))
    output = io.BytesIO()
    stamper = _stamper(wish.authority)
    try:
        sign_pdf(writer, metadata, key.signer, timestamper=stamper, output=output)
    except (TimestampRequestError, OSError) as error:
        raise Unavailable(f"The time-stamp authority {wish.authority} does not answer.") from error
    signature = Signature(level, key.certificate.subject, key.certificate.sha256, now, note)
    return SignedPaper(output.getvalue(), signature)


def _stamper(authority: str) -> Any:
    from pyhanko.sign.timestamps import HTTPTimeStamper

    return HTTPTimeStamper(authority, timeout=REQUEST_S) if authority else None


def verify(pdf: bytes, roots: Sequence[bytes]) -> PaperCheck:
    """Look at every signature in a file, without asking anybody; raises UserError for no PDF.

    For a file of strangers see `paper_check`: it may be made to take time and memory.

    A certificate is trusted only if it leads to one of `roots`: what a browser trusts says nothing
    about who may sign for the firm.
    """
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=False)
        signatures = list(reader.embedded_regular_signatures)
    except Exception as error:
        raise UserError("This file is no PDF that can be read.") from error
    if len(signatures) > _MOST_SIGNATURES:
        raise UserError("This file carries more signatures than any report: none was looked at.")
    sha256 = hashlib.sha256(pdf).hexdigest()
    return PaperCheck(sha256, tuple(_check(reader, one, roots) for one in signatures))


def _check(reader: Any, embedded: Any, roots: Sequence[bytes]) -> SignatureCheck:
    from pyhanko.sign.validation import validate_pdf_signature

    certificate = _certificate_of(embedded)
    try:
        status = validate_pdf_signature(
            embedded, _stored_context(reader, roots), _stored_context(reader, roots),
            skip_diff=True,
        )  # fmt: skip
        moment = _confirmed(status)
        if moment is not None:
            status = validate_pdf_signature(
                embedded, _stored_context(reader, roots, moment), _stored_context(reader, roots),
                skip_diff=True,
            )  # fmt: skip
        whole = _covers_all(reader, embedded)
    except Exception as error:  # noqa: BLE001 - a hostile file may fail in any way
        log.info("a signature could not be read: %s", error)
        return _refused(certificate)
    return _told(reader, status, certificate, whole=whole)


def _confirmed(status: PdfSignatureStatus) -> datetime | None:
    """Return the time of a stamp whose authority is trusted here; what others stamp is a claim."""
    stamp = status.timestamp_validity
    if stamp is None or not (stamp.valid and stamp.intact and stamp.trusted):
        return None
    moment: datetime = stamp.timestamp
    return moment


def _covers_all(reader: Any, embedded: Any) -> bool:
    """Tell whether the signed ranges leave out the signature alone, to the last byte.

    pyHanko compares lengths only, and calls a file covered in which a signature was wrapped around
    other pages, which needs no key.
    """
    reader.stream.seek(0)
    pdf: bytes = reader.stream.read()
    ranges = [int(number) for number in embedded.byte_range]
    if len(ranges) != 4:
        return False
    start, first, resumed, second = ranges
    stored: bytes = embedded.pkcs7_content
    return (
        start == 0
        and not any(stored[_length_of_der(stored) :])
        and 0 < first < resumed
        and resumed + second == len(pdf)
        and _HEX.fullmatch(pdf, first, resumed) is not None
        and bytes.fromhex(pdf[first + 1 : resumed - 1].decode()) == stored
    )


def _length_of_der(stored: bytes) -> int:
    """Return how many bytes the signature itself takes; behind it there are zeros alone."""
    from asn1crypto import parser

    _class, _method, _tag, header, content, trailer = parser.parse(stored)
    return len(header) + len(content) + len(trailer)


def _told(
    reader: Any, status: PdfSignatureStatus, certificate: Certificate, *, whole: bool
) -> SignatureCheck:
    stamp = status.timestamp_validity if _confirmed(status) is not None else None
    intact = bool(status.intact and status.valid)
    return SignatureCheck(
        signer=certificate.subject,
        issuer=certificate.issuer,
        certificate_sha256=certificate.sha256,
        level=_level(reader, stamped=stamp is not None),
        signed_at=status.signer_reported_dt,
        stamped_at=stamp.timestamp if stamp is not None else None,
        intact=intact,
        whole=whole,
        trusted=bool(status.trusted),
        problem=_problem(status, certificate, intact=intact, whole=whole),
    )


def _problem(
    status: PdfSignatureStatus, certificate: Certificate, *, intact: bool, whole: bool
) -> str:
    if not intact:
        return "The document was changed after it was signed."
    if not whole:
        return "Something was appended to the document after it was signed."
    if status.revoked:
        return f"The certificate of {certificate.subject} was revoked."
    unfit = certificate.problem(_confirmed(status) or datetime.now(UTC))
    if unfit or status.trusted:
        return unfit
    return (
        f"The certificate of {certificate.subject}, issued by {certificate.issuer}, leads to no"
        " root that is trusted here."
    )


def _for_papers(certificate: x509.Certificate) -> bool:
    """Tell whether a certificate is not one of a server, of a time stamp or the like."""
    purposes = certificate.extended_key_usage_value
    return purposes is None or bool(_PURPOSES & set(purposes.native))


def _refused(certificate: Certificate) -> SignatureCheck:
    return SignatureCheck(
        certificate.subject, certificate.issuer, certificate.sha256, SignatureLevel.NONE, None,
        None, intact=False, whole=False, trusted=False,
        problem="The signature is damaged: nothing can be said of the document.",
    )  # fmt: skip


def _level(reader: Any, *, stamped: bool) -> SignatureLevel:
    if not stamped:
        return SignatureLevel.B_B
    return SignatureLevel.B_LT if "/DSS" in reader.root else SignatureLevel.B_T


def _stored_context(
    reader: Any, roots: Sequence[bytes], moment: datetime | None = None
) -> ValidationContext:
    """Return what judges a signature with the certificates and revocation data in its own file."""
    from pyhanko.sign.validation import DocumentSecurityStore
    from pyhanko.sign.validation.errors import NoDSSFoundError

    wanted: dict[str, Any] = {
        "trust_roots": _loaded(roots),
        "allow_fetching": False,
        "revocation_mode": "soft-fail",
    }
    if moment is not None:
        wanted |= {"moment": moment, "retroactive_revinfo": True}
    try:
        store = DocumentSecurityStore.read_dss(reader)
    except NoDSSFoundError:
        from pyhanko_certvalidator import ValidationContext

        return ValidationContext(**wanted)
    return store.as_validation_context(wanted)


def _context(
    roots: Sequence[bytes], chain: Sequence[x509.Certificate], *, fetching: bool, revocation: str
) -> ValidationContext:
    from pyhanko_certvalidator import ValidationContext

    return ValidationContext(
        trust_roots=_loaded(roots), other_certs=list(chain), allow_fetching=fetching,
        revocation_mode=revocation,
    )  # fmt: skip


def _validation_errors() -> tuple[type[Exception], ...]:
    from pyhanko.sign.general import SigningError
    from pyhanko_certvalidator.errors import (
        PathBuildingError,
        PathValidationError,
        ValidationError,
    )

    return PathBuildingError, PathValidationError, ValidationError, SigningError


def _loaded(roots: Sequence[bytes]) -> list[x509.Certificate]:
    return [one for data in roots for one in loaded_roots(data)]


def _certificate_of(embedded: Any) -> Certificate:
    try:
        return certificate_from(embedded.signer_cert)
    except Exception as error:  # noqa: BLE001 - a hostile file may fail in any way
        log.info("a signature names no certificate: %s", error)
        nothing = datetime.min.replace(tzinfo=UTC)
        return Certificate("somebody unknown", "nobody known", "", nothing, nothing)


def certificate_from(found: x509.Certificate) -> Certificate:
    """Return what one wants to know of a certificate."""
    return Certificate(
        _name(found.subject), _name(found.issuer), found.sha256.hex(), found.not_valid_before,
        found.not_valid_after, _for_papers(found),
    )  # fmt: skip


def _name(name: x509.Name) -> str:
    """Return how a certificate names somebody: the common name, else all that it says."""
    parts = name.native
    common = parts.get("common_name")
    if isinstance(common, list):
        common = common[0] if common else ""
    text = str(common or name.human_friendly)
    return "".join(letter if letter.isprintable() else "�" for letter in text)[:_LONGEST_NAME]
