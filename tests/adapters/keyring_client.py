"""What the program does with a keyring, as a program of its own; prints one JSON document.

usage: python -m tests.adapters.keyring_client keep|read|lock [SECONDS]
"""

from __future__ import annotations

import json
import sys
import time

import secretstorage

from vln_desktop.adapters import keyring_calls
from vln_desktop.adapters.passwords import (
    keyring_name,
    remember_password,
    remembered_password,
)
from vln_desktop.adapters.private_keys import KeyringPrivateKeys
from vln_desktop.errors import UserError

PROFILE, EMAIL = "firm", "ana@vln.test"
PRIVATE_KEY = bytes(range(32))
PASSWORD = "correct horse battery staple"


def keep() -> dict[str, object]:
    """Keep a password and a private key."""
    KeyringPrivateKeys(PROFILE, EMAIL).save(PRIVATE_KEY)
    remember_password(PROFILE, EMAIL, PASSWORD)
    return {}


def read() -> dict[str, object]:
    """Read both back, and what another profile has, which is nothing."""
    key = KeyringPrivateKeys(PROFILE, EMAIL).load()
    return {
        "private_key": key.hex() if key is not None else None,
        "password": remembered_password(PROFILE, EMAIL),
        "of_another_profile": remembered_password("demo", EMAIL),
        "keyring": keyring_name(),
    }


def lock() -> dict[str, object]:
    """Lock the keyring, as a desktop does when its owner goes away."""
    connection = secretstorage.dbus_init()
    collection = secretstorage.get_default_collection(connection)
    collection.lock()
    return {"locked": collection.is_locked()}


def main(act: str, seconds: str = "") -> None:
    """Do one thing and print what came of it: its answer, or the sentence of its error."""
    if seconds:
        keyring_calls.PATIENCE_S = float(seconds)
    began = time.monotonic()
    try:
        told = {"keep": keep, "read": read, "lock": lock}[act]()
    except UserError as error:
        told = {"error": str(error)}
    sys.stdout.write(json.dumps({**told, "seconds": time.monotonic() - began}))


if __name__ == "__main__":
    main(*sys.argv[1:])
