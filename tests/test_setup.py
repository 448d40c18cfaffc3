"""Set-up from nothing: what it asks of a machine, and what the locks promise."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
LOCKS = ("requirements.lock", "requirements-bench.lock")


@pytest.fixture
def bare_machine(tmp_path: Path) -> Path:
    """A checkout on a Debian without any of our packages, seen by a user whom sudo refuses."""
    shutil.copy(ROOT / "packages.debian", tmp_path)
    shutil.copytree(ROOT / "scripts", tmp_path / "scripts")
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, body in {"dpkg-query": "exit 0", "id": "echo 1000", "sudo": "exit 1"}.items():
        (programs / name).write_text(f"#!/bin/sh\n{body}\n")
        (programs / name).chmod(0o755)
    return tmp_path


def set_up(machine: Path, purpose: str) -> subprocess.CompletedProcess[str]:
    path = f"{machine / 'bin'}:{os.environ['PATH']}"
    return subprocess.run(
        [machine / "scripts" / "setup.sh", purpose],
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        check=False,
    )


def apt_lines(printed: str) -> list[str]:
    return [line for line in printed.splitlines() if "apt-get install" in line]


def test_a_user_without_sudo_is_told_one_line(bare_machine: Path) -> None:
    done = set_up(bare_machine, "run")
    assert done.returncode == 1
    [line] = apt_lines(done.stderr)
    assert "python3-venv" in line
    assert not (bare_machine / ".venv").exists()


def test_running_asks_for_no_server(bare_machine: Path) -> None:
    [line] = apt_lines(set_up(bare_machine, "run").stderr)
    assert "postgresql" not in line


def test_testing_asks_for_a_server_that_makes_no_cluster(bare_machine: Path) -> None:
    [line] = apt_lines(set_up(bare_machine, "test").stderr)
    told_already = Path("/etc/postgresql-common/createcluster.conf").exists()
    assert "postgresql-15" in line
    assert ("create_main_cluster = false" in line) != told_already


def test_an_unknown_purpose_is_refused(bare_machine: Path) -> None:
    done = set_up(bare_machine, "everything")
    assert done.returncode == 2
    assert "everything" in done.stderr


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_names_no_index(lock: str) -> None:
    assert not re.search(r"://|^-", (ROOT / lock).read_text(), re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_library_has_hashes(lock: str) -> None:
    for entry in re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip()):
        assert "--hash=sha256:" in entry


def test_the_lock_answers_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    wanted += project["build-system"]["requires"]
    locked = locked_versions(ROOT / "requirements.lock")
    for text in wanted:
        requirement = Requirement(text)
        version = locked[canonical(requirement.name)]
        assert requirement.specifier.contains(version), f"{text}: {version} is locked, make lock"


def test_bench_changes_nothing_that_is_locked() -> None:
    first, second = (locked_versions(ROOT / lock) for lock in LOCKS)
    assert {name: first[name] for name in second if name in first}.items() <= second.items()


def locked_versions(lock: Path) -> dict[str, str]:
    entries = re.findall(r"^([^\s=\[]+)\S*==(\S+)", lock.read_text(), re.MULTILINE)
    return {canonical(name): version for name, version in entries}


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
