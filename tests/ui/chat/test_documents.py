"""The documents above a question, by mouse, keyboard and menu."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from tests.ui.chat.conftest import Hands
from ui.chat.menu import build_menu
from ui.chat.shown import Shown, ShownDocument
from ui.chat.view import ChatView

REPORT = ShownDocument("report.pdf", "PDF · 312 pages", "pdf")
NOTES = ShownDocument("a very long name of notes that were taken " * 4 + ".txt", "Text", "text")
ASKED = Shown("u", "user", "What does it say?", attachments=(REPORT, NOTES), actions=("copy", "edit"))


def test_they_stand_above_the_text_in_the_box(view: ChatView, hands: Hands) -> None:
    view.show_messages([ASKED])
    item = view.placer.rows[0].item
    plain = replace(ASKED, attachments=())
    spots = [spot for _, spot, _ in hands.spots("document")]
    assert [spot.value for spot in spots] == ["0", "1"]
    assert spots[0].name == "report.pdf, PDF · 312 pages"
    assert item.plain == "What does it say?"
    box_left = item.rect_left
    assert all(box_left <= spot.rect.left() and spot.rect.right() <= item.width for spot in spots)
    assert max(spot.rect.bottom() for spot in spots) < item.height_to(0) + 1
    assert item.hit(item.width - 20, item.height - 12) > 0
    tall = item.height
    view.show_messages([plain])
    assert view.placer.rows[0].item.height < tall - 30
    assert hands.spots("document") == []


def test_many_of_them_wrap(view: ChatView, hands: Hands) -> None:
    view.show_messages(
        [replace(ASKED, attachments=tuple(replace(REPORT, name=f"{n}.pdf") for n in range(9)))]
    )
    rects = [spot.rect for _, spot, _ in hands.spots("document")]
    assert len({rect.top() for rect in rects}) > 1
    assert not any(a.intersects(b) for a in rects for b in rects if a is not b)


def test_a_question_may_be_documents_only(view: ChatView, hands: Hands) -> None:
    view.show_messages([replace(ASKED, text="")])
    assert view.visible_plain_text().startswith("report.pdf, PDF · 312 pages\na very long")
    with_text = Shown("u", "user", "x", attachments=(REPORT, NOTES), actions=("copy", "edit"))
    alone = view.placer.rows[0].item.height
    view.show_messages([with_text])
    assert view.placer.rows[0].item.height > alone


def test_a_click_opens(view: ChatView, hands: Hands, qtbot: QtBot) -> None:
    view.show_messages([ASKED])
    with qtbot.waitSignal(view.document_requested) as asked:
        hands.click(hands.spots("document")[1][2])
    assert asked.args == ["u", 1]


def test_the_keyboard_opens(view: ChatView, qtbot: QtBot) -> None:
    view.show_messages([ASKED])
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert view.accessibleDescription() == "report.pdf, PDF · 312 pages"
    qtbot.keyClick(view, Qt.Key.Key_Right)
    with qtbot.waitSignal(view.document_requested) as asked:
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert asked.args == ["u", 1]
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert view.accessibleDescription() not in ("", "report.pdf, PDF · 312 pages")


def test_the_menu_opens(view: ChatView, hands: Hands, qtbot: QtBot) -> None:
    view.show_messages([ASKED])
    ref, spot, _ = hands.spots("document")[0]
    menu = build_menu(view, ref, spot)
    entry = next(action for action in menu.actions() if action.text() == "View text")
    with qtbot.waitSignal(view.document_requested) as asked:
        entry.trigger()
    assert asked.args == ["u", 0]
    menu.deleteLater()


def test_copying_takes_the_text_alone(view: ChatView, hands: Hands) -> None:
    view.show_messages([ASKED])
    view.select_all()
    view.copy_selection()
    assert QGuiApplication.clipboard().text() == "What does it say?"


def test_a_new_question_comes_with_its_documents(view: ChatView, hands: Hands) -> None:
    view.add_message("u", "user", "Why?", attachments=(REPORT,))
    hands.settle()
    assert len(hands.spots("document")) == 1
    view.replace_messages([Shown("u", "user", "Why?", attachments=(REPORT, NOTES))])
    hands.settle()
    assert len(hands.spots("document")) == 2


@pytest.mark.parametrize("zoom", [0.75, 2.0])
def test_they_keep_to_the_box_at_any_zoom(view: ChatView, hands: Hands, zoom: float) -> None:
    view.show_messages([ASKED])
    view.set_text_zoom(zoom)
    hands.settle()
    item = view.placer.rows[0].item
    for spot in item.spots():
        assert spot.rect.right() <= item.width
        assert spot.rect.left() >= item.rect_left


def test_a_thousand_documents_paint_only_what_is_seen(view: ChatView, hands: Hands) -> None:
    many = tuple(replace(REPORT, name=f"{n}.pdf") for n in range(1000))
    view.show_messages([replace(ASKED, attachments=many)])
    chips = view.placer.rows[0].item._chips
    painted = []
    chips._paint_chip = lambda *args: painted.append(args)
    view.viewport().grab()
    assert 0 < len(painted) < 200
