from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QLabel, QPushButton, QScrollArea, QToolButton
from pytestqt.qtbot import QtBot

from ui.dialogs.notice_bar import NoticeBar, NoticeCard
from ui.notices import Notice
from ui.theme import ThemeManager


@pytest.fixture
def bar(qtbot: QtBot) -> NoticeBar:
    made = NoticeBar(ThemeManager())
    qtbot.addWidget(made)
    made.resize(600, 80)
    return made


def _texts(bar: NoticeBar) -> list[str]:
    cards = [card for card in bar.findChildren(NoticeCard) if not card.isHidden()]
    return [card.findChild(QLabel, "notice_text").text() for card in cards]


def test_a_newer_notice_takes_the_place_of_its_key(bar: NoticeBar) -> None:
    bar.show_notice(Notice("engine", "old"))
    bar.show_notice(Notice("model", "other"))
    bar.show_notice(Notice("engine", "new"))
    assert sorted(_texts(bar)) == ["new", "other"]


def test_only_the_newest_few_stay_up(bar: NoticeBar) -> None:
    for number in range(6):
        bar.show_notice(Notice(f"key{number}", f"text {number}"))
    assert sorted(_texts(bar)) == ["text 3", "text 4", "text 5"]


def test_the_action_is_told_and_takes_the_notice_down(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice(Notice("safer", "slow", "warning", "full_speed", "Try full speed again"))
    button = bar.findChild(QPushButton, "notice_action")
    with qtbot.waitSignal(bar.acted) as acted:
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert acted.args == ["full_speed"]
    assert bar.isHidden()


def test_details_open_and_are_copied_whole(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice(Notice("engine", "It stopped.", "error", details="first\nlast"))
    details = bar.findChild(QLabel, "notice_details")
    assert details.isHidden()
    qtbot.mouseClick(bar.findChild(QPushButton, "notice_more"), Qt.MouseButton.LeftButton)
    assert not details.isHidden()
    qtbot.mouseClick(bar.findChild(QPushButton, "notice_copy"), Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "It stopped.\n\nfirst\nlast"


def test_a_notice_is_text_whatever_it_says(bar: NoticeBar) -> None:
    bar.show_notice(Notice("engine", "<b>bold</b>", details="<img src=x>"))
    for name in ("notice_text", "notice_details"):
        assert bar.findChild(QLabel, name).textFormat() == Qt.TextFormat.PlainText


def test_close_takes_it_down(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice(Notice("engine", "It stopped."))
    qtbot.mouseClick(bar.findChild(QToolButton, "notice_close"), Qt.MouseButton.LeftButton)
    assert bar.isHidden()


def test_undo_is_reached_by_keyboard_newest_notice_first(bar: NoticeBar, qtbot: QtBot) -> None:
    for name in ("One", "Two", "Three"):
        bar.show_notice(Notice(name, f"“{name}” was deleted.", action=f"undo {name}", action_label="Undo"))
    undo = bar.findChild(NoticeCard, "notice_Three").findChild(QPushButton, "notice_action")
    assert undo.accessibleDescription() == "“Three” was deleted."
    bar.activateWindow()
    undo.setFocus()
    qtbot.waitUntil(undo.hasFocus)
    for _ in range(2):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    older = QApplication.focusWidget()
    assert older.accessibleDescription() == "“Two” was deleted."
    with qtbot.waitSignal(bar.acted) as acted:
        qtbot.keyClick(older, Qt.Key.Key_Space)
    assert acted.args == ["undo Two"]


def test_nothing_pushes_an_error_out(bar: NoticeBar) -> None:
    bar.show_notice(Notice("store_full", "No room on the disk.", "error"))
    for number in range(6):
        bar.show_notice(Notice(f"key{number}", f"text {number}", "warning" if number % 2 else "info"))
    assert sorted(_texts(bar)) == ["No room on the disk.", "text 3", "text 4", "text 5"]


LONG = "There is no room on the disk to save this. " * 3


@pytest.mark.parametrize("width", [430, 560, 760])
def test_texts_and_buttons_are_seen_whole_at_any_width(bar: NoticeBar, qtbot: QtBot, width: int) -> None:
    bar.resize(width, 80)
    bar.show_notice(Notice("engine", LONG, "error", "x", "Load the model again", details="a"))
    bar.show_notice(Notice("other", LONG, "info", "y", "Undo"))
    qtbot.waitUntil(lambda: bar.width() == width)
    QApplication.processEvents()
    for card in bar.findChildren(NoticeCard):
        text = card.findChild(QLabel, "notice_text")
        assert text.height() >= text.heightForWidth(text.width())
        assert text.width() >= 240
        for button in card.findChildren(QPushButton):
            assert button.width() >= button.sizeHint().width()
            assert card.rect().contains(button.geometry().translated(button.parentWidget().pos()))


def test_details_make_room_and_beyond_the_room_it_scrolls(bar: NoticeBar, qtbot: QtBot) -> None:
    bar.show_notice(Notice("engine", LONG, "error", details="line\n" * 40))
    before = bar.height()
    qtbot.mouseClick(bar.findChild(QPushButton, "notice_more"), Qt.MouseButton.LeftButton)
    assert bar.height() > before + 300
    bar.set_room(200)
    assert bar.height() == 200
    area = bar.findChild(QScrollArea, "notices_area")
    qtbot.waitUntil(lambda: area.verticalScrollBar().maximum() > 300)
    qtbot.mouseClick(bar.findChild(QPushButton, "notice_more"), Qt.MouseButton.LeftButton)
    assert bar.height() == before


def test_a_wild_text_stays_within_the_card(bar: NoticeBar) -> None:
    bar.resize(430, 80)
    bar.show_notice(
        Notice("undo", "\u202e“" + "x" * 1_000_000 + "” was deleted.", action="u", action_label="Undo")
    )
    text = bar.findChild(QLabel, "notice_text")
    assert len(text.text()) < 1100
    assert "\u202e" not in text.text()
    assert text.minimumSizeHint().width() < 430


def test_a_notice_that_the_person_closes_is_told(bar: NoticeBar, qtbot: QtBot) -> None:
    told: list[str] = []
    bar.dismissed.connect(told.append)
    bar.show_notice(Notice("one", "text"))
    bar.show_notice(Notice("one", "newer"))
    bar.remove("one")
    assert not told
    bar.show_notice(Notice("two", "text"))
    qtbot.mouseClick(bar.findChildren(NoticeCard)[-1].findChild(QToolButton), Qt.MouseButton.LeftButton)
    assert told == ["two"]
    assert _texts(bar) == []
