"""Profiles in config.toml: written without losing a comment, by two windows, or with a mistake."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vln_desktop.errors import UserError
from vln_desktop.profiles import Environment, Profile, read_profile, table_of
from vln_desktop.services.profile_book import ProfileBook

ACME = Profile("acme", "postgresql://db.example.com/vln")
NEON = Profile(
    "neon",
    "postgresql://ep-x-pooler.neon.tech/vln?channel_binding=require",
    Environment.STAGING,
    pooled=True,
    direct_url="postgresql://ep-x.neon.tech/vln",
    ca_file="~/ca.pem",
    client_certificate="~/me.crt",
    client_key="~/me.key",
)
BY_HAND = """# kept by Ana; ask before changing
default_profile = "acme"  # ours

[window]
future = [1, 2]   # of a newer release

[profiles.acme]
# the old server
url = "postgresql://db.example.com/vln"  # since May
environment = "production"

[profiles.zeta]
host = "z.example.com"
database = "vln"

[after]
this = true
"""


@pytest.fixture
def book(tmp_path: Path) -> ProfileBook:
    return ProfileBook(tmp_path / "config" / "config.toml")


@pytest.fixture
def by_hand(book: ProfileBook) -> ProfileBook:
    book.file.parent.mkdir()
    book.file.write_text(BY_HAND, encoding="utf-8")
    return book


def test_what_is_saved_is_read_again(book: ProfileBook) -> None:
    for profile in (ACME, NEON, Profile("here", cluster="here")):
        book.save(profile)

    assert dict(book.profiles()) == {
        "acme": ACME, "neon": NEON, "here": Profile("here", cluster="here"),
    }  # fmt: skip


def test_file_is_for_its_owner_alone(book: ProfileBook) -> None:
    book.save(ACME)

    assert book.file.stat().st_mode & 0o777 == 0o600
    assert book.file.parent.stat().st_mode & 0o777 == 0o700


def test_all_else_in_the_file_stays(by_hand: ProfileBook) -> None:
    by_hand.save(NEON)
    by_hand.delete("neon")

    assert by_hand.file.read_text() == BY_HAND


def test_change_touches_its_own_lines_only(by_hand: ProfileBook) -> None:
    by_hand.save(replace(ACME, environment=Environment.STAGING), before="acme")

    assert by_hand.file.read_text() == BY_HAND.replace(
        'environment = "production"', 'environment = "staging"'
    ).replace('url = "postgresql://db.example.com/vln"  # since May\n', "").replace(
        'environment = "staging"\n',
        'environment = "staging"\nhost = "db.example.com"\ndatabase = "vln"\n',
    )


def test_new_name_takes_the_default_along(by_hand: ProfileBook) -> None:
    by_hand.save(replace(ACME, name="acme eu"), before="acme")

    written = tomllib.loads(by_hand.file.read_text())
    assert written["default_profile"] == "acme eu"
    assert set(written["profiles"]) == {"acme eu", "zeta"}
    assert "# the old server" in by_hand.file.read_text()


def test_deleted_default_is_none_any_more(by_hand: ProfileBook) -> None:
    by_hand.delete("acme")
    by_hand.delete("acme")

    written = tomllib.loads(by_hand.file.read_text())
    assert "default_profile" not in written
    assert set(written["profiles"]) == {"zeta"}
    assert written["window"] == {"future": [1, 2]}


def test_default_is_chosen(by_hand: ProfileBook) -> None:
    by_hand.make_default("zeta")

    assert tomllib.loads(by_hand.file.read_text())["default_profile"] == "zeta"
    assert "# ours" in by_hand.file.read_text()


@pytest.mark.parametrize("before", [None, "zeta"])
def test_taken_name_is_refused(by_hand: ProfileBook, before: str | None) -> None:
    with pytest.raises(UserError, match="already") as caught:
        by_hand.save(ACME, before=before)

    assert caught.value.field == "name"
    assert by_hand.file.read_text() == BY_HAND


def test_profile_removed_meanwhile_is_told(by_hand: ProfileBook) -> None:
    with pytest.raises(UserError, match="removed meanwhile"):
        by_hand.save(NEON, before="neon")

    assert by_hand.file.read_text() == BY_HAND


@pytest.mark.parametrize("content", [b"[profiles", b"\xff", b"a = 1\na = 2\n"])
def test_file_that_cannot_be_read_is_left_alone(book: ProfileBook, content: bytes) -> None:
    book.file.parent.mkdir()
    book.file.write_bytes(content)

    with pytest.raises(UserError, match=r"config\.toml cannot be read"):
        book.save(ACME)

    assert book.file.read_bytes() == content


@pytest.mark.parametrize("content", ["profiles = 3", "[profiles]\nacme = 3"])
def test_profiles_that_are_none(book: ProfileBook, content: str) -> None:
    book.file.parent.mkdir()
    book.file.write_text(content)

    with pytest.raises(UserError, match="must be a table"):
        book.profiles()
    with pytest.raises(UserError, match="must be a table"):
        book.save(Profile("new", ACME.url))


_SAVING = """
import sys
from pathlib import Path
from vln_desktop.profiles import Profile
from vln_desktop.services.profile_book import ProfileBook
book = ProfileBook(Path(sys.argv[1]))
for number in range(25):
    book.save(Profile(f"{sys.argv[2]}-{number}", "postgresql://db.example.com/vln"))
"""


def test_two_windows_that_save_at_once_lose_nothing(by_hand: ProfileBook) -> None:
    """Given two processes that add profiles at the same time, then all of them are there."""
    command = [sys.executable, "-c", _SAVING, str(by_hand.file)]
    both = [subprocess.Popen([*command, name]) for name in ("one", "two")]

    assert [window.wait(120) for window in both] == [0, 0]
    expected = {f"{name}-{number}" for name in ("one", "two") for number in range(25)}
    assert set(by_hand.profiles()) == {"acme", "zeta"} | expected
    assert "# since May" in by_hand.file.read_text()


_TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Co", "Cn", "Cf")))


@given(
    name=_TEXT.filter(lambda text: 0 < len(text) < 60 and text != "environment"),
    file=_TEXT.filter(bool),
    port=st.one_of(st.none(), st.integers(1, 65535)),
    pooled=st.booleans(),
)
def test_table_makes_the_same_profile_again(
    name: str, file: str, port: int | None, pooled: bool
) -> None:
    place = f":{port}" if port else ""
    profile = Profile(name, f"postgresql://db.example.com{place}/vln", pooled=pooled, ca_file=file)

    assert read_profile(name, table_of(profile), "here") == profile
