"""The palette's search finds records of one's own and tells nothing of others'."""

from __future__ import annotations

import pytest

from tests.firm import Firm
from vln_desktop.services.search import SearchService


def _number(firm: Firm, table: str, half: str) -> str:
    row = firm.owner.execute(
        f"SELECT number FROM vln.{table} WHERE id = %s".encode(), [firm.half(half).id(table)]
    ).fetchone()
    assert row is not None
    return str(row[0])


def test_records_are_found_by_the_beginning_of_their_number(shared_firm: Firm) -> None:
    number = _number(shared_firm, "findings", "a")
    search = SearchService(shared_firm.sign_in("auditor.a"))

    assert [hit.number for hit in search.find(number.lower())] == [number]
    audit = number.rpartition("-")[0]
    assert ("audits", audit) in {(hit.entity, hit.number) for hit in search.find(audit[:-1])}


def test_records_are_found_by_words(shared_firm: Firm) -> None:
    found = SearchService(shared_firm.sign_in("manager.a")).find("reentrancy")

    assert {hit.entity for hit in found} == {"findings"}


@pytest.mark.parametrize("login", ["auditor.b", "manager.b", "auditor.n", "readonly", "admin"])
def test_what_one_may_not_see_is_not_found(shared_firm: Firm, login: str) -> None:
    search = SearchService(shared_firm.sign_in(login))

    for wanted in (
        _number(shared_firm, "findings", "a"),
        _number(shared_firm, "audit_requests", "a"),
    ):
        assert search.find(wanted) == ()


@pytest.mark.parametrize("wanted", ["", "x", "  ", "'; drop", "& | !", "%", "\\", "é" * 500])
def test_stupid_words_find_nothing_and_break_nothing(shared_firm: Firm, wanted: str) -> None:
    assert SearchService(shared_firm.sign_in("auditor.a")).find(wanted) == ()


def test_an_admin_finds_people_by_name_and_address(shared_firm: Firm) -> None:
    person = shared_firm.people["finance"]
    search = SearchService(shared_firm.sign_in("admin"))

    for wanted in ("FINAN", person.email[:6], "inance"):
        assert ("users", person.id) in {(hit.entity, hit.id) for hit in search.find(wanted)}
    for wanted in ("%%", "__", "requester"):  # signs of LIKE are signs; clients are no staff
        assert search.find(wanted) == ()


def test_a_manager_finds_the_people_of_the_teams_and_others_nobody(shared_firm: Firm) -> None:
    manager = SearchService(shared_firm.sign_in("manager.a"))
    found = {hit.id for hit in manager.find("auditor") if hit.entity == "users"}
    assert found == {shared_firm.people["auditor.a"].id}
    assert not [
        hit
        for hit in SearchService(shared_firm.sign_in("auditor.a")).find("manager")
        if hit.entity == "users"
    ]
