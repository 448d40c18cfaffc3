"""Code is read out of real repositories, however they keep it, by any name of a commit."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tests.git_work import CODE, GitWork, git
from vln_desktop.adapters import source_bounds
from vln_desktop.adapters.source_archive import read_sources
from vln_desktop.adapters.source_git import names_in, read_commit
from vln_desktop.domain.source_code import tree_sha256
from vln_desktop.errors import Cancelled, UserError

PATHS = ["src/Vault.sol", "src/lib/Math.sol", "test/Vault.t.sol"]
BIG = b"".join(b"    uint256 slot%d;\n" % n for n in range(2_000))


@pytest.fixture
def work(tmp_path: Path) -> GitWork:
    return GitWork(tmp_path / "vault")


def _paths(folder: Path, name: str) -> list[str]:
    return [file.path for file in read_commit(folder, name).files]


def _text(folder: Path, name: str, path: str = "src/Vault.sol") -> bytes:
    return next(file.data for file in read_commit(folder, name).files if file.path == path)


@pytest.mark.parametrize("form", ["tar", "tar.gz", "zip"])
@pytest.mark.parametrize("around", ["", "vault-0a1b2c3/"])
def test_a_commit_has_one_hash_by_archive_and_by_git(
    work: GitWork, tmp_path: Path, form: str, around: str
) -> None:
    head = work.commit({**CODE, "core/Größe.sol": b"contract G {}\n", "core/a b.sol": b"x\n"})
    made = tmp_path / f"code.{form}"
    work.git("archive", f"--format={form}", f"--prefix={around}", "-o", str(made), head)
    code = read_commit(work.root, head)
    assert len(code.files) == 5
    assert tree_sha256(code.files) == tree_sha256(read_sources(made))


def test_the_whole_code_in_one_folder_has_one_hash_too(work: GitWork, tmp_path: Path) -> None:
    head = work.commit({"core/Vault.sol": b"contract Vault {}\n", "README.md": b"# it\n"})
    made = tmp_path / "code.tar"
    work.git("archive", "-o", str(made), head)
    expected = tree_sha256(read_commit(work.root, head).files)
    assert tree_sha256(read_sources(made)) == expected
    assert tree_sha256(read_sources(work.root)) == expected


def test_what_lies_beside_the_commit_is_not_read(work: GitWork) -> None:
    head = work.commit(CODE)
    (work.root / "src" / "Vault.sol").write_bytes(b"changed since\n")
    (work.root / "src" / "New.sol").write_bytes(b"not committed\n")
    work.git("add", "-A")
    assert _paths(work.root, "HEAD") == PATHS
    assert _text(work.root, head) == CODE["src/Vault.sol"]


def test_a_commit_is_found_by_any_name(work: GitWork) -> None:
    first = work.commit(CODE)
    work.git("tag", "v1")
    work.git("tag", "-a", "v1-signed-off", "-m", "annotated", first)
    work.git("tag", "-a", "twice", "-m", "a tag of a tag", "v1-signed-off")
    work.git("branch", "fix/reentrancy")
    second = work.commit({"src/Vault.sol": b"contract Fixed {}\n"})
    annotation = work.git("rev-parse", "refs/tags/v1-signed-off")
    names = ("v1", "v1-signed-off", "twice", "fix/reentrancy", "refs/heads/fix/reentrancy",
             first, first[:7], first[:5].upper(), f" {first} ", annotation,
             annotation[:9])  # fmt: skip
    assert {name: read_commit(work.root, name).commit for name in names} == dict.fromkeys(
        names, first
    )
    for name in ("HEAD", "main", second):
        assert read_commit(work.root, name).commit == second
    assert names_in(work.root) == ("twice", "v1", "v1-signed-off", "fix/reentrancy", "main")


def test_packed_objects_and_names_are_read(work: GitWork) -> None:
    commits = [
        work.commit({**CODE, "src/Big.sol": BIG + b"// %d\n" % n, "src/Vault.sol": b"%d\n" % n})
        for n in range(20)
    ]
    work.git("tag", "-a", "v1", "-m", "annotated", commits[3])
    loose = [tree_sha256(read_commit(work.root, one).files) for one in commits]
    work.git("gc", "-q", "--aggressive")
    packs = list((work.root / ".git/objects/pack").glob("*.pack"))
    assert len(packs) == 1
    assert "chain length" in work.git("verify-pack", "-v", str(packs[0])), "no deltas in it"
    assert not (work.root / ".git/refs/heads/main").exists()
    assert [tree_sha256(read_commit(work.root, one).files) for one in commits] == loose
    assert read_commit(work.root, "v1").commit == commits[3]
    assert read_commit(work.root, commits[7][:8]).commit == commits[7]
    assert "main" in names_in(work.root)

    later = work.commit({"src/Vault.sol": b"contract Later {}\n"})
    assert read_commit(work.root, "main").commit == later, "a loose name is newer than a packed"


def test_bare_repositories_worktrees_and_git_folders_are_read(
    work: GitWork, tmp_path: Path
) -> None:
    head = work.commit(CODE)
    git(tmp_path, "clone", "-q", "--bare", str(work.root), "bare.git")
    work.git("worktree", "add", "-q", str(tmp_path / "tree"), "-b", "side")
    tree = tmp_path / "tree"
    assert (tree / ".git").is_file()
    (tree / "src" / "Vault.sol").write_bytes(b"contract Side {}\n")
    git(tree, "commit", "-q", "-am", "side")
    side = git(tree, "rev-parse", "HEAD")

    for folder in (tmp_path / "bare.git", work.root / ".git"):
        assert read_commit(folder, "main").commit == head
        assert _paths(folder, "main") == PATHS
    assert read_commit(tree, "HEAD").commit == side
    assert read_commit(tree, "main").commit == head
    assert read_commit(work.root, "HEAD").commit == head
    [note] = read_commit(tree, "HEAD").notes
    assert str(work.root / ".git") in note


def test_borrowed_objects_are_read(work: GitWork, tmp_path: Path) -> None:
    head = work.commit(CODE)
    git(tmp_path, "clone", "-q", "--shared", str(work.root), "one")
    git(tmp_path, "clone", "-q", "--shared", "one", "two")
    two = tmp_path / "two"
    assert not [file for file in (two / ".git/objects").rglob("*") if len(file.name) == 38]
    assert read_commit(two, head[:10]).commit == head
    assert _paths(two, "main") == PATHS
    # one that borrows from itself ends too
    (work.root / ".git/objects/info/alternates").write_text(
        f"# a remark\n{two / '.git/objects'}\n{work.root / '.git/objects'}\n"
    )
    with pytest.raises(UserError, match="no commit, tag or branch"):
        read_commit(two, "f" * 40)


def test_a_repository_of_sha256_is_read(tmp_path: Path) -> None:
    work = GitWork(tmp_path / "vault", "--object-format=sha256")
    head = work.commit({**CODE, "src/Big.sol": BIG})
    work.commit({"src/Big.sol": BIG + b"// more\n"})
    assert len(head) == 64
    loose = tree_sha256(read_commit(work.root, head).files)
    work.git("gc", "-q", "--aggressive")
    assert tree_sha256(read_commit(work.root, head[:9]).files) == loose
    assert read_commit(work.root, head[:9]).commit == head


def test_what_is_no_file_is_left_out_and_named(work: GitWork) -> None:
    work.commit(CODE)
    (work.root / "src" / "Link.sol").symlink_to("/etc/passwd")
    work.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},lib/forge-std")
    work.git("add", "src/Link.sol")
    work.git("commit", "-q", "-m", "links")
    pointer = (
        b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
    )
    (work.root / "src" / "Huge.sol").write_bytes(b"x" * (source_bounds.MAX_FILE_BYTES + 1))
    (work.root / "src" / "Kept.sol").write_bytes(pointer)
    (work.root / "src" / "vault.sol").write_bytes(b"contract Other {}\n")
    work.git("add", "src")
    work.git("commit", "-q", "-m", "large")
    code = read_commit(work.root, "HEAD")
    assert [file.path for file in code.files] == [
        "src/Kept.sol", "src/Vault.sol", "src/lib/Math.sol", "src/vault.sol", "test/Vault.t.sol",
    ]  # fmt: skip
    assert set(code.notes) == {
        "Left out, submodules: lib/forge-std.",
        "Left out, symbolic links: src/Link.sol.",
        "Left out, larger than 1 MB: src/Huge.sol.",
        "Git LFS pointers, whose content is elsewhere: src/Kept.sol.",
        "Names that differ in case alone: src/Vault.sol, src/vault.sol.",
    }


def test_many_that_are_left_out_are_counted(work: GitWork) -> None:
    work.commit(CODE)
    for n in range(8):
        (work.root / f"link{n}").symlink_to("README.md")
    head = work.commit({})
    assert read_commit(work.root, head).notes == (
        "Left out, symbolic links: link0, link1, link2 and 5 more.",
    )


def test_progress_is_told_and_may_stop_it(work: GitWork) -> None:
    head = work.commit(CODE)
    told: list[tuple[int, int]] = []
    read_commit(work.root, head, lambda done, whole: told.append((done, whole)))
    assert told[-4:] == [(0, 3), (1, 3), (2, 3), (3, 3)]

    def stop(done: int, whole: int) -> None:
        if done == 1:
            raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        read_commit(work.root, head, stop)


@pytest.mark.parametrize("name", ["nowhere", "feature//x", "a" * 40, "abcde", "../../etc", "x\0y",
                                  "refs/heads/../../config", "HEAD~1", "-n", "d" * 64,
                                  " "])  # fmt: skip
def test_a_name_of_nothing_is_told(work: GitWork, name: str) -> None:
    work.commit(CODE)
    with pytest.raises(UserError, match="no commit, tag or branch") as told:
        read_commit(work.root, name)
    assert told.value.field == "commit"


def test_a_name_of_two_things_is_told(work: GitWork) -> None:
    first = work.commit(CODE)
    work.git("tag", "release")
    second = work.commit({"src/Vault.sol": b"contract Fixed {}\n"})
    work.git("branch", "release")
    with pytest.raises(UserError, match="“release” may mean more than one commit") as told:
        read_commit(work.root, "release")
    assert first[:12] in str(told.value)
    assert second[:12] in str(told.value)
    assert read_commit(work.root, "refs/tags/release").commit == first

    work.git("branch", first[:8], second)
    with pytest.raises(UserError, match="more than one"):
        read_commit(work.root, first[:8])


def test_a_beginning_of_two_commits_is_told(work: GitWork) -> None:
    work.commit(CODE)
    tree = work.git("rev-parse", "HEAD^{tree}")
    seen: dict[str, str] = {}
    for n in range(5_000):
        raw = f"tree {tree}\nauthor A <a@b> {n} +0000\ncommitter A <a@b> {n} +0000\n\nx\n".encode()
        name = hashlib.sha1(b"commit %d\0" % len(raw) + raw).hexdigest()
        if name[:4] in seen:
            work.stored("commit", raw)
            work.stored("commit", seen[name[:4]].encode())
            break
        seen[name[:4]] = raw.decode()
    else:
        pytest.fail("five thousand commits begin with other digits")
    with pytest.raises(UserError, match=f"“{name[:4]}” may mean more than one commit"):
        read_commit(work.root, name[:4])
    assert read_commit(work.root, name[:12]).commit == name


def test_a_beginning_may_be_a_files_too_as_only_commits_count(work: GitWork) -> None:
    head = work.commit(CODE)
    blob = work.git("rev-parse", "HEAD:src/Vault.sol")
    assert read_commit(work.root, head[:4]).commit == head or head[:4] == blob[:4]
    with pytest.raises(UserError, match="no commit, tag or branch"):
        read_commit(work.root, blob[:12])
    with pytest.raises(UserError, match="it is no commit"):
        read_commit(work.root, blob)


def test_a_shallow_clone_says_what_is_missing(work: GitWork, tmp_path: Path) -> None:
    first = work.commit(CODE)
    work.commit({"src/Vault.sol": b"contract Fixed {}\n"})
    git(tmp_path, "clone", "-q", "--depth=1", f"file://{work.root}", "shallow")
    assert _paths(tmp_path / "shallow", "HEAD") == PATHS
    with pytest.raises(UserError, match=r"no commit.*shallow or partial clone"):
        read_commit(tmp_path / "shallow", first)


def test_a_partial_clone_says_what_is_missing(work: GitWork, tmp_path: Path) -> None:
    work.commit(CODE)
    work.git("config", "uploadpack.allowFilter", "true")
    git(tmp_path, "clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{work.root}", "p")
    with pytest.raises(UserError, match=r"is not in the repository; .*partial clone") as told:
        read_commit(tmp_path / "p", "HEAD")
    assert told.value.field == "source"


def test_no_repository_no_commit_and_no_code_are_told(tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "empty" / ".git").mkdir(parents=True)
    for name in ("plain", "empty", "nowhere"):
        with pytest.raises(UserError, match="is not a git repository") as told:
            read_commit(tmp_path / name, "HEAD")
        assert told.value.field == "source"
    work = GitWork(tmp_path / "new")
    with pytest.raises(UserError, match="no commit, tag or branch “HEAD”"):
        read_commit(work.root, "HEAD")
    head = work.commit({"README.md": b"# nothing else\n"})
    with pytest.raises(UserError, match="no source code in this commit"):
        read_commit(work.root, head)


def test_branches_in_a_table_are_told_and_hashes_still_work(work: GitWork) -> None:
    head = work.commit(CODE)
    work.git("config", "core.repositoryFormatVersion", "1")
    with (work.root / ".git/config").open("a") as config:
        config.write("[extensions]\n\trefStorage = reftable\n")
    with pytest.raises(UserError, match="give the commit's hash"):
        read_commit(work.root, "main")
    assert read_commit(work.root, head[:7]).commit == head
    assert names_in(work.root) == ()
