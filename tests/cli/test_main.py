"""The command line's promises: exit codes, one clear line, options anywhere."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cluster import FreshDatabase
from vln_desktop import __version__, cli
from vln_desktop.config import Profile

OPTIONS = ["VLN_PROFILE", "VLN_DATABASE_URL", "VLN_OWNER_URL", "VLN_PASSWORD"]


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path))
    for name in OPTIONS:
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("dctor", 2, "Did you mean 'doctor'"),
        ("db", 2, ""),
        ("db upgrad", 2, "Did you mean 'upgrade'?"),
        ("db current --colour", 2, "No such option: --colour"),
        ("--profile gone db current", 2, "There is no profile “gone”"),
        ("db current --url", 2, "--url needs a value"),
        ("db current --url mysql://x", 2, "must begin with postgresql://"),
        ("db current --url postgresql://h/d", 2, "--owner-url or VLN_OWNER_URL"),
        ("db current --owner-url postgresql://localhost:1/x", 1, "cannot be reached"),
        ("", 2, "Say which command"),
        ("tour --out /proc/none/here", 2, "cannot be written"),
        ("tour --out pictures --size 99999x99999", 2, "8000 at most"),
        ("tour --out pictures --size big", 2, "not like 1440x900"),
        ("export grid audits --out audits.ods", 2, "written as .csv or .xlsx"),
    ],
)
def test_error_is_one_line_and_a_code(
    line: str, code: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(line.split()) == code

    output = capsys.readouterr()
    assert said in output.err
    assert output.err.count("\n") <= 1
    assert "Traceback" not in output.err


def test_profile_in_the_line_comes_before_an_address_in_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("VLN_DATABASE_URL", "postgresql://127.9.9.9:1/vln")

    assert cli.main(["doctor", "--profile", "gone"]) == 2
    assert "There is no profile “gone”" in capsys.readouterr().err
    assert cli.main(["doctor"]) == 1
    assert "127.9.9.9" in capsys.readouterr().out


def test_debug_shows_where_an_error_came_from(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["db", "current", "--profile", "gone", "--debug"]) == 2

    assert "Traceback" in capsys.readouterr().err


def test_unexpected_error_is_one_line_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_url: str) -> None:
        raise ZeroDivisionError("first line\nsecond line")

    monkeypatch.setattr("vln_desktop.db.migrations.current", fail)

    assert cli.main(["db", "current", "--owner-url", "postgresql://h/d"]) == 1
    assert capsys.readouterr().err == (
        "vln-desktop: unexpected error: ZeroDivisionError: first line second line"
        " (--debug shows where)\n"
    )


def test_a_cancelled_command_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def press_control_c(_url: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("vln_desktop.db.migrations.current", press_control_c)

    assert cli.main(["db", "current", "--owner-url", "postgresql://h/d"]) == 1
    assert capsys.readouterr().err.strip() == "vln-desktop: cancelled"


@pytest.mark.parametrize("words", ["--help", "-h", "db --help", "doctor --help"])
def test_help(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(words.split()) == 0
    assert "Usage: vln-desktop" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["--version"]) == 0
    assert capsys.readouterr().out == f"vln-desktop {__version__}\n"


def test_options_alone_open_the_window() -> None:
    opened: list[Profile] = []

    def open_window(profile: Profile) -> int:
        opened.append(profile)
        return 0

    assert cli.main(["--profile", "demo"], open_window) == 0
    assert [profile.name for profile in opened] == ["demo"]


def test_help_imports_no_command() -> None:
    """Given a fresh interpreter, when help is asked for, then the heavy libraries stay out."""
    question = (
        "import sys; from vln_desktop import cli; cli.main(['--help']);"
        "print({'sqlalchemy', 'alembic', 'PySide6', 'psycopg'} & set(sys.modules))"
    )
    answer = subprocess.run(
        [sys.executable, "-c", question], capture_output=True, text=True, check=True
    )

    assert answer.stdout.splitlines()[-1] == "set()"


class TestDb:
    @pytest.mark.parametrize("position", ["first", "last"])
    def test_current_of_an_empty_database(
        self, empty_database: FreshDatabase, position: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        command, options = ["db", "current"], ["--json", "--owner-url", empty_database.owner_url]

        code = cli.main(options + command if position == "first" else command + options)

        assert code == 0
        assert json.loads(capsys.readouterr().out)["current"] is None

    def test_check_of_an_empty_database_fails(
        self, empty_database: FreshDatabase, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["db", "check", "--owner-url", empty_database.owner_url]) == 1
        assert "The schema is at none" in capsys.readouterr().err

    def test_upgrade_of_an_empty_database(
        self, empty_database: FreshDatabase, capsys: pytest.CaptureFixture[str]
    ) -> None:
        owner = ["--json", "--owner-url", empty_database.owner_url]

        assert cli.main(["db", "upgrade", *owner]) == 0

        answer = json.loads(capsys.readouterr().out)
        assert answer["before"] is None
        assert answer["after"]
        assert cli.main(["db", "history", *owner]) == 0
        assert all(step["applied"] for step in json.loads(capsys.readouterr().out))

    def test_models_and_migrated_schema_agree(
        self, owner_url: str, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert cli.main(["db", "check", "--json", "--owner-url", owner_url]) == 0
        assert json.loads(capsys.readouterr().out)["differences"] == []

    def test_check_finds_a_missing_column(
        self, fresh_database: FreshDatabase, capsys: pytest.CaptureFixture[str]
    ) -> None:
        with fresh_database.connect() as owner:
            owner.execute("ALTER TABLE vln.schema_settings DROP COLUMN minimum_client")

        assert cli.main(["db", "check", "--owner-url", fresh_database.owner_url]) == 1
        assert "minimum_client" in capsys.readouterr().err
