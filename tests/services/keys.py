"""People with private keys of their own, in a firm whose keys nobody set up yet."""

from __future__ import annotations

from dataclasses import dataclass

from tests.firm import Firm
from vln_desktop.db.session import Database
from vln_desktop.domain.key_envelopes import new_private_key, recovery_text
from vln_desktop.domain.keys import KeyStatus, MyKey
from vln_desktop.errors import UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.credentials import CredentialsService
from vln_desktop.services.directory import Directory
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.key_chain import KeyChain
from vln_desktop.services.key_status import key_status
from vln_desktop.services.keys import KeysService


class Drawer:
    """Where one person's machine keeps a private key; `broken` is why it cannot."""

    def __init__(self) -> None:
        self.private_key: bytes | None = None
        self.broken = ""

    def load(self) -> bytes | None:
        if self.broken:
            raise UserError(self.broken)
        return self.private_key

    def save(self, private_key: bytes) -> None:
        if self.broken:
            raise UserError(self.broken)
        self.private_key = private_key


@dataclass(frozen=True)
class Person:
    """One signed-in person and the services that keys matter to."""

    database: Database
    drawer: Drawer
    chain: KeyChain

    @property
    def keys(self) -> KeysService:
        return KeysService(self.database, self.chain)

    @property
    def findings(self) -> FindingsService:
        return FindingsService(self.database, self.chain)

    @property
    def credentials(self) -> CredentialsService:
        return CredentialsService(self.database, self.chain)

    @property
    def audits(self) -> AuditsService:
        return AuditsService(self.database)

    @property
    def status(self) -> KeyStatus:
        return key_status(self.chain, Directory.load(self.database))

    def stands(self) -> MyKey:
        """Return how far this person is now."""
        return self.status.mine


def clear_keys(firm: Firm) -> None:
    """Take out the firm's made-up keys, and what was made up as encrypted with them."""
    for table in ("credential_reveals", "audit_credentials", "key_envelopes", "data_keys",
                  "public_keys"):  # fmt: skip
        firm.owner.execute(f"DELETE FROM vln.{table}".encode())


def sign_in(firm: Firm, login: str, drawer: Drawer | None = None) -> Person:
    """Sign somebody in at a machine whose drawer is theirs."""
    database, kept = firm.sign_in(login), drawer or Drawer()
    return Person(database, kept, KeyChain(database, kept))


def set_up(firm: Firm, login: str = "manager.a") -> tuple[Person, str]:
    """Let somebody set the team's keys up; returns them and the printed recovery key."""
    clear_keys(firm)
    founder, paper = sign_in(firm, login), recovery_text(new_private_key())
    founder.keys.set_up(paper)
    return founder, paper


def let_in(firm: Firm, founder: Person, *logins: str) -> list[Person]:
    """Let people publish their keys and a holder let them in."""
    people = [sign_in(firm, login) for login in logins]
    for person in people:
        person.keys.publish()
    founder.keys.let_in(firm.people[login].id for login in logins)
    return people
