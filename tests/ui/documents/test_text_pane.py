from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication, QWheelEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ui.documents.piece_layout import PieceLayout
from ui.documents.placing import Placer
from ui.documents.text_pane import TextPane
from ui.documents.viewer import DocumentViewer

SHIFT = Qt.KeyboardModifier.ShiftModifier
CONTROL = Qt.KeyboardModifier.ControlModifier
LINES = "".join(f"line {number} of the text\n" for number in range(1000))


def shown(viewer: DocumentViewer, text: str) -> TextPane:
    viewer.show_document("a.txt", "Text", text)
    QApplication.processEvents()
    return viewer.pane


def ground(pane: TextPane, offset: int) -> str:
    """The colour behind a character's left edge."""
    row = next(one for one in pane.placer.rows() if one.start <= offset < one.end)
    place = row.layout.place(offset - row.start)
    at = QPoint(round(place.x()) + 17, row.y + round(place.center().y() - place.height() * 0.35) + 8)
    return pane.viewport().grab().toImage().pixelColor(at).name().upper()


def test_only_what_is_seen_is_laid_out(viewer: DocumentViewer) -> None:
    pane = shown(viewer, LINES)
    rows = pane.placer.rows()
    assert rows[0].y == 0
    assert rows[0].start == 0
    assert 10 < len(rows) < 40
    assert pane.visible_text().startswith("line 0 of")
    assert len(pane.placer._layouts) < 100


def test_the_end_stands_at_the_bottom(viewer: DocumentViewer, qtbot: QtBot) -> None:
    pane = shown(viewer, LINES)
    qtbot.keyClick(pane, Qt.Key.Key_End)
    assert pane.visible_text().endswith("line 999 of the text\n")
    last = pane.placer.rows()[-1]
    assert last.y + last.layout.height == pane.placer.height
    bar = pane.verticalScrollBar()
    assert bar.value() == bar.maximum()
    qtbot.keyClick(pane, Qt.Key.Key_PageDown)
    assert pane.placer.rows()[-1].y == last.y
    qtbot.keyClick(pane, Qt.Key.Key_Home)
    assert bar.value() == 0
    assert pane.visible_text().startswith("line 0 ")


def test_pages_follow_each_other_without_a_gap(viewer: DocumentViewer, qtbot: QtBot) -> None:
    pane = shown(viewer, LINES)
    read = pane.visible_text()
    for _ in range(100):
        start = pane.placer.seen()[0]
        qtbot.keyClick(pane, Qt.Key.Key_PageDown)
        top, text = pane.placer.seen()[0], pane.visible_text()
        assert top <= len(read)
        read = read[:top] + text
        if top == start:
            break
    assert read == LINES


@pytest.mark.parametrize("seed", range(6))
def test_scrolling_there_and_back_comes_to_the_same_place(seed: int, qapp: QApplication) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    text = "\n".join(rng.choice(["word ", "漢字", "x"]) * rng.randrange(0, 800) for _ in range(300))
    placer = Placer()
    placer.set_text(text)
    font = QFont()
    font.setPixelSize(15)
    placer.set_frame(500, 400, font)
    placer.scroll_by(5000)
    before = placer.rows()[0]
    down = rng.randrange(1, 3000)
    placer.scroll_by(down)
    placer.scroll_by(-down)
    assert placer.rows()[0][:3] == before[:3]
    placer.set_value(placer.maximum())
    assert placer.at_end
    placer.set_value(0)
    assert placer.rows()[0].start == 0
    top = placer.maximum() // 2
    placer.set_value(top)
    assert abs(placer.value() - top) <= placer.scale * 200


def test_the_place_is_kept_when_the_width_changes(viewer: DocumentViewer) -> None:
    text = "".join(f"{n} " + "word " * 60 + "\n" for n in range(500))
    pane = shown(viewer, text)
    pane.placer.scroll_by(7000)
    top = pane.placer.top_offset()
    viewer.resize(500, 400)
    QApplication.processEvents()
    assert abs(pane.placer.top_offset() - top) < 100


def test_a_short_and_an_empty_text_fit(viewer: DocumentViewer, qtbot: QtBot) -> None:
    pane = shown(viewer, "short")
    assert pane.verticalScrollBar().maximum() == 0
    qtbot.keyClick(pane, Qt.Key.Key_End)
    assert pane.placer.rows()[0].y == 0
    pane = shown(viewer, "")
    for key in (Qt.Key.Key_End, Qt.Key.Key_PageDown, Qt.Key.Key_Up):
        qtbot.keyClick(pane, key)
        qtbot.keyClick(pane, key, SHIFT)
    qtbot.mouseClick(pane.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    qtbot.mouseDClick(pane.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(30, 30))
    assert pane.selected() == (0, 0)


def test_the_wheel_and_the_bar_scroll(viewer: DocumentViewer) -> None:
    pane = shown(viewer, LINES)
    at = QPoint(50, 50)
    down = QPoint(0, -120)
    none, phase = Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase
    event = QWheelEvent(at, pane.mapToGlobal(at), QPoint(), down, Qt.MouseButton.NoButton, none, phase, False)
    QApplication.sendEvent(pane.viewport(), event)
    assert pane.placer._start > 0
    bar = pane.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    middle = pane.visible_text()
    assert abs(LINES.index(middle) - len(LINES) // 2) < 1500


def test_dragging_selects_and_copies(viewer: DocumentViewer, qtbot: QtBot) -> None:
    pane = shown(viewer, LINES)
    rows = pane.placer.rows()
    first = QPoint(17, rows[1].y + 8 + 10)
    last = QPoint(17, rows[3].y + 8 + 10)
    qtbot.mousePress(pane.viewport(), Qt.MouseButton.LeftButton, pos=first)
    qtbot.mouseMove(pane.viewport(), last)
    qtbot.mouseRelease(pane.viewport(), Qt.MouseButton.LeftButton, pos=last)
    assert pane.text[slice(*pane.selected())] == "line 1 of the text\nline 2 of the text\n"
    qtbot.keyClick(pane, Qt.Key.Key_C, CONTROL)
    assert QGuiApplication.clipboard().text() == "line 1 of the text\nline 2 of the text\n"
    assert ground(pane, rows[1].start) == "#C5DECF"
    assert ground(pane, rows[4].start) == "#FFFFFF"


def test_a_double_click_selects_the_word(viewer: DocumentViewer, qtbot: QtBot) -> None:
    pane = shown(viewer, "some longer words")
    place = pane.placer.rows()[0].layout.place(7)
    at = QPoint(round(place.x()) + 16, 8 + round(place.center().y()))
    qtbot.mouseDClick(pane.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert pane.text[slice(*pane.selected())] == "longer"


def test_shift_and_keys_select(viewer: DocumentViewer, qtbot: QtBot) -> None:
    pane = shown(viewer, "one two\nthree 😀 four\nlast")
    steps = [
        (Qt.Key.Key_Right, SHIFT, "o"),
        (Qt.Key.Key_Right, SHIFT | CONTROL, "one "),
        (Qt.Key.Key_Left, SHIFT, "one"),
        (Qt.Key.Key_End, SHIFT, "one two"),
        (Qt.Key.Key_Right, SHIFT, "one two\n"),
        (Qt.Key.Key_Left, SHIFT, "one two"),
        (Qt.Key.Key_Down, SHIFT, None),  # how far along the line, the font says
        (Qt.Key.Key_Home, SHIFT, "one two\n"),
        (Qt.Key.Key_End, SHIFT | CONTROL, "one two\nthree 😀 four\nlast"),
        (Qt.Key.Key_Up, SHIFT, None),
        (Qt.Key.Key_PageUp, SHIFT, ""),
        (Qt.Key.Key_PageDown, SHIFT, "one two\nthree 😀 four\nlast"),
        (Qt.Key.Key_Home, SHIFT | CONTROL, ""),
    ]
    for key, held, wanted in steps:
        qtbot.keyClick(pane, key, held)
        selected = pane.text[slice(*pane.selected())]
        if wanted is not None:
            assert selected == wanted, key
        elif key == Qt.Key.Key_Down:
            assert "one two\nthr" < selected < "one two\nthree 😀 four", selected
    qtbot.keyClick(pane, Qt.Key.Key_A, CONTROL)
    assert pane.selected() == (0, len(pane.text))


def test_shift_and_keys_go_through_wrapped_lines(viewer: DocumentViewer, qtbot: QtBot) -> None:
    pane = shown(viewer, "word " * 2000 + "\nend")
    heads = [pane.head]
    for _ in range(400):
        qtbot.keyClick(pane, Qt.Key.Key_Down, SHIFT)
        heads.append(pane.head)
        if heads[-1] == heads[-2]:
            break
    assert heads == sorted(heads)
    assert heads[-1] >= len(pane.text) - 3
    assert "end" in pane.visible_text()


def test_a_long_selection_is_copied_in_slices(viewer: DocumentViewer, qtbot: QtBot) -> None:
    text = "é漢😀x\n" * 100_000
    pane = shown(viewer, text)
    pane.select_all()
    QGuiApplication.clipboard().setText("before")
    with qtbot.waitSignal(pane.copying.finished):
        pane.copy_selection()
        assert QGuiApplication.clipboard().text() == "before"
    assert QGuiApplication.clipboard().text() == text
    assert not pane.copying.busy


def test_units_of_utf_16_are_not_characters(qapp: QApplication) -> None:
    font = QFont()
    font.setPixelSize(15)
    layout = PieceLayout("a😀b😀c\n", font, 500)
    assert [layout.step(at, True, False) for at in range(5)] == [1, 2, 3, 4, 5]
    assert [layout.step(at, False, False) for at in range(1, 6)] == [0, 1, 2, 3, 4]
    assert [layout.hit(layout.place(at).x(), 5) for at in range(6)] == list(range(6))


def test_text_from_right_to_left_stands_on_the_right(qapp: QApplication) -> None:
    font = QFont()
    font.setPixelSize(15)
    assert PieceLayout("שלום", font, 500).place(0).x() > 400
    assert PieceLayout("12 abc", font, 500).place(0).x() < 5


def test_of_a_long_line_only_the_lines_on_the_screen_count_as_seen(viewer: DocumentViewer) -> None:
    text = "".join(f"word{number:04} " for number in range(5000))
    pane = shown(viewer, text)
    seen = pane.visible_text()
    assert text.startswith(seen)
    assert 400 < len(seen) < 3000
    pane.scroll_by(800)
    later = pane.visible_text()
    assert later != seen
    assert later in text
    backward = "\u05e9\u05dc\u05d5\u05dd " * 1500
    pane = shown(viewer, backward)
    assert backward.startswith(pane.visible_text())
    pane.scroll_by(300)
    start, end = pane.placer.seen()
    assert 0 < start < end < len(backward)
    line = pane.placer.rows()[0].layout.line_of(start - pane.placer.rows()[0].start)
    assert line[0] == start - pane.placer.rows()[0].start


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("one two three", 4, 7),
        ("ab \u05e9\u05dc\u05d5\u05dd cd", 3, 7),
        ("\u05e9\u05dc\u05d5\u05dd abc \u05e9\u05dc", 5, 8),
        ("a\U0001f600b", 1, 2),
    ],
)
def test_the_ground_of_a_match_is_as_wide_as_its_text(
    qapp: QApplication, text: str, start: int, end: int
) -> None:
    font = QFont()
    font.setPixelSize(15)
    layout = PieceLayout(text, font, 500)
    found = layout.grounds(start, end)
    width = QFontMetricsF(font).horizontalAdvance(text[start:end])
    assert sum(one.width() for one in found) == pytest.approx(width, abs=1.5)
    assert max(one.right() for one in found) - min(one.left() for one in found) == pytest.approx(
        width, abs=1.5
    )
    assert layout.grounds(start, end) is found


def test_the_ground_of_a_match_goes_on_in_the_next_line(qapp: QApplication) -> None:
    font = QFont()
    font.setPixelSize(15)
    layout = PieceLayout("word " * 20, font, 120)
    assert len({one.top() for one in layout.grounds(0, 60)}) > 2


def test_a_screen_reader_gets_the_visible_part(viewer: DocumentViewer, qtbot: QtBot) -> None:
    pane = shown(viewer, LINES)
    qtbot.waitUntil(lambda: pane.accessibleDescription().startswith("line 0 of"))
    qtbot.keyClick(pane, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: "line 999" in pane.accessibleDescription())
    assert "line 0 of" not in pane.accessibleDescription()
    assert pane.accessibleName() == "Text of a.txt"


def test_who_comes_with_the_keyboard_sees_where_he_is(viewer: DocumentViewer, qtbot: QtBot) -> None:
    pane = shown(viewer, "text")
    qtbot.waitUntil(pane.hasFocus)
    calm = pane.viewport().grab().toImage()
    viewer.find_button.setFocus()
    qtbot.waitUntil(viewer.find_button.hasFocus)
    pane.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.waitUntil(lambda: pane.viewport().grab().toImage() != calm)


def test_any_character_can_be_shown(viewer: DocumentViewer, qtbot: QtBot) -> None:
    text = "a\0b\ud800c\u2028d\u2029e\x0bf\x85g\r\nh\ufeffi\U0010ffff\ndone"
    pane = shown(viewer, text)
    assert pane.visible_text() == text
    pane.viewport().grab()
    for _ in range(60):
        qtbot.keyClick(pane, Qt.Key.Key_Right, SHIFT)
    assert pane.selected()[1] == len(text)
    for _ in range(60):
        qtbot.keyClick(pane, Qt.Key.Key_Left, SHIFT)
    assert pane.selected() == (0, 0)
    pane.select_all()
    pane.copy_selection()
