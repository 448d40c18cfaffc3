"""“Test connection” of pooled profiles: both addresses are walked to, a missing one is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.firm import PASSWORD, Firm
from tests.pooler import Pooler
from vln_desktop.domain.checks import State
from vln_desktop.errors import UserError
from vln_desktop.profiles import Profile
from vln_desktop.services.connection_test import walk_to


def test_both_addresses_of_a_pooled_profile(pooler: Pooler, firm: Firm) -> None:
    email = firm.people["auditor.a"].email
    pooled = pooler.url_for(email, firm.database.name)
    profile = Profile("firm", pooled, pooled=True, direct_url=firm.url)

    told = {check.name: check for check in walk_to(profile, email, PASSWORD)}

    assert {check.state for check in told.values()} == {State.WELL}
    assert "as the profile says" in told["pooler"].said
    assert "the server itself" in told["direct: pooler"].said


def test_addresses_that_were_swapped_are_told(pooler: Pooler, firm: Firm) -> None:
    """Given the pooler's address as the direct one, then its step says that it is a pooler's."""
    email = firm.people["auditor.a"].email
    pooled = pooler.url_for(email, firm.database.name)
    profile = Profile("firm", firm.url, pooled=True, direct_url=pooled)

    told = {check.name: check for check in walk_to(profile, email, PASSWORD)}

    assert told["pooler"].state is State.DOUBTFUL
    assert told["direct: pooler"].state is State.BROKEN


def test_missing_direct_address_is_told(pooler: Pooler, firm: Firm) -> None:
    email = firm.people["auditor.a"].email
    profile = Profile("firm", pooler.url_for(email, firm.database.name), pooled=True)

    last = list(walk_to(profile, "", ""))[-1]

    assert (last.name, last.state) == ("direct", State.DOUBTFUL)
    assert "no live updates" in last.said


def test_missing_file_ends_the_walk_before_it_begins(tmp_path: Path) -> None:
    profile = Profile("firm", "postgresql://127.9.9.9:1/vln", ca_file=str(tmp_path / "gone"))

    with pytest.raises(UserError, match="is not there"):
        list(walk_to(profile, "", ""))
