"""Reading papers with tools that had no part in making them: poppler and qpdf."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
import xml.etree.ElementTree as ET
from pathlib import Path

import pypdfium2
import pytest

from vln_desktop.documents.styles import MARGIN_LEFT, MARGIN_RIGHT, PAGE_HEIGHT, PAGE_WIDTH

_XHTML = "{http://www.w3.org/1999/xhtml}"


def read_with(tool: str, pdf: bytes, *options: str) -> str:
    """Return what a command prints of a PDF; "PDF" in the options stands for the file."""
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed (packages.debian names its package)")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "paper.pdf")
        file.write_bytes(pdf)
        arguments = [str(file) if option == "PDF" else option for option in options]
        done = subprocess.run([tool, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def text_of(pdf: bytes) -> str:
    """Return a paper's text in reading order."""
    return read_with("pdftotext", pdf, "PDF", "-")


def pages_of(pdf: bytes) -> list[str]:
    """Return the text of each page."""
    return text_of(pdf).split("\f")[:-1]


def engine_pages(pdf: bytes) -> list[str]:
    """Return the text of each page as another engine (PDFium) reads it, turned text included."""
    return [page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(pdf)]


def flat(text: str) -> str:
    """Return a text with every run of white space as one space."""
    return re.sub(r"\s+", " ", text)


def check_paper(pdf: bytes) -> None:
    """Assert what holds of every paper: sound, fonts embedded, all glyphs there, text inside."""
    assert "No syntax or stream encoding errors" in read_with("qpdf", pdf, "--check", "PDF")
    for row in read_with("pdffonts", pdf, "PDF").splitlines()[2:]:
        assert re.search(r"TrueType +\S+ +yes yes yes", row), row
    for text in engine_pages(pdf):
        assert not set(text) & {"\x00", "\ufffd", "\ufffe"}
    check_frame(pdf)


def check_frame(pdf: bytes) -> None:
    """Assert that no word but the draft's mark leaves the page's frame."""
    boxes = ET.fromstring(read_with("pdftotext", pdf, "-bbox", "PDF", "-").encode())
    for word in boxes.iter(f"{_XHTML}word"):
        if word.text in ("DRAFT", "ENTWURF"):
            continue
        left, right, top, bottom = (
            float(word.get(k, "")) for k in ("xMin", "xMax", "yMin", "yMax")
        )
        assert left >= MARGIN_LEFT - 1, word.text
        assert right <= PAGE_WIDTH - MARGIN_RIGHT + 1, word.text
        assert top >= 0, word.text
        assert bottom <= PAGE_HEIGHT - 20, word.text
