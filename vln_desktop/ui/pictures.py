"""Pictures of evidence: read from bytes, written as PNG, regions made unreadable."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, Qt
from PySide6.QtGui import QImage, QImageReader, QImageWriter, QPainter

from vln_desktop.errors import UserError

LARGEST_SIDE = 16_000
_SAMPLES = 4
_KEPT_RATIO = Qt.AspectRatioMode.KeepAspectRatio
_ANY_RATIO = Qt.AspectRatioMode.IgnoreAspectRatio
_SMOOTH = Qt.TransformationMode.SmoothTransformation


def picture_of(data: bytes) -> QImage:
    """Return the picture in bytes; raises UserError if they hold none, or a huge one.

    Safe on any thread. The size is asked before anything is unpacked.
    """
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if max(size.width(), size.height()) > LARGEST_SIDE:
        raise UserError("This picture is too large to be shown.")
    picture = reader.read()
    if picture.isNull():
        raise UserError("This picture cannot be shown: it is damaged, or of a kind unknown here.")
    return picture


def png_of(picture: QImage) -> bytes:
    """Return a picture as PNG, without anything that was noted beside its pixels."""
    source = QImage(picture)
    source.setDevicePixelRatio(1)
    plain = QImage(source.size(), QImage.Format.Format_ARGB32)  # a copy would keep the notes
    plain.fill(Qt.GlobalColor.transparent)
    painter = QPainter(plain)
    painter.drawImage(0, 0, source)
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"PNG")).write(plain)
    return bytes(buffer.data().data())


def blurred(picture: QImage, region: QRect) -> QImage:
    """Return a picture in which a region cannot be read, nor be computed back.

    A usual blur or mosaic of text can be undone by trying letters; of this region no more than
    sixteen averages are left.
    """
    inside = region.normalized().intersected(picture.rect())
    if inside.isEmpty():
        return picture
    changed = picture.convertToFormat(QImage.Format.Format_ARGB32)
    part = changed.copy(inside)
    few = part.scaled(
        min(_SAMPLES, part.width()), min(_SAMPLES, part.height()), _ANY_RATIO, _SMOOTH
    )
    painter = QPainter(changed)
    painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_Source)
    painter.drawImage(inside.topLeft(), few.scaled(part.size(), _ANY_RATIO, _SMOOTH))
    painter.end()
    return changed


def thumbnail(picture: QImage, width: int, height: int) -> QImage:
    """Return a picture that fits into a box; small ones stay as they are."""
    if picture.width() <= width and picture.height() <= height:
        return picture
    return picture.scaled(width, height, _KEPT_RATIO, _SMOOTH)
