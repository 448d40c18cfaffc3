"""The connection profiles of `config.toml`: added, changed and removed, all else in it kept.

Comments, order and sections that this program does not know stay as they are. The file is read
again before each change and replaced as a whole, so that an editor or a second window loses
nothing.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import Table

from vln_desktop.adapters.files import turn_of, write_whole
from vln_desktop.errors import UserError
from vln_desktop.profiles import KEYS, Profile, read_profile, table_of

_PROFILES = "profiles"
_DEFAULT = "default_profile"


class ProfileBook:
    """The profiles that are written in a file. Safe to use from several processes."""

    def __init__(self, file: Path) -> None:
        self.file = file

    def profiles(self) -> Mapping[str, Profile]:
        """Return the file's profiles by name; UserError if it cannot be read."""
        return self._profiles_of(self._read())

    def _profiles_of(self, document: tomlkit.TOMLDocument) -> Mapping[str, Profile]:
        tables = document.unwrap().get(_PROFILES, {})
        if not isinstance(tables, dict):
            raise UserError(f"{self.file}: [profiles] must be a table of tables.")
        return {
            name: read_profile(name, table, f"{self.file}: profile “{name}”")
            for name, table in tables.items()
        }

    def save(self, profile: Profile, *, before: str | None = None) -> None:
        """Write a profile down; `before` is the name it had, None for a new one.

        Raises UserError: the name is taken (field "name"), the profile is gone meanwhile, or the
        file cannot be read or written.
        """
        with self._changing() as document:
            tables = _tables(document)
            if profile.name != before and profile.name in tables:
                raise UserError(
                    f"There is a profile “{profile.name}” already; choose another name.",
                    field="name",
                )
            if before is None:
                tables.append(profile.name, _new_table(profile))
                return
            if before not in tables:
                raise UserError(f"The profile “{before}” was removed meanwhile; nothing was saved.")
            _update(tables[before], profile)
            if profile.name != before:
                _rename(document, tables, before, profile.name)

    def delete(self, name: str) -> None:
        """Remove a profile; nothing happens if it is gone already. UserError as `save`."""
        with self._changing() as document:
            tables = _tables(document)
            if name in tables:
                tables.remove(name)
            if document.get(_DEFAULT) == name:
                document.remove(_DEFAULT)

    def make_default(self, name: str) -> None:
        """Have the program begin with a profile; UserError as `save`."""
        with self._changing() as document:
            document[_DEFAULT] = name

    @contextmanager
    def _changing(self) -> Iterator[tomlkit.TOMLDocument]:
        """Lend the file's content to change; what is left is written if it can be read again."""
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with turn_of(self.file):
            document = self._read()
            self._profiles_of(document)  # a mistake made by hand is told, not made worse
            yield document
            text = tomlkit.dumps(document)
            tomllib.loads(text)  # a file that nobody could read afterwards is not written
            write_whole(self.file, text.encode())

    def _read(self) -> tomlkit.TOMLDocument:
        try:
            return tomlkit.parse(self.file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return tomlkit.document()
        except (OSError, UnicodeDecodeError, TOMLKitError) as error:
            raise UserError(f"{self.file} cannot be read: {error}") from error


def _tables(document: tomlkit.TOMLDocument) -> Any:
    """Return the table of profiles, made if there is none."""
    if _PROFILES not in document:
        document.append(_PROFILES, tomlkit.table(is_super_table=True))
    return document[_PROFILES]


def _new_table(profile: Profile) -> Table:
    table = tomlkit.table()
    for key, value in table_of(profile).items():
        table.append(key, value)
    return table


def _update(table: Any, profile: Profile) -> None:
    """Change what differs, so that the comments beside the rest stay."""
    wanted = table_of(profile)
    for key in KEYS:
        if key not in wanted:
            if key in table:
                table.remove(key)
        elif key not in table or table[key] != wanted[key]:
            table[key] = wanted[key]


def _rename(document: tomlkit.TOMLDocument, tables: Any, before: str, after: str) -> None:
    table = tables[before]
    tables.remove(before)
    tables.append(after, table)
    if document.get(_DEFAULT) == before:
        document[_DEFAULT] = after
