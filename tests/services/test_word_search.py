"""Words are looked for in findings and their comments, within what a person may see."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy import text

from tests.factories import new
from tests.firm import Firm
from vln_desktop.db.session import limited_to
from vln_desktop.domain.paging import START, Query, Sort
from vln_desktop.errors import UserError
from vln_desktop.services.findings import FindingsService
from vln_desktop.services.grid import GridSource
from vln_desktop.services.grids import FINDINGS


def _found(firm: Firm, login: str, words: str) -> list[UUID]:
    source = GridSource(firm.sign_in(login), FINDINGS)
    query = Query(Sort("created", descending=True), source.parse(words))
    rows = source.page(query, START).rows
    assert source.count(query).value == len(rows)
    return [row[0] for row in rows]  # type: ignore[misc]


def _finding(firm: Firm, letter: str, **values: object) -> UUID:
    made = new(firm.owner, "findings", getattr(firm, letter), **values)
    found: UUID = made["id"]
    return found


def test_words_are_found_in_title_text_and_proof_by_their_stems(firm: Firm) -> None:
    in_title = _finding(firm, "a", title="Unguarded selfdestruct")
    in_text = _finding(firm, "a", title="x", description="It selfdestructs the vault.")
    in_proof = _finding(firm, "a", title="x", proof="selfdestruct(owner);")

    assert set(_found(firm, "auditor.a", "selfdestruct")) == {in_title, in_text, in_proof}
    assert _found(firm, "auditor.a", "selfdestruct unguarded") == [in_title]
    assert _found(firm, "manager.a", '"unguarded selfdestruct"') == [in_title]


def test_comments_are_found_and_those_taken_back_are_not(firm: Firm) -> None:
    finding = _finding(firm, "a", title="x")
    service = FindingsService(firm.sign_in("auditor.a"))
    deed = service.comment(finding, "The oracle lags by a block.")
    assert _found(firm, "manager.a", "oracle") == [finding]

    service.reverse(deed)

    assert _found(firm, "manager.a", "oracle") == []


def test_nothing_of_another_team_is_found_not_even_its_number(firm: Firm) -> None:
    other = _finding(firm, "b", title="Unguarded selfdestruct")
    FindingsService(firm.sign_in("auditor.b")).comment(other, "A lagging oracle, too.")

    for login in ("auditor.a", "manager.a", "auditor.n"):
        assert _found(firm, login, "selfdestruct") == []
        assert _found(firm, login, "oracle") == []
    assert _found(firm, "auditor.b", "oracle") == [other]


def test_words_and_tokens_narrow_each_other(firm: Firm) -> None:
    high = _finding(firm, "a", title="Rounding of shares", severity="high")
    low = _finding(firm, "a", title="Rounding of fees", severity="low")

    assert set(_found(firm, "auditor.a", "rounding")) == {high, low}
    assert _found(firm, "auditor.a", "rounding sev:high") == [high]
    assert _found(firm, "auditor.a", "rounding -sev:high") == [low]


def test_words_without_meaning_and_hostile_ones_are_no_error(firm: Firm) -> None:
    for words in ("the", '"', "'; DROP TABLE vln.findings; --", "a & | ! b", "\\", "x" * 900):
        _found(firm, "auditor.a", f'"{words.replace(chr(34), "")}"')


def test_a_search_that_takes_too_long_is_given_up_with_a_sentence(firm: Firm) -> None:
    database = firm.sign_in("auditor.a")
    with database.reading() as connection:
        with (
            pytest.raises(UserError, match="too long") as told,
            limited_to(connection, 0.05, "It took too long."),
        ):
            connection.execute(text("SELECT pg_sleep(20)"))
        assert told.value.field == "filter"
        assert connection.scalar(text("SELECT 1")) == 1


def test_one_that_ends_in_time_is_left_alone(firm: Firm) -> None:
    database = firm.sign_in("auditor.a")
    with database.reading() as connection, limited_to(connection, 20, "too long"):
        assert connection.scalar(text("SELECT 1")) == 1
