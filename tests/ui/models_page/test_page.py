from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QApplication,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
)
from pytestqt.qtbot import QtBot

from tests.ui.models_page.conftest import CARD
from ui.models.dialog import ModelsDialog
from ui.models.page import ModelsPage
from ui.models.values import Action, DownloadRow, LicenceAsk
from ui.theme import ThemeManager

ROWS = (
    DownloadRow("1", "Alpha", 25, "1.0 GB of 4.0 GB", buttons=("pause", "cancel")),
    DownloadRow("2", "Beta", 0, "No room.", "danger", ("retry", "cancel")),
)
ASK = LicenceAsk(
    "MIT", "Beta", "someone/Real-GGUF", "Do <b>right</b>.", "https://example.org/licence", "there"
)


def texts(page: ModelsPage) -> str:
    return "\n".join(label.text() for label in page.card.findChildren(QLabel)).replace("\u200b", "")


def test_escape_closes_the_dialog_which_is_not_modal(dialog: ModelsDialog, qtbot: QtBot) -> None:
    assert not dialog.isModal()
    with qtbot.waitSignal(dialog.left):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    with qtbot.waitSignal(dialog.page.opened):
        dialog.open_dialog()


def test_the_card_says_what_the_model_is_good_and_weak_at(page: ModelsPage) -> None:
    page.set_card(CARD)
    shown = texts(page)
    for words in ("Recommended: The smallest file.", "Fits the GPU", "General writing", "IOI 2025", "92.4"):
        assert words in shown
    assert "Published by NVIDIA" in shown
    assert "NVIDIA Open Model License" in shown
    assert "nemotron_h_moe" in shown
    page.set_card(None)
    assert "Choose a model" in page.card.title.text()
    assert not page.card.primary.isVisible()


def test_the_card_s_buttons_act_for_its_row(page: ModelsPage, qtbot: QtBot) -> None:
    said: list[tuple[str, str]] = []
    page.acted.connect(lambda *values: said.append(values))
    page.set_card(CARD)
    qtbot.mouseClick(page.card.primary, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(page.card.others[0], Qt.MouseButton.LeftButton)
    assert said == [("hub:r:b", "download"), ("hub:r:b", "page")]
    assert not page.card.others[1].isVisible()


def test_enter_and_delete_in_the_list_do_what_the_card_offers(page: ModelsPage, qtbot: QtBot) -> None:
    said: list[tuple[str, str]] = []
    page.acted.connect(lambda *values: said.append(values))
    page.tree.choose("hub:r:b")
    qtbot.keyClick(page.tree, Qt.Key.Key_Return)
    assert said == [], "the card of another row"
    page.set_card(CARD)
    qtbot.keyClick(page.tree, Qt.Key.Key_Return)
    qtbot.keyClick(page.tree, Qt.Key.Key_Delete)
    page.set_card(replace(CARD, others=(Action("remove", "Remove"),)))
    qtbot.keyClick(page.tree, Qt.Key.Key_Delete)
    page.set_card(replace(CARD, primary=Action("load", "Loaded", False), others=()))
    qtbot.keyClick(page.tree, Qt.Key.Key_Return)
    assert said == [("hub:r:b", "download"), ("hub:r:b", "remove")]


def test_what_was_typed_is_looked_up_and_what_came_of_it_stands_below(page: ModelsPage, qtbot: QtBot) -> None:
    said: list[str] = []
    bar = page.find_bar
    bar.find_requested.connect(said.append)
    qtbot.keyClicks(bar.edit, "a/b")
    qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
    bar.set_message("The hub has no such a/b.", "warning", True)
    assert bar.message.isVisible()
    qtbot.mouseClick(bar.again_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(bar.find_button, Qt.MouseButton.LeftButton)
    assert said == ["a/b"] * 3
    bar.set_message("", "", False)
    assert not bar.message.isVisible()
    assert not bar.again_button.isVisible()


def test_downloads_are_lines_with_what_can_be_done(page: ModelsPage, qtbot: QtBot) -> None:
    said: list[tuple[str, str]] = []
    view = page.downloads
    view.acted.connect(lambda *values: said.append(values))
    assert not view.isVisible()
    view.set_rows(ROWS)
    assert [name for name, button in view.lines["1"].buttons.items() if button.isVisible()] == [
        "pause",
        "cancel",
    ]
    qtbot.mouseClick(view.lines["2"].buttons["retry"], Qt.MouseButton.LeftButton)
    line = view.lines["1"]
    line.buttons["pause"].setFocus()
    qtbot.keyClick(line.buttons["pause"], Qt.Key.Key_Space)
    view.set_rows((replace(ROWS[0], words="Paused", buttons=("resume", "cancel")),))
    assert view.lines["1"] is line
    assert line.buttons["resume"].hasFocus()
    assert said == [("2", "retry"), ("1", "pause")]
    view.set_rows(())
    assert not view.isVisible()


def test_many_downloads_scroll_and_leave_the_list_its_place(page: ModelsPage) -> None:
    view = page.downloads
    view.set_rows(ROWS[:1])
    one = view.height()
    view.set_rows(tuple(replace(ROWS[1], id=str(number)) for number in range(30)))
    assert one < view.height() < page.height() / 2


def test_a_licence_stands_in_place_of_the_list(page: ModelsPage, qtbot: QtBot) -> None:
    said: list[str] = []
    licence = page.licence
    licence.accepted.connect(lambda: said.append("accepted"))
    licence.declined.connect(lambda: said.append("declined"))
    licence.again_requested.connect(lambda: said.append("again"))
    licence.link_requested.connect(said.append)
    page.set_licence(replace(ASK, text="", state="reading"))
    assert not page.tree.isVisible()
    assert not licence.accept_button.isEnabled()
    assert licence.text.hasFocus()
    page.set_licence(ASK)
    assert licence.text.toPlainText() == "Do <b>right</b>."
    assert licence.link.text() == ASK.link
    qtbot.mouseClick(licence.link_button, Qt.MouseButton.LeftButton)
    qtbot.mouseClick(licence.accept_button, Qt.MouseButton.LeftButton)
    assert not licence.again_button.isVisible()
    page.set_licence(replace(ASK, text="", state="It could not be read.", problem="text"))
    assert "could not be read" in licence.text.toPlainText()
    qtbot.mouseClick(licence.again_button, Qt.MouseButton.LeftButton)
    qtbot.keyClick(licence.text, Qt.Key.Key_Escape)
    assert said == [ASK.link, "accepted", "again", "declined"]
    page.set_licence(None)
    assert page.tree.isVisible()
    assert page.tree.hasFocus()


def drop(page: ModelsPage, *paths: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    held = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    enter = QDragEnterEvent(QPoint(50, 50), *held)
    QApplication.sendEvent(page, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(page, QDropEvent(QPointF(50, 50), *held))


def test_a_model_or_a_folder_can_be_dropped(page: ModelsPage, tmp_path: Path) -> None:
    models: list[str] = []
    folders: list[str] = []
    page.model_chosen.connect(models.append)
    page.folder_chosen.connect(folders.append)
    drop(page, tmp_path / "a.GGUF", tmp_path)
    assert (models, folders) == ([str(tmp_path / "a.GGUF")], [str(tmp_path)])


def test_a_folder_is_chosen_without_blocking_the_window(
    page: ModelsPage, qtbot: QtBot, tmp_path: Path
) -> None:
    with qtbot.waitSignal(page.folder_chosen) as chosen:
        qtbot.mouseClick(page.find_bar.folder_button, Qt.MouseButton.LeftButton)
        (dialog,) = page.findChildren(QFileDialog)
        dialog.fileSelected.emit(str(tmp_path))
    assert chosen.args == [str(tmp_path)]
    dialog.reject()


@pytest.mark.parametrize("mode", ["light", "dark"])
def test_every_control_has_a_name_and_is_reached_by_tab(
    page: ModelsPage, theme: ThemeManager, qtbot: QtBot, mode: str
) -> None:
    theme.set_mode(mode)
    page.set_card(CARD)
    page.downloads.set_rows(ROWS)
    wanted = {
        widget
        for kind in (QPushButton, QAbstractButton, QLineEdit, QPlainTextEdit)
        for widget in page.findChildren(kind)
        if widget.isVisible() and widget.isEnabled() and not widget.objectName().startswith("qt_")
    }
    for widget in wanted:
        assert widget.accessibleName() or getattr(widget, "text", str)(), widget
    page.find_bar.edit.setFocus()
    seen = set()
    for _ in range(40):
        focused = QApplication.focusWidget()
        seen.add(focused)
        qtbot.keyClick(focused, Qt.Key.Key_Tab)
    missing = {widget.objectName() for widget in wanted - seen}
    assert not missing
    assert page.tree in seen
