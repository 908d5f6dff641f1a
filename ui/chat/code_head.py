"""The header of a code block: its language, and what can be done with it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter

from app.language import mark, tr
from app.render.languages import language_name
from ui.chat.items import Look, Spot, paint_icon_button
from ui.chat.style import Style
from ui.theme import SPACE

HEIGHT: Final = 32
_SIDE: Final = 26
_BUTTONS: Final = (
    ("copy_code", mark("Copy code")),
    ("save_code", mark("Save code…")),
    ("wrap_code", mark("Wrap lines")),
)


def code_spots(style: Style, top: float, right: float, wrapped: bool) -> list[Spot]:
    """The buttons of a header that begins `top` px below the row's top and ends at `right`, in the order in
    which the keyboard goes through them."""
    side = style.px(_SIDE)
    y = top + (style.px(HEIGHT) - side) / 2 + 1
    found = []
    for number, (kind, label) in enumerate(_BUTTONS):
        on = kind == "wrap_code" and wrapped
        name = tr("Don't wrap lines") if on else tr(label)
        x = right - SPACE[0] - (number + 1) * side
        found.append(Spot(kind, QRectF(x, y, side, side), name, "on" if on else ""))
    return found[::-1]


def paint_head(
    painter: QPainter,
    place: QRectF,
    at: tuple[float, float],
    spots: list[Spot],
    looks: tuple[Style, str, Look],
) -> None:
    """The language at `place`, cut short before the buttons, which stand in a row at `at`."""
    style, language, look = looks
    painter.setFont(style.meta)
    painter.setPen(style.color("muted"))
    room = spots[0].rect.left() + at[0] - place.left() - SPACE[1]
    name = QFontMetricsF(style.meta).elidedText(
        language_name(language), Qt.TextElideMode.ElideRight, max(0.0, room)
    )
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, name)
    for spot in spots:
        paint_icon_button(painter, spot, spot.rect.translated(*at), style, look)
