"""Export and import in the whole app: from the key to the file, and from the file into the list."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QMenu
from pytestqt.qtbot import QtBot

from app.paths import Paths
from app.store.store import Store
from tests.export.samples import told
from tests.export.test_import_file import chats
from tests.ui.scripted_desk import scripted_desk
from ui.application import Application


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot, tmp_path: Path, paths: Paths) -> Iterator[Application]:
    """The app with one conversation, which is open."""
    store = Store.open(paths.store)
    store.create(told())
    store.close()
    # Behind the first model the start has nothing more to open.
    with scripted_desk(qapp, qtbot, tmp_path, paths) as made:
        qtbot.waitUntil(lambda: len(made.library.entries) == 1, timeout=20_000)
        made.chat.open(told().id)
        qtbot.waitUntil(lambda: made.chat.key == told().id, timeout=20_000)
        yield made


def notices(desk: Application) -> list[str]:
    return [card.notice.text for card in desk.window.notices._cards.values()]


def choose(desk: Application, name: str, path: Path) -> None:
    picker = desk.window.findChild(QFileDialog, name)
    assert isinstance(picker, QFileDialog)
    picker.fileSelected.emit(str(path))
    picker.reject()


def test_from_the_key_to_the_file_and_back(desk: Application, qtbot: QtBot, tmp_path: Path) -> None:
    desk.window.actions_by_id["export_chat"].trigger()
    dialog = desk.files.dialog
    assert dialog.isVisible()
    dialog.formats["json"].setChecked(True)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    path = tmp_path / "out.json"
    choose(desk, "export_picker", path)
    qtbot.waitUntil(lambda: "Exported to “out.json”." in notices(desk), timeout=30_000)
    assert not dialog.isVisible()
    assert json.loads(path.read_text(encoding="utf-8"))["title"] == told().title
    desk.window.actions_by_id["import_chats"].trigger()
    choose(desk, "import_picker", path)
    qtbot.waitUntil(lambda: "1 conversation was there already." in notices(desk), timeout=30_000)
    many = tmp_path / "conversations.json"
    many.write_text(json.dumps(chats(40)), encoding="utf-8")
    desk.files.importing.read(str(many))
    qtbot.waitUntil(lambda: "Imported 40 conversations." in notices(desk), timeout=30_000)
    qtbot.waitUntil(lambda: len(desk.library.entries) == 41, timeout=20_000)


def test_the_menus_lead_there(desk: Application, qtbot: QtBot) -> None:
    names = [action.objectName() for action in desk.window.sidebar.more_menu.actions()]
    assert names[-2:] == ["action_export_chat", "action_import_chats"]
    with qtbot.waitSignal(desk.files.exporting.offered):
        desk.window.sidebar.export_requested.emit([told().id])
    assert desk.files.dialog.isVisible()
    assert isinstance(desk.window.sidebar.more_menu, QMenu)


def test_closing_in_the_middle_leaves_no_half_file(desk: Application, qtbot: QtBot, tmp_path: Path) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    desk.files.exporting.offer_open()
    desk.files.dialog.formats["pdf"].setChecked(True)
    desk.files.exporting.write(str(folder / "a.pdf"), desk.files.dialog.options)
    desk.close()
    assert [one.name for one in folder.iterdir()] in ([], ["a.pdf"])
