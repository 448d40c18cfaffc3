"""A repository is a stranger's: nothing of it is run, followed out of it, or believed."""

from __future__ import annotations

import hashlib
import os
import random
import struct
import subprocess
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.git_work import CODE, GitWork
from vln_desktop.adapters import git_objects, source_bounds
from vln_desktop.adapters.source_git import names_in, read_commit
from vln_desktop.domain.source_code import tree_sha256
from vln_desktop.errors import UserError

VAULT = "src/Vault.sol"
BIG = b"".join(b"    uint256 slot%d;\n" % n for n in range(2_000))


@pytest.fixture
def work(tmp_path: Path) -> GitWork:
    return GitWork(tmp_path / "vault")


def _loose(work: GitWork, name: str) -> Path:
    return work.root / ".git" / "objects" / name[:2] / name[2:]


def _replace(file: Path, data: bytes) -> None:
    file.chmod(0o644)
    file.write_bytes(data)


def test_what_git_would_run_is_not_run(work: GitWork, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    script = tmp_path / "script"
    script.write_text(f'#!/bin/sh\necho "$0 $@" >> {marker}\ncat\n')
    script.chmod(0o755)
    head = work.commit({**CODE, ".gitattributes": b"*.sol filter=evil diff=evil\n"})
    hooks = work.root / ".git" / "hooks"
    hooks.mkdir(exist_ok=True)
    for hook in (
        "post-checkout",
        "fsmonitor-watchman",
        "reference-transaction",
        "post-index-change",
    ):
        (hooks / hook).write_text(script.read_text())
        (hooks / hook).chmod(0o755)
    for key in ("core.fsmonitor", "filter.evil.smudge", "filter.evil.clean", "filter.evil.process",
                "core.sshCommand", "core.pager", "diff.evil.textconv", "diff.external",
                "gpg.program", "core.gitProxy", "core.alternateRefsCommand"):  # fmt: skip
        work.git("config", key, str(script))
    (tmp_path / "more").write_text(f"[core]\n\tfsmonitor = {script}\n")
    work.git("config", "include.path", str(tmp_path / "more"))

    assert read_commit(work.root, head).files[0].data == CODE[VAULT]
    read_commit(work.root, "main")
    names_in(work.root)
    assert not marker.exists()

    subprocess.run(["git", "status"], cwd=work.root, capture_output=True, check=False)
    assert marker.exists(), "git would not have run it either: the test proves nothing"


@pytest.mark.parametrize(
    "name", [b"..", b".", b"/etc/evil.sol", b"../evil.sol", b"a/../../evil.sol", b"C:evil/x.sol"]
)
def test_a_name_that_leads_outside_is_refused(work: GitWork, name: bytes) -> None:
    work.commit(CODE)
    blob = work.git("rev-parse", f"HEAD:{VAULT}")
    source = work.git("rev-parse", "HEAD:src")
    as_file = work.commit_tree(("100644", name, blob))
    as_folder = work.commit_tree(("40000", name, source))
    for commit in (as_file, as_folder):
        with pytest.raises(UserError, match="no path in it"):
            read_commit(work.root, commit)


@pytest.mark.parametrize(
    "name", [b"C:", b"a\\..\\..\\evil.sol", b"\\evil.sol", b"x\n.sol", b"\xff.sol"]
)
def test_a_name_for_another_system_or_for_nobody_is_refused(work: GitWork, name: bytes) -> None:
    work.commit(CODE)
    entry = ("40000", name, work.git("rev-parse", "HEAD:src"))
    if name.endswith(b".sol"):
        entry = ("100644", name, work.git("rev-parse", f"HEAD:{VAULT}"))
    with pytest.raises(UserError, match="no path in it"):
        read_commit(work.root, work.commit_tree(entry))


def test_a_path_that_is_there_twice_is_refused(work: GitWork) -> None:
    work.commit(CODE)
    one, two = (work.git("rev-parse", f"HEAD:{path}") for path in (VAULT, "src/lib/Math.sol"))
    twice = work.commit_tree(("100644", b"A.sol", one), ("100644", b"A.sol", two))
    with pytest.raises(UserError, match=r"The commit holds “A\.sol” twice"):
        read_commit(work.root, twice)
    folder = work.stored("tree", b"100644 B.sol\0" + bytes.fromhex(one))
    slashed = work.commit_tree(("100644", b"a\\B.sol", two), ("40000", b"a", folder))
    with pytest.raises(UserError, match=r"“a/B\.sol” twice"):
        read_commit(work.root, slashed)


def test_a_git_folder_within_the_tree_is_not_read(work: GitWork) -> None:
    work.commit(CODE)
    source = work.git("rev-parse", "HEAD:src")
    commit = work.commit_tree(("40000", b".git", source), ("40000", b"src", source))
    paths = [file.path for file in read_commit(work.root, commit).files]
    assert paths == ["src/Vault.sol", "src/lib/Math.sol"]


def test_a_tree_of_a_billion_files_ends_at_the_bound(
    work: GitWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source_bounds, "MOST_ENTRIES", 5_000)
    blob = work.stored("blob", b"# nothing\n")
    level = work.stored("tree", b"".join(
        b"100644 f%d.md\0" % n + bytes.fromhex(blob) for n in range(10)))  # fmt: skip
    for _ in range(9):
        level = work.stored("tree", b"".join(
            b"40000 d%d\0" % n + bytes.fromhex(level) for n in range(10)))  # fmt: skip
    commit = work.git("commit-tree", level, "-m", "a billion")
    with pytest.raises(UserError, match="more than 5,000 entries"):
        read_commit(work.root, commit)


def test_folders_without_end_are_refused(work: GitWork) -> None:
    blob = work.stored("blob", b"contract Deep {}\n")
    level = work.stored("tree", b"100644 A.sol\0" + bytes.fromhex(blob))
    for _ in range(300):
        level = work.stored("tree", b"40000 d\0" + bytes.fromhex(level))
    with pytest.raises(UserError, match="no path in it"):
        read_commit(work.root, work.git("commit-tree", level, "-m", "deep"))


def test_too_many_files_and_too_many_bytes_are_refused(
    work: GitWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = work.commit(CODE)
    monkeypatch.setattr(source_bounds, "MOST_FILES", 2)
    with pytest.raises(UserError, match="at most 2 files"):
        read_commit(work.root, head)
    monkeypatch.setattr(source_bounds, "MOST_FILES", 100)
    monkeypatch.setattr(source_bounds, "MAX_TREE_BYTES", 60)
    with pytest.raises(UserError, match="A snapshot holds at most"):
        read_commit(work.root, head)


@pytest.mark.parametrize("packed", [False, True])
def test_a_huge_file_is_not_unpacked(work: GitWork, packed: bool) -> None:
    head = work.commit({**CODE, "src/Bomb.sol": b"0" * 100_000_000})
    if packed:
        work.git("gc", "-q")
    (work.root / "src" / "Bomb.sol").unlink()
    tracemalloc.start()
    code = read_commit(work.root, head)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert code.notes == ("Left out, larger than 1 MB: src/Bomb.sol.",)
    assert most < 10_000_000


def test_a_loose_file_that_holds_more_than_it_says_is_damaged(work: GitWork) -> None:
    head = work.commit(CODE)
    name = work.git("rev-parse", f"HEAD:{VAULT}")
    _replace(_loose(work, name), zlib.compress(b"blob 10\0" + b"0" * 50_000_000))
    tracemalloc.start()
    with pytest.raises(UserError, match=f"damaged: object {name[:12]}"):
        read_commit(work.root, head)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10_000_000


def test_other_content_under_a_name_is_not_believed(work: GitWork) -> None:
    head = work.commit(CODE)
    name = work.git("rev-parse", f"HEAD:{VAULT}")
    _replace(_loose(work, name), zlib.compress(b"blob 11\0contract E{}"))
    with pytest.raises(UserError, match="damaged"):
        read_commit(work.root, head)
    tree = work.git("rev-parse", "HEAD^{tree}")
    _replace(_loose(work, name), zlib.compress(b"tree 0\0"))
    with pytest.raises(UserError, match="damaged"):
        read_commit(work.root, head)
    with pytest.raises(UserError, match="of another kind"):
        read_commit(work.root, work.commit_tree(("100644", b"A.sol", tree)))


def _pack(work: GitWork, *entries: bytes) -> Path:
    """Write a pack by hand, without an index, as git would refuse to make it."""
    body = b"PACK" + struct.pack(">II", 2, len(entries)) + b"".join(entries)
    made = work.root / ".git" / "objects" / "pack" / "pack-0.pack"
    made.write_bytes(body + hashlib.sha1(body).digest())
    return made


def _head(kind: int, size: int) -> bytes:
    first, size = (kind << 4) | (size & 15), size >> 4
    out = bytearray()
    while size:
        out.append(first | 0x80)
        first, size = size & 0x7F, size >> 7
    out.append(first)
    return bytes(out)


def _number(size: int) -> bytes:
    out = bytearray()
    while size > 0x7F:
        out.append(size & 0x7F | 0x80)
        size >>= 7
    out.append(size)
    return bytes(out)


def _index(pack: Path, names: dict[str, int]) -> None:
    rows = sorted((bytes.fromhex(name), at) for name, at in names.items())
    fans = [sum(row[0][0] <= first for row in rows) for first in range(256)]
    body = b"\377tOc" + struct.pack(">I", 2) + struct.pack(">256I", *fans)
    body += b"".join(row[0] for row in rows) + b"\0" * 4 * len(rows)
    body += b"".join(struct.pack(">I", row[1]) for row in rows)
    body += pack.read_bytes()[-20:]
    pack.with_suffix(".idx").write_bytes(body + hashlib.sha1(body).digest())


def test_a_small_change_of_a_huge_base_is_not_unpacked(
    work: GitWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(git_objects, "MOST_UNPACKED", 1_000_000)
    work.commit(CODE)
    huge = 20_000_000
    base = _head(3, huge) + zlib.compress(b"0" * huge)
    change = _number(huge) + _number(4) + b"\x91\x00\x04"  # four bytes from the beginning
    back = len(base)
    distance = bytearray([back & 0x7F])
    while back := (back >> 7):
        back -= 1
        distance.insert(0, 0x80 | (back & 0x7F))
    delta = _head(6, len(change)) + bytes(distance) + zlib.compress(change)
    name = hashlib.sha1(b"blob 4\x000000").hexdigest()
    pack = _pack(work, base, delta)
    _index(pack, {name: 12 + len(base), "f" * 40: 12})
    commit = work.commit_tree(("100644", b"A.sol", name))
    tracemalloc.start()
    with pytest.raises(UserError, match="more than 0 MB to unpack"):
        read_commit(work.root, commit)
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 5_000_000

    monkeypatch.undo()
    assert read_commit(work.root, commit).files[0].data == b"0000"


def test_changes_that_go_in_a_circle_end(work: GitWork) -> None:
    work.commit(CODE)
    one, two = "1" * 40, "2" * 40
    change = zlib.compress(_number(4) + _number(4) + b"\x91\x00\x04")
    size = len(_number(4) + _number(4) + b"\x91\x00\x04")
    first = _head(7, size) + bytes.fromhex(two) + change
    second = _head(7, size) + bytes.fromhex(one) + change
    _index(_pack(work, first, second), {one: 12, two: 12 + len(first)})
    with pytest.raises(UserError, match="unpack"):
        read_commit(work.root, work.commit_tree(("100644", b"A.sol", one)))


def _tried(work: GitWork, name: str) -> str:
    """Return the commit that a name leads to, or the sentence that refuses it."""
    try:
        return read_commit(work.root, name).commit
    except UserError as error:
        return str(error)


def _name_of_pipe(work: GitWork, head: str) -> dict[str, Path]:
    git = work.root / ".git"
    return {
        "config": git / "config",
        "branch": git / "refs" / "heads" / "main",
        "packed names": git / "packed-refs",
        "borrowed": git / "objects" / "info" / "alternates",
        "commit": _loose(work, head),
        "common folder": git / "commondir",
        "shallow": git / "shallow",
        "head": git / "HEAD",
    }


@pytest.mark.parametrize("what", ["config", "branch", "packed names", "borrowed", "commit",
                                  "common folder", "shallow", "head"])  # fmt: skip
@pytest.mark.timeout(20)
def test_a_pipe_in_a_files_place_keeps_nobody_waiting(work: GitWork, what: str) -> None:
    head = work.commit(CODE)
    file = _name_of_pipe(work, head)[what]
    file.unlink(missing_ok=True)
    file.parent.mkdir(exist_ok=True)
    os.mkfifo(file)
    for name in ("main", "HEAD", head):
        found = _tried(work, name)
        assert found == head or found.endswith(".")


def test_names_that_lead_in_circles_or_outside_name_nothing(work: GitWork, tmp_path: Path) -> None:
    head = work.commit(CODE)
    heads = work.root / ".git" / "refs" / "heads"
    (tmp_path / "outside").write_text(head)
    for name, text in {
        "circle": "ref: refs/heads/circle\n",
        "out": "ref: refs/heads/../../../../outside\n",
        "elsewhere": f"ref: {tmp_path}/outside\n",
        "empty": "",
        "large": "f" * 10_000,
    }.items():
        (heads / name).write_text(text)
        with pytest.raises(UserError, match="no commit, tag or branch"):
            read_commit(work.root, name)
    for text in ("not a hash", "\0" * 40, "z" * 40, head[:39]):
        (heads / "odd").write_text(text)
        with pytest.raises(UserError, match="damaged there"):
            read_commit(work.root, "odd")
    (work.root / ".git" / "packed-refs").write_bytes(b"\xff\xfe nothing\n\n\0")
    with pytest.raises(UserError, match="cannot be read"):
        names_in(work.root)
    assert read_commit(work.root, head).commit == head


@pytest.mark.parametrize("text", [b"[core", b"x = 1", b"[extensions]\n\tobjectFormat = md5\n",
                                  b"[core]\n\t\xff = \xff\n", b"\xef\xbb\xbf[["])  # fmt: skip
def test_a_configuration_of_nonsense_is_told(work: GitWork, text: bytes) -> None:
    head = work.commit(CODE)
    (work.root / ".git" / "config").write_bytes(text)
    with pytest.raises(UserError, match=r"configuration of the repository|not known here"):
        read_commit(work.root, head)


@pytest.mark.parametrize("which", ["pack", "index", "loose"])
def test_damage_anywhere_gives_one_sentence_or_the_same_code(
    work: GitWork, which: str, request: pytest.FixtureRequest
) -> None:
    head = work.commit({**CODE, "src/Big.sol": BIG})
    work.commit({"src/Big.sol": BIG + b"// more\n"})
    expected = tree_sha256(read_commit(work.root, head).files)
    if which != "loose":
        work.git("gc", "-q", "--aggressive")
    objects = work.root / ".git" / "objects"
    ends: dict[str, Callable[[], list[Path]]] = {
        "pack": lambda: list(objects.glob("pack/*.pack")),
        "index": lambda: list(objects.glob("pack/*.idx")),
        "loose": lambda: [file for file in objects.glob("??/*") if file.is_file()],
    }
    files = sorted(ends[which]())
    chance, told, same = random.Random(which), 0, 0
    for _ in range(300):
        file = chance.choice(files)
        whole = file.read_bytes()
        broken = bytearray(whole)
        if chance.random() < 0.1:
            del broken[chance.randrange(len(broken)) :]
        for _at in range(chance.choice((1, 1, 4, 40)) if broken else 0):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        _replace(file, bytes(broken))
        try:
            found = tree_sha256(read_commit(work.root, chance.choice((head, head[:9]))).files)
        except UserError:
            told += 1
        else:
            assert found == expected
            same += 1
        _replace(file, whole)
    assert told > 50
    assert same > 5
    assert tree_sha256(read_commit(work.root, head).files) == expected


def test_more_packs_than_git_leaves_are_refused(
    work: GitWork, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = ""
    for n in range(3):
        head = work.commit({**CODE, "src/Vault.sol": b"%d\n" % n})
        work.git("repack", "-q", "-d")
    assert read_commit(work.root, head).commit == head
    monkeypatch.setattr(git_objects, "MOST_PACKS", 2)
    with pytest.raises(UserError, match="more than 2 packs; let git put them together"):
        read_commit(work.root, head)


@pytest.mark.parametrize(
    "text", [b"", b"nonsense", b"gitdir: ", b"gitdir: /nowhere", b"gitdir: \xff\0", b"g" * 10_000]
)
def test_a_git_file_that_leads_nowhere_is_no_repository(tmp_path: Path, text: bytes) -> None:
    (tmp_path / ".git").write_bytes(text)
    with pytest.raises(UserError, match="is not a git repository"):
        read_commit(tmp_path, "HEAD")


def test_stand_ins_for_objects_are_not_taken(work: GitWork) -> None:
    first = work.commit(CODE)
    second = work.commit({VAULT: b"contract Other {}\n"})
    work.git("replace", first, second)
    work.git("checkout", "-q", "--detach", first)
    assert work.git("cat-file", "blob", f"{first}:{VAULT}") == "contract Other {}"
    assert read_commit(work.root, first).files[0].data == CODE[VAULT]
