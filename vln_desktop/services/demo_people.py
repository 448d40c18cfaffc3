"""The sign-ins of a demo database, kept beside it in a file that nobody else can read."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from vln_desktop.domain.permissions import Role
from vln_desktop.errors import UserError

_FILE = "demo-sign-ins.json"
_RECOVERY = "demo-recovery-key.txt"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One person of a demo database; `private_key` is in base 64, "" for who has none."""

    email: str
    name: str
    role: Role
    password: str
    totp_secret: str = ""
    """For an authenticator app, in base 32; empty for service logins."""
    private_key: str = ""


def write_demo_people(cluster: Path, people: Iterable[DemoPerson]) -> None:
    """Keep the sign-ins in the cluster's folder, readable by this account alone."""
    _write(cluster / _FILE, json.dumps([asdict(person) for person in people], indent=1))


def write_demo_recovery(cluster: Path, recovery: str) -> None:
    """Keep a demo's recovery key, which would be on paper otherwise, beside the sign-ins."""
    _write(cluster / _RECOVERY, f"{recovery}\n")


def read_demo_people(cluster: Path) -> tuple[DemoPerson, ...]:
    """Return the sign-ins, in the order they were written; none if there is no file."""
    file = cluster / _FILE
    try:
        entries = json.loads(file.read_text(encoding="utf-8"))
        return tuple(DemoPerson(**{**entry, "role": Role(entry["role"])}) for entry in entries)
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise UserError(
            f"{file} cannot be read. “vln-desktop demo --reset” makes a new demo database."
        ) from error


class DemoPrivateKeys:
    """The private key of one person of a demo, kept with the sign-ins."""

    def __init__(self, cluster: Path, email: str) -> None:
        self._cluster = cluster
        self._email = email

    def load(self) -> bytes | None:
        """Return the key, None if there is none; UserError if the file cannot be read."""
        kept = {person.email: person.private_key for person in read_demo_people(self._cluster)}
        text = kept.get(self._email, "")
        try:
            return base64.b64decode(text, validate=True) if text else None
        except ValueError as error:
            raise UserError("The demo's file holds something else as your private key.") from error

    def save(self, private_key: bytes) -> None:
        """Keep a key in place of an earlier one."""
        text = base64.b64encode(private_key).decode()
        write_demo_people(
            self._cluster,
            [
                replace(person, private_key=text) if person.email == self._email else person
                for person in read_demo_people(self._cluster)
            ],
        )


def _write(file: Path, text: str) -> None:
    scratch = file.with_suffix(f"{file.suffix}.new")
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600, exist_ok=False)  # closed before anything secret is in it
    scratch.write_text(text, "utf-8")
    scratch.replace(file)
