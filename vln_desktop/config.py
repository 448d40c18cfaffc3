"""Where things are and which server to talk to: folders, connection profiles, packaged files.

Settings come from `config.toml` in the user's configuration folder and from the environment. They
are read once, at the start, and never change afterwards. Passwords are never among them.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import platformdirs

from vln_desktop.errors import UserError
from vln_desktop.profiles import (
    ENVIRONMENT,
    Environment,
    Profile,
    check_address,
    environment_profile,
    read_profile,
)

__all__ = [
    "APP",
    "Environment",
    "Profile",
    "Settings",
    "load_settings",
    "url_profile",
]

APP = "vln-desktop"
SYSTEM_USER = "vln-desktop"
"""The account that runs the embedded server when root starts the program."""
SYSTEM_HOME = Path("/var/lib") / APP
EMBEDDED = "embedded"
DEMO = "demo"
CONFIG_FILE = "config.toml"

_BUILT_IN = (
    Profile(EMBEDDED, environment=Environment.PRODUCTION),
    Profile(DEMO, environment=Environment.DEMO, cluster=DEMO),
)


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that is decided before the window opens."""

    profiles: Mapping[str, Profile]
    default_profile: str
    data_folder: Path
    config_folder: Path
    state_folder: Path
    embedded_home: Path
    """Holds one folder per embedded cluster; for root it belongs to a system user's world."""
    unusable: Mapping[str, str] = field(default_factory=dict)
    """Profiles that cannot be used, and why."""

    @property
    def file(self) -> Path:
        """The file of the profiles; it need not exist."""
        return self.config_folder / CONFIG_FILE

    def profile(self, name: str | None = None) -> Profile:
        """Return the named profile, or the default one; UserError if there is none of that name."""
        wanted = name or self.default_profile
        if wanted in self.unusable:
            raise UserError(self.unusable[wanted])
        if wanted not in self.profiles:
            known = ", ".join(sorted(self.profiles))
            raise UserError(f"There is no profile “{wanted}”. Known profiles: {known}.")
        return self.profiles[wanted]

    def last_user(self, profile: Profile) -> str | None:
        """Return the e-mail that signed in to this profile last on this machine, if any did."""
        try:
            email = self._last_user_file(profile).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return None  # a lost or damaged convenience is no reason to stop
        return email if email and email.isprintable() else None

    def remember_user(self, profile: Profile, email: str) -> None:
        """Keep the e-mail that signed in; the next sign-in offers it.

        Each profile has a file of its own: two windows that sign in at once lose nothing.
        """
        file = self._last_user_file(profile)
        with contextlib.suppress(OSError):  # a convenience is no reason to refuse a sign-in
            file.parent.mkdir(parents=True, exist_ok=True)
            descriptor, scratch = tempfile.mkstemp(dir=file.parent)
            with os.fdopen(descriptor, "w", encoding="utf-8") as whole:
                whole.write(email)
            Path(scratch).replace(file)

    def _last_user_file(self, profile: Profile) -> Path:
        name = hashlib.sha256(profile.name.encode()).hexdigest()[:32]  # a name may hold anything
        return self.state_folder / "last-users" / f"{name}.txt"


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `config.toml` and the environment.

    Raises UserError, naming the file and what is wrong in it.
    """
    variables = os.environ if environment is None else environment
    folders = platformdirs.PlatformDirs(APP, appauthor=False)
    file = folders.user_config_path / CONFIG_FILE
    content = _read_toml(file)
    profiles = {profile.name: profile for profile in _BUILT_IN}
    profiles.update(_profiles(content.get("profiles", {}), file))
    made, unusable = _environment_profile(variables)
    if made is not None:
        profiles[made.name] = made
    default = content.get("default_profile", EMBEDDED)
    if not isinstance(default, str) or default not in profiles:
        raise UserError(f"{file}: default_profile names no profile.")
    return Settings(
        profiles=MappingProxyType(profiles),
        default_profile=variables.get("VLN_PROFILE") or default,
        data_folder=folders.user_data_path,
        config_folder=folders.user_config_path,
        state_folder=folders.user_state_path,
        embedded_home=embedded_home(variables, folders.user_data_path),
        unusable=MappingProxyType(unusable),
    )


def url_profile(url: str, *, pooled: bool = False) -> Profile:
    """Return a profile for an address typed on the command line."""
    check_address(url, "--url", may_hold_password=True)
    return Profile("url", url=url, environment=Environment.STAGING, pooled=pooled)


def _read_toml(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UserError(f"{file} cannot be read: {error}") from error


def _profiles(tables: object, file: Path) -> dict[str, Profile]:
    if not isinstance(tables, dict):
        raise UserError(f"{file}: [profiles] must be a table of tables.")
    return {
        name: read_profile(name, table, f"{file}: profile “{name}”")
        for name, table in tables.items()
    }


def _environment_profile(variables: Mapping[str, str]) -> tuple[Profile | None, dict[str, str]]:
    """Return the profile of the environment, or why it is none.

    A variable that another program's developer set must not keep this one from starting.
    """
    try:
        return environment_profile(variables), {}
    except UserError as error:
        return None, {ENVIRONMENT: str(error)}


def embedded_home(variables: Mapping[str, str], user_data: Path) -> Path:
    """Return the folder of the embedded clusters.

    For root the server runs as a system user, which cannot enter root's home: then it is
    /var/lib/vln-desktop, unless XDG_DATA_HOME is set and that user can enter it.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return user_data / "postgresql"
    chosen = variables.get("XDG_DATA_HOME", "")
    if chosen and Path(chosen).is_absolute() and others_may_enter(Path(chosen)):
        return Path(chosen) / APP / "postgresql"
    return SYSTEM_HOME


def others_may_enter(folder: Path) -> bool:
    """Tell whether an account that owns nothing may pass through all that exists of a path."""
    for part in (folder, *folder.parents):
        try:
            mode = part.stat().st_mode
        except FileNotFoundError:
            continue
        except OSError:
            return False
        if not (stat.S_ISDIR(mode) and mode & stat.S_IXOTH):
            return False
    return True


def resource(name: str) -> Path:
    """Return a file or folder that comes with the program, such as "fonts" or "migrations".

    Everything but `migrations` lives under `resources/`. The same name works in a checkout, an
    installed wheel and a frozen program.
    """
    relative = Path(name) if Path(name).parts[0] == "migrations" else Path("resources", name)
    package = Path(__file__).resolve().parent
    frozen = getattr(sys, "_MEIPASS", None)
    bases = (Path(frozen),) if frozen else (package / "_data", package.parent)
    for base in bases:
        if (base / relative).exists():
            return base / relative
    raise FileNotFoundError(f"{name} did not come with the program (looked in {bases[-1]})")
