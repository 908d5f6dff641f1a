from __future__ import annotations

import pytest
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon, QImage, QPixmap
from pytestqt.qtbot import QtBot

from ui.elided_button import ElidedToolButton

WORDS = "Recently deleted"


def dark(image: QImage, right: int) -> int:
    """How many pixels of the words are dark, left of `right`."""
    size = image.size()
    return sum(
        image.pixelColor(x, y).lightness() < 100 for x in range(20, right) for y in range(size.height())
    )


@pytest.mark.parametrize("padding", [0, 4, 12])
def test_words_are_cut_only_where_they_have_no_room(qtbot: QtBot, padding: int) -> None:
    button = ElidedToolButton()
    qtbot.addWidget(button)
    icon = QPixmap(14, 14)
    icon.fill(Qt.GlobalColor.white)
    button.setIcon(QIcon(icon))
    button.setIconSize(QSize(14, 14))
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setStyleSheet(
        f"QToolButton {{ padding: {padding}px; border: none; background: white; color: black; }}"
    )
    button.setText(WORDS)
    button.resize(button.sizeHint())
    button.show()
    whole = button.grab().toImage()
    button.resize(button.width() + 40, button.height())
    assert dark(button.grab().toImage(), button.width()) == dark(whole, whole.width())
    spare = button.fontMetrics().horizontalAdvance(" ") * 2
    button.resize(whole.width() - spare, button.height())
    assert dark(button.grab().toImage(), button.width()) == dark(whole, whole.width())
    button.resize(whole.width() * 2 // 3, button.height())
    assert 0 < dark(button.grab().toImage(), button.width()) < dark(whole, whole.width())
    button.resize(button.minimumSizeHint())
    assert button.width() < whole.width() // 2
