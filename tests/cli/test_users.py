"""`vln-desktop users` and `session`, as an admin on a terminal and as people who may not."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.firm import PASSWORD, TOTP_SECRET, Firm
from vln_desktop import cli
from vln_desktop.domain.permissions import Role
from vln_desktop.domain.sign_in import totp
from vln_desktop.errors import UserError

Call = Callable[..., int]


@pytest.fixture
def call(firm: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Call:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("VLN_PASSWORD", PASSWORD)

    def called(login: str, *words: str) -> int:
        return cli.main(["--url", firm.url, "--as", firm.people[login].email, *words])

    return called


@pytest.fixture
def admin(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who typed a code once for many commands."""
    monkeypatch.setenv("VLN_SESSION", firm.people["admin"].token)


def read(capsys: pytest.CaptureFixture[str]) -> Any:
    return json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("admin")
def test_an_admin_manages_people(
    firm: Firm, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    address = "cli.new@test.vln.gg"
    assert call("admin", "users", "invite", address, "--role", "auditor", "--name", "New One",
                "--json") == 0  # fmt: skip
    given = read(capsys)
    assert set(given) == {"email", "password", "invite"}
    assert firm.knock(address, given["password"]).state.password_change

    for words in (["set-role", address, "finance"], ["disable", address], ["enable", address],
                  ["unlock", address], ["rename", address, "--name", "Other Name"]):  # fmt: skip
        assert call("admin", "users", *words) == 0, words
    capsys.readouterr()
    assert call("admin", "users", "reset-2fa", address) == 0
    assert "invitation" in capsys.readouterr().out

    assert call("admin", "users", "list", "--filter", "role:finance", "--json") == 0
    listed = {row["email"]: row for row in read(capsys)}
    assert listed[address]["name"] == "Other Name"


@pytest.mark.usefixtures("admin")
def test_an_admin_offboards_somebody(
    firm: Firm, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    login = firm.hire(Role.AUDITOR)
    words = ["users", "offboard", firm.people[login].email, "--reason", "The contract ends."]
    assert call("admin", *words, "--preview") == 0
    assert "[to do] Rotate" in capsys.readouterr().out
    assert firm.knock(firm.people[login].email).state.enrolled  # nothing happened yet

    heir = firm.people["auditor.a"].email
    assert call("admin", *words, "--successor", heir, "--json") == 0
    assert read(capsys)[0]["outcome"] == "done"
    with pytest.raises(UserError, match="disabled"):
        firm.knock(firm.people[login].email)
    assert call("admin", "users", "offboard", heir, "--reason", "short") == 2
    assert "10 characters" in capsys.readouterr().err


def test_the_owner_makes_the_first_admin(
    firm: Firm, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["users", "invite", "first@test.vln.gg", "--role", "admin", "--name", "First Admin"]
    assert call("admin", "--owner-url", firm.owner_url, *words, "--json") == 0

    assert firm.knock("first@test.vln.gg", read(capsys)["password"]).state.role == "admin"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["disable", "nobody@test.vln.gg"], 2, "no member of staff"),
        (["disable", "admin@test.vln.gg"], 1, "ask another admin"),
        (["invite", "no address", "--role", "auditor", "--name", "x"], 2, "no e-mail address"),
        (["set-role", "finance@test.vln.gg", "king"], 2, "king"),
    ],
)
@pytest.mark.usefixtures("admin")
def test_what_cannot_be_done_is_one_line(
    call: Call, capsys: pytest.CaptureFixture[str], words: list[str], code: int, said: str
) -> None:
    assert call("admin", "users", *words) == code
    answer = capsys.readouterr()
    assert said in answer.err
    assert "Traceback" not in answer.err


def test_others_manage_nobody(
    firm: Firm, call: Call, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VLN_SESSION", firm.people["manager.a"].token)
    assert call("manager.a", "users", "disable", firm.people["auditor.a"].email) == 1
    assert "not allow" in capsys.readouterr().err


class TestSession:
    def test_a_code_opens_one_for_many_commands(
        self, firm: Firm, call: Call, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:  # fmt: skip
        monkeypatch.setenv("VLN_TOTP", totp(TOTP_SECRET, time.time()))
        assert call("finance", "session", "open") == 0
        monkeypatch.setenv("VLN_SESSION", capsys.readouterr().out.strip())

        for _ in range(2):
            assert call("finance", "list", "invoices", "--json") == 0
            assert read(capsys)
        assert call("finance", "session", "list", "--json") == 0
        assert [one["mine"] for one in read(capsys)].count(True) == 1
        assert call("finance", "session", "close") == 0
        capsys.readouterr()

        assert call("finance", "list", "invoices") == 1
        assert "session has ended" in capsys.readouterr().err

    def test_without_one_each_command_takes_a_code_and_ends(
        self, firm: Firm, call: Call, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:  # fmt: skip
        monkeypatch.setenv("VLN_TOTP", totp(TOTP_SECRET, time.time()))
        assert call("finance", "list", "invoices", "--json") == 0
        assert read(capsys)
        live = firm.owner.execute(
            "SELECT count(*) FROM vln_priv.sessions WHERE device <> 'test' AND revoked_at IS NULL"
            " AND user_id = %s", [firm.people["finance"].id]
        ).fetchone()  # fmt: skip
        assert live == (0,)

        assert call("finance", "list", "invoices") == 2
        assert "used already" in capsys.readouterr().err

    @pytest.mark.parametrize(("code", "said"), [("000000", "not right"), ("", "VLN_TOTP")])
    def test_no_code_no_session(
        self, call: Call, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
        code: str, said: str,
    ) -> None:  # fmt: skip
        monkeypatch.setenv("VLN_TOTP", code)
        assert call("finance", "list", "invoices") == 2
        assert said in capsys.readouterr().err
