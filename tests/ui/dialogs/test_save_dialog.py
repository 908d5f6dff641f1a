"""Where a file is to be saved."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from ui.dialogs.save_dialog import SaveDialog


@pytest.fixture
def saving(qtbot: QtBot) -> SaveDialog:
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    return SaveDialog(window)


def _dialog(saving: SaveDialog) -> QFileDialog:
    (dialog,) = [one for one in saving.parent().findChildren(QFileDialog) if one.isVisible()]
    return dialog


def test_it_proposes_a_name_and_hands_over_what_is_saved(
    saving: SaveDialog, qtbot: QtBot, tmp_path: Path
) -> None:
    saving.ask("code.py", "x = 1\n")
    dialog = _dialog(saving)
    assert not dialog.testOption(QFileDialog.Option.DontConfirmOverwrite)
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    assert [Path(one).name for one in dialog.selectedFiles()] == ["code.py"]
    dialog.setDirectory(str(tmp_path))
    with qtbot.waitSignal(saving.chosen) as chosen:
        dialog.fileSelected.emit(str(tmp_path / "mine.py"))
    assert chosen.args == [str(tmp_path / "mine.py"), "x = 1\n"]
    dialog.accept()
    saving.ask("code.js", "y")
    assert Path(_dialog(saving).directory().path()) == tmp_path


def test_another_one_takes_its_place_and_none_saves_nothing(saving: SaveDialog, qtbot: QtBot) -> None:
    saving.ask("one.py", "1")
    first = _dialog(saving)
    saving.ask("two.py", "2")
    second = _dialog(saving)
    assert second is not first
    with qtbot.assertNotEmitted(saving.chosen):
        second.reject()
