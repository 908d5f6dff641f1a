"""Every action under a message, by mouse, keyboard and menu."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu

from tests.ui.chat.conftest import Hands
from tests.ui.chat.samples import QUESTION, REPLY, STOPPED, pairs
from ui.chat.menu import build_menu
from ui.chat.message import FOOTER
from ui.chat.view import ChatView

THREE = [QUESTION, REPLY, STOPPED]
EMITTED = [
    ("edit", "u"), ("delete", "u"), ("previous", "u"), ("next", "u"), ("previous", "a"), ("next", "a"),
    ("edit", "a"), ("regenerate", "a"), ("delete", "a"), ("continue", "b"), ("regenerate", "b"),
]  # fmt: skip


@pytest.mark.parametrize("wanted", EMITTED)
def test_every_action_by_mouse(qtbot, view: ChatView, hands: Hands, wanted: tuple[str, str]) -> None:
    view.show_messages(THREE)
    at = next(at for ref, _, at in hands.spots(wanted[0]) if view.model.messages[ref.message].id == wanted[1])
    with qtbot.waitSignal(view.action_requested) as asked:
        hands.click(at)
    assert tuple(asked.args) == wanted


def test_every_action_by_keyboard(qtbot, view: ChatView) -> None:
    view.show_messages(THREE)
    view.setFocus()
    asked, copied = [], []
    view.action_requested.connect(lambda *args: asked.append(args))
    view.copy_requested.connect(copied.append)
    while True:
        qtbot.keyClick(view, Qt.Key.Key_Tab)
        if view.navigator.place is None:
            break
        assert view.accessibleDescription()
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert asked == EMITTED
    assert copied == ["Why?", "x = 1\n", REPLY.text, "Half"]


def test_left_and_right_go_along_the_footer(qtbot, view: ChatView) -> None:
    view.show_messages([REPLY])
    view.setFocus()
    kinds = []
    for key in (
        *[Qt.Key.Key_Tab] * 4,
        Qt.Key.Key_Right,
        Qt.Key.Key_Right,
        Qt.Key.Key_Left,
        Qt.Key.Key_Left,
    ):
        qtbot.keyClick(view, key)
        kinds.append(view.navigator.spot().kind)
    code = ["wrap_code", "save_code", "copy_code"]
    assert kinds == [*code, "previous", "next", "copy_message", "next", "previous"]


def test_the_ends_of_the_versions(view: ChatView, hands: Hands) -> None:
    for version, kinds in ((1, ["next"]), (3, ["previous"])):
        view.show_messages([replace(REPLY, version=version)])
        assert [kind for kind in ("previous", "next") if hands.spots(kind)] == kinds
        assert f"{version} / 3" in view.visible_plain_text()
    view.show_messages([replace(REPLY, version=1, versions=1)])
    assert hands.spots("next") == []
    assert " / " not in view.visible_plain_text()


def test_actions_show_on_hover_and_versions_always(view: ChatView, hands: Hands) -> None:
    view.show_messages([REPLY])
    bare = view.grab().toImage()
    view.update_message(replace(REPLY, versions=1, version=1))
    view.flush()
    assert view.grab().toImage() != bare
    view.update_message(REPLY)
    view.flush()
    assert view.grab().toImage() == bare
    hands.mouse(QEvent.Type.MouseMove, hands.point(view.placer.rows[0].y + 20, 5))
    assert view.grab().toImage() != bare
    QApplication.sendEvent(view.viewport(), QEvent(QEvent.Type.Leave))
    assert view.grab().toImage() == bare


@pytest.mark.parametrize("width", [170, 220, 260, 330, 480, 900])
@pytest.mark.parametrize("zoom", [1.0, 2.0])
def test_narrow_footers_never_overlap(view: ChatView, width: int, zoom: float) -> None:
    view.resize(width, 2000)
    view.set_text_zoom(zoom)
    view.show_messages(
        [
            replace(
                m,
                footer="a long meta line " * 3,
                mark="Stopped",
                mark_action="Go on",
                mark_action2="Ask again",
            )
            for m in THREE
        ]
    )
    column = view.column()[1]
    count = 0
    for placed in view.placer.rows:
        if placed.ref.section != FOOTER:
            continue
        rects = [spot.rect for spot in placed.item.spots()]
        if placed.item._counter:
            rects.append(placed.item._counter_rect)
        count += len(rects)
        for i, rect in enumerate(rects):
            assert rect.left() >= -10
            assert rect.right() <= column + 1
            assert rect.bottom() <= placed.item.height
            assert not any(rect.intersects(other) for other in rects[i + 1 :])
    assert count == 20
    view.grab()


def test_the_menu_has_what_the_message_has(view: ChatView, hands: Hands) -> None:
    view.show_messages(THREE)
    code = next(placed.ref for placed in view.placer.rows if placed.item.kind == "code")
    names = [a.text() for a in build_menu(view, code, None).actions() if a.text()]
    assert names == [
        "Copy", "Copy as plain text", "Quote in the composer", "Copy code", "Save code…", "Wrap lines",
        "Copy message", "Copy message as plain text", "Edit", "Regenerate", "Delete",
        "Previous version", "Next version", "Select all",
    ]  # fmt: skip
    names = [a.text() for a in build_menu(view, view.model.first_of(2), None).actions() if a.text()]
    assert names == [
        "Copy", "Copy as plain text", "Quote in the composer", "Copy message", "Copy message as plain text",
        "Select all",
    ]  # fmt: skip


def test_the_menu_does_what_it_says(view: ChatView) -> None:
    view.show_messages(THREE)
    asked = []
    view.action_requested.connect(lambda *args: asked.append(args))
    code = next(placed.ref for placed in view.placer.rows if placed.item.kind == "code")
    actions = {a.text(): a for a in build_menu(view, code, None).actions()}
    for name in ("Edit", "Regenerate", "Delete", "Previous version", "Next version"):
        actions[name].trigger()
    assert asked == [(n, "a") for n in ("edit", "regenerate", "delete", "previous", "next")]
    actions["Copy code"].trigger()
    assert QGuiApplication.clipboard().text() == "x = 1\n"
    actions["Copy message"].trigger()
    assert QGuiApplication.clipboard().text() == REPLY.text
    view.show_messages(pairs(1))
    actions["Edit"].trigger()
    assert len(asked) == 5


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("way", ["menu key", "shift+f10", "event", "mouse"])
def test_the_menu_opens(qtbot, view: ChatView, hands: Hands, way: str) -> None:
    view.show_messages([REPLY])
    view.setFocus()
    if way == "menu key":
        qtbot.keyClick(view, Qt.Key.Key_Menu)
    elif way == "shift+f10":
        qtbot.keyClick(view, Qt.Key.Key_F10, Qt.KeyboardModifier.ShiftModifier)
    else:
        mouse = way == "mouse"
        reason = QContextMenuEvent.Reason.Mouse if mouse else QContextMenuEvent.Reason.Keyboard
        at = hands.point(view.placer.rows[0].y + 20, 5)
        QApplication.sendEvent(
            view.viewport() if mouse else view, QContextMenuEvent(reason, at, QPoint(50, 50))
        )
    menu = view.findChild(QMenu, "chat_menu")
    assert menu is not None
    assert menu.isVisible()
    assert "Regenerate" in [action.text() for action in menu.actions()]
    menu.close()


@pytest.mark.parametrize("by_key", [True, False])
def test_the_selection_can_be_quoted(qtbot, view: ChatView, by_key: bool) -> None:
    view.show_messages([REPLY])
    view.setFocus()
    with qtbot.assertNotEmitted(view.quote_requested):
        view.quote_selection()
    view.select_all()
    with qtbot.waitSignal(view.quote_requested) as quoted:
        if by_key:
            held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
            qtbot.keyClick(view, Qt.Key.Key_Period, held)
        else:
            build_menu(view, None, None).actions()[2].trigger()
    assert quoted.args == [REPLY.text]
