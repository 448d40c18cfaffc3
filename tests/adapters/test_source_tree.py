"""The source folder is read and never left."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vln_desktop.adapters.source_tree import MAX_SOURCE_BYTES, SourceTree
from vln_desktop.errors import UserError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    source = tmp_path / "source"
    (source / "src").mkdir(parents=True)
    (source / "src" / "a.sol").write_bytes(b"contract A {}")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    return source


def test_a_file_inside_is_read(folder: Path) -> None:
    assert SourceTree(folder).read("src/a.sol") == b"contract A {}"


@pytest.mark.parametrize(
    "path",
    ["", "src", "missing.sol", "../secret.txt", "src/../../secret.txt", "/etc/passwd", "~/x",
     "a\0b", "https://x/y", "x" * 5000],
)  # fmt: skip
def test_everything_else_is_no_file(folder: Path, path: str) -> None:
    assert SourceTree(folder).read(path) is None


def test_a_link_that_leads_outside_is_no_file(folder: Path) -> None:
    (folder / "link.txt").symlink_to(folder.parent / "secret.txt")
    (folder / "up").symlink_to(folder.parent)
    tree = SourceTree(folder)
    assert tree.read("link.txt") is None
    assert tree.read("up/secret.txt") is None
    assert tree.locate("/x/link.txt") is None


def test_a_link_in_a_circle_is_no_file(folder: Path) -> None:
    (folder / "loop").symlink_to(folder / "loop")
    assert SourceTree(folder).read("loop") is None


def test_a_pipe_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    assert SourceTree(folder).read("pipe") is None


def test_a_huge_file_is_no_source(folder: Path) -> None:
    with (folder / "big").open("wb") as file:
        file.truncate(MAX_SOURCE_BYTES + 1)
    assert SourceTree(folder).read("big") is None


def test_an_absolute_path_of_another_machine_is_found_by_its_end(folder: Path) -> None:
    tree = SourceTree(folder)
    assert tree.locate("/home/bob/checkout/src/a.sol") == "src/a.sol"
    assert tree.locate("/home/bob/other.sol") is None


def test_a_folder_that_is_not_there_is_refused(folder: Path) -> None:
    for wrong in (folder / "none", folder / "src" / "a.sol"):
        with pytest.raises(UserError):
            SourceTree(wrong)
