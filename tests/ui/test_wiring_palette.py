"""The palette in the whole window."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.paths import Paths
from ui.application import Application
from ui.control.palette_sources import PAGES

Key = Qt.Key


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot, paths: Paths, tmp_path: Path) -> Iterator[Application]:
    """The app without a model."""
    made = Application(qapp, paths, ["false"])
    made.start(str(tmp_path / "gone.gguf"))
    qtbot.waitUntil(lambda: made.settings.ready and made.window.isVisible())
    yield made
    made.window.close()
    made.close()
    made.window.deleteLater()


def found(desk: Application) -> list[str]:
    return [match.command.id for match in desk.palette.overlay.model.matches]


def test_from_the_key_to_what_it_does(desk: Application, qtbot: QtBot) -> None:
    desk.window.activateWindow()
    qtbot.waitUntil(desk.window.composer.edit.hasFocus)
    began = time.perf_counter()
    qtbot.keyClick(desk.window, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    opened = time.perf_counter() - began
    field = desk.palette.overlay.field
    assert field.hasFocus()
    assert opened < 0.5  # s, on a busy machine; on an idle one it takes about 15 ms
    qtbot.keyClicks(field, "contrast")
    assert found(desk)[0] == "theme:contrast"
    qtbot.keyClick(field, Key.Key_Return)
    assert desk.settings.settings.appearance.theme == "contrast"
    assert desk.theme.contrast
    assert desk.window.composer.edit.hasFocus()
    qtbot.keyClick(desk.window, Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    assert found(desk)[0] == "theme:contrast"  # what was run last
    qtbot.keyClicks(field, "larger")
    qtbot.keyClick(field, Key.Key_Return)
    assert desk.settings.settings.appearance.text_percent == 110
    assert desk.window.view.theme.reading.zoom == 1.1


def test_esc_closes_it_and_stops_nothing(desk: Application, qtbot: QtBot) -> None:
    stopped: list[bool] = []
    desk.window.stop_requested.connect(lambda: stopped.append(True))
    desk.window.actions_by_id["palette"].trigger()
    qtbot.keyClick(desk.palette.overlay.field, Key.Key_Escape)
    assert not desk.palette.overlay.isVisible()
    assert not stopped


def test_what_is_not_found_can_be_searched_for_in_all_chats(desk: Application, qtbot: QtBot) -> None:
    desk.window.actions_by_id["palette"].trigger()
    qtbot.keyClicks(desk.palette.overlay.field, "zzzz")
    assert found(desk) == ["search:zzzz"]
    with qtbot.waitSignal(desk.window.sidebar.search_changed) as asked:
        qtbot.keyClick(desk.palette.overlay.field, Key.Key_Return)
    assert asked.args == ["zzzz"]
    assert desk.window.sidebar.search.hasFocus()


def test_pages_of_the_settings_are_those_of_the_dialog(desk: Application) -> None:
    assert {page.id: page.title for page in desk.settings_dialog.all} == {
        name: title for name, (title, _) in PAGES.items()
    }
    desk.palette.control.run("page:network")
    assert desk.settings_dialog.isVisible()
    assert desk.settings_dialog.stack.currentWidget() is desk.settings_dialog.network


def test_the_keys_of_the_text_s_size(desk: Application, qtbot: QtBot) -> None:
    sizes = []
    for name in ("zoom_in", "zoom_in", "zoom_out", "zoom_reset", *["zoom_out"] * 5):
        desk.window.actions_by_id[name].trigger()
        sizes.append(desk.settings.settings.appearance.text_percent)
    assert sizes == [110, 120, 110, 100, 90, 80, 80, 80, 80]
    desk.window.text_size.step_wanted.emit(100)
    assert desk.window.composer.edit.font().pixelSize() == 30
