"""Files are written whole, and never in the place of something that is no file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vln_desktop.adapters.files import whole_file, write_whole
from vln_desktop.adapters.given_files import read_given_file
from vln_desktop.errors import UserError


def test_the_old_file_stays_until_the_new_is_whole(tmp_path: Path) -> None:
    target = tmp_path / "list.csv"
    target.write_bytes(b"old")

    with pytest.raises(ZeroDivisionError), whole_file(target) as file:
        file.write(b"half")
        raise ZeroDivisionError

    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("list.csv", b"old")]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target.csv", tmp_path / "link.csv"
    link.symlink_to(target)

    write_whole(link, b"new")

    assert link.is_symlink()
    assert target.read_bytes() == b"new"


def test_a_pipe_is_neither_replaced_nor_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)

    with pytest.raises(UserError, match="not an ordinary file"):
        write_whole(pipe, b"new")
    with pytest.raises(UserError, match="a device or a pipe"):
        read_given_file(pipe, 100)

    assert pipe.is_fifo()
