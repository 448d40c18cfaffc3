"""Remembered passwords, on a keyring of the test's own, and on a machine without any."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import PasswordDeleteError

from vln_desktop.adapters.passwords import (
    forget_password,
    keyring_name,
    remember_password,
    remembered_password,
)
from vln_desktop.errors import UserError


class Memory(KeyringBackend):
    """A keyring that lasts as long as the test."""

    priority = 1

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.kept.pop((service, username), None) is None:
            raise PasswordDeleteError


@pytest.fixture
def backend() -> Iterator[Memory]:
    before = keyring.get_keyring()
    memory = Memory()
    keyring.set_keyring(memory)
    yield memory
    keyring.set_keyring(before)


@pytest.fixture
def _no_keyring(backend: Memory) -> None:
    keyring.set_keyring(NoKeyring())  # type: ignore[no-untyped-call]


@pytest.mark.usefixtures("backend")
class TestKeyring:
    def test_remembers_per_profile_and_person(self) -> None:
        remember_password("acme", "ana@vln.test", "secret")

        assert remembered_password("acme", "ana@vln.test") == "secret"
        assert remembered_password("demo", "ana@vln.test") is None
        assert remembered_password("acme", "bea@vln.test") is None

    def test_forgets(self) -> None:
        remember_password("acme", "ana@vln.test", "secret")

        forget_password("acme", "ana@vln.test")
        forget_password("acme", "ana@vln.test")

        assert remembered_password("acme", "ana@vln.test") is None

    def test_has_a_name(self) -> None:
        assert keyring_name() is not None


@pytest.mark.usefixtures("_no_keyring")
class TestWithoutKeyring:
    def test_nothing_is_remembered(self) -> None:
        assert remembered_password("acme", "ana@vln.test") is None
        assert keyring_name() is None

    def test_keeping_is_refused_in_words(self) -> None:
        with pytest.raises(UserError, match="no keyring"):
            remember_password("acme", "ana@vln.test", "secret")
