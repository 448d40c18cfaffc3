"""How long a password would withstand guessing: advice while one types, never a rule.

The rule is `domain.sign_in.check_new_password`. zxcvbn takes a fifth of a second to import, so
this module is imported by name, on a task, when somebody chooses a password.
"""

from __future__ import annotations

from enum import IntEnum

from zxcvbn import zxcvbn

from vln_desktop.domain.sign_in import SHORTEST_PASSWORD

_LONGEST_JUDGED = 72
"""Longer ones are strong by their beginning; judging takes long with the length."""


class Strength(IntEnum):
    """How a password would do, in steps that have words."""

    SHORT = 0
    WEAK = 1
    FAIR = 2
    STRONG = 3


def strength(password: str, email: str) -> Strength:
    """Return how a password would do for a person, whose name in it does not count."""
    if len(password) < SHORTEST_PASSWORD:
        return Strength.SHORT
    known = [email, *email.replace("@", ".").split("."), "vln"]
    score = zxcvbn(password[:_LONGEST_JUDGED], user_inputs=known)["score"]
    return Strength.STRONG if score >= 4 else Strength.FAIR if score == 3 else Strength.WEAK
