"""Severity schemes are made whole by managers, never changed, retired and brought back."""

from __future__ import annotations

import pytest
from uuid_utils.compat import uuid7

from tests.db.refusal import CHECK, FORM, PERMISSION, refusal, run
from tests.firm import Firm
from vln_desktop.domain.findings import Level, Severity
from vln_desktop.domain.severity_schemes import IMPACT_LIKELIHOOD, SchemeDraft, SchemeMethod
from vln_desktop.errors import NotPermitted, UserError
from vln_desktop.services.audits import AuditsService
from vln_desktop.services.severity_schemes import SchemesService

STRICT = dict.fromkeys(IMPACT_LIKELIHOOD, Severity.CRITICAL)
MAKE = "SELECT vln.make_severity_scheme(%s, %s, %s, %s)"
NINE = ["high"] * 9


@pytest.fixture
def service(firm: Firm) -> SchemesService:
    return SchemesService(firm.sign_in("manager.a"))


def test_a_scheme_is_made_once_chosen_retired_and_brought_back(
    firm: Firm, service: SchemesService
) -> None:
    key = uuid7()
    for _try in range(2):
        service.make(SchemeDraft(" Strict ", SchemeMethod.MATRIX, STRICT), key)
    [strict] = [one for one in service.all() if one.scheme.name == "Strict"]
    assert {severity for _i, _l, severity in strict.scheme.cells} == {Severity.CRITICAL}
    assert (len(strict.scheme.cells), strict.audits) == (9, 0)

    audits = AuditsService(firm.sign_in("manager.a"))
    audit = audits.get(firm.a.id("audit_requests"))
    audits.set_scheme(audit, key)
    [used] = [one for one in service.all() if one.scheme.id == key]
    assert used.audits == 1
    service.retire(key)
    assert key not in {one.scheme.id for one in service.all()}
    assert key not in {id_ for id_, _name in service.names()}
    assert audits.get(audit.id).scheme == "Strict", "audits keep it"
    service.restore(key)
    assert key in {id_ for id_, _name in service.names()}


def test_by_impact_alone_likelihood_changes_nothing(service: SchemesService) -> None:
    service.make(SchemeDraft("Plain", SchemeMethod.IMPACT, dict(IMPACT_LIKELIHOOD)))
    [plain] = [one.scheme for one in service.all() if one.scheme.name == "Plain"]
    assert plain.propose(Level.MEDIUM, Level.LOW) is Severity.HIGH
    service.make(SchemeDraft("By CVSS", SchemeMethod.CVSS_4_0, {}))
    [cvss] = [one.scheme for one in service.all() if one.scheme.name == "By CVSS"]
    assert cvss.cells == ()


def test_slips_and_taken_names_are_refused(service: SchemesService) -> None:
    upside_down = dict(IMPACT_LIKELIHOOD)
    upside_down[(Level.LOW, Level.LOW)] = Severity.CRITICAL
    for draft, field in (
        (SchemeDraft(" ", SchemeMethod.MATRIX, STRICT), "name"),
        (SchemeDraft("x" * 121, SchemeMethod.MATRIX, STRICT), "name"),
        (SchemeDraft("Slip", SchemeMethod.MATRIX, upside_down), "grid"),
        (SchemeDraft("VLN standard", SchemeMethod.MATRIX, STRICT), "name"),
    ):
        with pytest.raises(UserError) as caught:
            service.make(draft)
        assert caught.value.field == field


def test_only_managers_make_and_nobody_changes_what_a_scheme_says(firm: Firm) -> None:
    with pytest.raises(NotPermitted):
        SchemesService(firm.sign_in("auditor.a")).make(
            SchemeDraft("Mine", SchemeMethod.MATRIX, STRICT)
        )
    manager = firm.psql("manager.a")
    for severities, method in ((NINE[:8], "matrix"), (NINE, "cvss_4_0"), ([], "impact"),
                               ([*NINE[:8], "low"], "impact")):  # fmt: skip
        assert refusal(manager, MAKE, uuid7(), "Odd", method, severities) == FORM
    assert refusal(manager, MAKE, uuid7(), "Odd", "matrix", ["worst"] * 9) == CHECK
    assert refusal(manager, MAKE, uuid7(), " Odd", "matrix", NINE) == CHECK
    for change in (
        "UPDATE vln.severity_scheme_cells SET severity = 'low'",
        "DELETE FROM vln.severity_scheme_cells",
        "DELETE FROM vln.severity_schemes",
        "UPDATE vln.severity_schemes SET method = 'impact'",
        "INSERT INTO vln.severity_schemes (id, name) VALUES (gen_random_uuid(), 'Odd')",
    ):
        assert refusal(manager, change) == PERMISSION
    auditor = firm.psql("auditor.a")
    assert refusal(auditor, "UPDATE vln.severity_schemes SET name = 'Mine'") == PERMISSION
    run(manager, MAKE, uuid7(), "Whole", "matrix", NINE)
