"""The catalogue of weaknesses says what CWE and SWC say."""

from __future__ import annotations

import csv
from pathlib import Path

from vln_desktop.db.weaknesses import shipped_weaknesses


def test_weaknesses_are_named_as_in_the_catalogues(shared_data: Path) -> None:
    facts = {}
    for name, key, title in (("cwe.csv", "cwe", "name"), ("swc.csv", "swc", "title")):
        with (shared_data / "facts" / name).open(encoding="utf-8", newline="") as lines:
            facts.update({row[key]: row[title] for row in csv.DictReader(lines)})
    ours = {w.id: w.name for w in shipped_weaknesses() if w.id in facts}
    assert ours == {key: facts[key] for key in ours}
    assert len(ours) > 60


def test_an_swc_entry_names_a_cwe_of_the_catalogue() -> None:
    known = {w.id for w in shipped_weaknesses()}
    assert {w.cwe for w in shipped_weaknesses() if w.catalogue == "swc"} <= known
