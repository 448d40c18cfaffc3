"""The demo's forty audits: where each stands, who works on it, and what code it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

from vln_desktop.domain.audits import AuditStatus, Priority, ServiceType
from vln_desktop.domain.severity_schemes import STANDARD_SCHEMES
from vln_desktop.tools.demo.chance import Chance
from vln_desktop.tools.demo.clients import Clients, profile
from vln_desktop.tools.demo.codebases import CONTRACT_KINDS, Codebase, make_codebase
from vln_desktop.tools.demo.firm import NEWCOMER, Firm
from vln_desktop.tools.demo.records import (
    AuditAssignment,
    AuditRepository,
    AuditRequest,
    AuditStatusChange,
    Client,
    ScopeItem,
    SourceSnapshot,
)

_S = AuditStatus


class Plan(NamedTuple):
    """One audit as it is listed below: its age in days, and how many findings it has by now."""

    code: str
    project: str
    kind: str
    status: AuditStatus
    age: int
    findings: int = 0
    cancelled_after: AuditStatus = _S.PENDING


PLANS = (
    Plan("ACME", "Tidepool Lending", "lending", _S.COMPLETED, 352, 31),
    Plan("HELIX", "Zinsgarten Vault", "yield", _S.COMPLETED, 341, 30),
    Plan("TALLOWAY", "Lantern Raffle", "lottery", _S.COMPLETED, 327, 27),
    Plan("QUARRY", "Quarry Perpetuals", "exchange", _S.COMPLETED, 318, 45),
    Plan("NIMBROOK", "Brook Custody", "wallet", _S.COMPLETED, 301, 15),
    Plan("KEENLOT", "Keenlot Draw", "generator", _S.COMPLETED, 288, 6),
    Plan("ZEFIR", "Zefir Bridge", "bridge", _S.COMPLETED, 272, 31),
    Plan("ORVANNE", "Parchemin Market", "market", _S.COMPLETED, 251, 28),
    Plan("MARLSTEAD", "Marl Custody", "wallet", _S.COMPLETED, 236, 14),
    Plan("FJORDMYNT", "Nordlys Payments", "api", _S.COMPLETED, 214, 14),
    Plan("NIMBROOK", "Millrace Vault", "yield", _S.CANCELLED, 205, 0, _S.INTAKE),
    Plan("SABLEWING", "Sable Arena", "platform", _S.COMPLETED, 196, 22),
    Plan("DELTAWERK", "Lernchain Zertifikate", "treasury", _S.COMPLETED, 173, 22),
    Plan("ACME", "Anvil Exchange", "exchange", _S.COMPLETED, 158, 32),
    Plan("SABLEWING", "Wingspan Rewards", "staking", _S.CANCELLED, 140, 6, _S.IN_PROGRESS),
    Plan("HELIX", "Helix Bridge", "bridge", _S.REPORT_GENERATION, 118, 29),
    Plan("TALLOWAY", "Talloway Wheel", "generator", _S.REPORT_GENERATION, 104, 6),
    Plan("QUARRY", "Granite Oracle", "lending", _S.REPORT_GENERATION, 96, 27),
    Plan("NIMBROOK", "Nimbus Checkout", "api", _S.UNDER_REVIEW, 88, 13),
    Plan("ORVANNE", "Registre Treasury", "treasury", _S.UNDER_REVIEW, 81, 26),
    Plan("ACME", "Acorn Staking", "staking", _S.UNDER_REVIEW, 77, 28),
    Plan("SABLEWING", "Wingspan Market", "market", _S.UNDER_REVIEW, 72, 26),
    Plan("MARLSTEAD", "Marl Settlement", "api", _S.CANCELLED, 66, 0, _S.APPROVED),
    Plan("ZEFIR", "Gotthard Relay", "bridge", _S.IN_PROGRESS, 61, 24),
    Plan("FJORDMYNT", "Fjord Vault", "yield", _S.IN_PROGRESS, 55, 27),
    Plan("MARLSTEAD", "Steadfast Signer", "wallet", _S.IN_PROGRESS, 49, 14),
    Plan("KEENLOT", "Tulip Raffle", "lottery", _S.IN_PROGRESS, 44, 22),
    Plan("DELTAWERK", "Campus Wallet", "wallet", _S.IN_PROGRESS, 38, 9),
    Plan("TALLOWAY", "Harbour Casino", "platform", _S.IN_PROGRESS, 34, 16),
    Plan("QUARRY", "Basalt Router", "exchange", _S.IN_PROGRESS, 29, 10),
    Plan("HELIX", "Kontor Wallet", "wallet", _S.APPROVED, 25),
    Plan("ACME", "Tidepool Gateway", "custom", _S.APPROVED, 21),
    Plan("KEENLOT", "Keenlot Results", "generator", _S.APPROVED, 18),
    Plan("SABLEWING", "Sable Results", "generator", _S.INTAKE, 13),
    Plan("ORVANNE", "Sceau Signatures", "custom", _S.INTAKE, 10),
    Plan("QUARRY", "Quarry Treasury", "treasury", _S.INTAKE, 8),
    Plan("NIMBROOK", "Brook Recovery", "wallet", _S.PENDING, 6),
    Plan("ZEFIR", "Zefir Staking", "staking", _S.PENDING, 5),
    Plan("FJORDMYNT", "Nordlys Ledger", "api", _S.PENDING, 4),
    Plan("TALLOWAY", "Lantern Rewards", "staking", _S.PENDING, 3),
)

_NEWCOMERS_AUDIT = "Fjord Vault"
_STEPS = (
    (_S.INTAKE, 1, 2), (_S.APPROVED, 3, 6), (_S.IN_PROGRESS, 5, 9), (_S.UNDER_REVIEW, 14, 24),
    (_S.REPORT_GENERATION, 4, 8), (_S.COMPLETED, 5, 10),
)  # fmt: skip
_SERVICES = {
    "wallet": ServiceType.WALLET_FLOW_RISK_ASSESSMENT,
    "api": ServiceType.API_SECURITY_REVIEW,
    "platform": ServiceType.PLATFORM_SECURITY_AUDIT,
    "generator": ServiceType.RNG_ANALYSIS,
    "custom": ServiceType.CUSTOM_ASSESSMENT,
}
_SUBJECTS = {
    "lending": "a lending market with isolated pools and its price sources",
    "exchange": "an exchange with concentrated pools, its router and its account factory",
    "yield": "a vault that invests deposits by strategies, with harvesting and fees",
    "staking": "staking with locked positions, reward distribution and voting weight",
    "bridge": "a bridge that releases escrowed funds on messages signed by validators",
    "market": "a market for collectibles with limited sales, auctions and refunds",
    "lottery": "a raffle with on-chain draws, the prize pool and ticket rewards",
    "treasury": "a treasury that is governed by token holders, with vesting and payments",
    "wallet": "the flow of funds from deposit to signed payout, with limits and approvals",
    "api": "the public API, its sessions and callbacks, and the separation of customers",
    "platform": "the platform from sign-in to payout, with its game engine",
    "generator": "the random number generator, its mapping to results and the result log",
    "custom": "the operation of the gateway: keys, deployments, monitoring and incident response",
}
_PRIORITIES = ((Priority.LOW, 2), (Priority.MEDIUM, 5), (Priority.HIGH, 3), (Priority.CRITICAL, 1))


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works on an audit."""

    manager: UUID
    lead: UUID
    second: UUID
    reviewer: UUID

    @property
    def auditors(self) -> tuple[UUID, UUID]:
        """The two who look for findings."""
        return self.lead, self.second


@dataclass(frozen=True, slots=True)
class AuditWork:
    """An audit with all that belongs to it; `entered` says when it came to each status.

    Nothing of it is told after `told_until`.
    """

    audit: AuditRequest
    client: Client
    codebase: Codebase
    crew: Crew
    entered: Mapping[AuditStatus, datetime]
    told_until: datetime
    findings: int
    changes: tuple[AuditStatusChange, ...]
    assignments: tuple[AuditAssignment, ...]
    repository: AuditRepository
    snapshots: tuple[SourceSnapshot, ...]
    scope: tuple[ScopeItem, ...]


def make_audits(firm: Firm, clients: Clients, chance: Chance, today: date) -> tuple[AuditWork, ...]:
    """Make the audits of the plan, oldest first; numbers count within each client."""
    ordinals: Counter[str] = Counter()
    works = []
    for plan in PLANS:
        ordinals[plan.code] += 1
        number = f"{plan.code}-{ordinals[plan.code]}"
        works.append(_audit(plan, number, firm, clients, chance, today))
    return tuple(works)


def midnight(today: date) -> datetime:
    """Return the begin of a day, UTC: the demo tells what happened before."""
    return datetime.combine(today, time(), UTC)


def _audit(
    plan: Plan, number: str, firm: Firm, clients: Clients, chance: Chance, today: date
) -> AuditWork:
    client = next(c for c in clients.clients if c.code == plan.code)
    requester = clients.requester(plan.code)
    entered = _history(plan, chance, today)
    requested = entered[_S.PENDING]
    team = _team(plan.kind, firm, chance)
    crew = _crew(team, firm, chance)
    kind = "api" if plan.kind == "custom" else plan.kind
    codebase = make_codebase(kind, plan.project, profile(plan.code).domain, chance)
    audit_id = chance.identity(requested)
    starts = (entered.get(_S.IN_PROGRESS) or requested + timedelta(days=18)).date()
    planned = _S.APPROVED in entered
    nsloc = sum(file.nsloc for file in codebase.files if file.in_scope)
    audit = AuditRequest(
        audit_id, number, requester, client.id, team,
        next(e.id for e in firm.entities if e.code == profile(plan.code).seller),
        STANDARD_SCHEMES[0].id,
        plan.project, _description(plan, nsloc, codebase), _service(plan.kind),
        plan.status, chance.weighted(_PRIORITIES), round(nsloc / 50) * 95_000 + 480_000,
        client.currency, starts if planned else None,
        starts + timedelta(days=chance.between(26, 40)) if planned else None,
        entered.get(_S.COMPLETED), requested, max(entered.values()),
        round(nsloc / 100) * 300 + 40 * 60 if planned else None,
    )  # fmt: skip
    repository, snapshots, scope = _code(audit, codebase, plan, entered, chance)
    return AuditWork(
        audit, client, codebase, crew, entered, midnight(today), plan.findings,
        _changes(audit_id, entered, requester, crew, chance),
        _assignments(plan, audit_id, crew, entered, firm, chance), repository, snapshots, scope,
    )  # fmt: skip


def _service(kind: str) -> ServiceType:
    return _SERVICES.get(kind, ServiceType.SMART_CONTRACT_AUDIT)


def _team(kind: str, firm: Firm, chance: Chance) -> UUID:
    contracts, wallets, gaming = (team.id for team in firm.teams)
    if kind in ("lottery", "generator"):
        return gaming
    if kind == "platform":
        return chance.pick((wallets, gaming))
    return contracts if kind in CONTRACT_KINDS else wallets


def _crew(team: UUID, firm: Firm, chance: Chance) -> Crew:
    newcomer = firm.person(NEWCOMER).id
    known = [person for person in firm.team_people(team, "member") if person != newcomer]
    people = chance.random.sample(known, 3)
    return Crew(chance.pick(firm.team_people(team, "lead")), *people)


def _history(plan: Plan, chance: Chance, today: date) -> dict[AuditStatus, datetime]:
    day = today - timedelta(days=plan.age)
    at = chance.moment(day)
    entered = {_S.PENDING: at}
    last = plan.cancelled_after if plan.status is _S.CANCELLED else plan.status
    for status, low, high in _STEPS:
        if last in entered:
            break
        day += timedelta(days=chance.between(low, high))
        at = max(chance.moment(day), at + timedelta(minutes=chance.between(30, 300)))
        entered[status] = at
    if plan.status is _S.CANCELLED:
        entered[_S.CANCELLED] = max(chance.moment(day + timedelta(days=9)), at)
    return entered


def _description(plan: Plan, nsloc: int, codebase: Codebase) -> str:
    where = " and ".join(name for name, _ in codebase.chains)
    deployed = f" It is meant for {where}." if where else ""
    return (
        f"The subject is {_SUBJECTS[plan.kind]}, about {nsloc:,} normalised lines in scope."
        f"{deployed} The client asks for a review of the code, a written report and one review "
        "of the fixes."
    )


def _changes(
    audit_id: UUID,
    entered: Mapping[AuditStatus, datetime],
    requester: UUID,
    crew: Crew,
    chance: Chance,
) -> tuple[AuditStatusChange, ...]:
    by_auditor = {_S.UNDER_REVIEW: crew.lead, _S.PENDING: requester}
    changes, before = [], None
    for status, at in entered.items():
        actor = by_auditor.get(status, crew.manager)
        changes.append(AuditStatusChange(chance.identity(at), audit_id, actor, before, status, at))
        before = status
    return tuple(changes)


def _assignments(
    plan: Plan,
    audit_id: UUID,
    crew: Crew,
    entered: Mapping[AuditStatus, datetime],
    firm: Firm,
    chance: Chance,
) -> tuple[AuditAssignment, ...]:
    at = entered.get(_S.APPROVED)
    if at is None:
        return ()
    duties = [(crew.lead, "lead"), (crew.second, "auditor"), (crew.reviewer, "reviewer")]
    if plan.project == _NEWCOMERS_AUDIT:
        duties.append((firm.person(NEWCOMER).id, "auditor"))
    return tuple(
        AuditAssignment(chance.identity(at), audit_id, user_id, duty, at)
        for user_id, duty in duties
    )


def _code(
    audit: AuditRequest,
    codebase: Codebase,
    plan: Plan,
    entered: Mapping[AuditStatus, datetime],
    chance: Chance,
) -> tuple[AuditRepository, tuple[SourceSnapshot, ...], tuple[ScopeItem, ...]]:
    at = audit.created_at
    project = plan.project.casefold().replace(" ", "-").replace("ä", "ae")
    commit = chance.hexadecimal(40)
    repository = AuditRepository(
        chance.identity(at), audit.id,
        f"https://code.{profile(plan.code).domain}/{project}/{codebase.slots['project']}",
        commit, chance.pick(("main", "audit", "release/1.0")), codebase.compiler,
        ", ".join(name for name, _ in codebase.chains), at,
    )  # fmt: skip
    moments = [(commit, entered.get(_S.INTAKE, at))]
    if _S.REPORT_GENERATION in entered:
        moments.append((chance.hexadecimal(40), entered[_S.REPORT_GENERATION]))
    snapshots = tuple(
        SourceSnapshot(chance.identity(when), audit.id, repository.id, name,
                       chance.hexadecimal(64), when)
        for name, when in moments
    )  # fmt: skip
    first = snapshots[0]
    scope = [
        ScopeItem(chance.identity(first.created_at), audit.id, first.id, file.path,
                  chance.hexadecimal(64), file.nsloc, file.in_scope, file.reason, "", None,
                  first.created_at)
        for file in codebase.files
    ]  # fmt: skip
    if _S.COMPLETED in entered and codebase.chains:
        at = entered[_S.COMPLETED]
        contract = codebase.slots["vault"]
        scope += [
            ScopeItem(chance.identity(at), audit.id, None, f"{contract} on {chain}", "", 0, True,
                      "deployed after the review", f"0x{chance.hexadecimal(40)}", chain_id, at)
            for chain, chain_id in codebase.chains
        ]  # fmt: skip
    return repository, snapshots, tuple(scope)
