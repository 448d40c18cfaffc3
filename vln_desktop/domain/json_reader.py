"""Typed reading of stored JSON: the wrong shape is one plain sentence, never a traceback."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NoReturn, TypeVar

from vln_desktop.errors import UserError

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class JsonReader:
    """One JSON object; `where` names it in errors. A value that does not fit raises UserError."""

    values: Mapping[str, object]
    where: str

    @classmethod
    def parse(cls, text: str, where: str) -> JsonReader:
        """Read a text that holds one JSON object."""
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UserError(f"The {where} is damaged: it is not JSON ({error}).") from error
        if not isinstance(values, dict):
            raise UserError(f"The {where} is damaged: it is not a JSON object.")
        return cls(values, where)

    def text(self, key: str) -> str:
        """Return a string."""
        value = self._value(key)
        return value if isinstance(value, str) else self._refuse(key, "a text")

    def integer(self, key: str) -> int:
        """Return a whole number."""
        value = self.optional_integer(key)
        return value if value is not None else self._refuse(key, "a whole number")

    def optional_integer(self, key: str) -> int | None:
        """Return a whole number or None."""
        value = self._value(key)
        if value is None or (isinstance(value, int) and not isinstance(value, bool)):
            return value
        return self._refuse(key, "a whole number")

    def day(self, key: str) -> date:
        """Return a calendar date (ISO 8601)."""
        try:
            return date.fromisoformat(self.text(key))
        except ValueError:
            return self._refuse(key, "a date")

    def optional_day(self, key: str) -> date | None:
        """Return a calendar date or None."""
        return None if self._value(key) is None else self.day(key)

    def flag(self, key: str) -> bool:
        """Return a truth value."""
        value = self._value(key)
        return value if isinstance(value, bool) else self._refuse(key, "true or false")

    def word(self, key: str, words: type[Word]) -> Word:
        """Return a word of a closed list."""
        try:
            return words(self.text(key))
        except ValueError:
            return self._refuse(key, f"one of {', '.join(words)}")

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of strings."""
        return self._texts(key, self._list(key))

    def words(self, key: str, words: type[Word]) -> tuple[Word, ...]:
        """Return a list of words of a closed list."""
        return self._words(key, self.texts(key), words)

    def word_rows(self, key: str, words: type[Word]) -> tuple[tuple[Word, ...], ...]:
        """Return a list of lists of words of a closed list."""
        return tuple(
            self._words(key, self._texts(key, row), words)
            if isinstance(row, list)
            else self._refuse(key, "a list of lists")
            for row in self._list(key)
        )

    def optional_item(self, key: str) -> JsonReader | None:
        """Return a reader of an object, or None."""
        value = self._value(key)
        if value is None:
            return None
        if not isinstance(value, dict):
            self._refuse(key, "an object")
        return JsonReader(value, f"{self.where}: {key}")

    def items(self, key: str) -> tuple[JsonReader, ...]:
        """Return readers of a list of objects."""
        return tuple(
            JsonReader(value, f"{self.where}: {key}")
            if isinstance(value, dict)
            else self._refuse(key, "a list of objects")
            for value in self._list(key)
        )

    def _texts(self, key: str, values: list[object]) -> tuple[str, ...]:
        return tuple(v if isinstance(v, str) else self._refuse(key, "texts") for v in values)

    def _words(self, key: str, texts: tuple[str, ...], words: type[Word]) -> tuple[Word, ...]:
        try:
            return tuple(words(text) for text in texts)
        except ValueError:
            return self._refuse(key, f"of {', '.join(words)}")

    def _list(self, key: str) -> list[object]:
        value = self._value(key)
        return value if isinstance(value, list) else self._refuse(key, "a list")

    def _value(self, key: str) -> object:
        if key not in self.values:
            self._refuse(key, "there")
        return self.values[key]

    def _refuse(self, key: str, wanted: str) -> NoReturn:
        raise UserError(f"The {self.where} is damaged: {key} is not {wanted}.")
