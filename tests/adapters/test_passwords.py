"""Remembered passwords, on a keyring of the test's own, and on a machine without any."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import keyring
import pytest
from keyring.backend import KeyringBackend
from keyring.backends.fail import Keyring as NoKeyring
from keyring.errors import InitError, KeyringLocked, PasswordDeleteError

from vln_desktop.adapters import keyring_calls
from vln_desktop.adapters.passwords import (
    forget_password,
    keyring_fault,
    keyring_name,
    remember_password,
    remembered_password,
)
from vln_desktop.domain.interrupts import interruptible
from vln_desktop.errors import Cancelled, UserError


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
        assert keyring_fault() == ""


@pytest.mark.usefixtures("_no_keyring")
class TestWithoutKeyring:
    def test_nothing_is_remembered(self) -> None:
        assert remembered_password("acme", "ana@vln.test") is None
        assert keyring_name() is None
        assert "no keyring" in keyring_fault()

    def test_keeping_is_refused_in_words(self) -> None:
        with pytest.raises(UserError, match="no keyring"):
            remember_password("acme", "ana@vln.test", "secret")


class TestKeyringThatHangs:
    """One that asks its owner, and nobody answers: bounded, and threads do not pile up."""

    @pytest.fixture
    def hanging(
        self, backend: Memory, monkeypatch: pytest.MonkeyPatch
    ) -> Iterator[threading.Event]:
        answered = threading.Event()

        class Hanging(Memory):
            def get_password(self, service: str, username: str) -> str | None:
                answered.wait(30)
                return "late"

        keyring.set_keyring(Hanging())
        monkeypatch.setattr(keyring_calls, "PATIENCE_S", 0.01)
        yield answered
        answered.set()
        for thread in list(keyring_calls._silent):
            thread.join(10)

    def test_it_counts_as_none_and_is_not_asked_again_meanwhile(
        self, hanging: threading.Event
    ) -> None:
        assert remembered_password("acme", "ana@vln.test") is None
        waiting = len(keyring_calls._silent)
        assert "does not answer" in keyring_fault()
        with pytest.raises(UserError, match="does not answer"):
            remember_password("acme", "ana@vln.test", "secret")
        assert len(keyring_calls._silent) == waiting == 1

    def test_it_is_asked_again_once_it_has_answered(self, hanging: threading.Event) -> None:
        assert remembered_password("acme", "ana@vln.test") is None
        hanging.set()
        for thread in list(keyring_calls._silent):
            thread.join(10)
        assert remembered_password("acme", "ana@vln.test") == "late"

    def test_whoever_waits_may_stop(
        self, hanging: threading.Event, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(keyring_calls, "PATIENCE_S", 30.0)

        @contextmanager
        def stop_at_once(stop: Callable[[], None]) -> Iterator[None]:
            stop()
            yield

        with interruptible(stop_at_once), pytest.raises(Cancelled):
            remembered_password("acme", "ana@vln.test")


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (KeyringLocked("no"), "locked"),
        (InitError("no"), "does not answer"),
        (OSError("bus"), "does not answer"),
    ],
)
def test_a_keyring_that_fails_is_told_in_words(
    backend: Memory, monkeypatch: pytest.MonkeyPatch, error: Exception, said: str
) -> None:
    def fail(*_arguments: str) -> None:
        raise error

    monkeypatch.setattr(backend, "set_password", fail)
    monkeypatch.setattr(backend, "get_password", fail)
    with pytest.raises(UserError, match=said):
        remember_password("acme", "ana@vln.test", "secret")
    assert remembered_password("acme", "ana@vln.test") is None
