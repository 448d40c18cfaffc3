"""The private half of a person's key pair, in the system's own keyring.

It never leaves this machine: a second machine has a pair of its own, and whoever holds the team's
key lets it in.
"""

from __future__ import annotations

import base64
import binascii

import keyring
from keyring.errors import KeyringError

from vln_desktop.adapters.keyring_calls import ask
from vln_desktop.errors import UserError

_SERVICE = "vln-desktop private key"


class KeyringPrivateKeys:
    """The private key of one person on one profile."""

    def __init__(self, profile: str, email: str) -> None:
        self._entry = f"{profile}/{email}"

    def load(self) -> bytes | None:
        """Return the private key, None if this machine has none.

        Raises UserError if there is no keyring, it stays locked, or what it holds is no key.
        """
        try:
            kept = ask(lambda: keyring.get_password(_SERVICE, self._entry))
        except KeyringError as error:
            raise UserError("The keyring of this machine cannot be read.") from error
        if kept is None:
            return None
        try:
            return base64.b64decode(kept, validate=True)
        except (binascii.Error, ValueError) as error:
            raise UserError("What the keyring holds as your private key is none.") from error

    def save(self, private_key: bytes) -> None:
        """Keep a private key in place of an earlier one; UserError as `load`."""
        text = base64.b64encode(private_key).decode()
        try:
            ask(lambda: keyring.set_password(_SERVICE, self._entry, text))
        except KeyringError as error:
            raise UserError("The keyring of this machine did not keep the private key.") from error
