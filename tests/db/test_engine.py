"""How an address becomes a connection: TLS, keepalives, poolers."""

from __future__ import annotations

from pathlib import Path

import certifi
import pytest

from vln_desktop.db.engine import connect_args, is_remote, parse_url
from vln_desktop.errors import UserError


@pytest.mark.parametrize(
    ("url", "remote"),
    [
        ("postgresql://db.example.com/vln", True),
        ("postgresql://10.0.0.7:5433/vln", True),
        ("postgresql:///vln?host=db.example.com", True),
        ("postgresql:///vln?host=/run/sockets", False),
        ("postgresql:///vln?host=/run/sockets&hostaddr=10.0.0.7", True),
        ("postgresql:///vln?host=/run/sockets,db.example.com", True),
        ("postgresql://localhost/vln", False),
        ("postgresql://127.0.0.1/vln", False),
        ("postgresql:///vln", False),
    ],
)
def test_way_that_leaves_the_machine(url: str, remote: bool) -> None:
    assert is_remote(parse_url(url)) is remote


@pytest.mark.parametrize("mode", ["", "?sslmode=disable", "?sslmode=require"])
def test_remote_server_always_proves_its_name(mode: str) -> None:
    arguments = connect_args(parse_url(f"postgresql://db.example.com/vln{mode}"))

    assert arguments["sslmode"] == "verify-full"
    assert arguments["sslrootcert"] == certifi.where()


def test_nothing_older_and_nothing_else_than_tls() -> None:
    """Given an address that asks for an old protocol or for Kerberos, then it does not get it."""
    weak = "?ssl_min_protocol_version=TLSv1&gssencmode=require"
    strict = "?ssl_min_protocol_version=TLSv1.3"

    weakened = connect_args(parse_url(f"postgresql://db.example.com/vln{weak}"))
    stricter = connect_args(parse_url(f"postgresql://db.example.com/vln{strict}"))

    assert (weakened["ssl_min_protocol_version"], weakened["gssencmode"]) == ("TLSv1.2", "disable")
    assert stricter["ssl_min_protocol_version"] == "TLSv1.3"


@pytest.mark.parametrize("asked", ["sslmode=verify-ca", "sslmode=verify-full", "sslrootcert=/ca"])
def test_server_on_this_machine_proves_its_name_if_the_address_asks(asked: str) -> None:
    assert (
        connect_args(parse_url(f"postgresql://localhost/vln?{asked}"))["sslmode"] == "verify-full"
    )
    assert "sslmode" not in connect_args(parse_url("postgresql://localhost/vln"))


def test_roots_of_the_system_are_certifis() -> None:
    url = parse_url("postgresql://db.example.com/vln?sslrootcert=system")

    assert connect_args(url)["sslrootcert"] == certifi.where()


def test_firm_may_trust_its_own_authority(tmp_path: Path) -> None:
    own = tmp_path / "authority.pem"

    arguments = connect_args(parse_url(f"postgresql://db.example.com/vln?sslrootcert={own}"))

    assert arguments["sslrootcert"] == str(own)


def test_dead_link_is_noticed_within_ten_seconds() -> None:
    arguments = connect_args(parse_url("postgresql://db.example.com/vln"))

    idle, interval, count = (arguments[f"keepalives_{n}"] for n in ("idle", "interval", "count"))
    assert idle + interval * count <= 11
    assert arguments["tcp_user_timeout"] == 10_000


def test_pooler_gets_no_prepared_statements() -> None:
    url = parse_url("postgresql://db-pooler.example.com/vln")

    assert connect_args(url, pooled=True)["prepare_threshold"] is None
    assert "prepare_threshold" not in connect_args(url)


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://host/vln", "postgresql://h:port/vln"])
def test_address_that_is_none(url: str) -> None:
    with pytest.raises(UserError, match="server's address"):
        parse_url(url)
