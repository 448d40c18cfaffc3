"""Reads a server's certificate. Loaded by name when there is one to read."""

from __future__ import annotations

from cryptography import x509
from cryptography.x509.oid import ExtensionOID, NameOID

from vln_desktop.db.tls import Certificate


def read_certificate(found: bytes) -> Certificate:
    """Return what a certificate (DER) says; ValueError if it cannot be read."""
    certificate = x509.load_der_x509_certificate(found)
    return Certificate(
        _called(certificate.subject),
        _called(certificate.issuer),
        _names(certificate),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def _called(name: x509.Name) -> str:
    common = name.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(common[0].value) if common else name.rfc4514_string()


def _names(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        extension = certificate.extensions.get_extension_for_oid(
            ExtensionOID.SUBJECT_ALTERNATIVE_NAME
        )
    except (x509.ExtensionNotFound, ValueError):
        return (_called(certificate.subject),)
    if not isinstance(extension.value, x509.SubjectAlternativeName):
        return (_called(certificate.subject),)
    names = extension.value.get_values_for_type(x509.DNSName)
    addresses = extension.value.get_values_for_type(x509.IPAddress)
    return (*names, *map(str, addresses))
