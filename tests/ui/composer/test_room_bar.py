"""The bar that offers more room."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.composer.room_bar import RoomBar
from ui.composer.room_offer import Choice, RoomOffer
from ui.theme import ThemeManager

OFFER = RoomOffer(
    "This is 9,000 tokens, and the context holds 4,096.",
    "error",
    (Choice("raise", "Use 16,384 tokens"), Choice("leave_out:7", "Leave out A & B.pdf", "8,000 tokens")),
)


@pytest.fixture
def bar(qtbot: QtBot) -> RoomBar:
    bar = RoomBar(ThemeManager())
    qtbot.addWidget(bar)
    bar.resize(700, 80)
    return bar


def test_it_is_hidden_until_there_is_something_to_say(bar: RoomBar) -> None:
    assert bar.isHidden()
    bar.set_offer(OFFER)
    assert not bar.isHidden()
    assert bar.text.text() == OFFER.text
    assert "error" in bar.accessibleName()
    bar.set_offer(None)
    assert bar.isHidden()


def test_each_choice_is_a_button(bar: RoomBar, qtbot: QtBot) -> None:
    bar.set_offer(OFFER)
    names = [button.accessibleName() for button in bar.buttons()]
    assert names == ["Use 16,384 tokens", "Leave out A & B.pdf"]
    with qtbot.waitSignal(bar.chosen) as chosen:
        qtbot.mouseClick(bar.buttons()[1], Qt.MouseButton.LeftButton)
    assert chosen.args == ["leave_out:7"]
    with qtbot.waitSignal(bar.dismissed):
        qtbot.mouseClick(bar.close_button, Qt.MouseButton.LeftButton)


def test_a_button_keeps_the_focus_while_the_numbers_change(bar: RoomBar, qtbot: QtBot) -> None:
    bar.set_offer(OFFER)
    bar.show()
    qtbot.waitExposed(bar)
    bar.buttons()[0].setFocus()
    qtbot.waitUntil(bar.buttons()[0].hasFocus)
    bar.set_offer(RoomOffer("This is 9,001 tokens.", "error", OFFER.choices[:1]))
    qtbot.waitUntil(bar.buttons()[0].hasFocus)
    assert bar.text.text() == "This is 9,001 tokens."


def test_a_narrow_bar_shortens_its_buttons(bar: RoomBar) -> None:
    bar.set_offer(OFFER)
    assert bar.minimumSizeHint().width() < 300
