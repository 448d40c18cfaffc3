"""What `config.toml` remembers of signing: the certificate, where it is, and who is trusted."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError

from vln_desktop.adapters.files import turn_of, write_whole
from vln_desktop.domain.tokens import TokenPlace
from vln_desktop.errors import UserError

_TABLE = "signing"


@dataclass(frozen=True, slots=True)
class SigningChoice:
    """What signs on this machine: a PKCS#12 file, or a certificate on a token.

    `subject` and `sha256` are the certificate's own.
    """

    certificate: Path | None
    subject: str
    sha256: str
    authority: str = ""
    roots: tuple[Path, ...] = ()
    token: TokenPlace | None = None

    @property
    def place(self) -> str:
        """Where it is, as one line."""
        if self.token is not None:
            return f"token {self.token.name}, {self.token.module}"
        return str(self.certificate)


class SigningSettings:
    """Reads and writes the table; `file` is the program's config.toml, None for none."""

    def __init__(self, file: Path | None) -> None:
        self._file = file

    def chosen(self) -> SigningChoice | None:
        """Return what signs here, None if nothing was chosen; raises UserError for a bad file."""
        table = self._table()
        named = isinstance(table.get("certificate"), str)
        token = _token_of(table)
        if not named and token is None:
            return None
        return SigningChoice(
            Path(table["certificate"]) if named else None,
            str(table.get("subject", "")),
            str(table.get("sha256", "")),
            str(table.get("authority", "")),
            self.roots(),
            token,
        )

    def roots(self) -> tuple[Path, ...]:
        """Return the files of roots that are trusted beside those of the certificate."""
        roots = self._table().get("roots", [])
        return tuple(Path(str(root)) for root in roots) if isinstance(roots, list) else ()

    def keep(self, chosen: SigningChoice | None, roots: tuple[Path, ...]) -> None:
        """Replace the table of the file; comments and all else in it stay."""
        table: dict[str, Any] = {}
        if chosen is not None:
            table |= {"subject": chosen.subject, "sha256": chosen.sha256}
            table |= _place_of(chosen)
            table["authority"] = chosen.authority
        if roots or chosen is not None:
            table["roots"] = [str(root.absolute()) for root in roots]
        self._write(table)

    @property
    def folder(self) -> Path:
        """Where the file is; raises UserError if this program has none."""
        if self._file is None:
            raise UserError("This program has no folder for settings, so nothing can be chosen.")
        return self._file.parent

    def _table(self) -> dict[str, Any]:
        table = self._read().unwrap().get(_TABLE)
        return table if isinstance(table, dict) else {}

    def _read(self) -> tomlkit.TOMLDocument:
        if self._file is None:
            return tomlkit.document()
        try:
            return tomlkit.parse(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return tomlkit.document()
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            raise UserError(f"{self._file} cannot be read: {error}") from error

    def _write(self, values: dict[str, Any]) -> None:
        file = self.folder / (self._file or Path()).name
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with turn_of(file):
            document = self._read()
            if _TABLE in document:
                document.remove(_TABLE)
            if values:
                table = tomlkit.table()
                for key, value in values.items():
                    table.append(key, value)
                document.append(_TABLE, table)
            text = tomlkit.dumps(document)
            tomllib.loads(text)  # a file that nobody could read afterwards is not written
            write_whole(file, text.encode())


def _token_of(table: dict[str, Any]) -> TokenPlace | None:
    if not isinstance(table.get("module"), str):
        return None
    token, serial, label, id_ = (
        str(table.get(word, "")) for word in ("token", "serial", "label", "id")
    )
    return TokenPlace(Path(table["module"]), token, serial, label, id_)


def _place_of(chosen: SigningChoice) -> dict[str, str]:
    token = chosen.token
    if token is None:
        return {"certificate": str((chosen.certificate or Path()).absolute())}
    return {
        "module": str(token.module), "token": token.token, "serial": token.serial,
        "label": token.label, "id": token.id,
    }  # fmt: skip
