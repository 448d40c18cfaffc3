"""Signing in by the command line: the second factor's code, and what only the window can do."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from tests.firm import PASSWORD, TOTP_SECRET, Firm
from vln_desktop import cli
from vln_desktop.domain.sign_in import totp


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("VLN_PASSWORD", PASSWORD)
    monkeypatch.delenv("VLN_TOTP", raising=False)


def call(firm: Firm, email: str) -> int:
    return cli.main(["--url", firm.url, "--as", email, "list", "audits", "--limit", "1"])


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "VLN_TOTP"),
        ("12345", "not right"),
        ("0" * 5000, "not right"),
        ("'; DROP TABLE", "not right"),
    ],
)
def test_a_wrong_code_is_one_line_and_a_two(
    firm: Firm,
    typed: str,
    said: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("VLN_TOTP", typed)

    assert call(firm, firm.people["manager.a"].email) == 2

    output = capsys.readouterr()
    assert said in output.err
    assert output.err.count("\n") == 1
    assert output.out == ""


def test_the_same_code_twice_says_to_wait(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VLN_TOTP", totp(TOTP_SECRET, time.time() + 20))
    email = firm.people["manager.a"].email

    assert call(firm, email) == 0
    assert call(firm, email) == 2
    assert "wait for the next one" in capsys.readouterr().err


def test_a_recovery_code_in_its_place_is_taken(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    code = "ABCD-EFGH-JKLM-NPQR"
    person = firm.people["manager.a"]
    firm.owner.execute(
        "INSERT INTO vln_priv.recovery_codes (id, user_id, code_hash) VALUES (gen_random_uuid(),"
        " %s, sha256(convert_to(%s::text || %s, 'UTF8')))",
        [person.id, str(person.id), code.replace("-", "")],
    )
    monkeypatch.setenv("VLN_TOTP", code)

    assert call(firm, person.email) == 0


def test_a_first_sign_in_is_sent_to_the_window(
    firm: Firm, capsys: pytest.CaptureFixture[str]
) -> None:
    email, _invite = firm.newcomer()
    assert call(firm, email) == 2
    assert "sign in once in the window" in capsys.readouterr().err

    firm.owner.execute("UPDATE vln_priv.user_secrets SET must_change_password = false")
    assert call(firm, email) == 2
    assert "sign in once in the window" in capsys.readouterr().err


def test_a_service_login_needs_no_code(firm: Firm, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(firm, firm.people["worker"].email) == 1
    assert "may not read" in capsys.readouterr().err


def test_whoever_sits_at_a_terminal_is_asked(firm: Firm, tmp_path: Path) -> None:
    """Given a terminal and no variables, then password and code are asked for, in this order."""
    ours, theirs = pty.openpty()
    environment = {name: text for name, text in os.environ.items() if name != "VLN_PASSWORD"}
    with subprocess.Popen(
        [sys.executable, "-m", "vln_desktop", "--url", firm.url, "--as",
         firm.people["manager.a"].email, "list", "audits", "--limit", "1"],
        stdin=theirs, stdout=subprocess.PIPE, stderr=theirs, env=environment,
        start_new_session=True,
    ) as process:  # fmt: skip
        os.close(theirs)
        said = _read_until(ours, b"Password of")
        _wait_for_hiding(ours)
        os.write(ours, f"{PASSWORD}\n".encode())
        said += _read_until(ours, b"Code of your second factor")
        os.write(ours, f"{firm.fresh_code()}\n".encode())
        assert process.stdout is not None
        listed = process.stdout.read()
        assert process.wait(60) == 0
    os.close(ours)
    assert listed.strip()
    assert PASSWORD.encode() not in said


def _wait_for_hiding(terminal: int) -> None:
    """Return once what is typed is not shown: what was typed before that is thrown away."""
    while termios.tcgetattr(terminal)[3] & termios.ECHO:
        os.sched_yield()


def _read_until(terminal: int, words: bytes) -> bytes:
    said = b""
    while words not in said:
        said += os.read(terminal, 1024)
    return said
