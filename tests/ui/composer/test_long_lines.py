from __future__ import annotations

from time import perf_counter

import pytest
from PySide6.QtCore import QMimeData
from PySide6.QtGui import QTextCursor
from pytestqt.qtbot import QtBot

from ui.composer.long_lines import LONGEST, MARK, pieced, whole
from ui.composer.question_edit import QuestionEdit

_SIZE = 2_000_000
_SHAPES = {
    "lines": "some words in a line that is as wide as a page, and a few more of them\n",
    "words": "word and ",
    "no blanks": "x",
}


@pytest.mark.parametrize("text", ["", "short", "a b " * 5000, "x" * 50_000, "é" * 4001 + "\n" + "y" * 4000])
def test_what_is_cut_is_put_together_again(text: str) -> None:
    cut = pieced(text)
    assert max(map(len, cut.split("\n"))) <= LONGEST + len(MARK)
    assert whole(cut) == text


def test_line_ends_become_one_kind() -> None:
    assert pieced("a\r\nb\rc\u2029d\u2028e") == "a\nb\nc\nd\ne"


def test_a_seam_whose_break_was_deleted_leaves_no_mark() -> None:
    assert whole(pieced("x" * 9000).replace("\n", "", 1)) == "x" * 9000


@pytest.fixture
def edit(qtbot: QtBot) -> QuestionEdit:
    made = QuestionEdit()
    qtbot.addWidget(made)
    made.resize(700, 100)
    made.show()
    return made


@pytest.mark.parametrize("shape", _SHAPES)
def test_a_very_long_paste_does_not_hang(edit: QuestionEdit, shape: str) -> None:
    piece = _SHAPES[shape]
    text = piece * (_SIZE // len(piece))
    data = QMimeData()
    data.setText(text)
    start = perf_counter()
    edit.keeps_pastes = True
    edit.insertFromMimeData(data)
    edit.grab()
    assert perf_counter() - start < 1.5  # 0.1 s here; Qt alone takes minutes where there is no blank
    assert edit.text() == text
    edit.selectAll()
    assert edit.createMimeDataFromSelection().text() == text
    edit.undo()
    assert edit.text() == ""


def test_writing_at_a_seam_stays_what_was_written(edit: QuestionEdit) -> None:
    edit.set_text("x" * 10_000)
    cursor = edit.textCursor()
    cursor.setPosition(100)
    cursor.insertText("\nnew ")
    cursor.movePosition(QTextCursor.MoveOperation.End)
    cursor.insertText("end")
    assert edit.text() == "x" * 100 + "\nnew " + "x" * 9900 + "end"


def test_blank_text_counts_as_none(edit: QuestionEdit) -> None:
    edit.set_text("\n  \n")
    assert not edit.has_text()
    edit.set_text("\n\n a")
    assert edit.has_text()
