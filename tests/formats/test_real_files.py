"""Every real scanner file either reads with all its results or is refused in one sentence."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from vln_desktop.domain.fingerprints import Known, identify, match, tier_of
from vln_desktop.domain.scans import ScanFile
from vln_desktop.errors import UserError
from vln_desktop.formats.detect import READERS, read_scan

HOME = re.compile(r"(?<!\w)[\\/](?:home|Users)[\\/]")


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the index of real files."""

    path: Path
    format: str
    version: str
    results: str
    rules: str
    levels: str

    @property
    def readable(self) -> bool:
        """Whether today's formats cover the file."""
        sarif = self.format == "sarif" and self.version == "2.1.0" and self.results != "n/a"
        tool, _, native = self.format.partition("-")
        return sarif or (native == "native" and tool in READERS)


@pytest.fixture(scope="module")
def entries(shared_data: Path) -> list[Entry]:
    folder = shared_data / "scans"
    with (folder / "INDEX.csv").open(encoding="utf-8", newline="") as index:
        return [
            Entry(
                folder / line["file"],
                line["format"],
                line["sarif_version"],
                line["results"],
                line["distinct_rules"],
                line["levels_effective"],
            )
            for line in csv.DictReader(index)
        ]


@pytest.fixture(scope="module")
def files(entries: list[Entry]) -> dict[Path, ScanFile]:
    return {e.path: read_scan(e.path.read_bytes()) for e in entries if e.readable}


def test_the_index_covers_many_formats(entries: list[Entry]) -> None:
    readable = Counter(entry.format for entry in entries if entry.readable)
    assert readable["sarif"] >= 60
    assert readable["slither-native"] >= 18
    for tool, least in (
        ("bandit", 3),
        ("generic", 15),
        ("mythril", 5),
        ("semgrep", 2),
        ("trivy", 3),
    ):
        assert readable[f"{tool}-native"] >= least


def test_every_readable_file_gives_the_results_of_the_index(
    entries: list[Entry], files: dict[Path, ScanFile]
) -> None:
    wrong = {
        entry.path.name: (len(files[entry.path].results), entry.results)
        for entry in entries
        if entry.readable and str(len(files[entry.path].results)) != entry.results
    }
    assert wrong == {}


def test_levels_are_the_effective_ones_of_the_index(
    entries: list[Entry], files: dict[Path, ScanFile]
) -> None:
    wrong = {}
    for entry in entries:
        if entry.readable and entry.format == "sarif":
            levels = dict(Counter(result.level for result in files[entry.path].results))
            if levels != json.loads(entry.levels):
                wrong[entry.path.name] = (levels, entry.levels)
    assert wrong == {}


def test_rules_are_told_apart_as_in_the_index(
    entries: list[Entry], files: dict[Path, ScanFile]
) -> None:
    wrong = {}
    for entry in entries:
        if entry.readable:
            rules = {result.rule.id for result in files[entry.path].results}
            if str(len(rules)) != entry.rules:
                wrong[entry.path.name] = (len(rules), entry.rules)
    assert wrong == {}


def test_every_other_file_is_refused_in_one_plain_sentence(entries: list[Entry]) -> None:
    for entry in entries:
        if entry.readable:
            continue
        with pytest.raises(UserError) as refused:
            read_scan(entry.path.read_bytes())
        sentence = str(refused.value)
        assert sentence.endswith(".")
        assert "\n" not in sentence
        assert len(sentence) < 200
        assert "Traceback" not in sentence
        assert "expecting" not in sentence.lower()


def test_a_format_of_a_later_version_says_so(entries: list[Entry]) -> None:
    paths = [entry.path for entry in entries if entry.format == "checkov-native"]
    assert paths
    for path in paths:
        with pytest.raises(UserError, match=r"Checkov.* comes in a later version"):
            read_scan(path.read_bytes())


def test_results_count_from_zero_in_the_order_of_the_file(files: dict[Path, ScanFile]) -> None:
    for file in files.values():
        assert [r.ordinal for r in file.results] == list(range(len(file.results)))


def test_fingerprints_are_unique_in_each_file_and_the_same_each_time(
    files: dict[Path, ScanFile],
) -> None:
    for path, file in files.items():
        identified = identify(file.results)
        fingerprints = [item.fingerprint for item in identified]
        assert len(set(fingerprints)) == len(fingerprints)
        again = identify(read_scan(path.read_bytes()).results)
        assert [item.identities for item in again] == [item.identities for item in identified]


def test_the_same_file_twice_matches_every_result_to_itself(files: dict[Path, ScanFile]) -> None:
    for file in files.values():
        identified = identify(file.results)
        known = [Known(i.result.ordinal, frozenset(i.identities)) for i in identified]
        ordinals = range(len(identified))
        assert match(identified, known) == dict(zip(ordinals, ordinals, strict=True))


def test_slithers_sarif_finds_the_findings_of_its_json(
    entries: list[Entry], files: dict[Path, ScanFile]
) -> None:
    pairs = 0
    for entry in entries:
        sarif = entry.path.parent.parent / "sarif" / f"{entry.path.stem}.sarif"
        if entry.format != "slither-native" or sarif not in files:
            continue
        stored = identify(files[entry.path].results)
        known = [Known(i.result.ordinal, frozenset(i.identities)) for i in stored]
        found = match(identify(files[sarif].results), known)
        assert len(found) == len(files[sarif].results)
        pairs += 1
    assert pairs >= 18


def test_slithers_json_keeps_what_its_sarif_drops(
    entries: list[Entry], files: dict[Path, ScanFile]
) -> None:
    native = [e.path for e in entries if e.format == "slither-native"]
    placeless = [r for path in native for r in files[path].results if not r.locations]
    assert len(placeless) >= 18


def test_no_text_of_any_file_holds_a_home_folder(files: dict[Path, ScanFile]) -> None:
    for path, file in files.items():
        for result in file.results:
            texts = [result.message, result.description, result.title]
            texts += [place.path + place.snippet for place in result.locations]
            for text in texts:
                assert not HOME.search(text), path.name


def test_repeated_tool_fingerprints_are_no_identity(files: dict[Path, ScanFile]) -> None:
    (export,) = (file for path, file in files.items() if path.name.startswith("dd__DefectDojo_dj"))
    tiers = Counter(tier_of(item.fingerprint) for item in identify(export.results))
    assert tiers["tool"] > 400
    assert tiers["text"] > 0
