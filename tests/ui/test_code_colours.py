"""Code is coloured as a whole file, line by line, and only where its language is known."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from vln_desktop.domain.source_code import side_by_side
from vln_desktop.ui.theme import Theme
from vln_desktop.ui.widgets.code_colours import coloured
from vln_desktop.ui.widgets.code_pair import CodePair

SOLIDITY = ["/* a comment", "over lines */", "contract Vault {", "    uint256 x = 1;", "}"]


def test_a_comment_over_lines_has_one_colour_and_words_have_others() -> None:
    spans = coloured(SOLIDITY, "src/Vault.sol", dark=False)
    assert {span.colour for line in spans[:2] for span in line} == {spans[0][0].colour}
    assert spans[0][0].length == len(SOLIDITY[0])
    assert spans[2][0].colour != spans[0][0].colour
    texts = ["".join(line[s.start : s.start + s.length] for s in found)
             for line, found in zip(SOLIDITY, spans, strict=True)]  # fmt: skip
    assert "contract" in texts[2]
    assert coloured(SOLIDITY, "src/Vault.sol", dark=True) != spans


def test_what_has_no_language_or_is_huge_stays_plain() -> None:
    assert coloured(SOLIDITY, "LICENSE", dark=False) == [[] for _ in SOLIDITY]
    huge = ["x" * 500_000]
    assert coloured(huge, "x.sol", dark=False) == [[]]
    assert coloured([], "x.sol", dark=False) == []
    assert len(coloured(["", ""], "x.sol", dark=False)) == 2


def test_both_sides_are_coloured_behind_their_numbers(qtbot: QtBot, theme: Theme) -> None:
    pair = CodePair(theme, None)  # type: ignore[arg-type]
    qtbot.addWidget(pair)
    old = "\n".join(SOLIDITY)
    pair.show_pairs(side_by_side(old, "// first\n" + old), "src/Vault.sol")
    for page, line in ((pair.old, 3), (pair.new, 3)):
        block = page.document().findBlockByNumber(line)
        assert "contract" in block.text()
        painted = block.layout().formats()
        first = min(one.start for one in painted)
        assert block.text()[first:].startswith("contract")
    assert QTextCursor(pair.old.document()).blockNumber() == 0
