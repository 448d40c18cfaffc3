"""Signs with keys that never leave their token (PKCS#11).

A driver is a library of somebody else's: it runs in a process of its own, which begins with each
question and is ended if it does not answer. The PIN goes there through a pipe. No session stays
open, so a token may be pulled out at any time but while it signs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from vln_desktop.adapters import token_driver
from vln_desktop.adapters.apart import Bounds, TookTooLong, WentWrong, apart
from vln_desktop.adapters.signing import SigningKey, certificate_from
from vln_desktop.adapters.token_driver import Held, Plugged
from vln_desktop.domain.tokens import Token, TokenCertificate, TokenPlace, TokenWish
from vln_desktop.errors import UserError

if TYPE_CHECKING:
    from asn1crypto import x509
    from pyhanko.sign.signers.pdf_cms import Signer

R = TypeVar("R")

PATIENCE = Bounds(60)
"""A token may wait for a finger on it; longer than this nobody is there."""
_KEYS_TOLD = (
    "The token holds no private key that signs for this certificate.",
    "The token holds several private keys with the id of this certificate.",
)
_KINDS = frozenset({"rsa", "ec"})


@dataclass(frozen=True, slots=True)
class _Found:
    token: Plugged
    held: Held


def tokens_of(module: Path, patience: Bounds = PATIENCE) -> tuple[Token, ...]:
    """Return the tokens that a driver reaches, with the certificates that they show to everybody.

    Raises UserError (field module) for what is no driver, or one that crashes or hangs.
    """
    found = _ask(module, patience, token_driver.plugged)
    return tuple(
        Token(one.label, one.serial, one.model, tuple(_told(held) for held in one.held))
        for one in found
    )


def open_token(
    wish: TokenWish, pin: str, patience: Bounds = PATIENCE
) -> tuple[TokenPlace, SigningKey]:
    """Find a certificate and see that its key is there and that this PIN is the token's.

    Raises UserError, with the field module, token, certificate or pin.
    """
    if not pin:
        raise UserError("Type the PIN of the token.", field="pin")
    shown = _token(_ask(wish.module, patience, token_driver.plugged), wish.token)
    token = _ask(wish.module, patience, token_driver.read_inside, shown.serial, pin)
    held = _chosen(token, wish.certificate)
    certificate = _loaded(held.der)
    if certificate.public_key.algorithm not in _KINDS:
        raise UserError(
            f"The key of {certificate_from(certificate).subject} is of a kind"
            f" ({certificate.public_key.algorithm}) that signs no papers here: it has to be RSA or"
            " of an elliptic curve.",
            field="certificate",
        )
    if held.keys != 1:
        raise UserError(_KEYS_TOLD[held.keys > 1], field="certificate")
    signer = _signer(wish.module, _Found(token, held), pin, patience)
    chain = tuple(_loaded(one.der) for one in token.held if one.der != held.der)
    signer.cert_registry.register_multiple(chain)
    place = TokenPlace(wish.module, token.label, token.serial, held.label, held.id.hex())
    return place, SigningKey(certificate_from(certificate), signer, (certificate, *chain))


def _ask(module: Path, patience: Bounds, work: Callable[..., R], *given: object) -> R:
    if not module.is_absolute() or not module.is_file():
        raise UserError(f"There is no driver at {module}.", field="module")
    try:
        return apart(work, str(module), *given, bounds=patience)
    except TookTooLong as error:
        raise UserError(
            f"The driver {module.name} did not answer in {patience.seconds:g} seconds and was"
            " stopped. Nothing was signed.",
            field="module",
        ) from error
    except WentWrong as error:
        raise UserError(
            f"The driver {module.name} crashed. Nothing was signed.", field="module"
        ) from error


def _token(found: Sequence[Plugged], wanted: str) -> Plugged:
    """Return the token that is meant; raises UserError unless it is exactly one."""
    if not found:
        raise UserError("No token is plugged in that this driver knows.", field="token")
    names = ", ".join(f"{one.label} ({one.serial})" for one in found)
    if wanted:
        meant = [one for one in found if wanted in {one.serial, one.label}]
        if not meant:
            raise UserError(f"No token is called {wanted}; there are: {names}.", field="token")
    else:
        meant = list(found)
    if len(meant) > 1:
        raise UserError(
            f"Several tokens are plugged in: {names}. Say which one, by its serial number if they"
            " are called alike.",
            field="token",
        )
    return meant[0]


def _chosen(token: Plugged, wanted: str) -> Held:
    """Return the certificate that is meant, of a person if nothing is said."""
    told = [(held, _told(held)) for held in token.held]
    if wanted:
        meant = [
            held for held, one in told
            if wanted == one.label or wanted.lower() in {one.id, one.certificate.sha256}
        ]  # fmt: skip
    else:
        meant = [held for held, _one in told if not _loaded(held.der).ca]
    if len(meant) == 1:
        return meant[0]
    names = ", ".join(f"{one.label} (id {one.id})" for _held, one in told)
    if not told:
        said = f"The token {token.label} holds no certificate."
    elif not meant and wanted:
        said = f"The token {token.label} holds no certificate {wanted}; it holds: {names}."
    elif not meant:
        said = f"The token {token.label} holds certificates of authorities alone: {names}."
    else:
        said = f"The token {token.label} holds several certificates: {names}. Say which one."
    raise UserError(said, field="certificate")


def _told(held: Held) -> TokenCertificate:
    return TokenCertificate(held.label, held.id.hex(), certificate_from(_loaded(held.der)))


def _loaded(der: bytes) -> x509.Certificate:
    from asn1crypto import x509

    try:
        found = x509.Certificate.load(der)
        _ = found.subject.native, found.issuer.native, found.public_key.algorithm, found.ca
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(
            "The token holds a certificate that cannot be read.", field="certificate"
        ) from error
    return found


def _signer(module: Path, found: _Found, pin: str, patience: Bounds) -> Signer:
    """Return what signs through the driver; a class of its own, for pyHanko is imported late."""
    from pyhanko.sign.signers.pdf_cms import Signer

    certificate = _loaded(found.held.der)

    class TokenSigner(Signer):
        """Asks the token for each signature, and looks at what it answers."""

        async def async_sign_raw(
            self, data: bytes, digest_algorithm: str, dry_run: bool = False
        ) -> bytes:
            """Return the signature of some bytes."""
            if dry_run:
                return bytes(certificate.public_key.byte_size * 2 + 16)
            if digest_algorithm.lower() != "sha256":
                raise UserError("A token signs by SHA-256 here.")
            signature = _ask(
                module, patience, token_driver.sign_raw, found.token.serial, found.held, pin, data
            )
            _check(certificate, signature, data)
            return signature

    return TokenSigner(signing_cert=certificate)


def _check(certificate: x509.Certificate, signature: bytes, data: bytes) -> None:
    """Refuse a signature that is not the certificate's: a paper is published once."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import load_der_public_key

    key: Any = load_der_public_key(certificate.public_key.dump())
    try:
        if isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, data, padding.PKCS1v15(), SHA256())
        else:
            key.verify(signature, data, ec.ECDSA(SHA256()))
    except InvalidSignature as error:
        raise UserError(
            "The key on the token is not the one of the certificate. Nothing was signed.",
            field="certificate",
        ) from error
