"""Passwords that a person asked this machine to remember, in the system's own keyring."""

from __future__ import annotations

import logging

import keyring
from keyring.errors import KeyringError, PasswordDeleteError

from vln_desktop.adapters.keyring_calls import ask
from vln_desktop.errors import UserError

log = logging.getLogger(__name__)

_SERVICE = "vln-desktop"


def remembered_password(profile: str, email: str) -> str | None:
    """Return a remembered password; None if there is none or this machine has no open keyring."""
    try:
        return ask(lambda: keyring.get_password(_SERVICE, _entry(profile, email)))
    except (KeyringError, UserError):
        log.info("the keyring cannot be read", exc_info=True)
        return None


def remember_password(profile: str, email: str, password: str) -> None:
    """Keep a password; UserError if this machine has no keyring, or it stays locked."""
    try:
        ask(lambda: keyring.set_password(_SERVICE, _entry(profile, email), password))
    except KeyringError as error:
        raise UserError("The keyring of this machine did not keep the password.") from error


def forget_password(profile: str, email: str) -> None:
    """Remove a password, if it was kept."""
    try:
        ask(lambda: keyring.delete_password(_SERVICE, _entry(profile, email)))
    except PasswordDeleteError:
        return
    except KeyringError as error:
        raise UserError("The keyring cannot be changed.") from error


def keyring_name() -> str | None:
    """Return the name of this machine's keyring, None if passwords cannot be remembered."""
    backend = keyring.get_keyring()
    return backend.name if backend.priority > 0 else None


def _entry(profile: str, email: str) -> str:
    return f"{profile}/{email}"
