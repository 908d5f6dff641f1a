from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QGuiApplication

from tests.ui.chat.conftest import Hands
from ui.chat.menu import build_menu
from ui.chat.view import ChatView

TEXT = "# Title\n\nSome **bold** words.\n\n- one\n- two\n\n```py\nx = 1\ny = 2\n```\n\nLast *line*."


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def row_point(hands: Hands, text: str, offset_x: float) -> QPoint:
    for placed in hands.view.placer.rows:
        if text in placed.item.plain:
            return hands.point(placed.y + placed.item.height - 8, offset_x)
    raise AssertionError(text)


def test_select_all_copies_the_markdown_source(qtbot, view: ChatView, hands: Hands) -> None:
    view.add_message("u", "user", "a *question*")
    hands.answer(TEXT)
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    with qtbot.waitSignal(view.copy_requested) as copied:
        qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert copied.args == ["a *question*\n\n" + TEXT]
    assert clipboard() == "a *question*\n\n" + TEXT


def test_inside_a_block_it_copies_plain_text(view: ChatView, hands: Hands) -> None:
    hands.answer(TEXT)
    start = row_point(hands, "Some bold", 0)
    hands.drag(start, QPoint(start.x() + 45, start.y()))
    view.copy_selection()
    assert clipboard()
    assert "Some bold words.".startswith(clipboard())
    assert "*" not in clipboard()


def test_over_blocks_whole_ones_are_source_and_ends_plain(view: ChatView, hands: Hands) -> None:
    hands.answer(TEXT)
    start = row_point(hands, "Some bold", 0)
    hands.drag(QPoint(start.x() + 45, start.y()), row_point(hands, "two", 4000))
    view.copy_selection()
    first, *rest = clipboard().split("\n")
    assert "bold words." in first
    assert "*" not in first
    assert rest == ["", "- one", "- two"]


def test_backwards_is_the_same(view: ChatView, hands: Hands) -> None:
    hands.answer(TEXT)
    a, b = row_point(hands, "Title", 0), row_point(hands, "Last", 4000)
    hands.drag(a, b)
    view.copy_selection()
    forwards = clipboard()
    hands.drag(b, a)
    view.copy_selection()
    assert clipboard() == forwards == TEXT


def test_a_double_click_takes_the_word(view: ChatView, hands: Hands) -> None:
    hands.answer("Hello, wonderful world")
    placed = view.placer.rows[0]
    rect = placed.item.box.rects(7, 16)[0]
    at = hands.point(placed.y + placed.item.gap + rect.center().y(), rect.center().x())
    hands.mouse(QEvent.Type.MouseButtonDblClick, at, held=True)
    view.copy_selection()
    assert clipboard() == "wonderful"


def test_offsets_count_characters_not_utf16_units(view: ChatView, hands: Hands) -> None:
    hands.answer("🎉🎉🎉 **party** time")
    placed = view.placer.rows[0]
    rect = placed.item.box.rects(4, 9)[0]
    at = hands.point(placed.y + placed.item.gap + rect.center().y(), rect.center().x())
    hands.mouse(QEvent.Type.MouseButtonDblClick, at, held=True)
    view.copy_selection()
    assert clipboard() == "party"


def test_a_selection_stays_while_the_answer_grows(view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", "First paragraph.\n\nSecond")
    start = row_point(hands, "First", 0)
    hands.drag(start, QPoint(start.x() + 400, start.y()))
    hands.stream("a", " one grows.\n\nThird.")
    view.copy_selection()
    assert clipboard() == "First paragraph."


def test_escape_and_a_click_clear_it(qtbot, view: ChatView, hands: Hands) -> None:
    hands.answer(TEXT)
    view.selection.all()
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Escape)
    assert not view.selection
    view.selection.all()
    hands.click(row_point(hands, "Title", 3))
    assert not view.selection


def test_copy_buttons(qtbot, view: ChatView, hands: Hands) -> None:
    hands.answer(TEXT)
    with qtbot.waitSignal(view.copy_requested) as copied:
        hands.click(hands.spots("copy_code")[0][2])
    assert copied.args == ["x = 1\ny = 2\n"]
    with qtbot.waitSignal(view.copy_requested) as copied:
        hands.click(hands.spots("copy_message")[0][2])
    assert copied.args == [TEXT]


def test_a_fence_in_pieces_is_copied_whole(qtbot, view: ChatView, hands: Hands) -> None:
    code = "".join(f"line {i}\n" for i in range(300))
    hands.answer(f"```\n{code}```\n")
    view.verticalScrollBar().setValue(0)
    with qtbot.waitSignal(view.copy_requested) as copied:
        hands.click(hands.spots("copy_code")[0][2])
    assert copied.args == [code]
    view.selection.all()
    view.copy_selection()
    assert clipboard() == f"```\n{code}```"


def test_the_menu_copies_links_and_selections(view: ChatView, hands: Hands) -> None:
    hands.answer("See [it](https://x.y).")
    menu = build_menu(view, *hands.spots("link")[0][:2])
    actions = {action.text(): action for action in menu.actions()}
    copy, address, select = (actions[name] for name in ("Copy", "Copy link address", "Select all"))
    assert not copy.isEnabled()
    address.trigger()
    assert clipboard() == "https://x.y"
    select.trigger()
    assert view.selection
    menu.deleteLater()


def test_buttons_work_while_something_is_selected(qtbot, view: ChatView, hands: Hands) -> None:
    hands.answer(TEXT)
    view.selection.all()
    with qtbot.waitSignal(view.copy_requested) as copied:
        hands.click(hands.spots("copy_code")[0][2])
    assert copied.args == ["x = 1\ny = 2\n"]
    assert view.selection
