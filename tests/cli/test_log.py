"""`vln-desktop log`: whole or not, and what is wrong; an export that a stranger can verify."""

from __future__ import annotations

import json
import re
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.factories import new
from tests.firm import PASSWORD, Firm
from vln_desktop import cli

GUIDE = Path(__file__).parents[2] / "docs" / "log-proof.md"


class Line:
    """Runs `vln-desktop log` as somebody."""

    def __init__(self, firm: Firm, capsys: pytest.CaptureFixture[str]) -> None:
        self.firm = firm
        self._capsys = capsys
        self.err = ""

    def run(self, *words: str, login: str = "auditor.a") -> int:
        """Return the exit code."""
        who = self.firm.people[login]
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("VLN_SESSION", who.token)
            return cli.main(["--url", self.firm.url, "--as", who.email, "log", *words])

    def said(self) -> str:
        """Return what was told on standard error since."""
        return self._capsys.readouterr().err

    def document(self, *words: str, login: str = "auditor.a") -> tuple[int, Any]:
        """Return the exit code and the one JSON document."""
        self._capsys.readouterr()
        code = self.run(*words, "--json", login=login)
        return code, json.loads(self._capsys.readouterr().out)

    def tamper(self, statement: str) -> None:
        """Do something as an owner without scruples."""
        for table in ("activity_logs", "log_seals"):
            self.firm.owner.execute(f"ALTER TABLE vln.{table} DISABLE TRIGGER USER".encode())
        assert self.firm.owner.execute(statement.encode()).rowcount == 1


@pytest.fixture
def line(
    firm: Firm,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Line:
    for name in ("CONFIG", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    monkeypatch.setenv("VLN_PASSWORD", PASSWORD)
    return Line(firm, capsys)


class TestVerify:
    def test_a_whole_log(self, line: Line) -> None:
        new(line.firm.psql("auditor.a"), "findings", line.firm.a)

        assert line.run("verify") == 0
        assert "is whole" in line.said()
        code, told = line.document("verify", "--since", "2026-01-01")
        assert (code, told["whole"], told["fault"], told["unsealed"]) == (0, True, None, 1)
        assert told["last_seal"]["seq"] == 2

    def test_the_first_thing_that_is_wrong(self, line: Line) -> None:
        line.tamper("UPDATE vln.activity_logs SET label = 'x' WHERE id = 5")

        assert line.run("verify") == 1
        said = line.said()
        assert "Entry 5 was changed" in said
        assert said.count("\n") == 1
        code, told = line.document("verify")
        assert (code, told["whole"]) == (1, False)
        assert told["fault"]["kind"] == "entry_changed"
        assert told["fault"]["entry_id"] == 5

    def test_a_cut_end_until_it_is_explained(self, line: Line) -> None:
        assert line.run("verify") == 0
        line.tamper("DELETE FROM vln.log_seals WHERE seq = 2")

        assert line.document("verify")[1]["fault"]["kind"] == "tail_cut"
        assert line.run("seal") == 1
        assert line.document("verify")[1]["fault"]["kind"] == "seen_seal_replaced"

        assert line.run("verify", "--forget") == 0
        assert line.run("verify") == 0

    @pytest.mark.parametrize("day", ["yesterday", "2026-13-01", ""])
    def test_a_day_that_is_none(self, line: Line, day: str) -> None:
        assert line.run("verify", "--since", day) == 2
        assert "a day is written like" in line.said()


class TestSeal:
    def test_what_waits_is_sealed_once(self, line: Line) -> None:
        new(line.firm.psql("auditor.a"), "findings", line.firm.a)

        assert line.document("seal", login="readonly") == (0, {"sealed": 1, "fault": None})
        assert line.document("seal", login="readonly") == (0, {"sealed": 0, "fault": None})

    def test_while_somebody_writes(self, line: Line) -> None:
        writer = line.firm.psql("auditor.a")
        with writer.transaction():
            new(writer, "findings", line.firm.a)

            assert line.run("seal") == 1

        assert "writing all the time" in line.said()


class TestExport:
    @pytest.fixture
    def verifier(self, tmp_path: Path) -> Callable[[Path], subprocess.CompletedProcess[str]]:
        """The verifier of the guide, which knows nothing but the file."""
        found = re.search(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
        assert found is not None
        script = tmp_path / "verify.py"
        script.write_text(found[1], "utf-8")

        def verify(file: Path) -> subprocess.CompletedProcess[str]:
            return subprocess.run(
                [sys.executable, "-I", str(script), str(file)],
                capture_output=True, text=True, check=False, cwd=tmp_path, env={},
            )  # fmt: skip

        return verify

    @pytest.mark.parametrize("login", ["auditor.a", "manager.b", "finance", "admin"])
    def test_a_stranger_verifies_it(
        self,
        line: Line,
        tmp_path: Path,
        login: str,
        verifier: Callable[[Path], subprocess.CompletedProcess[str]],
    ) -> None:
        new(line.firm.psql("auditor.a"), "findings", line.firm.a)
        line.firm.psql("admin").execute(
            "SELECT vln.redact_log(%s, 'Erasure 7')", [line.firm.a.auditor]
        )
        out = tmp_path / "log.jsonl"

        code, told = line.document("export", "--out", str(out), login=login)

        assert code == 0
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
        read = line.firm.psql(login).execute("SELECT count(*) FROM vln.activity_logs").fetchone()
        assert read is not None
        assert told["entries"] == read[0] > 3
        checked = verifier(out)
        assert checked.stdout.startswith(f"whole: {read[0]} entries, up to seal 2"), checked.stderr

    @pytest.mark.parametrize(
        ("pattern", "by"),
        [
            (r'"hashed": "\[\\"20', r'"hashed": "[\\"19'),
            (r'^.*"hashed".*\n', ""),
            (r'^\{"id": \d+, "row_hash": "[0-9a-f]+"\}\n', ""),
            (r'^\{"seal": 2.*\n', ""),
            (r'"header": "2\|', '"header": "3|'),
            (r'"digest": "[0-9a-f]{2}', '"digest": "00'),
            (r'^\{"end".*\n', ""),
            (r"\n.*\n\{\"end", '\n{"end'),
        ],
    )
    def test_a_changed_file_is_seen(
        self,
        line: Line,
        tmp_path: Path,
        pattern: str,
        by: str,
        verifier: Callable[[Path], subprocess.CompletedProcess[str]],
    ) -> None:
        new(line.firm.psql("auditor.b"), "findings", line.firm.b)
        out = tmp_path / "log.jsonl"
        assert line.run("export", "--out", str(out), login="auditor.b") == 0
        text, changes = re.subn(pattern, by, out.read_text("utf-8"), count=1, flags=re.MULTILINE)
        assert changes == 1

        out.write_text(text, "utf-8")

        checked = verifier(out)
        assert checked.returncode == 1
        assert "AssertionError" in checked.stderr

    def test_it_holds_no_more_than_its_maker_may_read(self, line: Line, tmp_path: Path) -> None:
        out = tmp_path / "log.jsonl"

        assert line.run("export", "--out", str(out), login="auditor.a") == 0

        lines = [json.loads(text) for text in out.read_text("utf-8").splitlines()]
        hashed = " ".join(str(entry.get("hashed", "")) for entry in lines)
        assert "withdraw a" in hashed
        assert "withdraw b" not in hashed
        assert "estimate_minor" not in hashed
        assert not any("entry" in entry for entry in lines)

    @pytest.mark.parametrize("login", ["readonly", "worker"])
    def test_nothing_for_who_may_read_nothing(self, line: Line, tmp_path: Path, login: str) -> None:
        out = tmp_path / "log.jsonl"

        assert line.run("export", "--out", str(out), login=login) == 1

        assert not out.exists()
        assert "does not allow" in line.said()
