"""Real repositories, made by git in a folder of the test's own and by nobody's settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

CODE = {
    "src/Vault.sol": b"contract Vault {\n    uint256 public total;\n}\n",
    "src/lib/Math.sol": b"library Math {}\n",
    "test/Vault.t.sol": b"contract VaultTest {}\n",
    "README.md": b"# not code\n",
    "node_modules/x/index.js": b"fetched\n",
}


class GitWork:
    """A repository with its files beside it."""

    def __init__(self, root: Path, *how: str) -> None:
        self.root = root
        root.mkdir(parents=True)
        self.git("init", "-q", "-b", "main", *how)

    def git(self, *words: str, given: bytes | None = None) -> str:
        """Run git here and return what it says."""
        return git(self.root, *words, given=given)

    def commit(self, files: Mapping[str, bytes], told: str = "Change") -> str:
        """Write files, commit everything and return the commit's hash."""
        for name, data in files.items():
            file = self.root / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", told)
        return self.git("rev-parse", "HEAD")

    def stored(self, kind: str, data: bytes) -> str:
        """Store an object as it is, however wrong it is, and return its hash."""
        return self.git("hash-object", "-t", kind, "-w", "--literally", "--stdin", given=data)

    def commit_tree(self, *entries: tuple[str, bytes, str]) -> str:
        """Commit a tree of (mode, name, hash) as it is, and return the commit's hash."""
        raw = b"".join(
            mode.encode() + b" " + name + b"\0" + bytes.fromhex(value)
            for mode, name, value in entries
        )
        return self.git("commit-tree", self.stored("tree", raw), "-m", "as it is")


def git(where: Path, *words: str, given: bytes | None = None) -> str:
    """Run git in a folder, without anybody's settings, and return what it says."""
    env = {
        "PATH": os.environ["PATH"],
        "HOME": str(where),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_AUTHOR_NAME": "Ana", "GIT_AUTHOR_EMAIL": "ana@example.org",
        "GIT_COMMITTER_NAME": "Ana", "GIT_COMMITTER_EMAIL": "ana@example.org",
        "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z", "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
    }  # fmt: skip
    done = subprocess.run(
        ["git", *words], cwd=where, env=env, input=given, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout.decode(errors="replace").strip()
