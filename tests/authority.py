"""A certificate authority of the tests' own: it issues, revokes, and answers over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from asn1crypto import keys, tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pyhanko.sign.timestamps import DummyTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

PASSPHRASE = "a long passphrase"
_DER = serialization.Encoding.DER


@dataclass
class Authority:
    """A root that issues certificates; `address` is where its list of revocations is read."""

    address: str = ""
    name: str = "Tests Root"
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    revoked: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.certificate = self.issue(self.name, self.key, ca=True)

    @property
    def root(self) -> bytes:
        """The root's certificate as PEM."""
        return self.certificate.public_bytes(serialization.Encoding.PEM)

    def pkcs12(
        self,
        subject: str = "VLN Reports",
        *,
        days: tuple[int, int] = (-1, 365),
        purpose: x509.ObjectIdentifier | None = None,
    ) -> tuple[bytes, x509.Certificate]:
        """Return a PKCS#12 file of a new certificate, and the certificate."""
        key = ec.generate_private_key(ec.SECP256R1())
        certificate = self.issue(subject, key, days=days, purpose=purpose)
        data = pkcs12.serialize_key_and_certificates(
            subject.encode(), key, certificate, [self.certificate],
            serialization.BestAvailableEncryption(PASSPHRASE.encode()),
        )  # fmt: skip
        return data, certificate

    def time_stamper(self, at: datetime | None = None) -> DummyTimeStamper:
        """Return pyHanko's own time-stamp authority; it stamps `at`, or the time it is."""
        key = rsa.generate_private_key(65537, 2048)  # the only kind that this stamper takes
        certificate = self.issue("Tests TSA", key, purpose=ExtendedKeyUsageOID.TIME_STAMPING)
        plain = key.private_bytes(
            _DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register(_asn1(self.certificate))
        return DummyTimeStamper(
            _asn1(certificate),
            keys.PrivateKeyInfo.load(plain),
            certs_to_embed=store,
            fixed_dt=at,
        )

    def revocations(self) -> bytes:
        """Return the list of revoked certificates, DER."""
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(now - timedelta(hours=1))
            .next_update(now + timedelta(days=7))
            .add_extension(x509.CRLNumber(1), critical=False)
        )
        for serial in self.revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(serial)
                .revocation_date(now - timedelta(minutes=30))
                .build()
            )
        return builder.sign(self.key, hashes.SHA256()).public_bytes(_DER)

    def issue(
        self,
        subject: str,
        key: CertificateIssuerPrivateKeyTypes,
        *,
        ca: bool = False,
        purpose: x509.ObjectIdentifier | None = None,
        days: tuple[int, int] = (-1, 365),
    ) -> x509.Certificate:
        """Return a certificate of this authority for somebody's key."""
        now = datetime.now(UTC)
        issuer = _named(self.name)
        builder = (
            x509.CertificateBuilder()
            .subject_name(_named(subject))
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now + timedelta(days=days[0] if not ca else -400))
            .not_valid_after(now + timedelta(days=days[1]))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(_usage(ca=ca), critical=True)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()),
                critical=False,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )
        if purpose:
            usage = x509.ExtendedKeyUsage([purpose])
            builder = builder.add_extension(usage, critical=True)
        if self.address and not ca:
            place = x509.UniformResourceIdentifier(f"{self.address}/revoked.crl")
            points = x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)])
            builder = builder.add_extension(points, critical=False)
        return builder.sign(self.key, hashes.SHA256())


@contextmanager
def served_authority() -> Iterator[Authority]:
    """Run an authority that stamps times at /tsa and tells revocations at /revoked.crl."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    authority = Authority(f"http://127.0.0.1:{server.server_port}")
    server.authority = authority  # type: ignore[attr-defined]
    server.stamper = authority.time_stamper()  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield authority
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    """Answers as RFC 3161 and RFC 5280 say."""

    server: Any

    def do_GET(self) -> None:
        """Tell which certificates are revoked."""
        self._answer("application/pkix-crl", self.server.authority.revocations())

    def do_POST(self) -> None:
        """Stamp a time."""
        asked = self.rfile.read(int(self.headers["Content-Length"]))
        answer = self.server.stamper.request_tsa_response(tsp.TimeStampReq.load(asked))
        self._answer("application/timestamp-reply", answer.dump())

    def _answer(self, kind: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _named(name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Tests"),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not ca, content_commitment=not ca, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=ca, crl_sign=ca,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(_DER))
