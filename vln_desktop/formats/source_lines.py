"""Counts lines of code, the same for every language: what a lexer calls a comment is none."""

from __future__ import annotations

from typing import Any

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name
from pygments.token import Comment, String
from pygments.util import ClassNotFound

from vln_desktop.domain.source_code import language_of

_NO_CODE: tuple[Any, ...] = (Comment, String.Doc)


def nsloc(path: str, text: str) -> int:
    """Return a file's lines of code by `domain.source_code.COUNTING_RULE`; 0 for other files."""
    lexer = _lexer(language_of(path))
    if lexer is None:
        return 0
    counted: set[int] = set()
    line = 0
    for kind, part in lexer.get_tokens(text):
        is_code = not any(kind in one for one in _NO_CODE)
        for at, piece in enumerate(part.split("\n")):
            if at:
                line += 1
            if is_code and piece.strip():
                counted.add(line)
    return len(counted)


def _lexer(language: str) -> Lexer | None:
    """Return the lexer of a language; one that is not known is read as its nearest kin."""
    kin = {"vyper": "python", "move": "rust", "cairo": "rust"}
    for name in (language, kin.get(language, "")):
        try:
            return get_lexer_by_name(name, stripnl=False, ensurenl=False) if name else None
        except ClassNotFound:
            continue
    return None
