from collections.abc import Iterator

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from ui.chat.items import Spot
from ui.chat.message import Ref
from ui.chat.view import ChatView
from ui.theme import ThemeManager


class Hands:
    """What a person does with the view."""

    def __init__(self, view: ChatView) -> None:
        self.view = view

    def settle(self) -> None:
        """Take in everything that is pending, as a few frames would."""
        self.view.visible_plain_text()

    def stream(self, message_id: str, text: str, channel: str = "answer", step: int = 40) -> None:
        for at in range(0, len(text), step):
            self.view.append_text(message_id, channel, text[at : at + step])
        self.settle()

    def answer(self, text: str, message_id: str = "a", **finish: str) -> None:
        self.view.add_message(message_id, "assistant")
        self.stream(message_id, text)
        self.view.finish_message(message_id, **finish)
        self.settle()

    def point(self, y: float, x: float) -> QPoint:
        return QPointF(self.view.column()[0] + x, y).toPoint()

    def spots(self, kind: str) -> list[tuple[Ref, Spot, QPoint]]:
        found = []
        for placed in self.view.placer.rows:
            for spot in placed.item.spots():
                if spot.kind == kind:
                    center = spot.rect.center()
                    found.append((placed.ref, spot, self.point(placed.y + center.y(), center.x())))
        return found

    def mouse(self, kind: QEvent.Type, at: QPoint, held: bool = False) -> None:
        port = self.view.viewport()
        left, none = Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        button = none if kind == QEvent.Type.MouseMove else left
        place, far = QPointF(at), QPointF(port.mapToGlobal(at))
        buttons = left if held else none
        QApplication.sendEvent(
            port, QMouseEvent(kind, place, far, button, buttons, Qt.KeyboardModifier.NoModifier)
        )

    def drag(self, start: QPoint, end: QPoint) -> None:
        self.mouse(QEvent.Type.MouseButtonPress, start, held=True)
        self.mouse(QEvent.Type.MouseMove, end, held=True)
        self.mouse(QEvent.Type.MouseButtonRelease, end)

    def click(self, at: QPoint) -> None:
        self.drag(at, at)


def message_top(view: ChatView, index: int) -> int:
    """How far below the screen's top a message begins, px: what stands between is measured."""
    first = view.model.first_of(index)
    assert first is not None
    for ref in view.model.walk(first):
        if ref >= view.placer.rows[0].ref:
            break
        view.placer.measure(ref)
    view.arrange()
    return view.model.top(first) - view.placer.value


@pytest.fixture
def theme(qapp: QApplication) -> ThemeManager:
    return ThemeManager("light")


@pytest.fixture
def view(qtbot, theme: ThemeManager) -> Iterator[ChatView]:
    view = ChatView(theme)
    qtbot.addWidget(view)
    view.resize(900, 600)
    view.show()
    qtbot.waitExposed(view)
    yield view
    view.clear()


@pytest.fixture
def hands(view: ChatView) -> Hands:
    return Hands(view)
