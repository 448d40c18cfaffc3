"""How commands answer: one JSON document or a table on standard output, the rest on the other."""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

from rich.console import Console
from rich.table import Table
from rich.text import Text

from vln_desktop.domain.progress import Progress, unwatched

_PIPE_WIDTH = 400


def print_json(document: object) -> None:
    """Print one JSON document: dataclasses as objects, money and ids as texts, times as ISO."""
    text = json.dumps(document, default=_plain, ensure_ascii=False, indent=2)
    sys.stdout.write(f"{_printable(text)}\n")


def print_table(titles: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows under titles; into a pipe in one line each, whatever their length."""
    terminal = sys.stdout.isatty()
    table = Table(box=None, pad_edge=False, header_style="bold" if terminal else "")
    for title in titles:
        table.add_column(title, no_wrap=not terminal)
    for row in rows:
        table.add_row(*(Text("" if cell is None else _printable(str(cell))) for cell in row))
    Console(width=None if terminal else _PIPE_WIDTH, soft_wrap=not terminal).print(table)


def counting(what: str) -> Progress:
    """Return what counts on a terminal how far the work is; into a file nobody watches."""

    def count(done: int, whole: int) -> None:
        if whole:
            end = "\n" if done == whole else ""
            sys.stderr.write(f"\r{done:,} of {whole:,} {what}{end}")

    return count if sys.stderr.isatty() else unwatched


def note(message: str) -> None:
    """Tell progress or a result to the person, on standard error."""
    sys.stderr.write(f"{_printable(message)}\n")


def _printable(text: str) -> str:
    """Write what UTF-8 cannot hold (odd bytes in a file's name) as the escape that JSON reads."""
    return text.encode(errors="backslashreplace").decode()


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, UUID | Decimal | Path):
        return str(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, frozenset | set):
        return sorted(value, key=str)
    raise TypeError(f"{type(value).__name__} has no JSON form")
