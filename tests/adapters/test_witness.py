"""What a machine remembers of a log's seals, in files that nobody else reads."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest

from vln_desktop.adapters.witness import LogWitness, witness_of
from vln_desktop.config import Environment, Profile, Settings
from vln_desktop.domain.log_proof import Witnessed
from vln_desktop.errors import UserError

LOG = uuid4()


def seal(number: int) -> Witnessed:
    return Witnessed(number, bytes([number] * 32), datetime(2026, 11, 25, tzinfo=UTC))


@pytest.fixture
def witness(tmp_path: Path) -> LogWitness:
    return LogWitness(tmp_path / "state" / "log-witness", "db.example.com:5432/vln")


def test_a_seal_is_remembered_as_it_was(witness: LogWitness) -> None:
    assert witness.seen(LOG) is None
    assert witness.log_here() is None

    witness.note(LOG, seal(3))

    assert witness.seen(LOG) == seal(3)
    assert witness.log_here() == LOG
    assert witness.seen(uuid4()) is None


def test_memory_does_not_go_back(witness: LogWitness) -> None:
    for number in (3, 5, 4):
        witness.note(LOG, seal(number))

    assert witness.seen(LOG) == seal(5)


def test_only_this_account_reads_it(witness: LogWitness) -> None:
    witness.note(LOG, seal(1))

    assert stat.S_IMODE(witness.folder.stat().st_mode) == 0o700
    files = list(witness.folder.iterdir())
    assert len(files) == 2
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert not any(b"example" in file.read_bytes() for file in files)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"seq": 1}', '{"seq": "x", "digest": "0"}'])
def test_a_damaged_memory_says_what_would_help(witness: LogWitness, content: str) -> None:
    witness.note(LOG, seal(1))
    for file in witness.folder.iterdir():
        file.write_text(content, "utf-8")

    for ask in (lambda: witness.seen(LOG), witness.log_here, lambda: witness.note(LOG, seal(2))):
        with pytest.raises(UserError, match="--forget"):
            ask()

    witness.forget(LOG)
    assert witness.seen(LOG) is None
    assert witness.log_here() is None


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file", "utf-8")

    with pytest.raises(UserError, match="cannot be made"):
        LogWitness(tmp_path / "state" / "log-witness", None).note(LOG, seal(1))


def test_profiles_remember_places_but_a_demo_does_not(tmp_path: Path) -> None:
    settings = Settings({}, "acme", tmp_path, tmp_path, tmp_path, tmp_path)

    def place(url: str | None, environment: Environment = Environment.PRODUCTION) -> str | None:
        return witness_of(settings, Profile("acme", url, environment, cluster="main")).place

    assert place("postgresql://ana@db.example.com/vln") == place(
        "postgres://db.example.com:5432/vln"
    )
    assert place("postgresql://db.example.com/other") != place("postgresql://db.example.com/vln")
    assert place(None) is not None
    assert place(None, Environment.DEMO) is None
