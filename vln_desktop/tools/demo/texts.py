"""Reads the written findings in `texts/` and fills in an audit's names.

A text is Markdown with two marks: «vault» is replaced by the codebase's name for that slot, and
«one wording|another» by one of its wordings. A head of `key: value` lines says what it is about.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from vln_desktop.domain.findings import Level, Severity
from vln_desktop.domain.severity_schemes import IMPACT_LIKELIHOOD
from vln_desktop.tools.demo.chance import Chance

_FOLDER = Path(__file__).parent / "texts"
_SECTION = re.compile(r"^=== (\w+)\n", re.MULTILINE)
_SLOT = re.compile(r"«(\w+)»")
_WORDINGS = re.compile(r"«([^«»]*\|[^«»]*)»")
SECTIONS = ("description", "impact", "likelihood", "remediation", "proof")


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the code a finding is: the slot that names the file, and a function."""

    slot: str
    function: str


@dataclass(frozen=True, slots=True)
class Archetype:
    """A weakness as an auditor writes it up, with slots and wordings still open."""

    key: str
    kind: str
    impact_level: Level
    likelihood_level: Level
    category: str
    weakness: str | None
    repeats: bool
    places: tuple[Place, ...]
    values: tuple[tuple[str, tuple[str, ...]], ...]
    titles: tuple[str, ...]
    sections: Mapping[str, str]
    needs: frozenset[str]

    @property
    def severity(self) -> Severity:
        """What the firm's scheme makes of impact and likelihood."""
        return IMPACT_LIKELIHOOD[self.impact_level, self.likelihood_level]


@dataclass(frozen=True, slots=True)
class Written:
    """A finding's texts with every slot filled in; `sections` has the keys of SECTIONS."""

    title: str
    sections: Mapping[str, str]
    places: tuple[Place, ...]


@cache
def archetypes() -> tuple[Archetype, ...]:
    """Return every written finding, in the order of its file's name."""
    return tuple(_parse(path) for path in sorted(_FOLDER.glob("*.md")))


def write(archetype: Archetype, slots: Mapping[str, str], chance: Chance, wording: int) -> Written:
    """Fill in an archetype; `wording` chooses among its titles (the first again after the last).

    Raises KeyError for a slot that the codebase does not name.
    """
    chosen = {name: chance.pick(options) for name, options in archetype.values}
    names = {**slots, **chosen}
    title = archetype.titles[wording % len(archetype.titles)]
    return Written(
        _fill(title, names, chance),
        {key: _fill(archetype.sections[key], names, chance) for key in SECTIONS},
        tuple(Place(p.slot, _fill(p.function, names, chance)) for p in archetype.places),
    )


def _parse(path: Path) -> Archetype:
    text = path.read_text(encoding="utf-8")
    head, *parts = _SECTION.split(text)
    sections = dict(zip(parts[::2], (body.strip() for body in parts[1::2]), strict=True))
    pairs = [line.partition(":")[::2] for line in head.splitlines()]
    once = {key: value.strip() for key, value in pairs}
    places = tuple(
        Place(*value.strip().split(" ", maxsplit=1)) for key, value in pairs if key == "at"
    )
    values = tuple(_values(value) for key, value in pairs if key == "let")
    named = frozenset(_SLOT.findall(text)) | {place.slot for place in places}
    return Archetype(
        path.stem,
        once.get("kind", "vulnerability"),
        Level(once["impact"]),
        Level(once["likelihood"]),
        once["category"],
        once["weakness"] or None,
        once.get("repeat") == "yes",
        places,
        values,
        tuple(sections.pop("title").splitlines()),
        sections,
        named - {name for name, _ in values},
    )


def _values(text: str) -> tuple[str, tuple[str, ...]]:
    name, _, options = text.partition("=")
    return name.strip(), tuple(option.strip() for option in options.split("|"))


def _fill(text: str, names: Mapping[str, str], chance: Chance) -> str:
    text = _SLOT.sub(lambda match: names[match[1]], text)
    while _WORDINGS.search(text):
        text = _WORDINGS.sub(lambda match: chance.pick(match[1].split("|")), text)
    return text
