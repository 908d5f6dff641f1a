"""What a reader does while text streams; called each 40 ms with the view and the number of the call."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def reading_along(_view: Any, _tick: int) -> None:
    """Nothing: the end is followed."""


def scrolling(view: Any, tick: int) -> None:
    """Turn the wheel: four seconds up, three seconds down, and so on."""
    wheel(view, 120 if tick % 175 < 100 else -120)


def wheel(view: Any, way: int) -> None:
    """Turn the wheel by eighths of a degree; 120 are a notch upwards."""
    from PySide6.QtCore import QPoint, QPointF, Qt
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    port = view.viewport()
    at = QPointF(port.rect().center())
    none = Qt.KeyboardModifier.NoModifier
    event = QWheelEvent(
        at, QPointF(port.mapToGlobal(at.toPoint())), QPoint(), QPoint(0, way), Qt.MouseButton.NoButton, none,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(port, event)


def selecting(view: Any, tick: int) -> None:
    """Drag over the text, for two seconds each time."""
    from PySide6.QtCore import QEvent, QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    port, step = view.viewport(), tick % 50
    kind = {0: QEvent.Type.MouseButtonPress, 49: QEvent.Type.MouseButtonRelease}.get(
        step, QEvent.Type.MouseMove
    )
    at = QPointF(port.width() / 2 - 200 + 7 * step, port.height() - 40 - (port.height() - 80) * step / 49)
    left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
    button = none if kind == QEvent.Type.MouseMove else left
    held = none if step == 49 else left
    event = QMouseEvent(
        kind, at, QPointF(port.mapToGlobal(at.toPoint())), button, held, Qt.KeyboardModifier.NoModifier
    )
    QApplication.sendEvent(port, event)


DOINGS: dict[str, Callable[[Any, int], None]] = {
    "": reading_along,
    "scrolling": scrolling,
    "selecting": selecting,
}
