"""Which steps a status word may take; the window offers them, the database enforces them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from vln_desktop.errors import UserError


@dataclass(frozen=True, slots=True)
class Transitions:
    """A set of legal steps between words, each a pair (from, to)."""

    edges: frozenset[tuple[str, str]]

    @classmethod
    def only(cls, *edges: tuple[str, str]) -> Transitions:
        """Make a table of exactly these steps."""
        return cls(frozenset((str(a), str(b)) for a, b in edges))

    @classmethod
    def reversible(cls, *edges: tuple[str, str]) -> Transitions:
        """Make a table of these steps and their reverses, which undo needs."""
        return cls.only(*edges, *((b, a) for a, b in edges))

    @classmethod
    def any_of(cls, words: Sequence[str]) -> Transitions:
        """Make a table in which every word may follow every other."""
        return cls.only(*((a, b) for a in words for b in words if a != b))

    def __or__(self, other: Transitions) -> Transitions:
        return Transitions(self.edges | other.edges)

    def allows(self, before: str, after: str) -> bool:
        """Tell whether a word may become another; staying the same is always allowed."""
        return before == after or (before, after) in self.edges

    def following(self, word: str) -> frozenset[str]:
        """Return the words that may follow a word."""
        return frozenset(after for before, after in self.edges if before == word)

    def check(self, before: str, after: str, *, field: str) -> None:
        """Raise UserError if the step is not legal."""
        if not self.allows(before, after):
            words = ", ".join(sorted(self.following(before))) or "nothing"
            raise UserError(
                f"{_word(before)} cannot become {_word(after)}; it can become {words}.",
                field=field,
            )

    def as_argument(self) -> str:
        """Return the table as `from>to,…`, sorted: the argument of the database's trigger."""
        return ",".join(f"{a}>{b}" for a, b in sorted(self.edges))


def _word(value: str) -> str:
    return value.replace("_", " ")


def words(values: Iterable[str]) -> tuple[str, ...]:
    """Return an enum's values as plain strings, in order."""
    return tuple(str(value) for value in values)
