"""Where things are and which server to talk to: folders, connection profiles, packaged files.

Settings come from `config.toml` in the user's configuration folder and from the environment. They
are read once, at the start, and never change afterwards. Passwords are never among them.
"""

from __future__ import annotations

import json
import os
import stat
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from urllib.parse import urlsplit

import platformdirs

from vln_desktop.errors import UserError

APP = "vln-desktop"
SYSTEM_USER = "vln-desktop"
"""The account that runs the embedded server when root starts the program."""
SYSTEM_HOME = Path("/var/lib") / APP
EMBEDDED = "embedded"
DEMO = "demo"

_DEVELOPMENT_POOL = 5
_PRODUCTION_POOL = 20


class Environment(StrEnum):
    """What a profile's data is worth; the window colours its frame by it."""

    DEMO = "demo"
    STAGING = "staging"
    PRODUCTION = "production"


@dataclass(frozen=True, slots=True)
class Profile:
    """One database a person can sign in to.

    `url` is None for the embedded server, whose data is then the cluster called `cluster`.
    `pooled` says that the address is a transaction pooler (PgBouncer, Neon's "-pooler" host).
    """

    name: str
    url: str | None = None
    environment: Environment = Environment.PRODUCTION
    pooled: bool = False
    cluster: str = "main"

    @property
    def embedded(self) -> bool:
        """Whether the program runs this database's server itself."""
        return self.url is None

    @property
    def pool_size(self) -> int:
        """Connections one client may hold (ADR-004: 5 in development, 20 in production)."""
        production = self.environment is Environment.PRODUCTION and not self.embedded
        return _PRODUCTION_POOL if production else _DEVELOPMENT_POOL


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

    def profile(self, name: str | None = None) -> Profile:
        """Return the named profile, or the default one; UserError if there is none of that name."""
        wanted = name or self.default_profile
        if wanted not in self.profiles:
            known = ", ".join(sorted(self.profiles))
            raise UserError(f"There is no profile “{wanted}”. Known profiles: {known}.")
        return self.profiles[wanted]

    def last_user(self, profile: Profile) -> str | None:
        """Return the e-mail that signed in to this profile last on this machine, if any did."""
        return _read_last_users(self._last_users_file).get(profile.name)

    def remember_user(self, profile: Profile, email: str) -> None:
        """Keep the e-mail that signed in; the next sign-in offers it."""
        users = {**_read_last_users(self._last_users_file), profile.name: email}
        self.state_folder.mkdir(parents=True, exist_ok=True)
        self._last_users_file.write_text(json.dumps(users, indent=1), encoding="utf-8")

    @property
    def _last_users_file(self) -> Path:
        return self.state_folder / "last-users.json"


def _read_last_users(file: Path) -> dict[str, str]:
    try:
        users = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # a lost or damaged convenience is no reason to stop
    if not isinstance(users, dict):
        return {}
    return {name: email for name, email in users.items() if isinstance(email, str)}


def load_settings(environment: Mapping[str, str] | None = None) -> Settings:
    """Read `config.toml` and the environment.

    Raises UserError, naming the file and what is wrong in it.
    """
    variables = os.environ if environment is None else environment
    folders = platformdirs.PlatformDirs(APP, appauthor=False)
    file = folders.user_config_path / "config.toml"
    content = _read_toml(file)
    profiles = {profile.name: profile for profile in _BUILT_IN}
    profiles.update(_profiles(content.get("profiles", {}), file))
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
    )


def url_profile(url: str, *, pooled: bool = False) -> Profile:
    """Return a profile for an address typed on the command line."""
    return _checked(
        Profile("url", url=url, environment=Environment.STAGING, pooled=pooled), "--url"
    )


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
    return {name: _profile(name, table, file) for name, table in tables.items()}


def _profile(name: str, table: object, file: Path) -> Profile:
    where = f"{file}: profile “{name}”"
    if not isinstance(table, dict):
        raise UserError(f"{where} must be a table.")
    unknown = set(table) - {"url", "environment", "pooled", "cluster"}
    if unknown:
        raise UserError(f"{where} has unknown settings: {', '.join(sorted(unknown))}.")
    url, pooled = table.get("url"), table.get("pooled", False)
    cluster = table.get("cluster", name)
    if not (url is None or isinstance(url, str)) or not isinstance(pooled, bool):
        raise UserError(f"{where}: url must be a text, pooled true or false.")
    if not isinstance(cluster, str) or not cluster.replace("-", "").isalnum():
        raise UserError(f"{where}: cluster must be letters, digits and hyphens.")
    try:
        environment = Environment(table.get("environment", Environment.PRODUCTION))
    except ValueError as error:
        words = ", ".join(Environment)
        raise UserError(f"{where}: environment must be one of {words}.") from error
    return _checked(Profile(name, url, environment, pooled, cluster), where)


def _checked(profile: Profile, where: str) -> Profile:
    if profile.url is None:
        return profile
    try:
        parts = urlsplit(profile.url)
        password = parts.password
    except ValueError as error:
        raise UserError(f"{where}: the address cannot be read: {error}.") from error
    if parts.scheme not in {"postgresql", "postgres", "postgresql+psycopg"}:
        raise UserError(f"{where}: the address must begin with postgresql://.")
    if password and where != "--url":
        raise UserError(f"{where}: a password belongs in the keyring, not in the address.")
    return profile


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
