from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLabel
from pytestqt.qtbot import QtBot

from app.export.values import Options
from ui.dialogs.export import ExportDialog
from ui.dialogs.export_offer import Offer


@pytest.fixture
def dialog(qtbot: QtBot) -> ExportDialog:
    made = ExportDialog()
    qtbot.addWidget(made)
    made.open_for(Offer(1, "A <b>title</b>", "A title"))
    return made


def picker(dialog: ExportDialog) -> QFileDialog:
    found: QFileDialog = dialog.findChild(QFileDialog, "export_picker")
    assert found is not None
    return found


def test_json_takes_all_and_the_others_what_was_chosen_for_them(dialog: ExportDialog) -> None:
    assert dialog.options == Options("markdown")
    assert not dialog.whole.isEnabled()
    dialog.thoughts.setChecked(True)
    dialog.formats["html"].setChecked(True)
    assert dialog.options == Options("html", thoughts=True)
    dialog.formats["json"].setChecked(True)
    assert dialog.options == Options("json", whole=True, thoughts=True, documents=True)
    assert dialog.whole.isEnabled()
    dialog.documents.setChecked(False)
    dialog.formats["pdf"].setChecked(True)
    assert dialog.options == Options("pdf", thoughts=True)
    dialog.formats["json"].setChecked(True)
    assert dialog.options == Options("json", whole=True, thoughts=True)


def test_a_file_is_asked_for_and_said(dialog: ExportDialog, qtbot: QtBot, tmp_path: Path) -> None:
    dialog.formats["pdf"].setChecked(True)
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    asked = picker(dialog)
    assert asked.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    assert asked.defaultSuffix() == "pdf"
    assert Path(asked.selectedFiles()[0]).name == "A title.pdf"
    with qtbot.waitSignal(dialog.write_requested) as told:
        asked.fileSelected.emit(str(tmp_path / "x.pdf"))
    assert told.args == [str(tmp_path / "x.pdf"), Options("pdf")]
    asked.reject()


def test_several_go_into_a_folder(dialog: ExportDialog, qtbot: QtBot) -> None:
    dialog.open_for(Offer(12))
    assert dialog.subject.text() == "12 conversations"
    qtbot.mouseClick(dialog.start, Qt.MouseButton.LeftButton)
    assert picker(dialog).fileMode() == QFileDialog.FileMode.Directory
    picker(dialog).reject()


def test_it_shows_how_far_it_is_and_cancels(dialog: ExportDialog, qtbot: QtBot) -> None:
    dialog.set_progress(0.25, 3, 12)
    assert dialog.bar.isVisible()
    assert dialog.bar.value() == 250
    assert dialog.state.text() == "3 of 12 written"
    assert not dialog.start.isVisible()
    assert not dialog.formats["pdf"].isEnabled()
    dialog.open_for(Offer(1, "Another"))  # while it is busy it stays with what it does
    assert dialog.subject.text() == "“A <b>title</b>”"
    with qtbot.waitSignal(dialog.cancel_requested):
        qtbot.mouseClick(dialog.cancel, Qt.MouseButton.LeftButton)
    dialog.end()
    assert not dialog.isVisible()
    dialog.open_for(Offer(1, "Another"))
    assert dialog.subject.text() == "“Another”"
    assert dialog.start.isVisible()
    assert dialog.formats["pdf"].isEnabled()
    assert not dialog.bar.isVisible()


def test_enter_exports_the_second_time_too(dialog: ExportDialog, qtbot: QtBot) -> None:
    dialog.set_progress(0.5, 0, 1)
    dialog.end()
    dialog.open_for(Offer(1, "Another", "Another"))
    assert dialog.start.isDefault()
    assert not dialog.cancel.isDefault()
    qtbot.keyClick(dialog.formats["markdown"], Qt.Key.Key_Return)
    assert dialog.isVisible()
    picker(dialog).reject()


def test_keys_reach_everything_and_esc_closes(dialog: ExportDialog, qtbot: QtBot) -> None:
    qtbot.waitExposed(dialog)
    assert not dialog.isModal()
    assert dialog.formats["markdown"].hasFocus()
    for widget in (*dialog.formats.values(), dialog.thoughts, dialog.documents, dialog.start, dialog.cancel):
        if widget in dialog.formats.values() and not widget.isChecked():
            continue  # the arrows go there
        assert widget.focusPolicy() & Qt.FocusPolicy.TabFocus
        assert widget.objectName()
        assert widget.accessibleName() or widget.text()
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_it_is_as_high_as_all_of_it(qtbot: QtBot) -> None:
    dialog = ExportDialog()
    qtbot.addWidget(dialog)
    dialog.setStyleSheet("* { font-size: 22px; }")
    dialog.open_for(Offer(1, "A title", "A title"))
    assert dialog.height() > dialog.screen().availableGeometry().height() * 2 // 3  # where Qt would stop
    hints = [label for label in dialog.findChildren(QLabel) if label.wordWrap()]
    assert len(hints) == 4
    assert all(label.height() >= label.heightForWidth(label.width()) for label in hints)
    assert dialog.whole.width() >= dialog.whole.sizeHint().width()
