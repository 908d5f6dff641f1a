"""The bottom edge: the engine's state in words, and its speed."""

from __future__ import annotations

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from ui import words
from ui.theme import SPACE


class StatusLine(QWidget):
    """Two quiet labels."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_line")
        self.setAccessibleName("Status")
        self.state = QLabel("Starting the engine", self)
        self.state.setObjectName("engine_state")
        self.state.setAccessibleName("State of the engine")
        self.rate = QLabel(self)
        self.rate.setObjectName("token_rate")
        self.rate.setAccessibleName("Speed")
        for label in (self.state, self.rate):
            label.setProperty("role", "meta")
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[3], SPACE[0], SPACE[3], SPACE[0])
        row.addWidget(self.state)
        row.addStretch(1)
        row.addWidget(self.rate)

    @Slot(str)
    def set_state(self, text: str) -> None:
        """What the engine is doing, in words."""
        self.state.setText(text)

    @Slot(float)
    def set_rate(self, tokens_per_second: float) -> None:
        """Decoding speed; shown until the next one."""
        self.rate.setText(words.rate(tokens_per_second))
