"""The certificate that signs published papers: chosen once per machine, asked for when it signs.

`config.toml` names the PKCS#12 file, the time-stamp authority and further roots; the passphrase is
kept by the keyring of the machine, or asked for each time, and never written down.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vln_desktop.adapters.files import turn_of, write_whole
from vln_desktop.adapters.passwords import (
    forget_password,
    remember_password,
    remembered_password,
)
from vln_desktop.adapters.signing import (
    SigningWish,
    open_pkcs12,
    roots_of,
    sign,
    verify,
)
from vln_desktop.domain.signatures import Certificate, PaperCheck, SignedPaper
from vln_desktop.errors import UserError

_TABLE = "signing"
_PLACE = "signing"
_ROOTS = "signing-roots.pem"
_LARGEST_ROOTS = 1024 * 1024


@dataclass(frozen=True, slots=True)
class SigningChoice:
    """What signs on this machine; `subject` and `sha256` are the certificate's own."""

    certificate: Path
    subject: str
    sha256: str
    authority: str = ""
    roots: tuple[Path, ...] = ()


class SigningService:
    """Signs papers and checks signatures; `file` is the program's config.toml, None for none."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def chosen(self) -> SigningChoice | None:
        """Return what signs here, None if nothing was chosen; raises UserError for a bad file."""
        table = self._read().unwrap().get(_TABLE)
        if not isinstance(table, dict) or not isinstance(table.get("certificate"), str):
            return None
        return SigningChoice(
            Path(table["certificate"]),
            str(table.get("subject", "")),
            str(table.get("sha256", "")),
            str(table.get("authority", "")),
            tuple(Path(str(root)) for root in table.get("roots", [])),
        )

    def use(
        self,
        path: Path,
        passphrase: str,
        *,
        authority: str = "",
        roots: tuple[Path, ...] = (),
        remember: bool = False,
    ) -> Certificate:
        """Choose a PKCS#12 file; its own roots are trusted from then on, for what it signed.

        Raises UserError (fields path, passphrase, authority, roots) for what cannot sign, and if
        the keyring does not keep the passphrase.
        """
        _check_authority(authority)
        for root in roots:
            _bytes_of(root)
        key = open_pkcs12(path, passphrase)
        certificate = key.certificate
        if remember:
            remember_password(_PLACE, certificate.sha256, passphrase)
        chosen = {
            "certificate": str(path.absolute()),
            "subject": certificate.subject,
            "sha256": certificate.sha256,
            "authority": authority,
            "roots": [str(root.absolute()) for root in roots],
        }
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self._folder / _ROOTS, roots_of(key))
        self._write(chosen)
        return certificate

    def forget(self) -> None:
        """Sign with nothing from now on, and let the keyring forget the passphrase."""
        chosen = self.chosen()
        if chosen is not None:
            self._write(None)
            if remembered_password(_PLACE, chosen.sha256) is not None:
                forget_password(_PLACE, chosen.sha256)

    def asks_passphrase(self) -> bool:
        """Tell whether the passphrase has to be typed, because the keyring does not hold it."""
        chosen = self.chosen()
        return chosen is not None and remembered_password(_PLACE, chosen.sha256) is None

    def signs(self, passphrase: str | None, reason: str) -> Callable[[bytes], SignedPaper]:
        """Return what signs a paper with the chosen certificate.

        Raises UserError if nothing is chosen, the passphrase is missing or wrong (field
        passphrase), or the file cannot be read.
        """
        chosen = self.chosen()
        if chosen is None:
            raise UserError("No certificate is chosen that could sign.")
        typed = passphrase or remembered_password(_PLACE, chosen.sha256)
        if typed is None:
            raise UserError("Type the passphrase of the certificate.", field="passphrase")
        key = open_pkcs12(chosen.certificate, typed)
        wish = SigningWish(reason, self._roots(), chosen.authority)
        return lambda pdf: sign(pdf, key, wish)

    def verify(self, pdf: bytes) -> PaperCheck:
        """Look at the signatures of a file; raises UserError for no PDF."""
        return verify(pdf, self._roots())

    def _roots(self) -> tuple[bytes, ...]:
        if self._file is None:
            return ()
        chosen = self.chosen()
        own = self._folder / _ROOTS
        files = (*(chosen.roots if chosen is not None else ()), *((own,) if own.is_file() else ()))
        return tuple(_bytes_of(file) for file in files)

    @property
    def _folder(self) -> Path:
        if self._file is None:
            raise UserError("This program has no folder for settings, so nothing can be chosen.")
        return self._file.parent

    def _read(self) -> tomlkit.TOMLDocument:
        if self._file is None:
            return tomlkit.document()
        try:
            return tomlkit.parse(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return tomlkit.document()
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            raise UserError(f"{self._file} cannot be read: {error}") from error

    def _write(self, chosen: dict[str, Any] | None) -> None:
        """Replace the table of the file; comments and all else in it stay."""
        file = self._folder / (self._file or Path()).name
        with turn_of(file):
            document = self._read()
            if _TABLE in document:
                document.remove(_TABLE)
            if chosen is not None:
                table = tomlkit.table()
                for key, value in chosen.items():
                    table.append(key, value)
                document.append(_TABLE, table)
            text = tomlkit.dumps(document)
            tomllib.loads(text)  # a file that nobody could read afterwards is not written
            write_whole(file, text.encode())


def _check_authority(address: str) -> None:
    if address and not address.startswith(("https://", "http://")):
        raise UserError("A time-stamp authority has an address of the web.", field="authority")


def _bytes_of(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return opened.read(_LARGEST_ROOTS)
    except OSError as error:
        raise UserError(
            f"{file.name} cannot be read ({error.strerror or error}).", field="roots"
        ) from error
