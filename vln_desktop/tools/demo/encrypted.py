"""What the demo keeps encrypted: keys of its people, clients' credentials, secret comments.

Fresh on each installation, like the passwords: keys that came out of a seed would be no secret.
The newcomer has published a key and waits to be let in.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, insert

from vln_desktop.db.base import Base, table_of
from vln_desktop.db.models.audits import AuditCredential
from vln_desktop.db.models.findings import FindingComment
from vln_desktop.db.models.keys import DataKey, KeyEnvelope, PublicKey
from vln_desktop.domain.field_encryption import KeyRing, proof_hash
from vln_desktop.domain.key_envelopes import (
    new_data_key,
    new_private_key,
    public_half,
    recovery_text,
    vouch,
    wrap,
)
from vln_desktop.domain.permissions import Right, Role, may
from vln_desktop.services.credentials import PLACE
from vln_desktop.services.demo_people import DemoPerson
from vln_desktop.services.finding_comments import COMMENT_PLACE
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.content import DemoContent
from vln_desktop.tools.demo.finding_records import Finding
from vln_desktop.tools.demo.firm import NEWCOMER
from vln_desktop.tools.demo.records import AuditRequest
from vln_desktop.tools.demo.telling import History, Origin

Row = dict[str, Any]

TABLES = ("public_keys", "data_keys", "key_envelopes", "audit_credentials")
"""Tables that hold only what is made here."""

_KEY = 1
_ACTIVE = {"in_progress", "under_review"}
_CREDENTIALS = (
    ("Staging node, RPC", "vln-audit", "rpc-{noise}", "Read only. Goes with the audit's end."),
    ("Bug tracker of the client", "vln@partners.example", "{noise}!", ""),
    ("VPN profile, pre-shared key", "", "{noise}{noise}", "Only from our office's address."),
    ("Test wallet, seed phrase", "0x operator",
     "lamp orbit velvet tunnel copper harvest signal meadow drift anchor pepper stone",
     "Holds test tokens alone."),
)  # fmt: skip
_REMARKS = (
    "Not to be written down openly: the same key signs on main net until the rotation on Friday.",
    "Their administrator's account is shared by four people. Told to the CTO by phone.",
    "Works against production too. I stopped after the first block and told them at once.",
)


@dataclass(frozen=True, slots=True)
class Locked:
    """Rows by model, parents first; who made them; and the recovery key as it would be printed."""

    rows: tuple[tuple[type[Base], list[Row]], ...]
    origins: dict[str, tuple[Origin, ...]]
    recovery: str

    def insert(self, connection: Connection) -> None:
        """Put the rows in; the triggers rest."""
        for model, rows in self.rows:
            connection.execute(insert(table_of(model)), rows)

    def told(self, history: History) -> History:
        """Return a history that tells of these rows too."""
        origins = dict(history.origins)
        for table, made in self.origins.items():
            origins[table] = (*origins.get(table, ()), *made)
        return History(origins, history.steps)


def fresh_private_key(role: Role) -> str:
    """Return a private key for somebody of a role that holds keys, in base 64; else nothing."""
    return base64.b64encode(new_private_key()).decode() if may(role, Right.KEYS_HOLD) else ""


def lock_up(content: DemoContent, people: tuple[DemoPerson, ...], seed: int) -> Locked:
    """Make the keys of these people and what is encrypted with them."""
    recovery, data_key = new_private_key(), new_data_key()
    chance, ring = Chance(seed, "encrypted"), KeyRing({_KEY: data_key}, _KEY)
    since = content.teams[0].created_at + timedelta(days=1)
    public = _public_keys(content, people)
    founder = next(user.id for user in content.staff if user.role == Role.ADMIN)
    newcomer = next(user.id for user in content.staff if user.email.startswith(f"{NEWCOMER}@"))
    holders: dict[UUID | None, bytes] = {None: public_half(recovery)}
    holders |= {person: key for person, key in public.items() if person != newcomer}
    envelopes: list[Row] = [
        {"id": chance.identity(since), "key_id": _KEY, "user_id": holder, "public_key": key,
         "wrapped_key": wrap(data_key, _KEY, holder, key),
         "vouch": vouch(data_key, _KEY, holder, key), "created_at": since}
        for holder, key in holders.items()
    ]  # fmt: skip
    credentials = list(_credentials(content, ring, chance))
    remarks = list(_remarks(content, ring, chance))
    return Locked(
        (
            (PublicKey, [{"user_id": person, "public_key": key, "created_at": since,
                          "updated_at": since} for person, key in public.items()]),
            (DataKey, [{"key_id": _KEY, "state": "current", "proof_hash": proof_hash(data_key),
                        "made_by": founder, "created_at": since}]),
            (KeyEnvelope, envelopes),
            (AuditCredential, credentials),
            (FindingComment, remarks),
        ),
        {
            "public_keys": tuple(Origin(person, person, {}) for person in public),
            "key_envelopes": tuple(Origin(row["id"], founder, {}) for row in envelopes),
            "audit_credentials": tuple(
                Origin(row["id"], row["created_by"], {}) for row in credentials
            ),
            "finding_comments": tuple(Origin(row["id"], row["author_id"], {}) for row in remarks),
        },
        recovery_text(recovery),
    )  # fmt: skip


def _public_keys(content: DemoContent, people: tuple[DemoPerson, ...]) -> dict[UUID, bytes]:
    ids = {user.email: user.id for user in content.staff}
    return {
        ids[person.email]: public_half(base64.b64decode(person.private_key))
        for person in people
        if person.private_key
    }


def _active(content: DemoContent) -> Iterator[tuple[int, AuditRequest, list[Finding]]]:
    """Yield the audits that are worked on, numbered, with their findings, newest first."""
    at = 0
    for audit in content.audits:
        found = [finding for finding in content.findings if finding.audit_id == audit.id]
        if audit.status in _ACTIVE and found:
            yield at, audit, sorted(found, key=lambda one: one.created_at, reverse=True)
            at += 1


def _credentials(content: DemoContent, ring: KeyRing, chance: Chance) -> Iterator[Row]:
    for at, audit, found in _active(content):
        for offset in range(2):
            label, username, form, note = _CREDENTIALS[(at + offset) % len(_CREDENTIALS)]
            made = found[-1].created_at
            id_ = chance.identity(made)
            secret = form.format(noise=chance.hexadecimal(20))
            yield {"id": id_, "audit_id": audit.id, "label": label, "username": username,
                   "secret": ring.encrypt(PLACE, id_, secret), "note": note,
                   "created_by": found[-1].finder_id, "created_at": made,
                   "updated_at": made}  # fmt: skip


def _remarks(content: DemoContent, ring: KeyRing, chance: Chance) -> Iterator[Row]:
    for at, audit, found in _active(content):
        said: datetime = found[0].created_at + timedelta(minutes=25)
        id_ = chance.identity(said)
        text = ring.encrypt(COMMENT_PLACE, id_, _REMARKS[at % len(_REMARKS)])
        yield {"id": id_, "audit_id": audit.id, "finding_id": found[0].id, "body": "",
               "author_id": found[0].finder_id, "secret_body": text,
               "created_at": said, "updated_at": said}  # fmt: skip
