"""CWE and SWC ids wherever scanners write them: tags, ids, relationships, taxa, properties."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from vln_desktop.formats.values import Json

_CWE = re.compile(r"(?<![A-Za-z])CWE[\s:/_-]*0*(\d{1,5})(?!\d)", re.IGNORECASE)
_SWC = re.compile(r"(?<![A-Za-z])SWC[\s:_-]*(\d{3})(?!\d)", re.IGNORECASE)
_BARE = re.compile(r"^0*(\d{1,5})$")


def cwe_ids(texts: Iterable[Json]) -> tuple[str, ...]:
    """Return the CWE ids (`CWE-78`) that texts name, each once, in order."""
    return _unique(f"CWE-{n}" for text in _texts(texts) for n in _CWE.findall(text) if int(n))


def swc_ids(texts: Iterable[Json]) -> tuple[str, ...]:
    """Return the SWC ids (`SWC-107`) that texts name, each once, in order."""
    return _unique(f"SWC-{number}" for text in _texts(texts) for number in _SWC.findall(text))


def bare_cwe(value: Json) -> str:
    """Return the CWE id of a number whose place says that it is one (`242`), else empty."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    match = _BARE.match(value.strip())
    if match is not None and int(match[1]):
        return f"CWE-{int(match[1])}"
    found = cwe_ids((value,))
    return found[0] if found else ""


def _texts(values: Iterable[Json]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list):
            yield from (item for item in value if isinstance(item, str))


def _unique(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found))
