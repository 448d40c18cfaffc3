"""Evidence on paper: pictures with their captions, and files by name and hash."""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image, UnidentifiedImageError
from reportlab.lib.utils import ImageReader
from reportlab.platypus import Flowable, KeepTogether

from vln_desktop.documents import fonts
from vln_desktop.documents.styles import (
    BODY,
    MUTED,
    SMALL,
    SMALL_BLOCK,
    SUBHEADING,
    SUBHEADING_BLOCK,
    TEXT_WIDTH,
    TINT,
)
from vln_desktop.documents.text import Run, TextBlock, headed
from vln_desktop.documents.words import Words
from vln_desktop.domain.report_content import (
    Pictures,
    ReportEvidence,
)

_HIGHEST = 320.0
_DOTS_PER_POINT = 200 / 72
"""Finer pictures are scaled down to 200 dots an inch: a report is sent by mail."""
_MOST_PIXELS = 60_000_000
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP")
_NAME = replace(SMALL, face=fonts.MONO)
_WHITE = "white"


class EvidencePicture(Flowable):
    """A picture in a hairline, as wide as the text at most, never larger than 96 dots an inch."""

    def __init__(self, picture: Image.Image) -> None:
        super().__init__()
        width, height = picture.width * 0.75, picture.height * 0.75
        scale = min(1.0, TEXT_WIDTH / width, _HIGHEST / height)
        self.width, self.height = width * scale, height * scale
        most = (
            max(1, round(self.width * _DOTS_PER_POINT)),
            max(1, round(self.height * _DOTS_PER_POINT)),
        )
        if picture.width > most[0]:
            picture = picture.resize(most, Image.Resampling.LANCZOS)
        self._picture = picture
        self.spaceBefore, self.spaceAfter = 4, 3

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        """Take the size that was chosen."""
        return self.width, self.height

    def draw(self) -> None:
        """Draw the picture and its frame."""
        self.canv.drawImage(ImageReader(self._picture), 0, 0, self.width, self.height)
        self.canv.setStrokeColor(TINT)
        self.canv.setLineWidth(0.5)
        self.canv.rect(0, 0, self.width, self.height, stroke=1, fill=0)


def evidence_section(
    evidence: tuple[ReportEvidence, ...], pictures: Pictures, words: Words
) -> list[Flowable]:
    """Return a finding's evidence below a heading; nothing if there is none.

    A picture that is missing or damaged is printed as a file is: by its name and hash.
    """
    parts = [part for one in evidence for part in _of(one, pictures, words)]
    if not parts:
        return []
    return [KeepTogether([*headed(words("evidence"), SUBHEADING, SUBHEADING_BLOCK), parts[0]]),
            *parts[1:]]  # fmt: skip


def _of(one: ReportEvidence, pictures: Pictures, words: Words) -> list[Flowable]:
    picture = _opened(pictures.get(one.sha256, b""))
    name = Run(one.name, _NAME)
    if picture is not None:
        caption = Run(f"{one.caption}  ", replace(SMALL, colour=BODY.colour))
        below = TextBlock((caption, name) if one.caption else (name,), SMALL_BLOCK)
        return [KeepTogether([EvidencePicture(picture), below])]
    digest = Run(f"  {words('sha256')} {one.sha256}", replace(SMALL, colour=MUTED))
    told = Run(f"{one.caption}  ", replace(SMALL, colour=BODY.colour))
    return [TextBlock((told, name, digest) if one.caption else (name, digest), SMALL_BLOCK)]


def _opened(data: bytes) -> Image.Image | None:
    """Return a picture on white; None for bytes that hold none, or one that is huge."""
    if not data:
        return None
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as found:
            if found.width * found.height > _MOST_PIXELS:
                return None
            shown = found.convert("RGBA")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None
    page = Image.new("RGB", shown.size, _WHITE)
    page.paste(shown, mask=shown.getchannel("A"))
    return page
