"""The command line as somebody who is signed in types it, for tests."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.firm import PASSWORD, Firm
from vln_desktop import cli


class Line:
    """Runs commands as one person of the firm; what was said on the other stream is `err`."""

    def __init__(
        self, firm: Firm, capsys: pytest.CaptureFixture[str], login: str = "auditor.a"
    ) -> None:
        self._firm = firm
        self._capsys = capsys
        self._login = login
        self.err = ""

    def number(self, table: str) -> str:
        """Return the number of half A's row in a table."""
        row = self._firm.owner.execute(
            f"SELECT number FROM vln.{table} WHERE id = %s".encode(), [self._firm.a.id(table)]
        ).fetchone()
        assert row is not None
        return str(row[0])

    def run(self, *words: str | Path) -> tuple[int, str]:
        """Return the exit code and standard output."""
        person = self._firm.people[self._login]
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("VLN_TOTP", self._firm.fresh_code())
            patch.setenv("VLN_PASSWORD", PASSWORD)
            patch.setenv("VLN_SESSION", person.token)
            code = cli.main([*map(str, words), "--url", self._firm.url, "--as", person.email])
        out, self.err = self._capsys.readouterr()
        return code, out

    def json(self, *words: str | Path) -> Any:
        """Return the document of a command that succeeds."""
        code, out = self.run(*words, "--json")
        assert code == 0, self.err
        return json.loads(out)
