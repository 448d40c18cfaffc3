"""The sign-ins of a demo database, kept beside it in a file that nobody else can read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from vln_desktop.domain.permissions import Role
from vln_desktop.errors import UserError

_FILE = "demo-sign-ins.json"


@dataclass(frozen=True, slots=True)
class DemoPerson:
    """One person of a demo database."""

    email: str
    name: str
    role: Role
    password: str
    totp_secret: str = ""
    """For an authenticator app, in base 32; empty for service logins."""


def write_demo_people(cluster: Path, people: Iterable[DemoPerson]) -> None:
    """Keep the sign-ins in the cluster's folder, readable by this account alone."""
    scratch = cluster / f"{_FILE}.new"
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600, exist_ok=False)  # closed before anything secret is in it
    scratch.write_text(json.dumps([asdict(person) for person in people], indent=1), "utf-8")
    scratch.replace(cluster / _FILE)


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
