"""The bottom edge: the engine's state in words, and its speed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from app.language import tr
from ui import words
from ui.elided_label import ElidedLabel
from ui.meters.memory_meter import MemoryMeter
from ui.theme import SPACE, ThemeManager

#: The meter takes all it needs before the room between the labels gets any.
_MOST = 10_000


class StatusLine(QWidget):
    """Quiet labels, one that warns while something waits to be saved, and one that leads to the downloads."""

    download_requested = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_line")
        self.setAccessibleName(tr("Status"))
        self.state = ElidedLabel(tr("Starting the engine"), self)
        self.state.setObjectName("engine_state")
        self.state.setAccessibleName(tr("State of the engine"))
        self.rate = ElidedLabel("", self)
        self.rate.setObjectName("token_rate")
        self.rate.setAccessibleName(tr("Speed"))
        self.unsaved = QLabel(tr("Not saved: the disk is full"), self)
        self.unsaved.setObjectName("unsaved_mark")
        self.unsaved.setAccessibleName(tr("Not saved: the disk is full"))
        self.unsaved.setToolTip(tr("What you wrote is kept in the window and is saved as soon as that works"))
        self.unsaved.setProperty("tone", "warning")
        self.unsaved.hide()
        self.download = QPushButton(self)
        self.download.setObjectName("download_line")
        self.download.setAccessibleName(tr("Downloads"))
        self.download.setToolTip(tr("Shows the downloads"))
        self.download.clicked.connect(self.download_requested)
        self.download.hide()
        for label in (self.state, self.rate, self.unsaved):
            label.setProperty("role", "meta")
        self.state.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE[3], SPACE[0], SPACE[3], SPACE[0])
        row.setSpacing(SPACE[3])
        row.addWidget(self.unsaved)
        row.addWidget(self.state)
        row.addStretch(1)
        row.addWidget(self.download)
        row.addWidget(self.rate)
        self.memory = MemoryMeter(theme, self)
        # What stretches gets what the others leave: its words give way before the state does.
        row.addWidget(self.memory, _MOST)

    @Slot(str)
    def set_state(self, text: str) -> None:
        """What the engine is doing, in words."""
        self.state.setText(text)

    @Slot(bool)
    def set_unsaved(self, unsaved: bool) -> None:
        """Whether something waits to be saved; stays until it is."""
        self.unsaved.setVisible(unsaved)

    @Slot(str)
    def set_download(self, text: str) -> None:
        """How far the downloads are, in words; empty without any."""
        self.download.setText(text.replace("&", "&&"))
        self.download.setAccessibleName(text or tr("Downloads"))
        self.download.setVisible(bool(text))

    @Slot(float)
    def set_rate(self, tokens_per_second: float) -> None:
        """Decoding speed; shown until the next one, or until there is another model."""
        self.rate.setText(words.rate(tokens_per_second))

    @Slot()
    def forget_rate(self) -> None:
        """The speed that is shown was of a model that is not there any more."""
        self.rate.clear()
