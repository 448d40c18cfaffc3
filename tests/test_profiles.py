"""What a profile may say, what is refused in it, and the addresses it gives."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from vln_desktop.errors import UserError
from vln_desktop.profiles import KEYS, address_of, parts_of, read_profile, with_parameters

URL = "postgresql://db.example.com/vln"
POOLER = "postgresql://db-pooler.example.com/vln"


def read(**table: Any) -> Any:
    return read_profile("acme", table, "acme")


def test_parts_make_the_address() -> None:
    profile = read(host="db.example.com", port=5433, database="vln")

    assert profile.address == "postgresql://db.example.com:5433/vln"
    assert profile.direct_address == profile.address


@pytest.mark.parametrize(
    ("host", "port", "database"),
    [
        ("db.example.com", 5433, "vln"),
        ("db.example.com", None, "a/b c"),
        ("2001:db8::1", 5432, "vln"),
        ("/run/postgresql", 5433, "vln"),
        ("/run/postgresql", None, "vln"),
    ],
)
def test_parts_survive_the_way_through_an_address(
    host: str, port: int | None, database: str
) -> None:
    url = address_of(host, port, database)

    assert parts_of(url) == (host, port, database)
    parsed = make_url(url)
    assert parsed.database == database
    assert host in {parsed.host, parsed.query.get("host")}


def test_pooled_address_has_the_servers_own_beside_it() -> None:
    profile = read(url=POOLER, pooled=True, direct_url=URL)

    assert (profile.address, profile.direct_address) == (POOLER, URL)
    assert read(url=POOLER, pooled=True).direct_address is None


def test_files_of_tls_are_in_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Given paths with ~ and a space, then the driver gets whole ones in both addresses."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("own ca.pem", "me.crt", "me.key"):
        (tmp_path / name).touch()

    profile = read(
        url=f"{POOLER}?sslmode=require",
        pooled=True,
        direct_url=URL,
        ca_file="~/own ca.pem",
        client_certificate="~/me.crt",
        client_key="~/me.key",
    )

    for address in (profile.address, profile.direct_address):
        query = make_url(address).query
        assert query["sslrootcert"] == str(tmp_path / "own ca.pem")
        assert query["sslcert"] == str(tmp_path / "me.crt")
        assert query["sslkey"] == str(tmp_path / "me.key")


def test_missing_file_is_one_sentence_and_only_when_it_is_needed(tmp_path: Path) -> None:
    profile = read(url=URL, ca_file=str(tmp_path / "gone.pem"))

    with pytest.raises(UserError, match=r"CA file of the profile “acme” is not there: .*gone\.pem"):
        _ = profile.address


@pytest.mark.parametrize(
    ("table", "complaint"),
    [
        ({"url": URL, "host": "h"}, "not both"),
        ({"host": "h"}, "host and database belong together"),
        ({"database": "vln"}, "host and database belong together"),
        ({"host": "h", "database": "d", "port": 0}, "port must be a number"),
        ({"host": "h", "database": "d", "port": True}, "port must be a number"),
        ({"host": "h", "database": "d", "port": "5432"}, "port must be a number"),
        ({"host": "u:p@h", "database": "d"}, "no host name"),
        ({"host": "h/other?sslmode=disable", "database": "d"}, "no host name"),
        ({"url": "postgresql://h:x/d"}, "cannot be read"),
        ({"url": "postgresql://h:99999/d"}, "cannot be read"),
        ({"url": "postgresql://h"}, "names no database"),
        ({"url": "postgresql://h /d"}, "control character"),
        ({"url": "postgresql://h%00/d"}, "control character"),
        ({"url": f"{URL}?password=secret"}, "belongs in the keyring"),
        ({"url": f"{URL}?password="}, "belongs in the keyring"),
        ({"url": f"{URL}?passfile=/secret"}, "belongs in the keyring"),
        ({"url": f"{URL}?sslpassword=secret"}, "belongs in the keyring"),
        ({"url": "postgresql://u:secret@h/d"}, "belongs in the keyring"),
        ({"url": f"{URL}?service=secret"}, "service files"),
        ({"url": f"{URL}?user=ana&pool=3"}, "unknown parameters: pool, user"),
        ({"url": POOLER, "pooled": True, "direct_url": f"{URL}?password=secret"}, "direct_url"),
        ({"url": URL, "direct_url": URL}, "pooled = true"),
        ({"url": URL, "password": "secret"}, "no part of a profile"),
        ({"url": URL, "user": "ana"}, "no part of a profile"),
        ({"url": URL, "colour": "red"}, "unknown settings: colour"),
        ({"url": URL, "pooled": 1}, "pooled must be true or false"),
        ({"url": URL, "ca_file": 3}, "ca_file must be a text"),
        ({"url": URL, "client_key": "k"}, "belong together"),
        ({"url": URL, "cluster": "main"}, "embedded server"),
        ({"ca_file": "x"}, "without url or host there is no ca_file"),
        ({"url": URL, "environment": "home"}, "demo, staging, production"),
    ],
)
def test_mistakes_are_one_sentence(table: dict[str, Any], complaint: str) -> None:
    with pytest.raises(UserError, match=complaint) as caught:
        read(**table)

    assert "secret" not in str(caught.value)
    assert str(caught.value).startswith("acme")


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\nb", "environment"])
def test_names_that_cannot_be(name: str) -> None:
    with pytest.raises(UserError, match="name"):
        read_profile(name, {"url": URL}, "here")


_VALUES = st.one_of(st.text(), st.integers(), st.booleans(), st.none(), st.lists(st.text()))


@given(name=st.text(max_size=70), table=st.dictionaries(st.sampled_from(KEYS), _VALUES))
def test_nonsense_is_a_sentence_or_a_profile(name: str, table: dict[str, Any]) -> None:
    with contextlib.suppress(UserError):
        profile = read_profile(name, table, "here")
        assert profile.embedded or parts_of(profile.url or "")


@given(st.dictionaries(st.sampled_from(("sslcert", "sslkey", "host")), st.text(min_size=1)))
def test_parameters_arrive_as_they_were(values: dict[str, str]) -> None:
    found = dict(make_url(with_parameters(f"{URL}?sslmode=require", values)).query)

    assert found == {"sslmode": "require", **values}
