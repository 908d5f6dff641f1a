"""Dialogs that choose what is attached."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from ui.dialogs.document_pickers import DocumentPickers


@pytest.fixture
def pickers(qtbot: QtBot) -> DocumentPickers:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return DocumentPickers(window)


def _dialog(pickers: DocumentPickers) -> QFileDialog:
    (dialog,) = [one for one in pickers.parent().findChildren(QFileDialog) if one.isVisible()]
    return dialog


def test_files_are_chosen_without_blocking(pickers: DocumentPickers, qtbot: QtBot, tmp_path: Path) -> None:
    pickers.choose_files()
    dialog = _dialog(pickers)
    assert dialog.fileMode() == QFileDialog.FileMode.ExistingFiles
    pickers.choose_folder()  # one at a time
    assert _dialog(pickers) is dialog
    with qtbot.waitSignal(pickers.chosen) as chosen:
        dialog.filesSelected.emit(["a.txt", "b.txt"])
    assert chosen.args == [["a.txt", "b.txt"]]
    dialog.setDirectory(str(tmp_path))
    dialog.reject()
    pickers.choose_folder()
    other = _dialog(pickers)
    assert other.fileMode() == QFileDialog.FileMode.Directory
    assert Path(other.directory().path()) == tmp_path
    other.reject()
