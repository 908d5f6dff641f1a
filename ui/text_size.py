"""Larger and smaller text: what follows it beside the conversation, and the wheel that asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal, Slot
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QWidget

from ui.theme import TYPE

if TYPE_CHECKING:
    from ui.main_window import MainWindow

_NOTCH: Final = 120  # Qt's units of a wheel's notch


class TextSize(QObject):
    """Of one window. GUI thread.

    Signals:
        step_wanted: so many sizes larger, or smaller where it is negative.
    """

    step_wanted = Signal(int)

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.setObjectName("text_size")
        self._window, self._theme = window, window.view.theme
        self._turned = 0
        for widget in (window.view.viewport(), window.composer.edit.viewport()):
            self.watch(widget)
        self._theme.reading_changed.connect(self._on_reading)

    def watch(self, widget: QWidget) -> None:
        """Ctrl and the wheel over a widget change the size, too."""
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QWheelEvent) and event.modifiers() == Qt.KeyboardModifier.ControlModifier:
            self._turn(event.angleDelta().y())
            return True
        return super().eventFilter(watched, event)

    def _turn(self, units: int) -> None:
        """A touchpad turns by less than a notch at a time."""
        if units * self._turned < 0:
            self._turned = 0
        self._turned += units
        steps = int(self._turned / _NOTCH)
        if steps:
            self._turned -= steps * _NOTCH
            self.step_wanted.emit(steps)

    @Slot()
    def _on_reading(self) -> None:
        self._window.composer.edit.set_text_size(round(TYPE["reading"] * self._theme.reading.zoom))
