"""What the embedded server asks of the operating system: accounts, locks, folders, processes.

Everything that differs between systems is here. Linux is tested. macOS should work (Unix sockets,
peer authentication and flock are the same there) but is untested. Windows has neither peer
authentication nor flock, so the embedded server is refused there: a profile with a server works.
"""

from __future__ import annotations

import hashlib
import os
import stat
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vln_desktop.config import APP, SYSTEM_HOME, SYSTEM_USER
from vln_desktop.errors import UserError

if sys.platform != "win32":
    import fcntl
    import pwd

SOCKET_NAME = ".s.PGSQL.5432"
_SOCKET_PATH_LIMIT = 103 if sys.platform == "darwin" else 107
_ACCOUNT_WAIT_S = 10.0


@dataclass(frozen=True, slots=True)
class Account:
    """A user of the operating system."""

    name: str
    uid: int
    gid: int

    @property
    def is_mine(self) -> bool:
        """Whether this process runs as this account."""
        return self.uid == os.geteuid()


def require_supported() -> None:
    """Raise UserError on systems where the embedded server cannot be run safely."""
    if sys.platform == "win32":
        raise UserError(
            "The embedded database runs on Linux and macOS only: Windows cannot prove to "
            "PostgreSQL who is asking. Choose a profile with a server."
        )


def client_account() -> Account:
    """Return the account this process runs as."""
    try:
        entry = pwd.getpwuid(os.geteuid())
    except KeyError as error:
        raise UserError(
            f"The user id {os.geteuid()} has no name on this machine, which PostgreSQL needs."
        ) from error
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def server_account() -> Account:
    """Return the account the server runs as: one's own, or for root a system user, made if needed.

    PostgreSQL refuses to run as root.
    """
    mine = client_account()
    if mine.uid != 0:
        return mine
    if sys.platform != "linux":
        raise UserError("Start the program as an ordinary user: the database cannot run as root.")
    return _find_account() or _make_account()


def _find_account() -> Account | None:
    try:
        entry = pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        return None
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _make_account() -> Account:
    command = [
        "useradd", "--system", "--user-group", "--no-create-home",
        "--home-dir", str(SYSTEM_HOME), "--shell", "/usr/sbin/nologin", SYSTEM_USER,
    ]  # fmt: skip
    try:
        result = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError as error:
        raise UserError(
            f"The database needs the system user “{SYSTEM_USER}”, and useradd is missing: "
            "install the package passwd."
        ) from error
    deadline = time.monotonic() + (_ACCOUNT_WAIT_S if result.returncode else 0)
    while (account := _find_account()) is None and time.monotonic() < deadline:
        time.sleep(0.1)  # another client makes the same account at this moment
    if account is None:
        raise UserError(
            f"The system user “{SYSTEM_USER}” could not be made: {result.stderr.strip()}"
        )
    return account


def run_as(
    account: Account, command: Sequence[str], *, timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run a program as an account, with an environment of its own, and return what it said."""
    environment = {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": "/",
        "LC_ALL": "C",  # logs are English, whatever the desktop speaks
    }
    return subprocess.run(
        command,
        cwd="/",
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        umask=0o077,
        user=None if account.is_mine else account.uid,
        group=None if account.is_mine else account.gid,
        extra_groups=None if account.is_mine else [],
    )


class FileLock:
    """A lock that the kernel frees when its holder dies, however it dies (flock)."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def share(self) -> None:
        """Hold the lock together with others; waits for an exclusive holder."""
        fcntl.flock(self._descriptor, fcntl.LOCK_SH)

    def hold(self) -> None:
        """Hold the lock alone; waits for everybody else."""
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def try_hold(self) -> bool:
        """Hold the lock alone if nobody else holds it; a share of one's own is given up first."""
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Let go."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def __enter__(self) -> FileLock:
        self.hold()
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def make_folder(folder: Path, mode: int, owner: Account | None = None) -> None:
    """Make a folder that is missing, with its missing parents; what exists keeps its mode."""
    if not folder.parent.exists():
        make_folder(folder.parent, 0o755)
    try:
        folder.mkdir()
    except FileExistsError:
        return
    folder.chmod(mode)
    give(folder, owner)


def give(path: Path, owner: Account | None) -> None:
    """Make an account the owner of a file; nothing to do if it is one's own."""
    if owner is not None and not owner.is_mine:
        os.chown(path, owner.uid, owner.gid)


def require_entry(account: Account, folder: Path) -> None:
    """Raise UserError if an account cannot reach a folder; modes of parents are never changed."""
    if _enters(account, folder):
        return
    closed = next(part for part in reversed(folder.parents) if not _enters(account, part))
    raise UserError(
        f"The system user “{account.name}”, which runs the database, cannot enter {closed}. "
        "Unset XDG_DATA_HOME, or set it to a folder that everybody may enter."
    )


def _enters(account: Account, folder: Path) -> bool:
    return run_as(account, ["test", "-x", str(folder)]).returncode == 0


def socket_folder(cluster: Path) -> Path:
    """Return the private folder for a cluster's socket, short enough for the kernel."""
    name = hashlib.sha256(str(cluster.resolve()).encode()).hexdigest()[:10]
    for base in _runtime_bases():
        folder = base / name
        if len(os.fsencode(folder / SOCKET_NAME)) <= _SOCKET_PATH_LIMIT and _ours(base):
            return folder
    raise UserError("No runtime folder is short and private enough for the database's socket.")


def _runtime_bases() -> list[Path]:
    uid = os.geteuid()
    temporary = Path("/tmp") / f"{APP}-{uid}"  # noqa: S108 - `_ours` refuses a planted folder
    if uid == 0:
        return [Path("/run") / APP, temporary]
    runtime = os.environ.get("XDG_RUNTIME_DIR", "")
    return [Path(runtime) / APP, temporary] if runtime and Path(runtime).is_dir() else [temporary]


def _ours(base: Path) -> bool:
    """Make the folder above the sockets; tell whether it is really ours and closed to writers."""
    try:
        make_folder(base, 0o755)
        found = base.lstat()
    except OSError:
        return False
    private = stat.S_ISDIR(found.st_mode) and not found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return private and found.st_uid == os.geteuid()


def runs_in(pid: int, folder: Path) -> bool:
    """Tell whether a process is alive and is a PostgreSQL server of this data folder.

    A process id alone proves nothing: after a restart of the machine another program may have it.
    """
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cwd").readlink() == folder.resolve()
        except OSError:
            return False
    found = subprocess.run(
        ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
    )
    return str(folder) in found.stdout


def free_bytes(folder: Path) -> int:
    """Return how many bytes the disk that holds a folder has left for ordinary users."""
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize
