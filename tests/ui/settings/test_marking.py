from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ui.settings.marking import mark, spans
from ui.theme import LIGHT


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], []),
        (["gpu"], [(10, 13)]),
        (["on", "layers"], [(0, 6), (7, 9)]),
        (["lay", "ayers"], [(0, 6)]),
        (["a"], [(1, 2)]),
        (["x"], []),
    ],
)
def test_where_the_words_are(words: list[str], found: list[tuple[int, int]]) -> None:
    assert spans("Layers on GPU", words) == found


def test_letters_that_grow_are_not_marked_in_the_wrong_place() -> None:
    assert spans("İ gpu", ["gpu"]) in ([], [(2, 5)])


def test_what_looks_like_html_stays_text(qtbot: QtBot) -> None:
    label = QLabel()
    qtbot.addWidget(label)
    mark(label, "<b>a</b> & b", ["a"], LIGHT)
    assert "&lt;b&gt;<span" in label.text()
    assert "&amp;" in label.text()
    mark(label, "<b>a</b>", [], LIGHT)
    assert label.text() == "<b>a</b>"
    assert label.textFormat() == Qt.TextFormat.PlainText
