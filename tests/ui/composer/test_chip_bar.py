from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QContextMenuEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu
from pytestqt.qtbot import QtBot

from tests.ui.models import THINKER
from ui.composer.attached import Attached
from ui.composer.chip import Chip, status_line
from ui.composer.chip_bar import ChipBar
from ui.composer.chip_flow import ChipFlow
from ui.composer.composer import Composer
from ui.theme import ThemeManager

READY = Attached("a", "report.pdf", "pdf", "ready", "312 pages", tokens=184_201, pages=312)
READING = Attached("b", "thesis.docx", "docx", "reading", "Page 120 of 2,000", 0.06)
LOCKED = Attached("c", "secret.pdf", "pdf", "password")
BROKEN = Attached("d", "broken.pdf", "pdf", "failed", "This file is damaged. Save it again.")
ALL = [READY, READING, LOCKED, BROKEN]


@pytest.fixture
def bar(composer: Composer) -> ChipBar:
    composer.resize(700, 300)
    return composer.chips


def chip(bar: ChipBar, number: int) -> Chip:
    return bar.flow.chips()[number]


def test_it_is_there_only_with_documents(bar: ChipBar) -> None:
    assert bar.isHidden()
    bar.set_attachments([READY])
    assert bar.isVisible()
    bar.set_attachments([])
    assert bar.isHidden()


@pytest.mark.parametrize(
    ("item", "line"),
    [
        (READY, "312 pages · 184,201 tokens"),
        (replace(READY, tokens=None), "312 pages"),
        (replace(READY, status="", tokens=1), "1 token"),
        (replace(READY, status="", tokens=None), "PDF"),
        (READING, "Page 120 of 2,000"),
        (replace(READING, status=""), "Reading"),
        (replace(READING, tokens=5), "Page 120 of 2,000"),
        (LOCKED, "Needs a password"),
        (BROKEN, "This file is damaged. Save it again."),
    ],
)
def test_the_line_under_the_name(item: Attached, line: str) -> None:
    assert status_line(item) == line


def test_chips_say_all_to_a_screen_reader(bar: ChipBar) -> None:
    bar.set_attachments([replace(READY, notes=("Page 3 has no text.",)), BROKEN])
    said = QAccessible.queryAccessibleInterface(chip(bar, 0))
    assert said.text(QAccessible.Text.Name) == "report.pdf, 312 pages · 184,201 tokens"
    assert said.text(QAccessible.Text.Description).startswith("Page 3 has no text.")
    assert "Page 3 has no text." in chip(bar, 0).toolTip()
    assert chip(bar, 1).remove.accessibleName() == "Remove broken.pdf"
    assert "damaged" in chip(bar, 1).accessibleName()


def test_a_strangers_name_is_plain_text(bar: ChipBar) -> None:
    bar.set_attachments([replace(READY, name="<img src=x>\u202efdp.exe\n")])
    assert "<img" not in chip(bar, 0).toolTip()
    assert "\u202e" not in chip(bar, 0).toolTip() + chip(bar, 0).accessibleName()


def test_a_click_and_enter_open(bar: ChipBar, qtbot: QtBot) -> None:
    bar.set_attachments(ALL)
    with qtbot.waitSignal(bar.open_requested) as opened:
        qtbot.mouseClick(chip(bar, 0), Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert opened.args == ["a"]
    with qtbot.waitSignal(bar.open_requested):
        qtbot.keyClick(chip(bar, 0), Qt.Key.Key_Return)
    with qtbot.assertNotEmitted(bar.open_requested):
        qtbot.keyClick(chip(bar, 1), Qt.Key.Key_Return)
    with qtbot.waitSignal(bar.retry_requested) as retried:
        qtbot.keyClick(chip(bar, 3), Qt.Key.Key_Return)
    assert retried.args == ["d"]


def test_buttons_on_a_chip(bar: ChipBar, qtbot: QtBot) -> None:
    bar.set_attachments(ALL)
    with qtbot.waitSignal(bar.remove_requested) as removed, qtbot.assertNotEmitted(bar.open_requested):
        qtbot.mouseClick(chip(bar, 0).remove, Qt.MouseButton.LeftButton)
    assert removed.args == ["a"]
    assert not chip(bar, 0).retry.isVisible()
    with qtbot.waitSignal(bar.retry_requested) as retried:
        qtbot.mouseClick(chip(bar, 3).retry, Qt.MouseButton.LeftButton)
    assert retried.args == ["d"]


def test_one_tab_stop_and_arrows_between_the_chips(bar: ChipBar, composer: Composer, qtbot: QtBot) -> None:
    bar.set_attachments([READY, READING, BROKEN])
    chip(bar, 0).setFocus()
    qtbot.keyClick(chip(bar, 0), Qt.Key.Key_Right)
    assert chip(bar, 1).hasFocus()
    qtbot.keyClick(chip(bar, 1), Qt.Key.Key_End)
    assert chip(bar, 2).hasFocus()
    qtbot.keyClick(chip(bar, 2), Qt.Key.Key_Right)
    assert chip(bar, 2).hasFocus()
    qtbot.keyClick(chip(bar, 2), Qt.Key.Key_Left)
    qtbot.keyClick(chip(bar, 1), Qt.Key.Key_Tab)
    assert composer.edit.hasFocus()
    qtbot.keyClick(composer.edit, Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    assert chip(bar, 1).hasFocus()


def test_the_lines_stand_between_the_chips_and_the_text(
    bar: ChipBar, composer: Composer, qtbot: QtBot
) -> None:
    bar.set_attachments([READY, LOCKED])
    bar.focus_pages("a")
    bar.password.field.setText("x")
    bar.pages.field.setText("1")
    chip(bar, 0).setFocus()
    names = []
    while not composer.edit.hasFocus() and len(names) < 20:
        names.append(QApplication.focusWidget().objectName())
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert names == [
        "chip",
        *(f"password_{name}" for name in ("field", "show", "open", "leave_out")),
        *(f"pages_{name}" for name in ("field", "use", "all", "close")),
    ]


def test_delete_removes_and_the_neighbour_gets_the_focus(
    bar: ChipBar, composer: Composer, qtbot: QtBot
) -> None:
    bar.set_attachments([READY, READING])
    chip(bar, 0).setFocus()
    with qtbot.waitSignal(bar.remove_requested) as removed:
        qtbot.keyClick(chip(bar, 0), Qt.Key.Key_Delete)
    assert removed.args == ["a"]
    bar.set_attachments([READING])
    assert chip(bar, 0).hasFocus()
    assert chip(bar, 0).item is READING
    bar.set_attachments([])
    assert composer.edit.hasFocus()


def test_a_chip_stays_the_same_while_it_is_read(bar: ChipBar) -> None:
    bar.set_attachments([READING])
    kept = chip(bar, 0)
    kept.setFocus()
    bar.set_attachments([replace(READING, status="Page 121 of 2,000"), READY])
    assert chip(bar, 0) is kept
    assert kept.hasFocus()
    assert "121" in kept.accessibleName()


def test_many_documents_scroll_and_come_in_slices(bar: ChipBar, qtbot: QtBot) -> None:
    items = [replace(READY, id=str(n), name=f"{n}.pdf") for n in range(130)]
    bar.set_attachments(items)
    assert len(bar.flow.chips()) < 130
    qtbot.waitUntil(lambda: len(bar.flow.chips()) == 130)
    assert [one.item.id for one in bar.flow.chips()] == [item.id for item in items]
    QApplication.processEvents()
    row = bar.flow.row_height()
    assert 2 * row < bar._area.height() < 3.5 * row
    assert bar.flow.height() > 20 * row
    chip(bar, 0).setFocus()
    qtbot.keyClick(chip(bar, 0), Qt.Key.Key_End)
    assert bar._area.verticalScrollBar().value() > 0


def test_chips_wrap_and_a_failure_has_the_room_it_needs(bar: ChipBar, qtbot: QtBot) -> None:
    bar.set_attachments([READY, READING, replace(BROKEN, status="x" * 50)])
    QApplication.processEvents()
    first, second, failed = bar.flow.chips()
    assert first.y() == second.y() < failed.y()
    assert failed.width() > first.width()
    places = [one.geometry() for one in bar.flow.chips()]
    assert not any(a.intersects(b) for a in places for b in places if a is not b)
    narrow = ChipFlow(ThemeManager())
    qtbot.addWidget(narrow)
    narrow.set_items(ALL)
    narrow.resize(180, 400)
    narrow.arrange()
    assert {one.x() for one in narrow.chips()} == {0}
    assert all(one.width() <= 180 for one in narrow.chips())


def test_a_password_is_asked_for_and_forgotten(bar: ChipBar, qtbot: QtBot) -> None:
    bar.set_attachments([READY, LOCKED, replace(LOCKED, id="e", name="other.pdf")])
    line = bar.password
    assert line.isVisible()
    assert not line.open_button.isEnabled()
    assert line.field.echoMode() == QLineEdit.EchoMode.Password
    qtbot.mouseClick(chip(bar, 1), Qt.MouseButton.LeftButton, pos=QPoint(20, 20))
    assert line.field.hasFocus()
    qtbot.keyClicks(line.field, "open it")
    qtbot.mouseClick(line.show_button, Qt.MouseButton.LeftButton)
    assert line.field.echoMode() == QLineEdit.EchoMode.Normal
    bar.set_attachments([replace(READY, tokens=3), LOCKED, replace(LOCKED, id="e", name="other.pdf")])
    assert line.field.text() == "open it"
    with qtbot.waitSignal(bar.password_given) as given:
        qtbot.keyClick(line.field, Qt.Key.Key_Return)
    assert given.args == ["c", "open it"]
    assert line.field.text() == ""
    assert line.field.echoMode() == QLineEdit.EchoMode.Password
    qtbot.keyClicks(line.field, "half")
    bar.set_attachments([READY, replace(LOCKED, id="e", name="other.pdf")])
    assert line.field.text() == ""
    assert "other.pdf" in line.label.text()
    with qtbot.waitSignal(bar.remove_requested) as removed:
        qtbot.mouseClick(line.leave_button, Qt.MouseButton.LeftButton)
    assert removed.args == ["e"]
    bar.set_attachments([READY])
    assert line.isHidden()


def test_after_a_wrong_password_another_one_can_be_typed(
    bar: ChipBar, composer: Composer, qtbot: QtBot
) -> None:
    def give() -> None:
        bar.password.focus()
        qtbot.keyClicks(bar.password.field, "guess")
        qtbot.keyClick(bar.password.field, Qt.Key.Key_Return)
        assert chip(bar, 0).hasFocus()
        bar.set_attachments([replace(LOCKED, state="reading")])
        assert bar.password.isHidden()

    wrong = replace(LOCKED, status="This password does not open it")
    bar.set_attachments([LOCKED])
    give()
    bar.set_attachments([wrong])
    assert bar.password.field.hasFocus()
    assert bar.password.label.text() == "secret.pdf: This password does not open it"
    give()
    composer.edit.setFocus()  # who writes on is left alone
    bar.set_attachments([wrong])
    assert composer.edit.hasFocus()


def test_pages_are_chosen(bar: ChipBar, qtbot: QtBot) -> None:
    bar.set_attachments([replace(READY, chosen="1-20"), replace(READY, id="z", pages=1)])
    bar.focus_pages("z")
    assert bar.pages.isHidden()
    bar.focus_pages("a")
    line = bar.pages
    assert line.field.hasFocus()
    assert line.field.text() == "1-20"
    qtbot.keyClicks(line.field, "3, 400")
    with qtbot.waitSignal(bar.pages_chosen) as chosen:
        qtbot.keyClick(line.field, Qt.Key.Key_Return)
    assert chosen.args == ["a", "3, 400"]
    assert line.isHidden()
    assert chip(bar, 0).hasFocus()
    bar.set_page_error("z", "not for this one")
    assert line.isHidden()
    bar.set_page_error("a", "There is no page 400: the document has 312.")
    assert line.field.hasFocus()
    assert line.field.text() == "3, 400"
    assert line.error.isVisible()
    assert line.field.accessibleDescription() == line.error.text()
    with qtbot.waitSignal(bar.pages_chosen) as chosen:
        qtbot.mouseClick(line.all_pages, Qt.MouseButton.LeftButton)
    assert chosen.args == ["a", ""]
    bar.focus_pages("a")
    assert not line.error.isVisible()
    with qtbot.assertNotEmitted(bar.pages_chosen):
        qtbot.keyClick(line.field, Qt.Key.Key_Escape)
    assert line.isHidden()
    bar.focus_pages("a")
    bar.set_attachments([])
    assert line.isHidden()


def test_pages_that_are_refused_at_once_keep_the_line_open(bar: ChipBar, qtbot: QtBot) -> None:
    bar.set_attachments([READY])
    bar.pages_chosen.connect(lambda key, _pages: bar.set_page_error(key, "no"))
    bar.focus_pages("a")
    qtbot.keyClicks(bar.pages.field, "x")
    qtbot.mouseClick(bar.pages.use, Qt.MouseButton.LeftButton)
    assert bar.pages.error.isVisible()
    assert bar.pages.field.hasFocus()


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (READY, ["View text", "Choose pages…", "Remove"]),
        (replace(READY, pages=1), ["View text", "Remove"]),
        (READING, ["Remove"]),
        (BROKEN, ["Try again", "Remove"]),
    ],
)
def test_the_menu_offers_what_makes_sense(bar: ChipBar, item: Attached, words: list[str]) -> None:
    menu = bar.make_menu(item)
    assert [action.text() for action in menu.actions()] == words
    menu.deleteLater()


def test_the_menu_opens_at_the_chip(bar: ChipBar, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _at: shown.append(menu))  # offscreen has no grab
    bar.set_attachments([READY])
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(5, 5), QPoint(5, 5))
    QApplication.sendEvent(chip(bar, 0), event)
    with qtbot.waitSignal(bar.remove_requested):
        shown[0].actions()[-1].trigger()
    shown[0].deleteLater()


def test_an_edited_message_goes_without_the_drafts_documents(composer: Composer, bar: ChipBar) -> None:
    bar.set_attachments([READY])
    composer.begin_edit("m1", "an older question", False)
    assert bar.isHidden()
    bar.set_attachments([READY, READING])
    assert bar.isHidden()
    composer.cancel_edit()
    assert bar.isVisible()


def test_both_palettes_paint(qtbot: QtBot) -> None:
    theme = ThemeManager("light")
    made = Composer(theme)
    qtbot.addWidget(made)
    made.set_model(THINKER)
    made.resize(700, 300)
    made.show()
    made.chips.set_attachments(ALL)
    light = made.grab().toImage()
    theme.set_mode("dark")
    assert made.grab().toImage() != light


def test_a_document_that_comes_last_is_seen_and_what_became_of_it(bar: ChipBar, qtbot: QtBot) -> None:
    def seen(place: int) -> bool:
        area = bar._area.viewport()
        top = chip(bar, place).mapTo(area, QPoint(0, 0)).y()
        return top >= 0 and top + chip(bar, place).height() <= area.height()

    many = [replace(READY, id=str(number)) for number in range(12)]
    bar.set_attachments(many)
    qtbot.waitUntil(lambda: bar._area.verticalScrollBar().maximum() > 0)
    assert seen(0)
    bar.set_attachments([*many, replace(READING, id="new")])
    qtbot.waitUntil(lambda: seen(12))
    bar.set_attachments([*many, replace(BROKEN, id="new", status="It is damaged. " * 20)])
    qtbot.waitUntil(lambda: seen(12))
    bar._area.verticalScrollBar().setValue(0)
    bar.set_attachments([*many[:3], *many[9:], replace(BROKEN, id="new")])
    assert not seen(6)


def test_what_is_typed_on_a_chip_goes_to_the_question(bar: ChipBar, composer: Composer, qtbot: QtBot) -> None:
    bar.set_attachments([READY])
    chip(bar, 0).setFocus()
    qtbot.keyClick(chip(bar, 0), Qt.Key.Key_W)
    assert composer.edit.hasFocus()
    assert composer.edit.toPlainText() == "w"


def test_the_mouse_over_a_chip_tells_what_it_does(bar: ChipBar) -> None:
    bar.set_attachments([READY, replace(READY, id="e", pages=0), BROKEN])
    assert "A click shows the text, the right button chooses pages." in chip(bar, 0).toolTip()
    assert "A click shows the text." in chip(bar, 1).toolTip()
    assert "click" not in chip(bar, 2).toolTip()
