"""The first frame stands where the window's parts will stand, and loses nothing that is typed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QImage, QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from ui.first_frame import FirstFrame
from ui.first_frame_keeper import measured
from ui.first_picture import FirstPicture
from ui.main_window import MainWindow
from ui.theme import Reading, ThemeManager


@pytest.fixture
def theme(qapp: QApplication) -> ThemeManager:
    made = ThemeManager("light")
    made.apply_plain(qapp)
    return made


@pytest.fixture
def window(qtbot: QtBot, theme: ThemeManager) -> MainWindow:
    """With a picture, and built behind it."""
    made = MainWindow(theme, parts=False)
    qtbot.addWidget(made)
    made.show_picture(FirstPicture(theme, FirstFrame(hint="Ask anything")))
    with qtbot.waitExposed(made):
        made.show()
    made.build()
    return made


def _picture(window: MainWindow, theme: ThemeManager, frame: FirstFrame) -> FirstPicture:
    picture = FirstPicture(theme, frame)
    picture.resize(window.centralWidget().size())
    picture.show()
    return picture


def _rect(widget: QWidget, within: QWidget) -> QRect:
    return QRect(widget.mapTo(within, QPoint(0, 0)), widget.size())


@pytest.mark.parametrize("size", [(1180, 800), (760, 620), (1500, 900)])
@pytest.mark.parametrize("zoom", [1.0, 1.5])
def test_the_field_does_not_move(
    qtbot: QtBot, window: MainWindow, theme: ThemeManager, size: tuple[int, int], zoom: float
) -> None:
    window.reveal()
    window.resize(*size)
    theme.set_reading(Reading(zoom))
    qtbot.waitUntil(lambda: window.width() == size[0])
    QApplication.processEvents()
    frame = measured(window, FirstFrame())
    assert frame.width == size[0]
    picture = _picture(window, theme, frame)
    whole = window.centralWidget()
    assert picture.composer(picture.size()) == _rect(window.composer, whole)
    assert _rect(picture.edit, picture) == _rect(window.composer.edit, whole)
    assert picture.edit.fontInfo().pixelSize() == window.composer.edit.fontInfo().pixelSize()
    at = picture.edit.cursorRect().topLeft(), window.composer.edit.cursorRect().topLeft()
    assert (at[0] - at[1]).manhattanLength() <= 1
    picture.deleteLater()


def test_in_another_size_it_is_where_the_composer_will_be(window: MainWindow, theme: ThemeManager) -> None:
    window.reveal()
    QApplication.processEvents()
    frame = measured(window, FirstFrame())
    window.resize(1000, 700)
    QApplication.processEvents()
    picture = _picture(window, theme, frame)
    drawn, real = picture.composer(picture.size()), _rect(window.composer, window.centralWidget())
    assert (drawn.x(), drawn.width(), drawn.bottom()) == (real.x(), real.width(), real.bottom())
    assert abs(drawn.height() - real.height()) <= 1
    picture.deleteLater()


def test_areas_have_their_colours(window: MainWindow, theme: ThemeManager) -> None:
    picture = _picture(window, theme, FirstFrame())
    image = picture.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    assert image.pixelColor(20, 400) == theme.color("sunken")
    assert image.pixelColor(700, 300) == theme.color("window")
    assert image.pixelColor(700, image.height() - 60) == theme.color("surface")
    picture.deleteLater()


def test_what_is_typed_goes_on_in_the_composer(window: MainWindow) -> None:
    assert window.picture is not None
    QTest.keyClicks(window.picture.edit, "Good morn")
    window.reveal()
    assert window.picture is None
    assert window.composer.edit.toPlainText() == "Good morn"
    assert window.composer.edit.textCursor().position() == 9
    QTest.keyClicks(window.composer.edit, "ing")
    assert window.composer.draft() == "Good morning"


def test_no_key_waits_for_large_parts_of_qt(window: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(MainWindow, "_is_escape", lambda _window, event: asked.append(event))
    assert window.picture is not None
    QTest.keyClick(window.picture.edit, Qt.Key.Key_Shift)
    assert not asked
    window.reveal()
    QTest.keyClick(window.composer.edit, Qt.Key.Key_Shift)
    assert asked, "a key that nothing has a use for comes to the window"


def test_a_draft_stays_in_front_of_it(window: MainWindow) -> None:
    assert window.picture is not None
    QTest.keyClicks(window.picture.edit, "new")
    window.composer.set_draft("old")
    window.reveal()
    assert window.composer.draft() == "old\nnew"


def test_enter_and_what_follows_wait_for_the_composer(qtbot: QtBot, window: MainWindow) -> None:
    assert window.picture is not None
    window.composer.set_usable(True)
    QTest.keyClicks(window.picture.edit, "Hello")
    QTest.keyClick(window.picture.edit, Qt.Key.Key_Return)
    QTest.keyClicks(window.picture.edit, "next")
    assert window.picture.edit.toPlainText() == "Hello"
    with qtbot.waitSignal(window.composer.send_requested) as sent:
        window.reveal()
    assert sent.args == ["Hello"]
    assert window.composer.draft().endswith("next")


def test_an_input_method_is_not_disturbed(qtbot: QtBot, window: MainWindow) -> None:
    assert window.picture is not None
    QApplication.sendEvent(window.picture.edit, QInputMethodEvent("に", []))
    window.reveal()
    assert window.picture is not None
    done = QInputMethodEvent("", [])
    done.setCommitString("日")
    QApplication.sendEvent(window.picture.edit, done)
    qtbot.waitUntil(lambda: window.picture is None)
    assert window.composer.draft() == "日"


def test_a_composer_of_many_lines_is_drawn_with_one(qtbot: QtBot, window: MainWindow) -> None:
    window.reveal()
    QApplication.processEvents()
    before = measured(window, FirstFrame())
    window.composer.set_draft("\n".join(["many", "lines"] * 3))
    qtbot.waitUntil(lambda: window.composer.height() > before.tall + 20)
    after = measured(window, before)
    assert abs(after.y - before.y) <= 1
    assert replace(after, place="", y=0) == replace(before, place="", y=0)
