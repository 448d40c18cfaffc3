"""The demo from nothing on an embedded server of its own: made once, opened again, made anew."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.cluster import scratch_home
from vln_desktop.config import Environment, Profile, Settings
from vln_desktop.errors import UserError
from vln_desktop.services.connections import Connections
from vln_desktop.services.demo_people import DemoPerson
from vln_desktop.tools.demo.database import Size
from vln_desktop.tools.demo.opening import open_demo

DEMO = Profile("demo", environment=Environment.DEMO, cluster="demo")


def silent(step: str) -> None:
    """Tell nobody."""


@pytest.fixture(scope="module")
def connections() -> Iterator[Connections]:
    with scratch_home() as home:
        settings = Settings({"demo": DEMO}, "demo", home, home, home / "state", home)
        with Connections(settings) as opened:
            yield opened


@pytest.fixture(scope="module")
def made_twice(connections: Connections) -> tuple[tuple[DemoPerson, ...], tuple[DemoPerson, ...]]:
    """Who may sign in to the demo that was made from nothing, and to the one made anew."""
    first = open_demo(connections, DEMO, silent)
    return first, open_demo(connections, DEMO, silent, reset=True)


@pytest.fixture(scope="module")
def people(
    made_twice: tuple[tuple[DemoPerson, ...], tuple[DemoPerson, ...]],
) -> tuple[DemoPerson, ...]:
    """Who may sign in now."""
    return made_twice[1]


def test_a_demo_is_made_from_nothing_and_signs_in_without_a_password(
    connections: Connections, people: tuple[DemoPerson, ...]
) -> None:
    for person in people:
        assert connections.sign_in(DEMO, person.email, "").actor.role is person.role


def test_opening_again_changes_nothing(
    connections: Connections, people: tuple[DemoPerson, ...]
) -> None:
    assert open_demo(connections, DEMO, silent) == people
    assert open_demo(connections, DEMO, silent, Size.SMALL) == people


def test_another_size_is_made_only_on_request(
    connections: Connections, people: tuple[DemoPerson, ...]
) -> None:
    assert people
    with pytest.raises(UserError, match="is small; --reset makes a large one"):
        open_demo(connections, DEMO, silent, Size.LARGE)


def test_reset_makes_it_anew_with_other_passwords(
    made_twice: tuple[tuple[DemoPerson, ...], tuple[DemoPerson, ...]],
) -> None:
    before, after = made_twice
    assert [p.email for p in before] == [p.email for p in after]
    assert {p.password for p in before}.isdisjoint(p.password for p in after)
