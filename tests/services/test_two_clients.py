"""Two people edit one finding 200 times at once: no acknowledged write is lost without a choice."""

from __future__ import annotations

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from tests.firm import Firm
from vln_desktop.db.session import Database
from vln_desktop.domain.finding_drafts import FindingDraft, draft_of
from vln_desktop.errors import Conflict
from vln_desktop.services.findings import FindingsService

EDITS = 100
FIELDS = ("title", "description", "impact", "remediation", "proof")


@dataclass
class Client:
    """One person: what they wrote and was acknowledged, and what they saw it replace."""

    name: str
    database: Database
    finding: UUID
    replaced: dict[str, str] = field(default_factory=dict)
    conflicts: int = 0
    yielded: int = 0

    def work(self) -> None:
        service, chance = FindingsService(self.database), random.Random(self.name)
        base = draft_of(service.get(self.finding))
        for number in range(EDITS):
            if chance.random() < 0.3:  # otherwise the form stays open, with an old base
                base = draft_of(service.get(self.finding))
            names = chance.sample(FIELDS, chance.choice((1, 1, 2)))
            typed: dict[str, Any] = {name: f"{self.name}-{number}-{name}" for name in names}
            mine = replace(base, **typed)
            base = self._save(service, chance, base, mine)

    def _save(
        self, service: FindingsService, chance: random.Random, base: FindingDraft,
        mine: FindingDraft,
    ) -> FindingDraft:  # fmt: skip
        while True:
            try:
                service.save(self.finding, base, mine)
            except Conflict as conflict:
                self.conflicts += 1
                theirs = {clash.field: clash.theirs for clash in conflict.fields}
                if chance.random() < 0.5:  # the person lets theirs stand
                    self.yielded += 1
                    mine = replace(mine, **theirs)
                base = replace(base, **theirs)
                continue
            for name in FIELDS:
                before, after = getattr(base, name), getattr(mine, name)
                if before != after:
                    self.replaced[after] = before
            return mine


def _changes(firm: Firm, finding: UUID, since: int) -> list[dict[str, list[Any]]]:
    rows = firm.owner.execute(
        "SELECT changes FROM vln.activity_logs WHERE record_id = %s AND entity = 'findings'"
        " AND id > %s ORDER BY id",
        [finding, since],
    ).fetchall()
    return [row[0] for row in rows]


def test_every_acknowledged_write_stands_or_gave_way_to_somebody_who_saw_it(firm: Firm) -> None:
    finding = firm.a.id("findings")
    row = firm.owner.execute("SELECT coalesce(max(id), 0) FROM vln.activity_logs").fetchone()
    assert row is not None
    clients = [
        Client(name, firm.sign_in(login), finding)
        for name, login in (("ana", "auditor.a"), ("max", "manager.a"))
    ]
    with ThreadPoolExecutor(2) as pool:
        for done in [pool.submit(client.work) for client in clients]:
            done.result(timeout=120)

    acknowledged = clients[0].replaced | clients[1].replaced
    stands: dict[str, str] = {}
    for changes in _changes(firm, finding, row[0]):
        for name in FIELDS:
            if name in changes:
                before, after = changes[name]
                assert acknowledged[after] == before, "somebody wrote over what they had not seen"
                stands[name] = after
    logged = {
        pair[1] for changes in _changes(firm, finding, row[0])
        for name, pair in changes.items() if name in FIELDS
    }  # fmt: skip
    assert logged == set(acknowledged), "a write was acknowledged and is not in the log"
    final = FindingsService(clients[0].database).get(finding)
    assert {name: getattr(final, name) for name in stands} == stands
    assert all(client.conflicts > 0 for client in clients), "they were never in each other's way"
    assert len(acknowledged) > EDITS
