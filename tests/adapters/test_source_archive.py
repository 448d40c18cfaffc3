"""Source code is read from folders and archives; what a stranger put into one does no harm."""

from __future__ import annotations

import io
import subprocess
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from vln_desktop.adapters import source_bounds
from vln_desktop.adapters.source_archive import read_sources
from vln_desktop.domain.source_code import tree_sha256
from vln_desktop.errors import UserError

TREE = {
    "src/Vault.sol": b"contract Vault {}\n",
    "src/lib/Math.sol": b"library Math {}\n",
    "README.md": b"# not code\n",
    "node_modules/x/index.js": b"fetched\n",
    ".git/hooks/pre-commit.py": b"raise SystemExit\n",
}
CODE = ["src/Vault.sol", "src/lib/Math.sol"]

Make = Callable[[Path, Mapping[str, bytes]], Path]


def _folder(at: Path, tree: Mapping[str, bytes]) -> Path:
    root = at / "code"
    for name, data in tree.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return root


def _zip(at: Path, tree: Mapping[str, bytes]) -> Path:
    made = at / "code.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in tree.items():
            archive.writestr(name, data)
    return made


def _tar(at: Path, tree: Mapping[str, bytes]) -> Path:
    made = at / "code.tar.gz"
    with tarfile.open(made, "w:gz") as archive:
        for name, data in tree.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return made


@pytest.mark.parametrize("make", [_folder, _zip, _tar])
def test_the_same_tree_is_read_from_anything(tmp_path: Path, make: Make) -> None:
    files = read_sources(make(tmp_path, TREE))
    assert [file.path for file in files] == CODE
    assert tree_sha256(files) == tree_sha256(read_sources(_folder(tmp_path / "again", TREE)))


@pytest.mark.parametrize("make", [_zip, _tar])
def test_the_folder_around_an_archive_is_taken_off(tmp_path: Path, make: Make) -> None:
    wrapped = {f"vault-0a1b2c3/{name}": data for name, data in TREE.items()}
    assert [file.path for file in read_sources(make(tmp_path, wrapped))] == CODE
    half = {"core/One.sol": b"contract One {}", "README.md": b"# the root"}
    assert [file.path for file in read_sources(make(tmp_path, half))] == ["core/One.sol"]
    written = {"src/One.sol": b"contract One {}", "src/Two.sol": b"contract Two {}"}
    assert [file.path for file in read_sources(make(tmp_path, written))] == list(written)


def test_the_tree_hash_is_what_sha256sum_says(tmp_path: Path) -> None:
    root = _folder(tmp_path, {name: TREE[name] for name in CODE})
    script = "find . -type f | sed 's,^[.]/,,' | LC_ALL=C sort | xargs sha256sum | sha256sum"
    listed = subprocess.run(["sh", "-c", script], cwd=root, capture_output=True, check=True)
    assert listed.stdout.decode().split()[0] == tree_sha256(read_sources(root))


@pytest.mark.parametrize(
    "name", ["../evil.sol", "/etc/evil.sol", "a/../../evil.sol", "C:/evil.sol"]
)
@pytest.mark.parametrize("make", [_zip, _tar])
def test_a_name_that_leads_outside_is_refused(tmp_path: Path, make: Make, name: str) -> None:
    with pytest.raises(UserError, match="no path in it"):
        read_sources(make(tmp_path, {name: b"x", **TREE}))


def test_a_file_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    made = tmp_path / "twice.tar"
    with tarfile.open(made, "w") as archive:
        for data in (b"harmless", b"harmful!"):
            entry = tarfile.TarInfo("src/Vault.sol")
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    with pytest.raises(UserError, match=r"holds “src/Vault\.sol” twice"):
        read_sources(made)


def test_links_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret.sol"
    secret.write_text("secret")
    root = _folder(tmp_path, TREE)
    (root / "src" / "Link.sol").symlink_to(secret)
    (root / "outside").symlink_to(tmp_path, target_is_directory=True)
    assert [file.path for file in read_sources(root)] == CODE

    made = tmp_path / "links.tar"
    with tarfile.open(made, "w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE):
            entry = tarfile.TarInfo(f"src/{kind!r}.sol")
            entry.type, entry.linkname = kind, str(secret)
            archive.addfile(entry)
        entry = tarfile.TarInfo("src/Vault.sol")
        entry.size = 1
        archive.addfile(entry, io.BytesIO(b"x"))
    assert [file.path for file in read_sources(made)] == ["src/Vault.sol"]


def test_an_archive_that_swells_is_refused_as_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_bounds, "MAX_TREE_BYTES", 200_000)
    bomb = _zip(tmp_path, {f"src/{n}.sol": b"0" * 100_000 for n in range(10)})
    assert bomb.stat().st_size < 10_000
    with pytest.raises(UserError, match="at most"):
        read_sources(bomb)
    monkeypatch.setattr(source_bounds, "MAX_TREE_BYTES", 2_000_000)
    monkeypatch.setattr(source_bounds, "MOST_ENTRIES", 3)
    with pytest.raises(UserError, match="more than 3 entries"):
        read_sources(bomb)


def test_a_huge_file_is_left_out(tmp_path: Path) -> None:
    tree = {**TREE, "src/Generated.sol": b"x" * (source_bounds.MAX_FILE_BYTES + 1)}
    assert [file.path for file in read_sources(_zip(tmp_path, tree))] == CODE


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("empty.zip", b""),
        ("broken.zip", b"PK\x03\x04" + b"\x00" * 40),
        ("cut.tar.gz", b"\x1f\x8b\x08\x00" + b"\x00" * 20),
        ("text.txt", b"hello"),
    ],
)
def test_what_is_no_archive_gets_one_sentence(tmp_path: Path, name: str, data: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(data)
    with pytest.raises(UserError) as told:
        read_sources(file)
    assert told.value.field == "source"


def test_a_truncated_archive_gets_one_sentence(tmp_path: Path) -> None:
    for made in (_zip(tmp_path, TREE), _tar(tmp_path, TREE)):
        made.write_bytes(made.read_bytes()[:-60])
        with pytest.raises(UserError):
            read_sources(made)


def test_nothing_there_and_no_code_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no folder, zip or tar"):
        read_sources(tmp_path / "nowhere")
    with pytest.raises(UserError, match="no source code"):
        read_sources(_folder(tmp_path, {"README.md": b"x"}))
