"""Time on the command line: entered as people type it, and listed for who may read it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.firm import PASSWORD, Firm
from vln_desktop import cli


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("VLN_PASSWORD", PASSWORD)


@pytest.fixture
def audit(firm: Firm) -> str:
    """The number of an audit on which nobody spent time yet."""
    firm.owner.execute("DELETE FROM vln.time_entries")
    row = firm.owner.execute(
        "SELECT number FROM vln.audit_requests WHERE id = %s", [firm.a.id("audit_requests")]
    ).fetchone()
    assert row is not None
    return str(row[0])


def _call(firm: Firm, login: str, *words: str) -> int:
    person = firm.people[login]
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("VLN_SESSION", person.token)
        return cli.main(["--url", firm.url, "--as", person.email, *words])


def test_time_is_added_and_listed(
    firm: Firm, audit: str, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("time", "add", audit, "1h 30", "--activity", "writing", "--note", "Summary")
    assert _call(firm, "auditor.a", *words) == 0
    assert f"1:30 on {audit}" in capsys.readouterr().err
    assert _call(firm, "auditor.a", "time", "add", audit, "15m", "--json") == 0
    assert json.loads(capsys.readouterr().out)["minutes"] == 15

    assert _call(firm, "manager.a", "time", "list", audit, "--json") == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["minutes"], found["estimate"]) == (105, None)
    assert [one["activity"] for one in found["entries"]] == ["review", "writing"]
    assert _call(firm, "auditor.a", "time", "list", audit) == 0
    told = capsys.readouterr()
    assert "Summary" in told.out
    assert "1:45." in told.err


@pytest.mark.parametrize(
    ("login", "words", "code", "said"),
    [
        ("auditor.a", ["90"], 2, "may be hours or minutes"),
        ("auditor.a", ["1h", "--day", "yesterday"], 2, "is no day"),
        ("auditor.a", ["1h", "--day", "2999-01-01"], 2, "this day is to come"),
        ("auditor.a", ["1h", "--activity", "sleep"], 2, "sleep"),
        ("auditor.b", ["1h"], 2, "no audit"),
        ("finance", ["1h"], 1, "does not allow"),
    ],
)
def test_what_cannot_be_entered_is_said_in_one_line(
    firm: Firm, audit: str, login: str, words: list[str], code: int, said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    assert _call(firm, login, "time", "add", audit, *words) == code

    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err
