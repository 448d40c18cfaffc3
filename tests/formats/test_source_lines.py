"""Lines of code are counted by the printed rule, in every language that is read."""

from __future__ import annotations

import pytest

from vln_desktop.domain.source_code import LANGUAGES
from vln_desktop.formats.source_lines import nsloc

SOLIDITY = """// SPDX-License-Identifier: MIT
pragma solidity ^0.8.20;

/* A block
   over lines. */
contract Vault { // a comment beside code
    string constant URL = "https://vln.gg"; // the slashes in it are no comment

    function sum(
        uint256 a,
        uint256 b
    ) external pure returns (uint256) {
        /* inside */ return a + b;
    }
}
"""


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("src/Vault.sol", SOLIDITY, 10),
        ("a.py", '"""A docstring."""\n\n# a comment\nx = 1\ny = "# none"\n', 2),
        ("a.rs", "// a\nfn main() {\n    /* b */\n}\n", 2),
        ("a.vy", "# a\n@external\ndef f():\n    pass\n", 3),
        ("a.sol", "", 0),
        ("a.sol", "\n \n\t\n", 0),
        ("a.sol", "// only\n/* comments */\n", 0),
        ("a.sol", "contract A {", 1),
        ("README.md", "# text\n", 0),
    ],
)
def test_lines_that_hold_code_are_counted(path: str, text: str, lines: int) -> None:
    assert nsloc(path, text) == lines


@pytest.mark.parametrize("ending", sorted(LANGUAGES))
def test_every_language_is_counted(ending: str) -> None:
    assert nsloc(f"a{ending}", "x = 1\n") == 1


def test_what_cannot_be_read_as_code_is_counted_all_the_same() -> None:
    assert nsloc("a.sol", "\ufffd\ufffd\x00 ¿\n" * 3) == 3
