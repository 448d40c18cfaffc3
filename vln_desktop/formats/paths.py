"""Paths and URIs of scanner files to one form: relative, forward slashes, nobody's home folder."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from vln_desktop.domain.scans import SourceCode
from vln_desktop.formats.values import Notes

MAX_PATH = 1_000

_DRIVE = re.compile(r"^/*[A-Za-z]:(?=[\\/]|$)")
_HOME = re.compile(r"^(?:/+)?(?:home|Users|Documents and Settings)/[^/]+/", re.IGNORECASE)
_ROOT_HOME = re.compile(r"^/+root/")
_RUNNER = re.compile(r"^work/([^/]+)/\1/")
_WORKSPACE = re.compile(r"^/+(?:github/workspace|builds/[^/]+/[^/]+)/")
_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]+:")


def from_uri(uri: str) -> str:
    """Return the path of a URI reference as SARIF writes it, percent-decoded, slashes forward.

    A file URI loses its scheme and host; a Windows path is taken as it stands; a URI of another
    scheme (https, npm) is kept whole as text.
    """
    uri = uri.strip()
    if uri[:5].lower() == "file:":
        return _slashes(_file_path(uri))
    if _DRIVE.match(uri) or "\\" in uri:
        return _slashes(uri)
    if _SCHEME.match(uri):
        return uri
    return unquote(uri, errors="replace")


def from_path(path: str) -> str:
    """Return a file system path, which nobody percent-encoded, with slashes forward."""
    return _slashes(path.strip())


def is_absolute(path: str) -> bool:
    """Tell whether a path starts at a root or at a Windows drive."""
    return path.startswith("/") or _DRIVE.match(path) is not None


def relative(path: str, roots: tuple[str, ...], source: SourceCode | None, notes: Notes) -> str:
    """Return a path that says where in the project a file is and nothing of the machine.

    `roots` are the absolute folders the file itself names as its roots; an absolute path below
    none of them and not found in the source loses its home folder or its drive.
    """
    if "://" not in path:
        path = _without_dots(path)
    if is_absolute(path):
        path = _below(path, roots, source)
    return notes.text(path.removeprefix("./") or "", MAX_PATH)


def _file_path(uri: str) -> str:
    try:
        parts = urlsplit(uri.replace("\\", "/"))
        path = unquote(parts.path, errors="replace")
        host = parts.netloc
    except ValueError:
        return unquote(uri[5:], errors="replace")
    # file://src/a.clj: a tool that forgot the third slash; its "host" is the first folder.
    return f"{host}{path}" if host and "." not in host and host != "localhost" else path


def _slashes(path: str) -> str:
    path = path.replace("\\", "/")
    return path.lstrip("/") if _DRIVE.match(path) else path


def _without_dots(path: str) -> str:
    lead = "/" if path.startswith("/") else ""
    kept: list[str] = []
    for part in path.split("/"):
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part not in ("", ".") and not (part == ".." and lead):
            kept.append(part)
    return lead + "/".join(kept)


def _below(path: str, roots: tuple[str, ...], source: SourceCode | None) -> str:
    for root in roots:
        if root and path.startswith(root.rstrip("/") + "/"):
            return path[len(root.rstrip("/")) + 1 :]
    found = source.locate(path) if source is not None else None
    return found if found is not None else _without_machine(path)


def _without_machine(path: str) -> str:
    path = _DRIVE.sub("", path)
    for pattern in (_HOME, _ROOT_HOME):
        stripped = pattern.sub("", path, count=1)
        if stripped != path:
            return _RUNNER.sub("", stripped, count=1)
    return _WORKSPACE.sub("", path, count=1).lstrip("/")
