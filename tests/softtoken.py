"""A token in software for tests: SoftHSM keeps its keys in a folder of the test's own."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pkcs11
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from pkcs11 import Attribute, CertificateType, ObjectClass
from pkcs11.util.ec import decode_ec_private_key

from tests.authority import Authority
from vln_desktop.adapters.apart import Bounds, apart

MODULE = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN = "246813579"
_SO_PIN = "9988776655"
_BOUNDS = Bounds(60)

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@dataclass(frozen=True)
class SoftToken:
    """A token that was set up; `folder` is SoftHSM's."""

    folder: Path
    label: str

    @property
    def serial(self) -> str:
        """Its serial number, as people type it."""
        return apart(_serial_of, self.label, bounds=_BOUNDS)

    def put_key(self, key: Key, name: str, ident: bytes, **more: bool) -> None:
        """Import a private key as `softhsm2-util` does, or by the driver with more attributes."""
        if not more:
            file = self.folder / f"{name}.key"
            file.write_bytes(key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            ))  # fmt: skip
            _softhsm("--import", str(file), "--token", self.label, "--pin", PIN, "--label", name,
                     "--id", ident.hex())  # fmt: skip
            file.unlink()
            return
        plain = key.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )  # fmt: skip
        template = decode_ec_private_key(plain) | {
            Attribute.TOKEN: True, Attribute.LABEL: name, Attribute.ID: ident,
            Attribute.SIGN: True, Attribute.PRIVATE: True, Attribute.SENSITIVE: True,
            **{Attribute[word.upper()]: value for word, value in more.items()},
        }  # fmt: skip
        apart(_create, self.label, template, bounds=_BOUNDS)

    def put_certificate(
        self, certificate: x509.Certificate, name: str, ident: bytes, *, private: bool = False
    ) -> None:
        """Put a certificate beside its key."""
        der = certificate.public_bytes(serialization.Encoding.DER)
        loaded = asn1_x509.Certificate.load(der)
        template = {
            Attribute.CLASS: ObjectClass.CERTIFICATE,
            Attribute.CERTIFICATE_TYPE: CertificateType.X_509, Attribute.TOKEN: True,
            Attribute.PRIVATE: private, Attribute.LABEL: name, Attribute.ID: ident,
            Attribute.SUBJECT: loaded.subject.dump(), Attribute.VALUE: der,
        }  # fmt: skip
        apart(_create, self.label, template, bounds=_BOUNDS)

    def put(self, authority: Authority, kind: str = "ec", name: str = "VLN Reports",
            ident: bytes = b"\x01", **issued: Any) -> x509.Certificate:  # fmt: skip
        """Make a key, have it certified, and put both on the token."""
        key = new_key(kind)
        certificate = authority.issue(name, key, **issued)
        self.put_key(key, name, ident)
        self.put_certificate(certificate, name, ident)
        return certificate

    def empty(self) -> None:
        """Delete all that is on it."""
        apart(_delete_all, self.label, bounds=_BOUNDS)

    def change_pin(self, pin: str) -> None:
        """Give it another PIN, as its owner may with another program."""
        apart(_set_pin, self.label, pin, bounds=_BOUNDS)

    def pull_out(self) -> None:
        """Take the token away, as a hand does."""
        self._at.rename(self.folder / "elsewhere")

    @property
    def _at(self) -> Path:
        serial = self.serial
        return next(
            one for one in (self.folder / "tokens").iterdir()
            if one.name.replace("-", "").endswith(serial)
        )  # fmt: skip


def new_key(kind: str) -> Key:
    """Return a new key: rsa, ec, or ed25519, which signs no papers."""
    if kind == "rsa":
        return rsa.generate_private_key(65537, 2048)
    if kind == "p384":
        return ec.generate_private_key(ec.SECP384R1())
    if kind == "ed25519":
        return ed25519.Ed25519PrivateKey.generate()
    return ec.generate_private_key(ec.SECP256R1())


def configured(folder: Path) -> Path:
    """Return SoftHSM's configuration, with an empty folder of tokens beside it."""
    (folder / "tokens").mkdir(parents=True, exist_ok=True)
    file = folder / "softhsm2.conf"
    file.write_text(
        f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\n"
        "log.level = ERROR\nslots.removable = true\n",
        encoding="utf-8",
    )
    return file


def made_token(folder: Path, label: str = "VLN token") -> SoftToken:
    """Set a token up; SOFTHSM2_CONF names the folder's configuration already."""
    _softhsm("--init-token", "--free", "--label", label, "--so-pin", _SO_PIN, "--pin", PIN)
    return SoftToken(folder, label)


def _softhsm(*words: str) -> None:
    done = subprocess.run(["softhsm2-util", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def _token(label: str) -> Any:
    """In a process of its own: a driver reads its configuration once."""
    return pkcs11.lib(str(MODULE)).get_token(token_label=label)


def _serial_of(label: str) -> str:
    return str(_token(label).serial.decode())


def _create(label: str, template: dict[Attribute, Any]) -> None:
    with _token(label).open(rw=True, user_pin=PIN) as session:
        session.create_object(template)


def _delete_all(label: str) -> None:
    with _token(label).open(rw=True, user_pin=PIN) as session:
        for one in list(session.get_objects()):
            one.destroy()


def _set_pin(label: str, pin: str) -> None:
    with _token(label).open(rw=True, user_pin=PIN) as session:
        session.set_pin(PIN, pin)
