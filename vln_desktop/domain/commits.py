"""Commits of version control as people name them: the first digits of a hash, or all of it."""

from __future__ import annotations

import re

from vln_desktop.errors import UserError

LONGEST_COMMIT = 64
"""Digits of a SHA-256, which git may use."""

SHOWN_DIGITS = 12
"""Digits that tell a commit from all others, where a person reads it."""

_COMMIT = re.compile(rf"[0-9a-f]{{7,{LONGEST_COMMIT}}}")


def check_commit(commit: str, field: str) -> None:
    """Raise UserError, naming the field, for what is no commit; an empty one says nothing."""
    if commit and not _COMMIT.fullmatch(commit):
        raise UserError("A commit is 7 to 64 digits from 0 to 9 and a to f.", field=field)


def is_other_commit(recorded: str, commit: str) -> bool:
    """Whether a commit is another one than is on record; either may be the other's beginning."""
    return bool(recorded) and not (commit.startswith(recorded) or recorded.startswith(commit))
