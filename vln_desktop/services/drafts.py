"""The draft journal of who is signed in: kept on this machine, opened by the server's secret."""

from __future__ import annotations

import logging
import threading
from pathlib import Path
from uuid import UUID

from sqlalchemy import func, select

from vln_desktop.adapters.files import write_whole
from vln_desktop.config import Profile, Settings
from vln_desktop.db.session import Database
from vln_desktop.domain.drafts import LONGEST_DRAFT, Draft, DraftCipher, draft_key, file_name
from vln_desktop.errors import UserError

log = logging.getLogger(__name__)

_FOLDER = "drafts"


def drafts_folder(settings: Settings, profile: Profile) -> Path:
    """Return where the drafts of a profile's people are kept."""
    return settings.state_folder / _FOLDER / profile.name


class DraftsService:
    """Keeps, lists and forgets drafts; every call blocks and may come from any thread.

    Without a folder nothing is kept: where no person types.
    """

    def __init__(self, database: Database, folder: Path | None = None) -> None:
        self._database = database
        self._folder = None if folder is None else folder / database.actor.user_id.hex
        self._cipher: DraftCipher | None = None
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Fetch the secret while the server answers, so that a lost link keeps nobody from it."""
        if self._folder is not None:
            self._opened()

    def keep(self, draft: Draft) -> None:
        """Keep a draft in the place of an earlier one of the same form; on disk when it returns.

        Raises UserError if it cannot be written, Unavailable if the secret was never fetched.
        """
        if self._folder is None:
            return
        sealed = self._opened().seal(draft)
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise UserError(f"{self._folder} cannot be made: {error.strerror}.") from error
        write_whole(self._folder / file_name(draft.key), sealed, durable=True)

    def drop(self, form: str, record: UUID | None) -> None:
        """Forget a form's draft: it was saved, or thrown away."""
        if self._folder is not None:
            (self._folder / file_name(draft_key(form, record))).unlink(missing_ok=True)

    def all(self) -> tuple[Draft, ...]:
        """Return the drafts that are kept, newest first; a damaged one is passed over."""
        if self._folder is None or not self._folder.is_dir():
            return ()
        files = sorted(self._folder.glob("*.draft"))
        if not files:
            return ()
        cipher = self._opened()
        found = [draft for file in files if (draft := self._read(cipher, file)) is not None]
        return tuple(sorted(found, key=lambda draft: draft.saved_at, reverse=True))

    def _read(self, cipher: DraftCipher, file: Path) -> Draft | None:
        try:
            with file.open("rb") as stream:
                data = stream.read(2 * LONGEST_DRAFT)
        except OSError as error:
            log.warning("a draft cannot be read: %s", error.strerror)
            return None
        draft = cipher.open(file.name, data)
        if draft is None:
            log.warning("a draft is damaged or of another person")
        return draft

    def _opened(self) -> DraftCipher:
        with self._lock:
            if self._cipher is None:
                with self._database.unit_of_work() as session:
                    secret: bytes = session.execute(select(func.vln.draft_secret())).scalar_one()
                self._cipher = DraftCipher(secret)
            return self._cipher
