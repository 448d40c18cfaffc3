"""Remembers, on this machine, the last seal that was seen of each activity log.

A chain shows every change but one: its end can be cut off. Who saw the end remembers it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from vln_desktop.adapters.files import write_whole
from vln_desktop.config import Environment, Profile, Settings
from vln_desktop.domain.log_proof import Witnessed
from vln_desktop.errors import UserError

_FOLDER = "log-witness"


@dataclass(frozen=True, slots=True)
class LogWitness:
    """The memory of one profile's database; one file per log and one per place, each 0600.

    `place` is where the profile finds its database, None where another log may stand there any day
    (a demo): there only the log itself is remembered.
    """

    folder: Path
    place: str | None

    def seen(self, log_id: UUID) -> Witnessed | None:
        """Return the last seal seen of a log; UserError if the memory of it is damaged."""
        told = _read(self._log_file(log_id))
        if told is None:
            return None
        try:
            return Witnessed(
                int(told["seq"]),
                bytes.fromhex(told["digest"]),
                datetime.fromisoformat(told["seen_at"]),
            )
        except (KeyError, ValueError, TypeError) as error:
            raise _damaged(self._log_file(log_id)) from error

    def log_here(self) -> UUID | None:
        """Return which log stood at this place; UserError if the memory of it is damaged."""
        file = self._place_file
        told = None if file is None else _read(file)
        if file is None or told is None:
            return None
        try:
            return UUID(told["log_id"])
        except (KeyError, ValueError, TypeError, AttributeError) as error:
            raise _damaged(file) from error

    def note(self, log_id: UUID, witnessed: Witnessed) -> None:
        """Remember a seal that was just checked; an older one than known is not noted."""
        known = self.seen(log_id)
        if known is None or witnessed.seq > known.seq:
            self._write(
                self._log_file(log_id),
                {
                    "seq": witnessed.seq,
                    "digest": witnessed.digest.hex(),
                    "seen_at": witnessed.seen_at.isoformat(),
                },
            )
        if self._place_file is not None and self.log_here() != log_id:
            self._write(self._place_file, {"log_id": str(log_id)})

    def forget(self, log_id: UUID) -> None:
        """Forget what was seen: for a loss that has been explained, such as a restored backup."""
        self._log_file(log_id).unlink(missing_ok=True)
        if self._place_file is not None:
            self._place_file.unlink(missing_ok=True)

    def _log_file(self, log_id: UUID) -> Path:
        return self.folder / f"{log_id}.json"

    @property
    def _place_file(self) -> Path | None:
        if self.place is None:
            return None
        return self.folder / f"place-{hashlib.sha256(self.place.encode()).hexdigest()[:16]}.json"

    def _write(self, file: Path, content: Mapping[str, object]) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UserError(f"{self.folder} cannot be made: {error.strerror}.") from error
        write_whole(file, json.dumps(content, indent=1).encode())


def witness_of(settings: Settings, profile: Profile) -> LogWitness:
    """Return the memory of a profile's log."""
    parts = urlsplit(profile.url or "")
    where = f"{parts.hostname}:{parts.port or 5432}{parts.path}?{parts.query}"
    if profile.embedded:
        where = f"embedded {profile.cluster}"
    changes = profile.environment is Environment.DEMO
    return LogWitness(settings.state_folder / _FOLDER, None if changes else where)


def _read(file: Path) -> Mapping[str, str] | None:
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise _damaged(file) from error
    if not isinstance(told, dict):
        raise _damaged(file)
    return told


def _damaged(file: Path) -> UserError:
    return UserError(
        f"What this computer remembers of the activity log cannot be read ({file}), so it cannot "
        "tell whether the log's end was cut. “vln-desktop log verify --forget” begins anew."
    )
