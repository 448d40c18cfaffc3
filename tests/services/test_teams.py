"""Teams by the service as an admin, and by psql as everybody else."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.db.refusal import FORM, PERMISSION, ask, refusal, run
from tests.firm import TOTP_SECRET, Firm
from vln_desktop.domain.sign_in import totp
from vln_desktop.domain.teams import Duty
from vln_desktop.errors import ConfirmationNeeded, Conflict, NotPermitted, UserError
from vln_desktop.services.teams import TeamsService
from vln_desktop.services.users import UsersService

JOIN = "INSERT INTO vln.team_members (id, team_id, user_id) VALUES (gen_random_uuid(), %s, %s)"


@pytest.fixture
def teams(firm: Firm) -> TeamsService:
    return TeamsService(firm.sign_in("admin"))


def today() -> date:
    return datetime.now(UTC).date()


def test_who_joins_a_team_sees_its_audits_and_who_leaves_does_not(
    firm: Firm, teams: TeamsService
) -> None:
    team, manager = firm.a.id("teams"), firm.people["manager.n"].id
    seen = firm.psql("manager.n")
    assert ask(seen, "SELECT count(*) FROM vln.findings") == 0

    teams.put(team, manager, Duty.LEAD, today())
    assert ask(seen, "SELECT count(*) FROM vln.findings") == 1
    teams.end(team, manager)
    assert ask(seen, "SELECT count(*) FROM vln.findings") == 0

    (ended,) = (person for person in teams.get(team).people if person.user_id == manager)
    assert ended.ended
    assert ended.valid_until == today() - timedelta(days=1)
    with pytest.raises(UserError, match="any more"):
        teams.end(team, manager)
    teams.put(team, manager, Duty.MEMBER)  # comes back, in the same row
    assert ask(seen, "SELECT count(*) FROM vln.findings") == 1
    kinds = [event.kind for event in UsersService(firm.sign_in("admin")).events(manager)]
    assert kinds[:3] == ["access_granted", "access_ended", "access_granted"]
    assert kinds.count("access_granted") == 2


def test_a_manager_no_longer_knows_who_has_left(firm: Firm, teams: TeamsService) -> None:
    auditor = firm.people["auditor.a"].id
    manager = UsersService(firm.sign_in("manager.a"))
    assert manager.get(auditor).name

    teams.end(firm.a.id("teams"), auditor)

    with pytest.raises(UserError, match="may not see"):
        manager.get(auditor)


def test_a_team_is_made_renamed_archived_and_restored(teams: TeamsService) -> None:
    (made,) = teams.create("  Formal   methods ").ids
    assert teams.find("Formal methods") == made

    stale = teams.get(made)
    teams.rename(stale, "Proofs")
    with pytest.raises(Conflict):
        teams.rename(stale, "Something else")
    teams.archive(teams.get(made))
    archived = teams.get(made)
    teams.restore(archived)

    assert archived.archived
    assert (teams.get(made).name, teams.get(made).archived) == ("Proofs", False)


@pytest.mark.parametrize("name", ["", "  ", "x" * 101, "a\0b"])
def test_a_name_that_is_none(teams: TeamsService, name: str) -> None:
    with pytest.raises(UserError) as caught:
        teams.create(name)
    assert caught.value.field == "name"


def test_names_are_given_once(firm: Firm, teams: TeamsService) -> None:
    with pytest.raises(UserError, match="already") as caught:
        teams.create(teams.get(firm.a.id("teams")).name)
    assert caught.value.field == "name"


def test_a_team_with_open_audits_stays(firm: Firm, teams: TeamsService) -> None:
    team = teams.get(firm.a.id("teams"))
    assert team.open_audits == 1
    with pytest.raises(UserError, match="open audit"):
        teams.archive(team)


def test_nobody_joins_an_archived_team(firm: Firm, teams: TeamsService) -> None:
    (made,) = teams.create("Old").ids
    teams.put(made, firm.people["auditor.n"].id, Duty.MEMBER)
    teams.archive(teams.get(made))
    with pytest.raises(UserError, match="archived"):
        teams.put(made, firm.people["manager.n"].id, Duty.LEAD)
    teams.end(made, firm.people["auditor.n"].id)  # leaving is always possible


def test_the_last_day_is_not_in_the_past(firm: Firm, teams: TeamsService) -> None:
    with pytest.raises(UserError) as caught:
        teams.put(firm.a.id("teams"), firm.people["auditor.n"].id, Duty.MEMBER,
                  today() - timedelta(days=1))  # fmt: skip
    assert caught.value.field == "valid_until"


def test_nobody_puts_themselves_into_a_team(firm: Firm, teams: TeamsService) -> None:
    with pytest.raises(NotPermitted):
        teams.put(firm.a.id("teams"), firm.people["admin"].id, Duty.LEAD)


def test_members_ask_for_the_code_again(firm: Firm, teams: TeamsService) -> None:
    run(firm.owner, "UPDATE vln_priv.sessions SET confirmed_at = now() - interval '6 minutes'")
    team, person = firm.a.id("teams"), firm.people["auditor.n"].id
    database = firm.sign_in("admin")
    service = TeamsService(database)

    with pytest.raises(ConfirmationNeeded):
        service.put(team, person, Duty.MEMBER)
    database.confirm(totp(TOTP_SECRET, time.time()))
    service.put(team, person, Duty.MEMBER)


class TestByPsql:
    @pytest.mark.parametrize("login", ["manager.a", "auditor.a", "finance", "readonly", "worker"])
    def test_only_admins_change_teams(self, shared_firm: Firm, login: str) -> None:
        connection = shared_firm.psql(login)
        team, person = shared_firm.a.id("teams"), shared_firm.people["auditor.n"].id
        for statement, values in (
            (JOIN, (team, person)),
            ("UPDATE vln.team_members SET valid_until = NULL", ()),
            ("UPDATE vln.teams SET name = 'mine'", ()),
            ("INSERT INTO vln.teams (id, name) VALUES (gen_random_uuid(), 'mine')", ()),
            ("DELETE FROM vln.team_members", ()),
        ):  # fmt: skip
            assert refusal(connection, statement, *values) == PERMISSION, statement

    def test_a_membership_is_never_deleted(self, shared_firm: Firm) -> None:
        admin = shared_firm.psql("admin")
        assert refusal(admin, "DELETE FROM vln.team_members") == PERMISSION
        assert refusal(admin, "UPDATE vln.team_members SET user_id = team_id") == PERMISSION

    def test_an_admin_does_not_end_their_own_place_either(self, firm: Firm) -> None:
        run(firm.owner, JOIN, firm.a.id("teams"), firm.people["admin"].id)
        assert run(firm.psql("admin"), "UPDATE vln.team_members SET valid_until = NULL"
                   " WHERE user_id = vln.uid()") == 0  # fmt: skip

    def test_a_team_has_a_name(self, shared_firm: Firm) -> None:
        assert refusal(shared_firm.psql("admin"), "INSERT INTO vln.teams (id, name) VALUES"
                       " (gen_random_uuid(), ' ')") == "23514"  # fmt: skip
        assert refusal(shared_firm.psql("admin"), "UPDATE vln.teams SET deleted_at = now()"
                       " WHERE id = %s", shared_firm.a.id("teams")) == FORM  # fmt: skip
