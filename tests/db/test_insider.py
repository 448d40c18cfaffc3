"""The insider with psql is refused, and each time it is the guard that refuses (see insider.py)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.cluster import Cluster
from tests.db.attempts import ATTEMPTS, POSSIBLE
from tests.db.insider import Attempt, Insiders
from tests.db.insider_table import FILE, table_lines
from tests.firm import FirmTemplate, cloned_firm

GUARDED = [attempt for attempt in ATTEMPTS if attempt.without]


def by_name(attempt: Attempt) -> str:
    return attempt.name


@pytest.fixture(scope="module")
def insiders(cluster: Cluster, firm_template: FirmTemplate) -> Iterator[Insiders]:
    """Everybody at their psql, in a firm that stays as it was."""
    with (
        cloned_firm(cluster, firm_template) as firm,
        closing(Insiders(firm)) as people,
    ):
        yield people


@pytest.mark.parametrize("attempt", ATTEMPTS, ids=by_name)
def test_is_refused(insiders: Insiders, attempt: Attempt) -> None:
    for login in attempt.who:
        assert insiders.tried(attempt, login) == attempt.refused, login


@pytest.mark.parametrize("attempt", POSSIBLE, ids=by_name)
def test_is_known_to_be_possible(insiders: Insiders, attempt: Attempt) -> None:
    for login in attempt.who:
        assert insiders.tried(attempt, login) == attempt.refused, login


@pytest.mark.parametrize("attempt", GUARDED, ids=by_name)
def test_would_succeed_without_its_guard(insiders: Insiders, attempt: Attempt) -> None:
    assert insiders.unguarded(attempt, attempt.who[0]) == attempt.succeeds


@pytest.mark.long
@pytest.mark.parametrize("attempt", GUARDED, ids=by_name)
def test_would_succeed_for_each_of_them(insiders: Insiders, attempt: Attempt) -> None:
    for login in attempt.who[1:]:
        assert insiders.unguarded(attempt, login) == attempt.succeeds, login


def test_the_table_is_of_these_attempts() -> None:
    written = [line for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]

    assert written == list(table_lines())


def test_there_are_many_and_each_is_tried_once() -> None:
    assert len({attempt.name for attempt in ATTEMPTS}) == len(ATTEMPTS)
    assert len(ATTEMPTS) >= 80
    assert len(GUARDED) >= 60
