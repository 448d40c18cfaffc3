"""Passwords that a person asked this machine to remember, in the system's own keyring."""

from __future__ import annotations

import logging

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

from vln_desktop.adapters.keyring_calls import NO_KEYRING, ask
from vln_desktop.errors import UserError

log = logging.getLogger(__name__)

_SERVICE = "vln-desktop"


def remembered_password(place: str, email: str) -> str | None:
    """Return a remembered password; None if there is none or this machine has no open keyring.

    `place` names the server it is for: a password is never offered to another one.
    """
    try:
        return ask(lambda: keyring.get_password(_SERVICE, _entry(place, email)))
    except (KeyringError, UserError) as error:
        log.info("no remembered password: %s", error)
        return None


def remember_password(place: str, email: str, password: str) -> None:
    """Keep a password; UserError if this machine has no keyring, or it stays locked."""
    try:
        ask(lambda: keyring.set_password(_SERVICE, _entry(place, email), password))
    except KeyringError as error:
        raise UserError("The keyring of this machine did not keep the password.") from error


def forget_password(place: str, email: str) -> None:
    """Remove a password, if it was kept; UserError if the keyring cannot be changed."""
    try:
        ask(lambda: keyring.delete_password(_SERVICE, _entry(place, email)))
    except PasswordDeleteError:
        return
    except KeyringError as error:
        raise UserError("The keyring cannot be changed.") from error


def keyring_fault() -> str:
    """Return why passwords cannot be remembered here; empty if they can."""
    try:
        return "" if ask(_usable) else NO_KEYRING
    except (KeyringError, UserError) as error:
        return str(error)


def keyring_name() -> str | None:
    """Return the name of this machine's keyring, None if passwords cannot be remembered."""
    try:
        return ask(_usable)
    except (KeyringError, UserError):
        return None


def _usable() -> str | None:
    backend = keyring.get_keyring()
    return str(backend.name) if backend.priority > 0 else None


def _entry(place: str, email: str) -> str:
    return f"{place}/{email}"
