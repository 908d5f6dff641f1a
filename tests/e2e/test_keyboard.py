"""Every action of the chat and of the sidebar, by keyboard alone, in the real window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from tests.e2e.conftest import Desk
from ui.chat.message import REASONING
from ui.shortcuts import ACTIONS

pytestmark = pytest.mark.qt_log_ignore("does not support (raise|grabbing)")

OpenDesk = Callable[[Path], Desk]
Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
ALT = Qt.KeyboardModifier.AltModifier


class Hands:
    """Only keys, and only to the widget that has the focus."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def press(self, *keys: Key, held: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        for key in keys:
            target = QApplication.activePopupWidget() or self._focused()
            self.desk.qtbot.keyClick(target, key, held)

    def write(self, text: str) -> None:
        self.desk.qtbot.keyClicks(self._focused(), text)

    def _focused(self) -> QWidget:
        """What has the focus; a menu that closes gives it back late without a window system."""
        if QApplication.focusWidget() is None:
            self.desk.window.activateWindow()
            self.desk.until(lambda: QApplication.focusWidget() is not None)
        focused = QApplication.focusWidget()
        assert focused is not None
        return focused

    def spot(self, kind: str) -> None:
        """Tab to an action of the last message that has it, and use it."""
        view = self.desk.window.view
        self.desk.screen()  # takes in what waits for the next frame
        self.press(Key.Key_J, held=CTRL)
        assert view.hasFocus()
        view.navigator.clear()
        self.press(Key.Key_End)
        seen: list[str] = []
        for _step in range(20):
            self.press(Key.Key_Tab, held=SHIFT) if view.hasFocus() else self.press(Key.Key_J, held=CTRL)
            spot = view.navigator.spot()
            seen.append(spot.kind if spot is not None else "")
            if spot is not None and spot.kind == kind:
                self.press(Key.Key_Return)
                return
        raise AssertionError(f"{kind} was not reached, only {seen}")

    def item(self, menu_name: str, name: str) -> None:
        """Open a menu by the Menu key and choose an entry with the arrow keys."""
        self.press(Key.Key_Menu)
        self.desk.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        assert menu.objectName() == menu_name
        for _step in range(20):
            self.press(Key.Key_Down)
            active = menu.activeAction()
            if active is not None and name in (active.objectName(), active.text()):
                self.press(Key.Key_Return)
                return
        raise AssertionError(f"{name} is not in the menu: {[action.text() for action in menu.actions()]}")


@pytest.fixture
def hands(open_desk: OpenDesk, starter: Path) -> Hands:
    desk = open_desk(starter)
    desk.loaded()
    desk.window.activateWindow()
    desk.until(desk.window.isActiveWindow)
    desk.window.composer.edit.setFocus()
    return Hands(desk)


def _asked(hands: Hands, text: str) -> None:
    hands.press(Key.Key_L, held=CTRL)
    hands.write(text)
    hands.press(Key.Key_Return)
    hands.desk.until(lambda: hands.desk.turns.running is not None)
    hands.desk.until(lambda: hands.desk.idle)


def test_what_is_done_with_messages(hands: Hands) -> None:
    desk, chat = hands.desk, hands.desk.chat
    _asked(hands, "What is the capital of France?")
    question, answer = (message.id for message in chat.conversation.branch())
    hands.spot("copy_message")
    assert "Paris" in QGuiApplication.clipboard().text()
    hands.spot("regenerate")
    desk.until(lambda: len(chat.conversation.versions(answer)) == 2 and desk.idle)
    hands.spot("previous")
    assert chat.conversation.branch()[-1].id == answer
    hands.spot("next")
    assert chat.conversation.branch()[-1].id != answer
    hands.spot("edit")
    hands.press(Key.Key_A, held=CTRL)
    hands.write("It is Lyon.")
    hands.press(Key.Key_Return)
    assert chat.conversation.branch()[-1].text == "It is Lyon."
    assert chat.conversation.branch()[-1].edited
    hands.spot("delete")
    assert chat.conversation.branch()[-1].text != "It is Lyon."
    hands.press(Key.Key_Y, held=CTRL | SHIFT)
    assert chat.conversation.branch()[-1].text == "It is Lyon."
    for _version in range(3):
        hands.spot("delete")
    assert [message.id for message in chat.conversation.branch()] == [question]
    hands.spot("answer")
    desk.until(lambda: desk.turns.running is not None)
    hands.press(Key.Key_L, held=CTRL)
    hands.press(Key.Key_Escape)
    desk.until(lambda: desk.idle)


def test_stop_continue_quote_and_code(hands: Hands) -> None:
    desk, chat = hands.desk, hands.desk.chat
    hands.write("Write a Python function that adds two numbers.")
    hands.press(Key.Key_Return)
    desk.until(
        lambda: (
            "```" in "".join(part.text for part in desk.turns.running.parts) if desk.turns.running else False
        )
    )
    answer = chat.conversation.branch()[-1].id
    desk.until(lambda: len(desk.text(answer)) > 40)
    hands.press(Key.Key_Escape)
    desk.until(lambda: desk.idle)
    before = len(chat.conversation.messages[answer].text)
    hands.spot("continue")
    desk.until(lambda: len(desk.text(answer)) > before)
    hands.press(Key.Key_L, held=CTRL)
    hands.press(Key.Key_Escape)
    desk.until(lambda: desk.idle)
    hands.press(Key.Key_K, held=CTRL | SHIFT)
    assert "def " in QGuiApplication.clipboard().text()
    hands.press(Key.Key_J, held=CTRL)
    hands.press(Key.Key_A, held=CTRL)
    hands.press(Key.Key_Greater, held=CTRL | SHIFT)
    assert desk.window.composer.edit.text().startswith("> ")


def test_what_is_done_in_the_sidebar(hands: Hands) -> None:
    desk, sidebar = hands.desk, hands.desk.window.sidebar
    for text in ("What is the capital of France?", "What is the capital of Italy?"):
        hands.press(Key.Key_N, held=CTRL)
        _asked(hands, text)
    desk.until(lambda: len(desk.titles()) == 2)
    hands.press(Key.Key_L, held=CTRL | SHIFT)
    assert sidebar.list.hasFocus()
    hands.press(Key.Key_End)
    hands.press(Key.Key_Return)
    desk.until(lambda: "France" in desk.chat.conversation.title)
    key = desk.chat.key

    def entry():  # type: ignore[no-untyped-def]
        return next(one for one in desk.application.library.entries if one.id == key)

    hands.press(Key.Key_L, held=CTRL | SHIFT)
    hands.press(Key.Key_End, Key.Key_F2)
    hands.write("France")
    hands.press(Key.Key_Return)
    desk.until(lambda: entry().title == "France")
    hands.item("sidebar_menu", "Pin")
    desk.until(lambda: entry().pinned)
    hands.item("sidebar_menu", "Unpin")
    desk.until(lambda: not entry().pinned)
    hands.item("sidebar_menu", "Copy conversation")
    desk.until(lambda: "Paris" in QGuiApplication.clipboard().text())
    hands.item("sidebar_menu", "Duplicate")
    desk.until(lambda: "France (copy)" in desk.titles())
    hands.press(Key.Key_L, held=CTRL | SHIFT)
    hands.press(Key.Key_End)
    hands.item("sidebar_menu", "Archive")
    desk.until(lambda: any(one.archived for one in desk.application.library.entries))
    hands.press(Key.Key_Y, held=CTRL | SHIFT)
    desk.until(lambda: not any(one.archived for one in desk.application.library.entries))
    hands.press(Key.Key_L, held=CTRL | SHIFT)
    hands.press(Key.Key_Home, Key.Key_Down, Key.Key_Delete)
    desk.until(lambda: len(desk.titles()) == 2)


def test_folders_archive_and_deleted(hands: Hands) -> None:
    desk, sidebar = hands.desk, hands.desk.window.sidebar
    _asked(hands, "What is the capital of France?")
    desk.until(lambda: len(desk.titles()) == 1)
    hands.press(Key.Key_L, held=CTRL | SHIFT)
    hands.press(Key.Key_End)
    hands.press(Key.Key_Menu)
    desk.until(lambda: isinstance(QApplication.activePopupWidget(), QMenu))
    for _step in range(10):
        hands.press(Key.Key_Down)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        if menu.activeAction() and menu.activeAction().text() == "Move to folder":
            break
    hands.press(Key.Key_Right)
    desk.until(lambda: QApplication.activePopupWidget().objectName() == "sidebar_folders")
    hands.press(Key.Key_Return)
    desk.until(sidebar.folder_edit.hasFocus)
    hands.write("Travel")
    hands.press(Key.Key_Return)
    desk.until(lambda: bool(desk.application.library.entries[0].folder))
    hands.press(Key.Key_Delete, held=CTRL | SHIFT)
    desk.until(lambda: not desk.titles())
    hands.press(Key.Key_F, held=CTRL | SHIFT)
    deleted = _tab_to(hands, "Recently deleted")
    hands.press(Key.Key_Space)
    desk.until(lambda: sidebar.view == "deleted")
    assert deleted is not None
    desk.until(lambda: sidebar.list.rows.rowCount() == 1)
    hands.press(Key.Key_L, held=CTRL | SHIFT)
    hands.press(Key.Key_Home, Key.Key_Return)
    desk.until(lambda: len(desk.titles()) == 1)


def _tab_to(hands: Hands, name: str) -> QWidget:
    for _step in range(80):
        focused = QApplication.focusWidget()
        if focused is not None and name in (focused.accessibleName(), getattr(focused, "text", str)()):
            return focused
        hands.press(Key.Key_Tab)
    raise AssertionError(f"Tab does not reach {name}")


def test_tab_comes_to_every_control_and_round(hands: Hands) -> None:
    desk = hands.desk
    _asked(hands, "What is the capital of France?")
    hands.press(Key.Key_P, held=CTRL | SHIFT)
    assert desk.window.settings.isVisible()
    hands.press(Key.Key_L, held=CTRL)
    seen: set[QWidget] = set()
    start = QApplication.focusWidget()
    for _step in range(200):
        hands.press(Key.Key_Tab)
        focused = QApplication.focusWidget()
        assert focused is not None
        seen.add(focused)
        if focused is start:
            break
    assert start in seen
    wanted = {
        widget
        for widget in desk.window.findChildren(QWidget)
        if widget.isVisible()
        and widget.isEnabled()
        and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        and widget.focusProxy() is None
        and widget.window() is desk.window
    }
    missing = {widget.objectName() or type(widget).__name__ for widget in wanted - seen}
    assert not missing


def test_a_thought_is_read_and_a_dialog_gives_the_keyboard_back(open_desk: OpenDesk, hybrid: Path) -> None:
    desk = open_desk(hybrid)
    desk.loaded()
    hands, view = Hands(desk), desk.window.view
    hands.press(Key.Key_L, held=CTRL)
    hands.write("Prove it")
    hands.press(Key.Key_Return)
    answer = desk.answers[-1]
    desk.until(lambda: len(desk.text(answer, "reasoning")) > 100)
    hands.press(Key.Key_Escape)
    desk.finished(answer)
    desk.screen()
    hands.press(Key.Key_J, held=CTRL)
    hands.press(Key.Key_PageUp, held=ALT)
    while view.navigator.at() != view.model.first():
        hands.press(Key.Key_PageUp, held=ALT)
    said = []
    for _step in range(3):
        said.append(view.access.focused().words())
        hands.press(Key.Key_Down, held=ALT)
    assert said[0] == "Prove it"
    assert said[2].startswith("Thought")
    hands.press(Key.Key_Up, held=ALT)
    reasoning = view.model.by_id[answer].sections[REASONING]
    folded = not reasoning.visible
    hands.press(Key.Key_Return)
    assert reasoning.visible is folded
    if not reasoning.visible:
        hands.press(Key.Key_Return)
    hands.press(Key.Key_Down, held=ALT)
    # What a model says at random may be a heading, code or a rule: where it is read counts, not how.
    place = view.navigator.at()
    assert (view.model.row(place).message.id, place.section) == (answer, REASONING)
    assert view.access.focused().words()
    hands.press(Key.Key_L, held=CTRL)
    for key, held, name in (
        (Key.Key_Comma, CTRL, "settings"),
        (Key.Key_O, CTRL | SHIFT, "models_dialog"),
        (Key.Key_Slash, CTRL, "shortcuts_list"),
    ):
        hands.press(key, held=held)
        desk.until(lambda: QApplication.activeWindow() is not desk.window)
        dialog = QApplication.activeWindow()
        assert dialog is not None
        assert dialog.objectName() == name
        hands.press(Key.Key_Escape)
        desk.until(lambda dialog=dialog: not dialog.isVisible())
        desk.window.activateWindow()  # as a window system does
        desk.until(desk.window.composer.edit.hasFocus)


def test_every_action_of_the_window_has_a_key() -> None:
    assert all(shortcut.keys for shortcut in ACTIONS)
