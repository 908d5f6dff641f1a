"""What is dropped on the window, wherever it falls."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from ui.dropping import WindowDrops
from ui.main_window import MainWindow
from ui.theme import ThemeManager


class Watched:
    """A window's drops, and what they said."""

    def __init__(self, window: QWidget, drops: WindowDrops) -> None:
        self.window, self.said = window, list[tuple[object, ...]]()
        for name in ("entered", "left", "model_dropped", "files_dropped", "text_dropped", "links_dropped"):
            getattr(drops, name).connect(lambda *values, name=name: self.said.append((name, *values)))

    def drag(self, data: QMimeData, *, drop: bool = True) -> bool:
        held = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        enter, move = QDragEnterEvent(QPoint(9, 9), *held), QDragMoveEvent(QPoint(10, 9), *held)
        for event in (enter, move):
            QApplication.sendEvent(self.window, event)
        if not drop:
            QApplication.sendEvent(self.window, QDragLeaveEvent())
        elif enter.isAccepted():
            QApplication.sendEvent(self.window, QDropEvent(QPointF(10, 9), *held))
        assert move.isAccepted() == enter.isAccepted()
        return enter.isAccepted()


def _data(*addresses: str, text: str = "") -> QMimeData:
    data = QMimeData()
    if addresses:
        data.setUrls([QUrl(address) for address in addresses])
    if text:
        data.setText(text)
    return data


@pytest.fixture
def watched(qtbot: QtBot) -> Watched:
    window = QWidget()
    qtbot.addWidget(window)
    return Watched(window, WindowDrops(window))


@pytest.mark.parametrize(
    ("data", "kind", "said"),
    [
        (_data("file:///b/a%20b.txt"), "documents", [("files_dropped", ["/b/a b.txt"])]),
        (_data("file:///b/a.gguf"), "model", [("model_dropped", "/b/a.gguf")]),
        (
            _data("file:///b/x.pdf", "file:///b/A.GGUF", "file:///b/folder", "file:///b/c.gguf"),
            "documents",
            [("model_dropped", "/b/A.GGUF"), ("files_dropped", ["/b/x.pdf", "/b/folder"])],
        ),
        (_data("https://a.example/b.pdf", text="https://a.example/b.pdf"), "links", [("links_dropped",)]),
        (_data("file:///b/a.txt", "https://a.example"), "documents", [("files_dropped", ["/b/a.txt"])]),
        (_data(text="words"), "text", [("text_dropped", "words")]),
    ],
)
def test_each_goes_its_way(
    watched: Watched, data: QMimeData, kind: str, said: list[tuple[object, ...]]
) -> None:
    assert watched.drag(data, drop=False)
    assert watched.said == [("entered", kind), ("left",)]
    watched.said.clear()
    assert watched.drag(data)
    assert watched.said == [("entered", kind), ("left",), *said]


def test_what_is_nothing_is_not_taken(watched: Watched) -> None:
    assert not watched.drag(_data())
    data = QMimeData()
    data.setData("application/x-something", b"else")
    assert not watched.drag(data)
    assert watched.said == []


def test_no_field_of_the_window_takes_a_file_for_a_text(qtbot: QtBot) -> None:
    window = MainWindow(ThemeManager())
    qtbot.addWidget(window)
    fields = [*window.findChildren(QLineEdit), window.composer.edit, window.composer.edit.viewport()]
    assert len(fields) > 3
    assert [field.objectName() for field in fields if field.acceptDrops()] == []
    with qtbot.waitSignal(window.model_chosen) as chosen:
        Watched(window, window.drops).drag(_data("file:///b/a.gguf"))
    assert chosen.args == ["/b/a.gguf"]
    Watched(window, window.drops).drag(_data(text="words"))
    assert window.composer.edit.text() == "words"
