"""Broken scanner files: whatever happens to the bytes, the answer is a file or one sentence."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.formats.scan_bodies import sarif_log, sarif_run
from vln_desktop.adapters.source_tree import SourceTree
from vln_desktop.domain.fingerprints import identify
from vln_desktop.domain.scans import ScanFile
from vln_desktop.errors import UserError
from vln_desktop.formats.detect import read_scan

FIXTURES = Path(__file__).parent / "fixtures"
SEEDS = [path.read_bytes() for path in sorted(FIXTURES.iterdir()) if path.is_file()]
FAST_ROUNDS = 300
LONG_ROUNDS = 10_000
BIGGEST_SEED = 40_000

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False),
    st.text(max_size=20),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=8), inner, max_size=4)
    ),
    max_leaves=10,
)


def read_or_refuse(data: bytes) -> ScanFile | None:
    """Read as an import does; anything but a file or a UserError fails the test."""
    try:
        file = read_scan(data, source=SourceTree(FIXTURES / "source"))
    except UserError as refused:
        sentence = str(refused)
    else:
        return checked(file)
    assert sentence.endswith(".")
    assert "\n" not in sentence
    return None


def checked(file: ScanFile) -> ScanFile:
    """Return a file whose results can be stored and told apart."""
    identified = identify(file.results)
    assert len({item.fingerprint for item in identified}) == len(file.results)
    for result in file.results:
        assert_storable(result.title, result.message, result.description, result.remediation)
        for place in result.locations:
            assert_storable(place.path, place.function, place.snippet)
    return file


def assert_storable(*texts: str) -> None:
    """PostgreSQL holds valid UTF-8 without NUL."""
    for text in texts:
        assert "\0" not in text
        text.encode("utf-8")


def broken(data: bytes, chance: random.Random) -> bytes:
    """Return a damaged copy of a file: cut, flipped, spliced, or with values replaced."""
    damage = chance.choice((cut, flipped, spliced, *[replaced] * 9))
    return damage(data, chance)


def cut(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 6)):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def spliced(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randrange(len(data)) for _ in range(2))
    return data[:end] + data[start:]


def replaced(data: bytes, chance: random.Random) -> bytes:
    """Delete members or put values of a wrong type in their place."""
    try:
        body = json.loads(data.decode("utf-8-sig"))
    except ValueError:
        return cut(data, chance)
    for _ in range(chance.randint(1, 8)):
        spoil(body, chance)
    return json.dumps(body).encode()


def spoil(body: Any, chance: random.Random) -> None:
    """Walk down at random and spoil one member, mostly deep down: the top is soon refused."""
    depth = 0
    while isinstance(body, dict | list) and body:
        key = chance.choice(list(body)) if isinstance(body, dict) else chance.randrange(len(body))
        inner = body[key]
        depth += 1
        if chance.random() < 0.03 * depth or not isinstance(inner, dict | list):
            if depth > 1 or chance.random() < 0.1:
                spoil_member(body, key, chance)
            return
        body = inner


def spoil_member(body: Any, key: Any, chance: random.Random) -> None:
    wrong: list[Any] = [
        None,
        -1,
        2**80,
        1e308,
        "",
        "\0\ud800",
        [],
        {},
        [[]],
        {"text": 5},
        True,
        "x" * 300,
    ]
    if chance.random() < 0.4:
        del body[key]
    else:
        body[key] = chance.choice(wrong)


def fuzz(seeds: list[bytes], rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(rounds):
        read_or_refuse(broken(chance.choice(seeds), chance))


def test_broken_fixtures_are_read_or_refused() -> None:
    fuzz(SEEDS, FAST_ROUNDS, seed=1)


@pytest.mark.parametrize("seed", range(2))
def test_broken_real_files_are_read_or_refused(shared_data: Path, seed: int) -> None:
    fuzz(real_seeds(shared_data), FAST_ROUNDS // 2, seed)


@pytest.mark.long
def test_ten_thousand_broken_files_are_read_or_refused(shared_data: Path) -> None:
    fuzz(SEEDS + real_seeds(shared_data), LONG_ROUNDS, seed=2)


def real_seeds(shared_data: Path) -> list[bytes]:
    files = sorted((shared_data / "scans").glob("s[al]*/*"))
    return [path.read_bytes() for path in files if 0 < path.stat().st_size < BIGGEST_SEED]


@given(VALUES)
def test_any_json_is_read_or_refused(value: Any) -> None:
    read_or_refuse(json.dumps(value).encode())


RESULT_MEMBERS = st.sampled_from(
    ["ruleId", "ruleIndex", "rule", "level", "kind", "message", "locations", "suppressions",
     "fingerprints", "partialFingerprints", "properties", "taxa", "fixes", "relatedLocations"]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.dictionaries(RESULT_MEMBERS, VALUES, max_size=6), max_size=4), VALUES, VALUES)
def test_any_members_of_results_are_read(results: list[Any], driver: Any, other: Any) -> None:
    run = sarif_run(results)
    run["tool"]["driver"]["rules"] = driver
    run["artifacts"] = other
    file = read_or_refuse(json.dumps(sarif_log(run)).encode())
    assert file is not None
    assert len(file.results) == len(results)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    read_or_refuse(data)
