"""Findings are classified: by CVSS and schemes, weaknesses, tags, references and links."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import psycopg
import pytest
from uuid_utils.compat import uuid7

from tests.firm import Firm, link_findings
from vln_desktop.domain.classification import LinkKind, Reference
from vln_desktop.domain.finding_drafts import FindingDraft, draft_of
from vln_desktop.domain.findings import Level, ReviewState, Severity
from vln_desktop.domain.paging import START, Query, Sort
from vln_desktop.domain.severity_schemes import STANDARD_SCHEMES, SchemeMethod
from vln_desktop.errors import Conflict, UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.classification import ClassificationService
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import FINDINGS
from vln_desktop.services.severity_schemes import SchemesService

VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
DRAFT = FindingDraft(
    "Drained", "Text", "", "", "", "", severity=Severity.CRITICAL, weakness_id="SWC-107",
    cvss_vector=VECTOR, tags="#Oracle, vault", references="[EIP](https://eips.example/1)",
)  # fmt: skip


@pytest.fixture
def service(firm: Firm) -> FindingsService:
    return FindingsService(firm.sign_in("auditor.a"))


@pytest.fixture
def links(firm: Firm) -> ClassificationService:
    return ClassificationService(firm.sign_in("auditor.a"))


def _audit(firm: Firm) -> UUID:
    return firm.a.id("audit_requests")


def test_a_finding_is_written_by_hand_with_all_its_marks(
    firm: Firm, service: FindingsService
) -> None:
    key = uuid7()
    assert service.create(_audit(firm), DRAFT, key) == key
    assert service.create(_audit(firm), DRAFT, key) == key  # tried again after a lost answer

    found = service.get(key)
    assert found.weakness_name == "Reentrancy"
    assert (found.cvss_vector, found.cvss_score) == (VECTOR, Decimal("9.8"))
    assert found.tags == ("oracle", "vault")
    assert found.references == (Reference("https://eips.example/1", "EIP"),)
    assert found.finder_id == firm.people["auditor.a"].id
    assert draft_of(found) == DRAFT.tidied()


def test_marks_of_two_people_merge_and_clash_like_texts(
    firm: Firm, service: FindingsService
) -> None:
    finding = service.create(_audit(firm), DRAFT)
    base = draft_of(service.get(finding))
    service.save(finding, base, replace(base, tags="oracle vault erc-4626"))
    service.save(finding, base, replace(base, cvss_vector="", references=""))

    found = service.get(finding)
    assert found.tags == ("erc-4626", "oracle", "vault")
    assert (found.cvss_vector, found.cvss_score, found.references) == ("", None, ())
    with pytest.raises(Conflict) as told:
        service.save(finding, base, replace(base, tags="vault"))
    [clash] = told.value.fields
    assert (clash.field, clash.theirs) == ("tags", "erc-4626 oracle vault")


def test_only_what_changed_of_the_tags_is_logged(firm: Firm, service: FindingsService) -> None:
    finding = service.create(_audit(firm), DRAFT)
    base = draft_of(service.get(finding))
    service.save(finding, base, replace(base, tags="vault bridge"))
    rows = firm.owner.execute(
        "SELECT action, coalesce(changes -> 'name' ->> 1, changes -> 'name' ->> 0)"
        " FROM vln.activity_logs WHERE entity = 'finding_tags' ORDER BY id DESC LIMIT 2"
    ).fetchall()
    assert {action for action, _name in rows} == {"insert", "delete"}


def test_findings_are_listed_by_tag_within_ones_own_scope(
    firm: Firm, service: FindingsService
) -> None:
    mine = service.create(_audit(firm), DRAFT)
    other = FindingsService(firm.sign_in("auditor.b"))
    other.create(firm.b.id("audit_requests"), DRAFT)

    source = GridSource(firm.sign_in("auditor.a"), FINDINGS)
    assert _ids(source, "tag:oracle") == [mine]
    assert _ids(source, "tag:ora*") == [mine]
    assert mine not in _ids(source, "-tag:oracle")
    assert {"oracle", "vault"} <= set(service_tags(firm, "auditor.a"))
    assert service_tags(firm, "auditor.b", _audit(firm)) == ()


def service_tags(firm: Firm, login: str, audit: UUID | None = None) -> tuple[str, ...]:
    return ClassificationService(firm.sign_in(login)).tags_in_use(audit or _audit(firm))


def _ids(source: GridSource, line: str) -> list[Any]:
    query = Query(Sort("created", descending=True), source.parse(line))
    return [row[0] for row in source.page(query, START).rows]


@pytest.mark.parametrize(
    ("method", "change", "proposed"),
    [
        (SchemeMethod.IMPACT, {"impact_level": Level.HIGH}, Severity.HIGH),
        (SchemeMethod.CVSS_3_1, {"cvss_vector": VECTOR}, Severity.CRITICAL),
        (SchemeMethod.CVSS_4_0, {"cvss_vector": VECTOR}, None),
        (SchemeMethod.MATRIX, {"impact_level": Level.HIGH}, None),
    ],
)
def test_an_audit_is_graded_by_the_scheme_chosen_for_it(
    firm: Firm,
    service: FindingsService,
    method: SchemeMethod,
    change: dict[str, Any],
    proposed: Severity | None,
) -> None:
    database = firm.sign_in("manager.a")
    manager = AuditsService(database)
    scheme = next(one for one in STANDARD_SCHEMES if one.method is method)
    assert (scheme.id, scheme.name) in SchemesService(database).names()
    manager.set_scheme(manager.get(_audit(firm)), scheme.id)
    assert manager.get(_audit(firm)).scheme == scheme.name

    draft = replace(DRAFT, **{"cvss_vector": "", "severity": Severity.LOW, **change})
    stored = service.scheme(_audit(firm))
    assert stored is not None
    assert draft.proposed(stored) is proposed
    if proposed is None:
        service.create(_audit(firm), draft)
        return
    with pytest.raises(UserError, match=f"proposes {proposed.value}"):
        service.create(_audit(firm), draft)
    service.create(_audit(firm), replace(draft, severity_reason="Only the owner can."))


def test_a_duplicate_is_linked_with_its_reason_and_seen_from_both_sides(
    firm: Firm, service: FindingsService, links: ClassificationService
) -> None:
    first, second = (service.create(_audit(firm), DRAFT) for _ in range(2))
    key = uuid7()
    links.link(second, first, LinkKind.DUPLICATE_OF, " Same root cause. ", key)
    links.link(second, first, LinkKind.DUPLICATE_OF, "Same root cause.", key)  # tried again

    found, original = service.get(second), service.get(first)
    [out], [back] = found.links, original.links
    assert (out.other_id, out.outgoing, out.reason) == (first, True, "Same root cause.")
    assert (back.other_id, back.outgoing) == (second, False)
    assert found.review_state is ReviewState.DUPLICATE
    assert original.review_state is ReviewState.CANDIDATE

    links.unlink(out.id)
    assert service.get(second).links == ()
    with pytest.raises(UserError):
        links.unlink(out.id)


def test_a_link_that_says_nothing_is_refused(
    firm: Firm, service: FindingsService, links: ClassificationService
) -> None:
    finding = service.create(_audit(firm), DRAFT)
    others = links.others(finding, _audit(firm))
    assert finding not in {id_ for id_, _number, _title in others}
    other = others[0][0]
    with pytest.raises(UserError):
        links.link(finding, other, LinkKind.RELATED, "  ")
    with pytest.raises(UserError):
        links.link(finding, finding, LinkKind.RELATED, "Itself.")
    links.link(finding, other, LinkKind.RELATED, "Same function.")
    with pytest.raises(UserError):
        links.link(finding, other, LinkKind.RELATED, "Once more.")
    with pytest.raises(UserError):
        links.link(other, finding, LinkKind.RELATED, "The other way round.")


def test_duplicates_make_no_chains(
    firm: Firm, service: FindingsService, links: ClassificationService
) -> None:
    first, second, third = (service.create(_audit(firm), DRAFT) for _ in range(3))
    links.link(second, first, LinkKind.DUPLICATE_OF, "Same.")
    with pytest.raises(UserError, match="is a duplicate itself"):
        links.link(third, second, LinkKind.DUPLICATE_OF, "Same.")
    with pytest.raises(UserError, match="duplicates of this one"):
        links.link(first, third, LinkKind.DUPLICATE_OF, "Same.")
    assert service.get(third).review_state is ReviewState.CANDIDATE
    assert service.get(first).review_state is ReviewState.CANDIDATE


INSERTS = {
    "finding_tags": "INSERT INTO vln.finding_tags (id, audit_id, finding_id, name)"
    " VALUES (gen_random_uuid(), %(audit)s, %(finding)s, %(name)s)",
    "finding_references": "INSERT INTO vln.finding_references (id, audit_id, finding_id, ordinal,"
    " url) VALUES (gen_random_uuid(), %(audit)s, %(finding)s, 900, %(url)s)",
    "finding_links": "INSERT INTO vln.finding_links (id, audit_id, finding_id, other_id, kind,"
    " reason, author_id) VALUES (gen_random_uuid(), %(audit)s, %(finding)s, %(other)s, %(kind)s,"
    " %(reason)s, %(author)s)",
}


@pytest.mark.parametrize(
    ("table", "changes", "state"),
    [
        ("finding_tags", {"name": "Oracle"}, "23514"),
        ("finding_tags", {"name": "two words"}, "23514"),
        ("finding_tags", {"name": ""}, "23514"),
        ("finding_references", {"url": "javascript:alert(1)"}, "23514"),
        ("finding_references", {"url": "https://a.example/ x"}, "23514"),
        ("finding_links", {"reason": "  "}, "23514"),
        ("finding_links", {"kind": "worse_than"}, "23514"),
        ("finding_links", {"other": "finding"}, "23514"),
        ("finding_links", {"other": "stranger"}, "VL002"),
        ("finding_links", {"author": "manager.a"}, "42501"),
        ("finding_tags", {"audit": "stranger"}, "VL002"),
    ],
)
def test_the_database_keeps_the_rules(
    firm: Firm, table: str, changes: dict[str, str], state: str
) -> None:
    link_findings(firm.owner, firm.a)
    known = {
        "finding": firm.a.id("findings"),
        "stranger": firm.b.id("audit_requests" if table == "finding_tags" else "findings"),
        **{login: person.id for login, person in firm.people.items()},
    }
    values = {
        "audit": _audit(firm), "finding": firm.a.id("findings"), "name": "fresh",
        "url": "https://a.example/", "other": firm.a.named["other_finding"], "kind": "related",
        "reason": "Same.", "author": firm.people["auditor.a"].id,
        **{name: known.get(value, value) for name, value in changes.items()},
    }  # fmt: skip
    with pytest.raises(psycopg.Error) as told:
        firm.psql("auditor.a").execute(INSERTS[table], values)
    assert told.value.sqlstate == state


@pytest.mark.parametrize(
    "change",
    [
        "cvss_vector = 'high'",
        "cvss_vector = 'CVSS:3.0/AV:N', cvss_score = 5",
        "cvss_vector = 'CVSS:3.1/AV:N', cvss_score = NULL",
        "cvss_vector = '', cvss_score = 9.8",
    ],
)
def test_a_score_stands_beside_its_vector_only(firm: Firm, change: str) -> None:
    with pytest.raises(psycopg.errors.CheckViolation):
        firm.psql("auditor.a").execute(
            f"UPDATE vln.findings SET {change} WHERE id = %s", [firm.a.id("findings")]
        )


def test_a_mark_is_taken_away_not_rewritten(firm: Firm) -> None:
    auditor = firm.psql("auditor.a")
    for table, column in (
        ("finding_tags", "name"), ("finding_references", "url"), ("finding_links", "reason"),
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            auditor.execute(f"UPDATE vln.{table} SET {column} = 'x'")


def test_the_catalogue_holds_all_of_cwe_and_swc(links: ClassificationService) -> None:
    found = {one.id: one.name for one in links.weaknesses()}
    assert {f"SWC-{number}" for number in range(100, 137)} <= set(found)
    assert sum(id_.startswith("CWE-") for id_ in found) > 900
    assert found["CWE-79"].startswith("Improper Neutralization of Input")
