"""XML written and read with care: no forbidden character, no entity, no network, no flood."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lxml import etree

from vln_desktop.errors import UserError

LARGEST = 20 * 1024 * 1024
"""A file larger than this is no invoice, statement or rate list."""

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u00ad]")


def clean(text: str) -> str:
    """Return a text without what XML forbids and without marks that turn or hide characters."""
    return _UNSEEN.sub("", _FORBIDDEN.sub("\ufffd", text)).strip()


class Tree:
    """Elements of several namespaces by their usual prefixes: `add(parent, "ram:ID", "7")`."""

    def __init__(self, root: str, names: Mapping[str, str], default: str = "") -> None:
        """Begin with a root; names without a prefix are of the namespace `default`."""
        self._names = dict(names)
        self._default = default
        spaces: dict[str | None, str] = {None: default} if default else {}
        spaces.update(names.items())
        self.root = etree.Element(self._tag(root), nsmap=spaces)  # type: ignore[arg-type]

    def _tag(self, name: str) -> str:
        prefix, _, local = name.rpartition(":")
        return f"{{{self._names[prefix] if prefix else self._default}}}{local}"

    def add(
        self, parent: etree._Element, name: str, text: str | None = None, **attributes: str
    ) -> etree._Element:
        """Append an element, with a text if there is one; attributes are plain names."""
        child = etree.SubElement(parent, self._tag(name), attrib=attributes)
        if text is not None:
            child.text = clean(text)
        return child

    def add_if(
        self, parent: etree._Element, name: str, text: str, **attributes: str
    ) -> etree._Element | None:
        """Append an element unless its text is empty: EN 16931 knows no empty elements."""
        return self.add(parent, name, text, **attributes) if clean(text) else None

    def write(self) -> bytes:
        """Return the document in UTF-8; the same tree gives the same bytes."""
        return etree.tostring(self.root, encoding="UTF-8", xml_declaration=True, pretty_print=True)


def read_tree(data: bytes) -> etree._Element:
    """Return the root of a document; raises UserError, in one sentence, for what is no XML."""
    if len(data) > LARGEST:
        raise UserError(f"The file is larger than {LARGEST // 1024 // 1024} MB.")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
        remove_comments=True, remove_pis=True,
    )  # fmt: skip
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UserError(f"The file is no XML that can be read ({error}).") from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UserError("The file declares a document type, which may hide anything.")
    return root
