"""How much may be kept of what was read, in RAM and on the disk, and how to be rid of it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QTimer, Signal, Slot
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QDialog, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from ui import words
from ui.budgets import MOST_DISK, MOST_RAM
from ui.dialogs.own_spin import Number, NumberRow
from ui.theme import SPACE, ThemeManager
from ui.words import GIGABYTE

_WIDTH = 500
#: A choice counts after so many ms without a change: on the way to it nothing is dropped.
_CALM_MS = 600
_ABOUT = (
    "What a model has read of your chats is kept in RAM and on the disk, so that going on with one is "
    "quick, also after a restart."
)
_SAFE = "Nothing of your chats is lost; they are read again when you go on."
_AUTOMATIC = {"own": "Automatic", "back": "Back to automatic", "unit": " GB"}

RAM: Final = Number(
    "ram", "RAM for conversations", 0.25, MOST_RAM / GIGABYTE, 0.25, 2, 2,
    "With more of it, more chats go on at once when you come back to them.", **_AUTOMATIC,
)  # fmt: skip
DISK: Final = Number(
    "disk", "Disk for saved readings", 0.25, MOST_DISK / GIGABYTE, 0.25, 2, 8,
    "What was not used for the longest time is deleted first.", **_AUTOMATIC,
)  # fmt: skip


class ReadingMemoryDialog(QDialog):
    """Stays beside the work: it is not modal. Esc closes it. Setters emit nothing.

    Signals:
        chosen: bytes of RAM and disk, 0 for automatic.
        measure_wanted: it opens and wants to say how much is used; `set_used` answers.
    """

    chosen = Signal(object, object)
    measure_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, theme: ThemeManager, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("reading_memory")
        self.setWindowTitle("Reading memory")
        self.setAccessibleName("Reading memory")
        self.setAccessibleDescription(_ABOUT)
        self.setModal(False)
        self.ram, self.disk = NumberRow(RAM, theme, self), NumberRow(DISK, theme, self)
        self._calm = QTimer(self)
        self._calm.setSingleShot(True)
        self._calm.setInterval(_CALM_MS)
        self._calm.timeout.connect(self.flush)
        self._told = (0, 0)
        for row in (self.ram, self.disk):
            row.spin.setKeyboardTracking(False)  # 1 is not meant on the way to 16
            row.changed.connect(self._calm.start)
        self.used = QLabel(self)
        self.used.setObjectName("reading_used")
        self.delete_button = QPushButton("Delete all saved readings", self)
        self.delete_button.setObjectName("reading_delete")
        self.delete_button.setAccessibleDescription(_SAFE)
        self.delete_button.setAutoDefault(False)  # Enter in a number must not press it
        self.delete_button.clicked.connect(self._on_delete)
        self._lay_out()
        self.setFixedWidth(_WIDTH)

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(SPACE[2])
        below.addWidget(self.used, 1)
        below.addWidget(self.delete_button)
        line = QFrame(self)
        line.setObjectName("reading_line")
        line.setFixedHeight(1)
        box = QVBoxLayout(self)
        box.setContentsMargins(SPACE[3], SPACE[3], SPACE[3], SPACE[3])
        box.setSpacing(SPACE[1])
        box.addWidget(_text(_ABOUT, "muted", self))
        for row, number in ((self.ram, RAM), (self.disk, DISK)):
            box.addSpacing(SPACE[1])
            box.addWidget(row)
            box.addWidget(_text(number.hint, "meta", self))
        box.addSpacing(SPACE[1])
        box.addWidget(line)
        box.addSpacing(SPACE[0])
        box.addLayout(below)
        box.addWidget(_text(_SAFE, "meta", self))

    # ---- what is shown --------------------------------------------------------------------

    @Slot()
    def open_panel(self) -> None:
        """Show it, and ask what the saved readings take; one that is open comes to the front."""
        if self.isHidden():
            self.used.setText("Saved readings: measuring…")
            self.delete_button.setEnabled(False)
        self.measure_wanted.emit()
        self.show()
        self.activateWindow()
        self.ram.spin.setFocus()

    @Slot(object, object)
    def set_budgets(self, ram: int, disk: int) -> None:
        """Show what was chosen, in bytes; 0 is automatic."""
        for row, value in ((self.ram, ram), (self.disk, disk)):
            row.spin.set_number(value / GIGABYTE if value else None)
        self._calm.stop()
        self._told = self._bytes()

    @Slot(object)
    def set_used(self, used: int) -> None:
        """Say what the saved readings take, in bytes."""
        self.used.setText(f"Saved readings use {words.size(used)}" if used else "No readings are saved")
        self.delete_button.setEnabled(bool(used))

    # ---- what the person does -------------------------------------------------------------

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.flush()

    @Slot()
    def flush(self) -> None:
        """Emit `chosen` now where something was changed."""
        self._calm.stop()
        now = self._bytes()
        if now != self._told:
            self._told = now
            self.chosen.emit(*now)

    def _bytes(self) -> tuple[int, int]:
        ram, disk = (round((row.spin.number() or 0) * GIGABYTE) for row in (self.ram, self.disk))
        return ram, disk

    @Slot()
    def _on_delete(self) -> None:
        self.delete_button.setEnabled(False)
        self.delete_wanted.emit()


def _text(text: str, role: str, parent: QWidget) -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("role", role)
    label.setWordWrap(True)
    return label
