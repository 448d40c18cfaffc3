"""Who is who among findings of two scans: identities that survive commits, never a line number.

Every result has up to five identities, best first: the tool's own fingerprint, scoped by rule and
path; rule, function and normalised snippet; rule and function; rule, path and normalised message;
rule and message wherever the file may stand now.
A result is matched by its best identity that is known, and all of them are kept, so that a later
file that says less still finds its finding.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from vln_desktop.domain.scans import ScanLocation, ScanResult

FINGERPRINT_VERSION = 1
"""Raised whenever the same result would get another identity; stored beside each of them."""

TIERS = ("tool", "code", "name", "text", "moved")
"""The kinds of identity, best first; an identity reads `<tier>:<digest>`, a repeat adds `#2`."""

_SHORTEST_FINGERPRINT = 8
_USELESS = frozenset({"requires login", "undefined", "unknown", "not available"})
_USELESS_NAMES = re.compile(r"line_?number|start_?column|startline", re.IGNORECASE)
_COMMENT = re.compile(
    r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|/\*.*?\*/|//[^\n]*""", re.DOTALL
)
_HASH_COMMENT = re.compile(r"""("(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')|(?<!\S)\#[^\n]*""")
_HASH_LANGUAGES = (".py", ".sh", ".rb", ".yml", ".yaml", ".toml", ".tf")
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r"\s*([^\w\s])\s*")
_LINE_REFERENCE = re.compile(
    r"#L?\d+(?:-L?\d+)?|(?<=[\w)]):\d+(?:[:-]\d+){0,2}|\b(?:on |at )?lines?:? \d+(?:\s*-\s*\d+)?",
    re.IGNORECASE,
)

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class Identified:
    """A result with its identities, best first; `fingerprint` is unique within its file.

    `repeat_of` is the ordinal of an earlier result that says exactly the same of the same place.
    """

    result: ScanResult
    identities: tuple[str, ...]
    repeat_of: int | None = None

    @property
    def fingerprint(self) -> str:
        """The best identity."""
        return self.identities[0]


def identify(results: Sequence[ScanResult]) -> tuple[Identified, ...]:
    """Return the results of one file with their identities, in the file's order.

    Deterministic, and independent of the order of results unless they are exact repeats.
    """
    bases = [_bases(result) for result in results]
    useless = _repeated_tool_identities(bases)
    ranks = sorted(range(len(results)), key=lambda index: _content(results[index]))
    counts: Counter[str] = Counter()
    found: dict[int, tuple[str, ...]] = {}
    for index in ranks:
        kept = [base for base in bases[index] if base not in useless]
        counts.update(kept)
        found[index] = tuple(numbered(base, counts[base]) for base in kept)
    repeats = _repeats(results)
    return tuple(
        Identified(result, found[index], repeats.get(index)) for index, result in enumerate(results)
    )


def numbered(base: str, count: int) -> str:
    """Return the identity of the count-th result (from 1) that has this base."""
    return base if count == 1 else f"{base}#{count}"


def base_of(identity: str) -> str:
    """Return an identity without its ordinal."""
    return identity.partition("#")[0]


def tier_of(identity: str) -> str:
    """Return which of TIERS an identity is."""
    return identity.partition(":")[0]


@dataclass(frozen=True, slots=True)
class Known(Generic[Key]):
    """A finding that is stored already, with every identity that its results ever had."""

    key: Key
    identities: frozenset[str]
    paths: frozenset[str] = frozenset()


def match(results: Sequence[Identified], known: Iterable[Known[Key]]) -> dict[int, Key]:
    """Return, by ordinal, which stored finding each result is; results that are new are absent.

    Tier by tier from the best, one finding to one result at most. A tool's fingerprint never
    vetoes a weaker match, because some tools' depend on lines. Where both sides have code and it
    differs, the function alone still matches if only one of each is left (the code was edited);
    the message alone does not. Last, a finding whose file is gone from its place is looked for in
    others: only where as many are left on both sides, which are then paired in their order.
    """
    pool = _Pool(known)
    found: dict[int, Key] = {}
    for tier in TIERS[:-1]:
        left = [item for item in results if item.result.ordinal not in found]
        _match_tier(tier, left, pool, found)
    _match_moved(results, pool, found)
    return found


def _match_moved(results: Sequence[Identified], pool: _Pool[Key], found: dict[int, Key]) -> None:
    """Match what stands in a file that is new to findings of files that nothing points at now."""
    here = {place.path for item in results for place in item.result.locations}
    waiting: defaultdict[str, list[Identified]] = defaultdict(list)
    for item in results:
        if item.result.ordinal not in found and item.result.place.path not in pool.paths:
            for base in _moved_bases(item.identities):
                waiting[base].append(item)
    for base, candidates in waiting.items():
        items = [item for item in candidates if item.result.ordinal not in found]
        gone = [
            finding
            for finding in pool.unclaimed(base)
            if not finding.paths & here and not any(_other_code(item, finding) for item in items)
        ]
        if len(gone) == len(items):
            for item, finding in zip(items, gone, strict=True):
                found[item.result.ordinal] = finding.key
                pool.take(finding)


def _moved_bases(identities: Iterable[str]) -> set[str]:
    return {base_of(identity) for identity in identities if tier_of(identity) == "moved"}


def _other_code(item: Identified, finding: Known[Key]) -> bool:
    """Tell whether both sides have code and it differs: each then has two identities as moved."""
    mine, theirs = _moved_bases(item.identities), _moved_bases(finding.identities)
    return len(mine) > 1 and len(theirs) > 1 and not mine <= theirs


def _match_tier(
    tier: str, left: Sequence[Identified], pool: _Pool[Key], found: dict[int, Key]
) -> None:
    wanted = Counter(base_of(i) for item in left for i in item.identities if tier_of(i) == tier)
    for item in left:
        identity = next((i for i in item.identities if tier_of(i) == tier), "")
        finding = pool.holder(identity)
        if finding is None:
            continue
        base = base_of(identity)
        edited = tier == "name" and wanted[base] == 1 and len(pool.unclaimed(base)) == 1
        if not edited and tier in ("name", "text") and _differ("code", item, finding):
            continue
        if tier == "text" and _differ("name", item, finding):
            continue
        found[item.result.ordinal] = finding.key
        pool.take(finding)


class _Pool(Generic[Key]):
    """The stored findings that no result has claimed yet, by each of their identities."""

    def __init__(self, known: Iterable[Known[Key]]) -> None:
        self._holders: defaultdict[str, list[Known[Key]]] = defaultdict(list)
        self._by_base: defaultdict[str, list[Known[Key]]] = defaultdict(list)
        self._taken: set[Key] = set()
        self.paths: set[str] = set()
        for finding in known:
            self.paths |= finding.paths
            for identity in finding.identities:
                self._holders[identity].append(finding)
                self._by_base[base_of(identity)].append(finding)

    def holder(self, identity: str) -> Known[Key] | None:
        """Return the first unclaimed finding with an identity."""
        holders = self._holders.get(identity, ())
        return next((finding for finding in holders if finding.key not in self._taken), None)

    def unclaimed(self, base: str) -> list[Known[Key]]:
        """Return the unclaimed findings with an identity of this base, in the order given."""
        found = {finding.key: finding for finding in self._by_base.get(base, ())}
        return [finding for key, finding in found.items() if key not in self._taken]

    def take(self, finding: Known[Key]) -> None:
        """Claim a finding."""
        self._taken.add(finding.key)


def _differ(tier: str, item: Identified, finding: Known[Key]) -> bool:
    """Tell whether both sides have an identity of a tier and share none."""
    mine = {base_of(i) for i in item.identities if tier_of(i) == tier}
    theirs = {base_of(i) for i in finding.identities if tier_of(i) == tier}
    return bool(mine) and bool(theirs) and not mine & theirs


def _bases(result: ScanResult) -> tuple[str, ...]:
    """Return a result's identities without ordinals, best first; that of the text always exists.

    A function's name needs no path, so only what has none is looked for in other files.
    """
    rule = f"{_tool_name(result.tool)}/{result.rule.key or result.rule.id}"
    place = result.place
    code = _code_of(place)
    found = []
    fingerprint = _tool_fingerprint(result)
    if fingerprint:
        found.append(_identity("tool", rule, place.path, fingerprint))
    if code:
        found.append(_identity("code", rule, place.function or place.path, code))
    if place.function:
        found.append(_identity("name", rule, place.function))
    message = normalised_message(result.message)
    found.append(_identity("text", rule, place.path, message))
    if place.path and not place.function:
        found.append(_identity("moved", rule, message.replace(place.path.casefold(), "")))
        if code:
            found.append(_identity("moved", rule, "code", code))
    return tuple(found)


def normalised_code(code: str, path: str = "") -> str:
    """Return code without comments and without white space that carries no meaning.

    What looks like a comment inside a string stays; the ending of the path names the language.
    """
    comment = _HASH_COMMENT if path.endswith(_HASH_LANGUAGES) else _COMMENT
    bare = comment.sub(_keep_string, code)
    return _AROUND.sub(r"\1", _SPACE.sub(" ", bare)).strip()


def normalised_message(message: str) -> str:
    """Return a message without line numbers and with single spaces."""
    return _SPACE.sub(" ", _LINE_REFERENCE.sub("", message)).strip().casefold()


def _keep_string(match: re.Match[str]) -> str:
    return match[1] or " "


def _code_of(place: ScanLocation) -> str:
    return normalised_code(place.snippet, place.path) if place.snippet else ""


def _tool_name(tool: str) -> str:
    """Return the first word of a tool's name: versions rename Semgrep OSS to Semgrep Pro."""
    return (tool.split() or [""])[0].casefold()


def _tool_fingerprint(result: ScanResult) -> str:
    """Return the tool's fingerprints as one text; empty if none can tell results apart."""
    kept = sorted(
        f"{name}={value}"
        for name, value in result.tool_fingerprints
        if len(value) >= _SHORTEST_FINGERPRINT
        and value.strip().casefold() not in _USELESS
        and not _USELESS_NAMES.search(name)
    )
    return "\n".join(kept)


def _identity(tier: str, *parts: str) -> str:
    text = "\0".join(parts).encode("utf-8", errors="replace")
    return f"{tier}:{hashlib.sha256(text).hexdigest()[:40]}"


def _repeated_tool_identities(bases: Sequence[tuple[str, ...]]) -> set[str]:
    """Return the tool identities that stand more than once in one file and so tell nothing."""
    counts = Counter(base for group in bases for base in group if tier_of(base) == "tool")
    return {base for base, count in counts.items() if count > 1}


def _repeats(results: Sequence[ScanResult]) -> dict[int, int]:
    """Return, by index, the ordinal of the earlier result that a result repeats word for word.

    Only a place exact to the column proves it; without one, two results stay two.
    """
    first: dict[tuple[object, ...], int] = {}
    found: dict[int, int] = {}
    for index, result in enumerate(results):
        if result.place.start_line is None or result.place.start_column is None:
            continue
        key = (
            result.tool,
            result.rule.id,
            result.message,
            result.locations,
            result.tool_fingerprints,
        )
        if key in first:
            found[index] = first[key]
        else:
            first[key] = result.ordinal
    return found


def _content(result: ScanResult) -> tuple[object, ...]:
    """Return what orders repeats of one base: where they stand, then what they say."""
    place = result.place
    return (
        place.path,
        place.start_line or 0,
        place.start_column or 0,
        place.end_line or 0,
        place.end_column or 0,
        place.function,
        place.snippet,
        result.rule.id,
        result.message,
        result.tool_fingerprints,
    )
