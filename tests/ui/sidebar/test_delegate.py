from __future__ import annotations

from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage

from app.chat.library import Hit
from tests.ui.sidebar.conftest import FOLDERS, HITS, Desk, ago, entry
from ui.sidebar.contents import DELETED
from ui.sidebar.style import ROW, TALL_ROW


def picture(desk: Desk, name: str) -> QImage:
    rect = desk.list.visualRect(desk.list.rows.index(desk.row(name)))
    return desk.list.viewport().grab(rect).toImage()


def colours(image: QImage, part: QRect | None = None) -> set[str]:
    area = part or image.rect()
    points = ((x, y) for x in range(area.left(), area.right() + 1) for y in range(image.height()))
    return {image.pixelColor(*point).name().upper() for point in points}


def show_deleted(desk: Desk) -> None:
    desk.sidebar.set_deleted([entry("gone", deleted=ago(days=1))])
    desk.sidebar._open_view(DELETED)


def test_rows_have_the_design_s_height(desk: Desk) -> None:
    desk.fill()
    heights = {desk.list.visualRect(desk.list.rows.index(row)).height() for row in range(len(desk.names))}
    assert heights == {ROW}
    show_deleted(desk)
    assert desk.list.visualRect(desk.list.rows.index(0)).height() == TALL_ROW


def test_hits_are_as_high_as_their_text(desk: Desk) -> None:
    desk.fill()
    desk.sidebar.search.setText("cache")
    long = Hit("rust", "Rust", "why the cache is read again " * 9, ((8, 13),), "m2", "user")
    desk.sidebar.set_hits("cache", [*HITS, long])
    title, one, two = (desk.list.visualRect(desk.list.rows.index(row)).height() for row in range(3))
    assert title == ROW < one < two < 3 * ROW


def test_long_titles_end_in_an_ellipsis(desk: Desk) -> None:
    desk.sidebar.set_entries([entry("a", title="i" * 300)], [])
    image = picture(desk, "a")
    right = image.width() - 16

    def inked(left: int, width: int, top: int, height: int) -> bool:
        return len(colours(image.copy(left, top, width, height))) > 1

    assert not inked(right, 8, 0, 32), "nothing is drawn beyond the text"
    assert not inked(right - 9, 4, 0, 15), "an ellipsis is low"
    assert inked(right - 30, 30, 15, 10)
    assert inked(right - 60, 30, 0, 15)


def test_marks_of_pinned_and_working(desk: Desk) -> None:
    desk.fill()
    accent = desk.theme.tokens.accent
    plain, pinned = picture(desk, "rust"), picture(desk, "lakes")
    assert accent not in colours(plain)
    right = QRect(pinned.width() - 32, 0, 24, pinned.height())
    assert len(colours(pinned, right)) > len(colours(plain, right)) == 1
    desk.sidebar.set_working(frozenset({"rust"}))
    assert accent in colours(picture(desk, "rust"))
    desk.sidebar.set_working(frozenset())
    assert accent not in colours(picture(desk, "rust"))


def test_the_marks_stand_side_by_side(desk: Desk) -> None:
    desk.sidebar.set_entries([entry("a", pinned=True), entry("b")], [])
    desk.sidebar.set_working(frozenset({"a", "b"}))
    accent = desk.theme.color("accent")

    def dot(name: str) -> int:
        image = picture(desk, name)
        return min(x for x in range(image.width()) if image.pixelColor(x, image.height() // 2) == accent)

    assert dot("b") - dot("a") == 18


def test_the_open_conversation_stands_out(desk: Desk) -> None:
    desk.fill()
    desk.sidebar.focus_search()
    desk.sidebar.set_current("rust")
    assert desk.theme.tokens.pressed in colours(picture(desk, "rust"))
    assert desk.theme.tokens.pressed not in colours(picture(desk, "letter"))
    desk.sidebar.set_current("letter")
    assert desk.theme.tokens.pressed not in colours(picture(desk, "rust"))


def test_selection_and_keyboard_are_seen(desk: Desk) -> None:
    desk.fill()
    desk.go("letter")
    assert {desk.theme.tokens.selection, desk.theme.tokens.accent} <= colours(picture(desk, "letter"))
    desk.theme.set_mode("dark")
    assert {desk.theme.tokens.selection, desk.theme.tokens.accent} <= colours(picture(desk, "letter"))


def test_what_is_in_a_folder_stands_further_right(desk: Desk) -> None:
    desk.sidebar.set_entries([entry("a", title="I", folder="work"), entry("b", title="I")], FOLDERS)

    def left(image: QImage) -> int:
        ground = image.pixelColor(QPoint(0, 0))
        height = range(image.height())
        return next(x for x in range(image.width()) if any(image.pixelColor(x, y) != ground for y in height))

    assert left(picture(desk, "a")) - left(picture(desk, "b")) == 12


def test_the_word_restore_is_at_the_right(desk: Desk) -> None:
    show_deleted(desk)
    row = desk.list.visualRect(desk.list.rows.index(0))
    word = desk.list.itemDelegate().restore_rect(row)
    assert row.contains(word)
    assert word.left() > row.center().x()
    image = picture(desk, "gone")
    assert len(colours(image, QRect(word.left(), 0, word.width(), 1))) > 1
