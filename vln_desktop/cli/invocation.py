"""What one call of the command line was given: which database, as whom, and how to answer."""

from __future__ import annotations

import os
import sys
from functools import cached_property

import typer

from vln_desktop.config import Profile, Settings, load_settings, url_profile


class Invocation:
    """The common options; settings are read when a command first asks for them."""

    def __init__(
        self,
        profile_name: str | None,
        url: str | None,
        owner_url: str | None,
        email: str | None,
        as_json: bool,
    ) -> None:
        self.owner_url = owner_url
        self.email = email
        self.as_json = as_json
        self._profile_name = profile_name
        self._url = url

    @cached_property
    def settings(self) -> Settings:
        """What config.toml and the environment say."""
        return load_settings()

    @cached_property
    def profile(self) -> Profile:
        """The database that is meant: --url before --profile before the default."""
        if self._url is not None:
            return url_profile(self._url)
        return self.settings.profile(self._profile_name)


def invocation_of(context: typer.Context) -> Invocation:
    """Return what this call was given."""
    return context.ensure_object(Invocation)


def typed_password(email: str) -> str | None:
    """Return VLN_PASSWORD, or ask for the password if somebody sits at the terminal."""
    given = os.environ.get("VLN_PASSWORD")
    if given is not None:
        return given
    if not sys.stdin.isatty():
        return None
    answer: str = typer.prompt(f"Password of {email}", hide_input=True, err=True)
    return answer


def typed_code() -> str:
    """Return VLN_TOTP, or ask for the second factor's code; "" if nobody can be asked."""
    given = os.environ.get("VLN_TOTP")
    if given is not None or not sys.stdin.isatty():
        return given or ""
    answer: str = typer.prompt("Code of your second factor", err=True)
    return answer


def kept_session() -> str:
    """Return the token of VLN_SESSION: one code then serves many commands; "" if there is none."""
    return os.environ.get("VLN_SESSION", "")
