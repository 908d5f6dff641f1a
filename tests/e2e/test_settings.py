"""The settings by keyboard alone in the real window, and over a restart."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.paths import Paths
from app.settings.model import AppearanceSettings, EngineSettings
from app.settings.store import SettingsStore
from tests.e2e.conftest import WAIT_MS, Desk
from tests.e2e.test_keyboard import Hands
from ui.application import Application

pytestmark = pytest.mark.qt_log_ignore("does not support (raise|grabbing)")

OpenDesk = Callable[[Path], Desk]
Key = Qt.Key
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


def open_settings(desk: Desk, hands: Hands) -> None:
    """Ctrl+, and wait for the keyboard to be there."""
    hands.press(Key.Key_Comma, held=CTRL)
    dialog = desk.application.settings_dialog
    dialog.activateWindow()
    desk.until(dialog.search.hasFocus)


def test_settings_by_keyboard_hold_at_once_and_after_a_restart(open_desk: OpenDesk, starter: Path) -> None:
    desk = open_desk(starter)
    desk.loaded()
    hands = Hands(desk)
    application = desk.application
    dialog = application.settings_dialog
    open_settings(desk, hands)
    hands.press(Key.Key_D, held=CTRL | SHIFT)
    assert application.theme.mode == "light", "the page says that this key goes from one to the next"
    hands.write("colours")
    hands.press(Key.Key_Down, Key.Key_Tab)
    assert dialog.appearance.theme_row.combo.hasFocus()
    hands.press(Key.Key_End)
    assert application.theme.contrast
    hands.press(Key.Key_Up)
    assert application.theme.dark
    hands.press(Key.Key_F, held=CTRL)
    hands.write("threads")
    hands.press(Key.Key_Down, Key.Key_Tab)
    assert dialog.engine.options["n_threads"].spin.hasFocus()
    hands.write("1")
    applied: list[EngineSettings] = []
    application.settings.engine_options_wanted.connect(applied.append)
    hands.press(Key.Key_Return)
    desk.until(dialog.engine.apply.isVisible)
    assert not applied
    while not dialog.engine.apply.hasFocus():
        hands.press(Key.Key_Tab)
    hands.press(Key.Key_Space)
    assert [one.n_threads for one in applied] == [1]
    hands.press(Key.Key_Escape)
    assert not dialog.isVisible()
    application.window.activateWindow()
    desk.until(application.window.isActiveWindow)
    desk.window.composer.edit.setFocus()
    hands.press(Key.Key_M, held=CTRL | SHIFT)
    assert dialog.storage.isVisible()
    desk.window.close()

    again = open_desk(starter)
    assert again.application.theme.dark
    assert again.application.settings.engine.n_threads == 1
    assert again.application.settings_dialog.engine.options["n_threads"].value() == 1
    assert not again.application.settings_dialog.engine.waits


def test_a_broken_file_and_a_model_that_is_gone_are_told(
    qapp: QApplication, qtbot: QtBot, tmp_path: Path, starter: Path
) -> None:
    paths = Paths.default(tmp_path / "data")
    store = SettingsStore(paths.settings)
    store.change({"engine": {"last_model": str(tmp_path / "gone.gguf")}, "appearance": {"theme": "dark"}})
    for broken in (False, True):
        if broken:
            paths.settings.write_text("{ broken")
        application = Application(qapp, paths)
        desk = Desk(application, qtbot)
        application.start()
        qtbot.waitUntil(lambda desk=desk: desk.info is not None, timeout=WAIT_MS)
        assert desk.info is not None
        assert Path(desk.info.path) == starter
        qtbot.waitUntil(lambda desk=desk: bool(desk.notices()), timeout=WAIT_MS)
        if broken:
            assert "damaged" in desk.notices()
            assert application.settings.settings.appearance == AppearanceSettings()
        else:
            assert "gone.gguf is not where it was" in desk.notices()
            assert application.theme.dark
            assert application.settings.engine.last_model.endswith("gone.gguf")
        application.window.close()
        application.close()
        application.window.deleteLater()
    assert len(list(paths.data.glob("settings.broken-*.json"))) == 1
