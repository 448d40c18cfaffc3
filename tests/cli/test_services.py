"""`vln-desktop db service`, as the owner of the schema on a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from tests.firm import Firm
from vln_desktop import cli

Call = Callable[..., int]
LOGIN = "svc_cli"


@pytest.fixture
def call(firm: Firm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Call]:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    yield lambda *words: cli.main(["--owner-url", firm.owner_url, "db", "service", *words])
    with firm.database.connect() as superuser:
        superuser.execute(f"DROP ROLE IF EXISTS {LOGIN}".encode())


def add(call: Call, firm: Firm, *more: str) -> int:
    responsible = firm.people["admin"].email
    return call("add", LOGIN, "--kind", "portal", "--responsible", responsible, *more)


def test_a_login_lives_and_ends(firm: Firm, call: Call, capsys: pytest.CaptureFixture[str]) -> None:
    assert add(call, firm, "--json") == 0
    given = json.loads(capsys.readouterr().out)
    assert set(given) == {"login", "password", "for_superuser"}
    firm.database.connect(LOGIN, given["password"]).close()

    assert call("rotate", LOGIN) == 0
    assert given["password"] not in capsys.readouterr().out
    with pytest.raises(psycopg.OperationalError):
        firm.database.connect(LOGIN, given["password"])

    assert call("end", LOGIN) == 0
    capsys.readouterr()
    assert call("list") == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if LOGIN in line)
    assert line.split()[:3] == [LOGIN, "portal", firm.people["admin"].email]
    assert line.split()[-1] == "no"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "portal", "--kind", "portal", "--responsible", "admin@test.vln.gg"], "svc_"),
        (["add", LOGIN, "--kind", "portal", "--responsible", "who@x.y"], "Nobody has the address"),
        (["rotate", "svc_none"], "There is no such service login."),
        (["end", "svc_none"], "There is no such service login."),
    ],
)
def test_what_cannot_be_done_is_said(
    call: Call, words: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(*words) == 2
    assert said in capsys.readouterr().err


def test_the_same_login_twice_is_refused(
    firm: Firm, call: Call, capsys: pytest.CaptureFixture[str]
) -> None:
    assert add(call, firm) == 0
    assert add(call, firm) == 2
    assert "already" in capsys.readouterr().err
