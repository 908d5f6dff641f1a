"""The round button that takes the reader back to the end."""

from __future__ import annotations

from typing import Final

from PySide6.QtWidgets import QToolButton, QWidget

from app.language import tr
from ui.theme import SPACE, ThemeManager

SIZE: Final = 34  # px; the stylesheet rounds it by half of that


class JumpButton(QToolButton):
    """Hidden while the view follows the end."""

    def __init__(self, theme: ThemeManager, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setObjectName("jump_to_end")
        self.setAccessibleName(tr("Go to the end"))
        self.setToolTip(tr("Go to the end"))
        self.setFixedSize(SIZE, SIZE)
        self.hide()
        self._on_theme_changed()
        theme.changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self.setIcon(self._theme.icon("arrow-down", "text", 18))

    def place(self, center: int, bottom: int) -> None:
        """Centred at x, above the viewport's bottom, px."""
        self.move(center - SIZE // 2, bottom - SIZE - SPACE[2])
