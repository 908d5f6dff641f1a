"""What is pasted: files, a long text, an image, words."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QMimeData, QUrl
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from ui.composer.composer import Composer
from ui.composer.pasting import PASTE_CHARS, PASTE_LINES, is_long

LINES = "x\n" * PASTE_LINES


def _text(text: str) -> QMimeData:
    data = QMimeData()
    data.setText(text)
    return data


def _image(text: str = "") -> QMimeData:
    data = _text(text) if text else QMimeData()
    data.setImageData(QImage(2, 2, QImage.Format.Format_RGB32))
    return data


def test_where_a_text_is_long() -> None:
    assert not is_long("x" * PASTE_CHARS)
    assert is_long("x" * (PASTE_CHARS + 1))
    assert not is_long("\n".join("x" * PASTE_LINES))
    assert is_long("\n".join("x" * (PASTE_LINES + 1)))


def test_files_are_told_and_not_written(composer: Composer, qtbot: QtBot) -> None:
    data = _text("the same as text")
    data.setUrls([QUrl.fromLocalFile("/b/one.txt"), QUrl.fromLocalFile("/b/folder")])
    with qtbot.waitSignal(composer.files_pasted) as pasted:
        composer.edit.insertFromMimeData(data)
    assert pasted.args == [["/b/one.txt", "/b/folder"]]
    assert composer.edit.text() == ""


def test_an_address_of_the_web_is_a_text(composer: Composer) -> None:
    data = _text("https://a.example")
    data.setUrls([QUrl("https://a.example")])
    composer.edit.insertFromMimeData(data)
    assert composer.edit.text() == "https://a.example"


def test_an_image_is_told_only_where_there_is_nothing_to_read(composer: Composer, qtbot: QtBot) -> None:
    assert composer.edit.canInsertFromMimeData(_image())
    with qtbot.waitSignal(composer.image_pasted):
        composer.edit.insertFromMimeData(_image())
    composer.edit.insertFromMimeData(_image("its words"))
    assert composer.edit.text() == "its words"


@pytest.mark.parametrize("text", [LINES, "y" * (PASTE_CHARS + 1)])
def test_a_long_text_is_told_and_can_be_put_in_at_the_cursor(
    composer: Composer, qtbot: QtBot, text: str
) -> None:
    composer.edit.set_text("before after")
    cursor = composer.edit.textCursor()
    cursor.setPosition(len("before "))
    composer.edit.setTextCursor(cursor)
    with qtbot.waitSignal(composer.text_pasted) as pasted:
        composer.edit.insertFromMimeData(_text(text))
    assert pasted.args == [text]
    assert composer.edit.text() == "before after"
    composer.insert_text(text)
    assert composer.edit.text() == f"before {text}after"


def test_while_a_message_is_edited_it_goes_into_that(composer: Composer, qtbot: QtBot) -> None:
    composer.begin_edit("m1", "Old", False)
    with qtbot.assertNotEmitted(composer.text_pasted):
        composer.edit.insertFromMimeData(_text(LINES))
    assert composer.edit.text() == f"Old{LINES}"
    composer.cancel_edit()
    with qtbot.waitSignal(composer.text_pasted):
        composer.edit.insertFromMimeData(_text(LINES))
