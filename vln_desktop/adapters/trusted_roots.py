"""Certificates that signatures may lead to: files in PEM, with any number of them, or in DER."""

from __future__ import annotations

from typing import TYPE_CHECKING

from vln_desktop.errors import UserError

if TYPE_CHECKING:
    from asn1crypto import x509

_BLOCKS = frozenset({"CERTIFICATE", "TRUSTED CERTIFICATE", "X509 CERTIFICATE"})
_MOST = 1000


def loaded_roots(data: bytes, name: str = "A trusted root") -> list[x509.Certificate]:
    """Return the certificates in a file called `name`; raises UserError (field roots) for none."""
    from asn1crypto import pem, x509

    try:
        if pem.detect(data):
            blocks = list(pem.unarmor(data, multiple=True))
        else:
            blocks = [("CERTIFICATE", {}, data)]
        if len(blocks) > _MOST:
            raise UserError(f"{name} holds more certificates than anybody trusts.", field="roots")
        found = [x509.Certificate.load(der, strict=True) for _, _, der in blocks]
        for one in found:
            _ = one.subject.native, one.public_key.algorithm, one.not_valid_after
        if {kind for kind, _, _ in blocks} <= _BLOCKS:
            return found
    except (ValueError, TypeError, KeyError) as error:
        raise UserError(f"{name} is no certificate (PEM or DER).", field="roots") from error
    raise UserError(f"{name} holds something else than certificates.", field="roots")
