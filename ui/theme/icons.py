"""Icons of our own, drawn in a colour of the palette."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer


def draw_icon(name: str, colour: str, size: int) -> QIcon:
    """An icon in a #RRGGBB colour for `size` logical px at 1x, 2x and 3x; raises FileNotFoundError."""
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    icon = QIcon()
    for ratio in (1, 2, 3):
        pixmap = QPixmap(size * ratio, size * ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter, QRectF(0, 0, size * ratio, size * ratio))
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        icon.addPixmap(pixmap)
    return icon


@cache
def _source(name: str) -> str:
    from importlib.resources import files

    return files("resources").joinpath("icons", f"{name}.svg").read_text(encoding="utf-8")
