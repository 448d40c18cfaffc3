"""Locations of a SARIF run: artifact indexes, base ids, regions, logical names (SARIF 3.28 ff.)."""

from __future__ import annotations

import base64
import binascii
from dataclasses import replace

from vln_desktop.domain.scans import MAX_LOCATIONS, ScanLocation, SourceCode
from vln_desktop.formats import paths
from vln_desktop.formats.regions import MAX_SNIPPET, SourceFiles
from vln_desktop.formats.values import (
    Notes,
    Object,
    at,
    items,
    member,
    members,
    objects,
    string,
    whole,
)

_MAX_PARENTS = 50
_MAX_NAME = 500


class Locations:
    """Turns the locations of one run into plain ones."""

    def __init__(self, run: Object, source: SourceCode | None, notes: Notes) -> None:
        self._notes = notes
        self._source = source
        self._artifacts = items(run, "artifacts")
        self._logical = items(run, "logicalLocations")
        self._bases = members(run, "originalUriBaseIds")
        self._utf16 = string(run, "columnKind") != "unicodeCodePoints"
        self._roots = self._named_roots(run)
        self._known: dict[tuple[str, str], str] = {}
        self._files = SourceFiles(source)
        self._take_contents()

    def of(self, result: Object) -> tuple[ScanLocation, ...]:
        """Return a result's locations, each once, in order; those that say nothing are left out."""
        bodies = list(objects(result, "locations"))
        if len(bodies) > MAX_LOCATIONS:
            self._notes.add(
                f"A result with {len(bodies):,} locations keeps its first {MAX_LOCATIONS}."
            )
        found = (self.one(body) for body in bodies[:MAX_LOCATIONS])
        return tuple(dict.fromkeys(location for location in found if location != ScanLocation()))

    def one(self, body: Object) -> ScanLocation:
        """Return one location with its lines and its snippet, as far as they can be known."""
        physical = members(body, "physicalLocation")
        location = ScanLocation(
            path=self._path(members(physical, "artifactLocation")),
            function=self._function(body),
        )
        return self._region(location, members(physical, "region"))

    def place(self, body: Object) -> str:
        """Return `path:line` of a location, as a message names it."""
        location = self.one(body)
        if location.path and location.start_line is not None:
            return f"{location.path}:{location.start_line}"
        return location.path or location.function

    def _region(self, location: ScanLocation, region: Object) -> ScanLocation:
        start, end = whole(region, "startLine", 1), whole(region, "endLine", 1)
        first, last = whole(region, "startColumn", 1), whole(region, "endColumn", 1)
        if start == 1 and (end or 1) == 1 and first == last == 1:
            # An empty range at the very start is how tools say "the whole file".
            return location
        if start is None:
            location = self._by_offset(location, region)
        else:
            end = end if end is not None and end >= start else None
            location = replace(location, start_line=start, end_line=end, start_column=first,
                               end_column=last)  # fmt: skip
        snippet = self._notes.text(member(region.get("snippet"), "text"), MAX_SNIPPET)
        return self._clean_snippet(self._files.cut(replace(location, snippet=snippet)))

    def _clean_snippet(self, location: ScanLocation) -> ScanLocation:
        return replace(location, snippet=self._notes.text(location.snippet, MAX_SNIPPET))

    def _by_offset(self, location: ScanLocation, region: Object) -> ScanLocation:
        offset = whole(region, "charOffset")
        if offset is not None:
            length = whole(region, "charLength") or 0
            return self._files.chars_to_lines(location, offset, length, utf16=self._utf16)
        offset = whole(region, "byteOffset")
        if offset is not None:
            length = whole(region, "byteLength") or 0
            return self._files.bytes_to_lines(location, offset, length)
        return location

    def _path(self, artifact: Object) -> str:
        uri, base = string(artifact, "uri"), string(artifact, "uriBaseId")
        if not uri:
            body = members(at(self._artifacts, whole(artifact, "index")), "location")
            uri, base = string(body, "uri"), string(body, "uriBaseId")
        if not uri:
            return ""
        if (uri, base) not in self._known:
            whole_path = self._joined(paths.from_uri(uri), base)
            self._known[uri, base] = paths.relative(
                whole_path, self._roots, self._source, self._notes
            )
        return self._known[uri, base]

    def _joined(self, path: str, base: str) -> str:
        """Put relative bases before a path; an absolute base is the project's root: left out."""
        for _ in range(_MAX_PARENTS):
            body = members(self._bases, base)
            uri = paths.from_uri(string(body, "uri"))
            if not base or not body or paths.is_absolute(path) or paths.is_absolute(uri):
                return path
            if uri and "://" not in uri:
                path = f"{uri.rstrip('/')}/{path}"
            base = string(body, "uriBaseId")
        return path

    def _named_roots(self, run: Object) -> tuple[str, ...]:
        uris = [string(body, "uri") for body in self._bases.values() if isinstance(body, dict)]
        invocations = objects(run, "invocations")
        uris += (string(members(body, "workingDirectory"), "uri") for body in invocations)
        roots = {paths.from_uri(uri).rstrip("/") for uri in uris if uri}
        absolute = (root for root in roots if paths.is_absolute(root))
        return tuple(sorted(absolute, key=len, reverse=True))

    def _function(self, body: Object) -> str:
        logical = next(objects(body, "logicalLocations"), None) or members(body, "logicalLocation")
        if not logical:
            return ""
        known = at(self._logical, whole(logical, "index"))
        name = string(logical, "fullyQualifiedName") or string(known, "fullyQualifiedName")
        name = name or self._qualified(known) or string(logical, "name")
        return self._notes.text(name, _MAX_NAME)

    def _qualified(self, logical: Object) -> str:
        names: list[str] = []
        while logical and len(names) < _MAX_PARENTS:
            names.append(string(logical, "name"))
            logical = at(self._logical, whole(logical, "parentIndex"))
        return ".".join(name for name in reversed(names) if name)

    def _take_contents(self) -> None:
        for artifact in self._artifacts:
            contents = members(artifact, "contents")
            path = self._path(members(artifact, "location")) if contents else ""
            data = _contents(contents)
            if path and data is not None:
                self._files.add(path, data)


def _contents(contents: Object) -> bytes | None:
    text = string(contents, "text")
    if text:
        return text.encode("utf-8", errors="replace")
    try:
        return base64.b64decode(string(contents, "binary"), validate=True) or None
    except (binascii.Error, ValueError):
        return None
