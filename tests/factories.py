"""Minimal valid rows, one factory per table: what the test firm is built of and tests insert."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb
from uuid_utils.compat import uuid7

Row = dict[str, Any]

TODAY = datetime.now(UTC).date()
PDF = b"%PDF-1.7 a frozen report"
APPROVED = "a" * 64
"""The digest of what an approval approves."""
DATA_KEY = {"a": 201, "b": 200}
"""The data keys that the halves' rows name; nobody holds them."""


@dataclass(frozen=True, slots=True)
class Half:
    """One half of the firm: a team with its client, audit and money; the other half is a stranger.

    `keys` holds the primary key of this half's row in each table; `named` further rows that tests
    speak of: `other_finding`, `issued_invoice`, `paid_invoice`, `approved_report`,
    `published_report`, `requester`.
    """

    letter: str
    manager: UUID
    auditor: UUID
    person: UUID
    keys: dict[str, Row] = field(default_factory=dict)
    named: dict[str, UUID] = field(default_factory=dict)

    def id(self, table: str) -> UUID:
        """Return the id of this half's row in a table."""
        key = self.keys[table]["id"]
        assert isinstance(key, UUID)
        return key


Factory = Callable[[Half], Row]


def _tag() -> str:
    """Return letters that no other row has."""
    return uuid7().hex[-10:]


def _bytes(length: int) -> bytes:
    return secrets.token_bytes(length)


def sealed(key_id: int = 201, length: int = 40) -> bytes:
    """Return bytes in the form of an encrypted value, which no key opens."""
    return bytes((1, key_id)) + _bytes(length)


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _user(half: Half) -> Row:
    name = f"Person {_tag()}"
    return {"id": uuid7(), "email": f"{_tag()}@client.example", "name": name,
            "sort_key": name.lower(), "role": "client"}  # fmt: skip


def _session(half: Half) -> Row:
    return {"id": uuid7(), "user_id": half.person, "db_role": "nobody",
            "token_hash": uuid7().bytes, "device": "laptop",
            "expires_at": datetime.now(UTC) + timedelta(hours=10)}  # fmt: skip


def _verification_token(half: Half) -> Row:
    return {"id": uuid7(), "user_id": half.person, "token_hash": uuid7().bytes,
            "purpose": "two_factor", "expires_at": datetime.now(UTC)}  # fmt: skip


def _oauth_account(half: Half) -> Row:
    return {"id": uuid7(), "user_id": half.person, "provider": "github", "subject": _tag()}


def _user_secret(half: Half) -> Row:
    return {"user_id": half.named["requester"], "totp_secret": uuid7().bytes}  # staff have theirs


def _draft_secret(half: Half) -> Row:
    return {"user_id": half.person, "secret": uuid7().bytes * 2}


def _security_event(half: Half) -> Row:
    return {"id": uuid7(), "kind": "viewed", "person_id": half.person}


def _recovery_code(half: Half) -> Row:
    return {"id": uuid7(), "user_id": half.person, "code_hash": uuid7().bytes}


def _api_key(half: Half) -> Row:
    return {"id": uuid7(), "user_id": half.person, "name": "ci", "prefix": "vln_",
            "key_hash": uuid7().bytes}  # fmt: skip


def _counter(half: Half) -> Row:
    return {"owner_id": uuid7(), "kind": "audit", "last_number": 1}


def _public_key(half: Half) -> Row:
    return {"user_id": half.person, "public_key": _bytes(32)}


def _data_key(half: Half) -> Row:
    state = "current" if half.letter == "a" else "retiring"
    return {"key_id": DATA_KEY[half.letter], "state": state, "proof_hash": _bytes(32)}


def _key_envelope(half: Half) -> Row:
    return {"id": uuid7(), "key_id": DATA_KEY["a"], "user_id": half.person,
            "public_key": _bytes(32), "wrapped_key": _bytes(92), "vouch": _bytes(32)}  # fmt: skip


def _audit_credential(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "label": "Staging host",
            "username": "vln", "secret": sealed(), "created_by": half.person}  # fmt: skip


def _credential_reveal(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"),
            "credential_id": half.id("audit_credentials"), "user_id": half.person,
            "transaction_id": 1}  # fmt: skip


def _access_request(half: Half) -> Row:
    return {"id": uuid7(), "kind": "team", "requester_id": half.person, "person_id": half.person,
            "wish": Jsonb({"team": "Contracts", "duty": "member"}),
            "reason": "I help out in the next weeks."}  # fmt: skip


def _break_glass_use(half: Half) -> Row:
    return {"id": uuid7(), "user_id": half.person, "audit_id": half.id("audit_requests"),
            "audit_number": "ACME-7", "team_id": half.id("teams"),
            "reason": "The client's money is moving at this moment.",
            "expires_at": datetime.now(UTC) + timedelta(minutes=60)}  # fmt: skip


def _access_review(half: Half) -> Row:
    year, quarter = divmod(int(_tag()[-6:], 16) % 16_000, 4)  # the halves have years of their own
    period = f"{year + (2000 if half.letter == 'a' else 6000)}-Q{quarter + 1}"
    return {"id": uuid7(), "period": period, "started_by": half.person, "due_on": TODAY}


def _access_review_item(half: Half) -> Row:
    return {"id": uuid7(), "review_id": half.id("access_reviews"), "person_id": half.person,
            "role": "auditor", "snapshot": Jsonb({"teams": []})}  # fmt: skip


def _offboarding(half: Half) -> Row:
    return {"id": uuid7(), "person_id": half.auditor, "done_by": half.manager,
            "reason": "The contract has ended."}  # fmt: skip


def _offboarding_item(half: Half) -> Row:
    return {"id": uuid7(), "offboarding_id": half.id("offboardings"), "kind": "rotate_keys",
            "ordinal": int(_tag()[-3:], 16), "outcome": "to_do"}  # fmt: skip


def _team(half: Half) -> Row:
    return {"id": uuid7(), "name": f"Team {_tag()}"}


def _team_member(half: Half) -> Row:
    return {"id": uuid7(), "team_id": half.id("teams"), "user_id": half.named["requester"]}


def _team_invitation(half: Half) -> Row:
    return {"id": uuid7(), "team_id": half.id("teams"), "email": f"{_tag()}@test.vln.gg",
            "invited_by": half.person, "code_hash": b"code",
            "expires_at": datetime.now(UTC) + timedelta(days=7)}  # fmt: skip


def _legal_entity(half: Half) -> Row:
    german = half.letter == "a"
    return {"id": uuid7(), "code": _tag().upper(), "line1": "Main street 1",
            "legal_name": "VLN Security GmbH" if german else "VLN Security Inc.",
            "postal_code": "10115", "city": "Berlin" if german else "New York",
            "country": "DE" if german else "US", "email": "billing@vln.gg",
            "register": "HRB 123456 B" if german else "DE-7654321",
            "vat_number": "DE136695976" if german else "", "tax_number": "" if german else "12-3",
            "currency": "EUR" if german else "USD",
            "time_zone": "Europe/Berlin" if german else "America/New_York"}  # fmt: skip


def _payment_account(half: Half) -> Row:
    return {"id": uuid7(), "entity_id": half.id("legal_entities"), "kind": "iban",
            "label": "Main account", "currency": currency_of(half), "holder": "VLN",
            "number": "DE02120300000000202051"}  # fmt: skip


def _payment_account_change(half: Half) -> Row:
    account = {name: value for name, value in _payment_account(half).items() if name != "id"}
    return {"id": uuid7(), "account_id": uuid7(), "change": "add", "account_version": 0,
            "reason": "The bank merged", "requester_id": half.person, **account}  # fmt: skip


def _severity_scheme(half: Half) -> Row:
    return {"id": uuid7(), "name": f"Scheme {_tag()}"}


def _severity_scheme_cell(half: Half) -> Row:
    scheme = half.named.get("empty_scheme", half.named["scheme"])
    return {"scheme_id": scheme, "impact": "high", "likelihood": "high", "severity": "critical"}


def _client(half: Half) -> Row:
    name = "Acme Protocol" if half.letter == "a" else "Borealis Labs"
    return {"id": uuid7(), "code": f"C{_tag()[:8].upper()}", "legal_name": name,
            "sort_key": name.lower(), "country": "DE" if half.letter == "a" else "US",
            "currency": currency_of(half)}  # fmt: skip


def _contact(half: Half) -> Row:
    return {"id": uuid7(), "client_id": half.id("clients"), "name": "Ada Example",
            "email": "ada@client.example", "duty": "technical"}  # fmt: skip


def _address(half: Half) -> Row:
    return {"id": uuid7(), "client_id": half.id("clients"), "kind": "billing",
            "line1": "Side street 2", "city": "Munich", "country": "DE"}  # fmt: skip


def _client_tax_registration(half: Half) -> Row:
    return {"id": uuid7(), "client_id": half.id("clients"), "country": "DE",
            "number": f"DE{_tag()}"}  # fmt: skip


def _client_agreement(half: Half) -> Row:
    return {"id": uuid7(), "client_id": half.id("clients"), "kind": "nda", "signed_on": TODAY}


def _vat_check(half: Half) -> Row:
    return {"id": uuid7(), "registration_id": half.id("client_tax_registrations"),
            "checked_at": datetime.now(UTC), "valid": True, "source": "VIES"}  # fmt: skip


def _audit_request(half: Half) -> Row:
    return {"id": uuid7(), "user_id": half.named["requester"], "client_id": half.id("clients"),
            "team_id": half.id("teams"), "entity_id": half.id("legal_entities"),
            "project": f"Vault {half.letter.upper()}", "service_type": "smart_contract_audit",
            "currency": currency_of(half), "estimate_minor": 4_200_000}  # fmt: skip


def _audit_assignment(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "user_id": half.manager}


def _audit_status_change(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "after": "completed"}


def _audit_repository(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"),
            "url": "https://example.org/vault.git", "audited_commit": "a" * 40}  # fmt: skip


def _source_snapshot(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"),
            "repository_id": half.id("audit_repositories"), "commit": _sha(_tag())[:40],
            "tree_sha256": _sha("tree")}  # fmt: skip


def _source_file(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"),
            "snapshot_id": half.id("source_snapshots"), "path": f"src/{_tag()}.sol",
            "sha256": _sha("code"), "size": 4, "content": b"code"}  # fmt: skip


def _scope_item(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "path": "contracts/Vault.sol"}


def _known_issue(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "rule_id": "timestamp",
            "title": "Time is used", "added_by": half.person}  # fmt: skip


def _uploaded_file(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "storage_path": _tag(),
            "name": "vault.zip", "mime": "application/zip", "size": 10, "sha256": _sha("zip"),
            "kind": "upload", "stored_at": datetime.now(UTC)}  # fmt: skip


def _file_chunk(half: Half) -> Row:
    return {"file_id": half.id("uploaded_files"), "ordinal": 0,
            "audit_id": half.id("audit_requests"), "content": _bytes(10)}  # fmt: skip


def _file_opening(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"),
            "file_id": half.id("uploaded_files"), "user_id": half.person,
            "transaction_id": 1}  # fmt: skip


def _finding_evidence(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"),
            "finding_id": half.id("findings"), "file_id": half.id("uploaded_files"),
            "caption": "The drained vault.", "added_by": half.person}  # fmt: skip


def _weakness(half: Half) -> Row:
    return {"id": f"CWE-{_tag()}", "catalogue": "cwe", "name": "A weakness"}


def _finding(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "severity": "high",
            "title": f"Reentrancy in withdraw {half.letter}",
            "description": f"The confidential text of half {half.letter}."}  # fmt: skip


def _finding_location(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "start_line": 10,
            "finding_id": half.id("findings"), "path": "contracts/Vault.sol"}  # fmt: skip


def _finding_status_change(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "word": "severity",
            "finding_id": half.id("findings"), "before": "low", "after": "high"}  # fmt: skip


def _finding_comment(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "body": "I could reproduce it.",
            "finding_id": half.id("findings"), "author_id": half.person}  # fmt: skip


def _notification(half: Half) -> Row:
    return {"id": uuid7(), "user_id": half.person, "kind": "mention",
            "audit_id": half.id("audit_requests"), "finding_id": half.id("findings"),
            "comment_id": half.id("finding_comments"), "actor_id": half.manager}  # fmt: skip


def _finding_response(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "finding_id": half.id("findings"),
            "author_id": half.person, "party": "client", "body": "We will fix it.",
            "channel": "email", "received_on": TODAY}  # fmt: skip


def _finding_tag(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "finding_id": half.id("findings"),
            "name": _tag()}  # fmt: skip


def _finding_reference(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "finding_id": half.id("findings"),
            "ordinal": secrets.randbelow(2**30), "url": "https://eips.example/712"}  # fmt: skip


def _finding_link(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "finding_id": half.id("findings"),
            "other_id": half.named["other_finding"], "kind": "related", "reason": "Same cause.",
            "author_id": half.person}  # fmt: skip


def _finding_template(half: Half) -> Row:
    return {"id": uuid7(), "name": f"Template {_tag()}", "title": "Reentrancy in …",
            "kind": "vulnerability", "category": "reentrancy", "severity": "high",
            "author_id": half.person}  # fmt: skip


def _open_finding(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "finding_id": half.id("findings"),
            "user_id": half.person}  # fmt: skip


def _fix_review_round(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "base_commit": "abc1234",
            "opened_by": half.person}  # fmt: skip


def _fix_review(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"),
            "round_id": half.id("fix_review_rounds"),
            "finding_id": half.id("findings")}  # fmt: skip


def _checklist(half: Half) -> Row:
    # the ones that are shipped are active
    return {"id": uuid7(), "name": f"List {_tag()}", "service_type": "smart_contract_audit",
            "edition": _tag(), "active": False}  # fmt: skip


def _checklist_item(half: Half) -> Row:
    return {"id": uuid7(), "checklist_id": half.id("checklists"), "ordinal": 1,
            "section": "Reentrancy", "text": f"State is written first {_tag()}",
            "reference": "SWC-107"}  # fmt: skip


def _audit_checklist_result(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"),
            "item_id": half.id("checklist_items"), "result": "pass",
            "decided_by": half.person}  # fmt: skip


def _time_entry(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "user_id": half.person,
            "day": TODAY, "minutes": 30, "activity": "review"}  # fmt: skip


def _scanner_rule(half: Half) -> Row:
    return {"id": uuid7(), "tool": "slither", "rule_id": _tag(), "severity": "high"}


def _scan_import(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "actor_id": half.person,
            "file_name": "slither.json", "sha256": _sha("scan"), "tool": "slither",
            "format": "slither", "outcome": "completed", "results": 1}  # fmt: skip


def _scan_import_item(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "rule_id": "reentrancy-eth",
            "import_id": half.id("scan_imports"), "ordinal": int(_tag()[:6], 16),
            "became": "created"}  # fmt: skip


def _report(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "author_id": half.person,
            "title": f"Audit of Vault {half.letter.upper()}"}  # fmt: skip


def _report_version(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"), "ordinal": 1,
            "report_id": half.named["approved_report"], "content": Jsonb({"title": "Frozen"}),
            "pdf": PDF, "sha256": hashlib.sha256(PDF).hexdigest(),
            "content_digest": APPROVED, "published_by": half.person}  # fmt: skip


def _report_part(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"),
            "report_id": half.id("reports")}  # fmt: skip


def _report_section(half: Half) -> Row:
    return _report_part(half) | {
        "ordinal": 1,
        "kind": "custom",
        "title": "Centralisation",
        "text": "One key owns all.",
    }


def _report_finding(half: Half) -> Row:
    return _report_part(half) | {"finding_id": half.id("findings"), "left_out": True}


def _report_comment(half: Half) -> Row:
    return _report_part(half) | {"author_id": half.person, "text": "Who holds the key?"}


def _report_allowance(half: Half) -> Row:
    return _report_part(half) | {
        "rule": "to_do", "key": hashlib.sha256(_tag().encode()).hexdigest(),
        "reason": "It stands in code of the client.", "allowed_by": half.person,
    }  # fmt: skip


def _report_delivery(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"),
            "report_id": half.named["published_report"], "version_id": half.id("report_versions"),
            "recipient": "The client's security team", "channel": "email",
            "delivered_at": datetime.now(UTC) - timedelta(minutes=1),
            "recorded_by": half.person}  # fmt: skip


def _urgent_notice(half: Half) -> Row:
    return {"id": uuid7(), "audit_id": half.id("audit_requests"),
            "finding_id": half.id("findings"), "recipient": "The client's head of engineering",
            "channel": "phone", "told_at": datetime.now(UTC) - timedelta(minutes=1),
            "text": "Pause the vault.", "recorded_by": half.person}  # fmt: skip


def _currency(half: Half) -> Row:
    letters = [chr(65 + value % 26) for value in uuid7().bytes[-2:]]
    return {"code": "X" + "".join(letters), "name": "A currency", "digits": 2}


def _tax_rate(half: Half) -> Row:
    return {"id": uuid7(), "country": "DE", "name": f"Standard {_tag()}", "percent": 19,
            "valid_from": date(2021, 1, 1)}  # fmt: skip


def _tax_treatment(half: Half) -> Row:
    return {"id": uuid7(), "entity_id": half.id("legal_entities"), "buyer": _tag(),
            "business": True, "category": "S"}  # fmt: skip


def _exchange_rate(half: Half) -> Row:
    day = date(2000, 1, 1) + timedelta(days=int(_tag()[-4:], 16) % 9000)
    return {"id": uuid7(), "base": "EUR", "quote": "USD", "day": day, "rate": Decimal("1.1"),
            "source": "ECB"}  # fmt: skip


def _price_list_item(half: Half) -> Row:
    return {"id": uuid7(), "code": _tag().upper(), "names": Jsonb({"en": "Review"}), "unit": "DAY",
            "unit_price": Decimal(2000), "currency": "EUR"}  # fmt: skip


def _invoice_series(half: Half) -> Row:
    return {"id": uuid7(), "entity_id": half.id("legal_entities"), "kind": "final",
            "year": 2000 + int(_tag()[:3], 16), "pattern": _tag() + "-{year}-{number}"}  # fmt: skip


def _invoice(half: Half) -> Row:
    return {"id": uuid7(), "entity_id": half.id("legal_entities"), "currency": currency_of(half),
            "client_id": half.id("clients"), "audit_id": half.id("audit_requests")}  # fmt: skip


def _invoice_document(half: Half) -> Row:
    content = f"<CreditNote>{_tag()}</CreditNote>".encode()
    return {"id": uuid7(), "invoice_id": half.named["paid_invoice"], "kind": "ubl",
            "content": content, "sha256": hashlib.sha256(content).hexdigest()}  # fmt: skip


def _line_item(half: Half) -> Row:
    return line_of(half.id("invoices"))


def _quote(half: Half) -> Row:
    return {"id": uuid7(), "entity_id": half.id("legal_entities"), "currency": currency_of(half),
            "client_id": half.id("clients"), "audit_id": half.id("audit_requests"),
            "valid_until": TODAY + timedelta(days=30)}  # fmt: skip


def _quote_line(half: Half) -> Row:
    line = line_of(half.id("quotes"))
    return {"quote_id": line.pop("invoice_id"), **line}


def _billing_milestone(half: Half) -> Row:
    return {"id": uuid7(), "quote_id": half.id("quotes"), "ordinal": int(_tag()[:3], 16),
            "due_when": "report", "percent": 100}  # fmt: skip


def _invoice_deduction(half: Half) -> Row:
    return {"id": uuid7(), "final_id": half.id("invoices"),
            "deposit_id": half.named["issued_invoice"]}  # fmt: skip


def _payment(half: Half) -> Row:
    return {"id": uuid7(), "client_id": half.id("clients"), "method": "wire",
            "entity_id": half.id("legal_entities"), "amount_minor": 100_000,
            "currency": currency_of(half), "received_on": TODAY}  # fmt: skip


def _settlement_line(half: Half) -> Row:
    return {"id": uuid7(), "invoice_id": half.named["issued_invoice"], "kind": "bank_fee",
            "amount_minor": 100, "booked_on": TODAY}  # fmt: skip


def _schema_settings(half: Half) -> Row:
    return {"id": 2}


def _service_login(half: Half) -> Row:
    return {"id": uuid7(), "login": f"svc_{_tag()}", "kind": "portal", "owner_id": half.person,
            "rotate_on": TODAY}  # fmt: skip


def _user_preference(half: Half) -> Row:
    return {"user_id": half.person, "key": f"pane.{_tag()}", "value": Jsonb({"columns": []})}


def _saved_view(half: Half) -> Row:
    return {"id": uuid7(), "pane": "findings", "name": f"Mine {_tag()}",
            "owner_id": half.person, "definition": Jsonb({})}  # fmt: skip


def _activity_log(half: Half) -> Row:
    return {"record_class": "findings", "action": "insert", "entity": "findings",
            "row_hash": b"forged", "audit_id": half.id("audit_requests"),
            "team_id": half.id("teams")}  # fmt: skip


def _log_seal(_half: Half) -> Row:
    number = int(_tag(), 16)
    return {"seq": number, "month": TODAY.replace(day=1), "first_id": number, "last_id": number,
            "row_count": 1, "rows_digest": b"forged", "previous_digest": b"forged",
            "digest": b"forged", "sealed_at": datetime.now(UTC)}  # fmt: skip


FACTORIES: Mapping[str, Factory] = {
    "users": _user,
    "sessions": _session,
    "verification_tokens": _verification_token,
    "oauth_accounts": _oauth_account,
    "user_secrets": _user_secret,
    "draft_secrets": _draft_secret,
    "recovery_codes": _recovery_code,
    "security_events": _security_event,
    "api_keys": _api_key,
    "counters": _counter,
    "public_keys": _public_key,
    "data_keys": _data_key,
    "key_envelopes": _key_envelope,
    "access_requests": _access_request,
    "access_reviews": _access_review,
    "access_review_items": _access_review_item,
    "offboardings": _offboarding,
    "offboarding_items": _offboarding_item,
    "teams": _team,
    "team_members": _team_member,
    "team_invitations": _team_invitation,
    "currencies": _currency,
    "legal_entities": _legal_entity,
    "payment_accounts": _payment_account,
    "payment_account_changes": _payment_account_change,
    "severity_schemes": _severity_scheme,
    "severity_scheme_cells": _severity_scheme_cell,
    "clients": _client,
    "contacts": _contact,
    "addresses": _address,
    "client_tax_registrations": _client_tax_registration,
    "client_agreements": _client_agreement,
    "vat_checks": _vat_check,
    "audit_requests": _audit_request,
    "break_glass_uses": _break_glass_use,
    "audit_assignments": _audit_assignment,
    "audit_status_changes": _audit_status_change,
    "audit_repositories": _audit_repository,
    "source_snapshots": _source_snapshot,
    "source_files": _source_file,
    "scope_items": _scope_item,
    "known_issues": _known_issue,
    "uploaded_files": _uploaded_file,
    "file_chunks": _file_chunk,
    "file_openings": _file_opening,
    "audit_credentials": _audit_credential,
    "credential_reveals": _credential_reveal,
    "weaknesses": _weakness,
    "findings": _finding,
    "finding_evidence": _finding_evidence,
    "finding_locations": _finding_location,
    "finding_status_changes": _finding_status_change,
    "finding_comments": _finding_comment,
    "notifications": _notification,
    "finding_responses": _finding_response,
    "finding_tags": _finding_tag,
    "finding_references": _finding_reference,
    "finding_links": _finding_link,
    "finding_templates": _finding_template,
    "open_findings": _open_finding,
    "fix_review_rounds": _fix_review_round,
    "fix_reviews": _fix_review,
    "checklists": _checklist,
    "checklist_items": _checklist_item,
    "audit_checklist_results": _audit_checklist_result,
    "time_entries": _time_entry,
    "scanner_rules": _scanner_rule,
    "scan_imports": _scan_import,
    "scan_import_items": _scan_import_item,
    "reports": _report,
    "report_versions": _report_version,
    "report_sections": _report_section,
    "report_findings": _report_finding,
    "report_comments": _report_comment,
    "report_allowances": _report_allowance,
    "report_deliveries": _report_delivery,
    "urgent_notices": _urgent_notice,
    "tax_rates": _tax_rate,
    "tax_treatments": _tax_treatment,
    "exchange_rates": _exchange_rate,
    "price_list_items": _price_list_item,
    "invoice_series": _invoice_series,
    "invoices": _invoice,
    "invoice_documents": _invoice_document,
    "line_items": _line_item,
    "invoice_deductions": _invoice_deduction,
    "quotes": _quote,
    "quote_lines": _quote_line,
    "billing_milestones": _billing_milestone,
    "payments": _payment,
    "settlement_lines": _settlement_line,
    "schema_settings": _schema_settings,
    "service_logins": _service_login,
    "user_preferences": _user_preference,
    "saved_views": _saved_view,
    "activity_logs": _activity_log,
    "log_seals": _log_seal,
}
"""Every table, parents before children."""

PRIVATE_TABLES = frozenset(
    ("sessions", "verification_tokens", "oauth_accounts", "user_secrets", "recovery_codes",
     "api_keys", "counters", "draft_secrets")
)  # fmt: skip


def currency_of(half: Half) -> str:
    """Return the currency of a half's client and seller."""
    return "EUR" if half.letter == "a" else "USD"


def line_of(invoice: UUID, ordinal: int = 0, net: int = 1000, percent: int = 19) -> Row:
    """Return a line of an invoice over `net` whole units of its currency."""
    return {"id": uuid7(), "invoice_id": invoice, "description": "Smart contract audit",
            "ordinal": ordinal or int(_tag()[:3], 16), "quantity": Decimal(1),
            "unit_price": Decimal(net), "tax_category": "S" if percent else "AE",
            "tax_percent": percent}  # fmt: skip


def schema_of(table: str) -> str:
    """Return the schema in which a table stands."""
    return "vln_priv" if table in PRIVATE_TABLES else "vln"


def insert(connection: psycopg.Connection[Any], table: str, row: Mapping[str, Any]) -> Row:
    """Insert one row as it stands and return it; nothing is read back."""
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(schema_of(table), table),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(sql.Placeholder() * len(row)),
        ),
        list(row.values()),
    )
    return dict(row)


def new(
    connection: psycopg.Connection[Any], table: str, half: Half, **changes: Any
) -> Row:  # what a column holds is as varied as columns are
    """Insert a minimal valid row of a half's, with changes, and return it."""
    return insert(connection, table, FACTORIES[table](half) | changes)


def write_at(owner: psycopg.Connection[Any], moment: datetime) -> None:
    """Add an honest entry of the activity log, of some moment."""
    owner.execute(
        "INSERT INTO vln.activity_logs (created_at, record_class, action, entity, salt, changes,"
        " row_hash) SELECT told.created_at, told.record_class, told.action, told.entity, told.salt,"
        " told.changes, vln.activity_hash(told) FROM jsonb_populate_record(NULL::vln.activity_logs,"
        " jsonb_build_object('created_at', %s::timestamptz, 'record_class', 'money', 'action',"
        " 'insert', 'entity', 'invoices', 'label', '', 'fields', '[]'::jsonb, 'changes',"
        " '{}'::jsonb, 'salt', '\\x00')) told",
        [moment],
    )
