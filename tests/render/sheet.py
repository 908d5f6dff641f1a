"""Draws every formula of tests.render.formulas into pictures that a person can look at.

    python -m tests.render.sheet build/formulas [dark]

writes build/formulas-1.png and so on, and prints what is shown as source, and why.
"""

from __future__ import annotations

import sys

from PySide6.QtCore import QByteArray, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from app.render.math_client import MathRenderer
from app.render.math_values import MathDrawn, MathRefused, MathRequest, coloured
from tests.render.formulas import DISPLAY, INLINE, REFUSED

_WIDTH, _HEIGHT, _SIZE, _SOURCE = 1500, 1900, 24, 11


def draw_all() -> list[tuple[MathRequest, MathDrawn | MathRefused]]:
    """Every formula with what became of it."""
    requests = [MathRequest(text, True, _SIZE) for text in DISPLAY]
    requests += [MathRequest(text, False, _SIZE) for text in INLINE]
    requests += [MathRequest(text, True, _SIZE) for text, _ in REFUSED]
    found: list[tuple[MathRequest, MathDrawn | MathRefused]] = []
    with MathRenderer() as renderer:
        renderer.render(requests, lambda index, result: found.append((requests[index], result)))
    return found


def main(name: str, dark: bool) -> None:
    """Write the pictures."""
    QGuiApplication([])
    ink, paper = ("#ECECE8", "#1E1E1C") if dark else ("#1C1C1A", "#FFFFFF")
    page, image, painter, x, y, tallest = 0, QImage(), QPainter(), 0.0, 1e9, 0.0
    for request, result in draw_all():
        if isinstance(result, MathRefused):
            print(f"{request.source!r}: {result.reason}")
            continue
        width, height = max(result.width, 260.0) + 40, result.height + 26
        if x + width > _WIDTH:
            x, y, tallest = 0.0, y + tallest + 12, 0.0
        if y + height > _HEIGHT:
            if painter.isActive():
                painter.end()
                image.save(f"{name}-{page}.png")
            page, x, y, tallest = page + 1, 0.0, 8.0, 0.0
            image = QImage(_WIDTH, _HEIGHT, QImage.Format.Format_RGB32)
            image.fill(QColor(paper))
            painter = QPainter(image)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor("#888888"))
        font = QFont("monospace")
        font.setPixelSize(_SOURCE)
        painter.setFont(font)
        box = QRectF(x + 8, y, width - 8, 14)
        painter.drawText(box, Qt.TextFlag.TextSingleLine, request.source)
        svg = QSvgRenderer(QByteArray(coloured(result.svg, ink).encode()))
        svg.render(
            painter, QRectF(QPointF(x + 8, y + 18), QPointF(x + 8 + result.width, y + 18 + result.height))
        )
        x, tallest = x + width, max(tallest, height)
    painter.end()
    image.save(f"{name}-{page}.png")


if __name__ == "__main__":
    main(sys.argv[1], "dark" in sys.argv[2:])
