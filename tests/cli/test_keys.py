"""`vln-desktop keys`: set-up, letting in, rotation and recovery without a window."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import keyring
import pytest
from keyring.backends.fail import Keyring as NoKeyring

from tests.adapters.test_passwords import Memory
from tests.db.refusal import ask, run
from tests.firm import PASSWORD, Firm
from tests.services.keys import clear_keys
from vln_desktop import cli

Call = Callable[..., Any]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("VLN_PASSWORD", PASSWORD)


@pytest.fixture(autouse=True)
def _own_keyring() -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(Memory())
    yield
    keyring.set_keyring(before)


@pytest.fixture
def call(firm: Firm, capsys: pytest.CaptureFixture[str]) -> Call:
    """Run a command as somebody and return its document; with `code` its sentence instead."""
    clear_keys(firm)

    def act(login: str, *words: str, code: int = 0) -> Any:
        person = firm.people[login]
        line = ["--url", firm.url, "--as", person.email, "keys", *words]
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("VLN_SESSION", person.token)
            assert cli.main([*line, "--json"] if not code else line) == code
        said = capsys.readouterr()
        return json.loads(said.out) if not code else said.err

    return act


def test_from_set_up_to_rotation(firm: Firm, call: Call) -> None:
    made = call("admin", "setup")
    assert made["key_id"] == 1
    assert len(made["recovery_key"]) == 14 * 4 + 13
    published = call("auditor.a", "publish")
    assert published["mine"] == "waiting"

    assert "not what was read out" in call(
        "admin", "onboard", firm.people["auditor.a"].email, "--fingerprint", "AAAA BBBB", code=2
    )
    let_in = call("admin", "onboard", firm.people["auditor.a"].email, "--fingerprint",
                  published["fingerprint"].lower())["let_in"]  # fmt: skip
    assert [person["name"] for person in let_in] == ["Auditor A"]
    assert call("admin", "onboard") == {"let_in": []}

    rotated = call("admin", "rotate")["rotation"]
    assert (rotated["key_id"], rotated["retired"], rotated["left"]) == (2, [1], 0)
    status = call("auditor.a", "status")
    assert status["mine"] == "holder"
    assert [(k["key_id"], k["state"]) for k in status["keys"]] == [(1, "retired"), (2, "current")]


def test_everybody_who_waits_is_let_in_at_once(call: Call) -> None:
    call("manager.a", "setup")
    for login in ("auditor.a", "auditor.b", "admin"):
        call(login, "publish")

    names = {person["name"] for person in call("manager.a", "onboard")["let_in"]}

    assert names == {"Auditor A", "Auditor B", "Admin"}


def test_recovery_from_paper(firm: Firm, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    paper = call("manager.a", "setup")["recovery_key"]
    monkeypatch.setenv("VLN_RECOVERY_KEY", paper[:-2])
    assert "one is wrong" in call("admin", "recover", code=2)

    monkeypatch.setenv("VLN_RECOVERY_KEY", paper)
    assert call("admin", "recover") == {"key_ids": [1]}
    rotated = call("admin", "rotate", "--new-recovery")
    assert rotated["recovery_key"] != paper
    run(firm.owner, "DELETE FROM vln.key_envelopes WHERE user_id IS NOT NULL")
    assert "older one" in call("admin", "recover", code=2)
    monkeypatch.setenv("VLN_RECOVERY_KEY", rotated["recovery_key"])
    assert call("admin", "recover") == {"key_ids": [2]}


@pytest.mark.parametrize(
    ("login", "words", "code", "said"),
    [
        ("admin", ["setup"], 2, "set up already"),
        ("admin", ["onboard", "nobody@vln.gg"], 2, "nobody"),
        ("admin", ["onboard", "auditor.n@test.vln.gg"], 2, "publish a key of their own"),
        ("admin", ["onboard", "--fingerprint", "AAAA"], 2, "say whose e-mail"),
        ("admin", ["rotate", "--continue", "--new-recovery"], 2, "keeps its recovery key"),
        ("admin", ["rotate"], 2, "No private key of yours"),
        ("finance", ["publish"], 1, "does not allow"),
        ("finance", ["onboard"], 2, "reads nothing that is encrypted"),
        ("auditor.a", ["rotate"], 2, "No private key of yours"),
    ],
)
def test_refusals_are_one_sentence(
    call: Call, login: str, words: list[str], code: int, said: str
) -> None:
    call("manager.a", "setup")

    line = call(login, *words, code=code)

    assert said in line
    assert len(line.splitlines()) == 1


def test_without_a_keyring_nothing_is_half_made(firm: Firm, call: Call) -> None:
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]

    assert "no keyring" in call("admin", "setup", code=2)
    assert call("admin", "status")["mine"] == "no_keyring"
    assert ask(firm.owner, "SELECT count(*) FROM vln.public_keys") == 0


def test_a_table_for_people(
    firm: Firm, call: Call, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    call("manager.a", "setup")
    monkeypatch.setenv("VLN_SESSION", firm.people["manager.a"].token)
    assert cli.main(["--url", firm.url, "--as", firm.people["manager.a"].email, "keys",
                     "status"]) == 0  # fmt: skip

    said = capsys.readouterr()
    assert "Manager A" in said.out
    assert said.err.strip() == "You: holder."
