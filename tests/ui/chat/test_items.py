import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication

from tests.ui.chat.conftest import Hands, colours_settled
from ui.chat.code_item import CodeItem
from ui.chat.message import CodeGroup
from ui.chat.painting import look_of
from ui.chat.table_item import TableItem
from ui.chat.thought import duration
from ui.chat.view import ChatView

WIDE = "x = '" + "wide " * 60 + "'"


def item(view: ChatView, kind: type) -> object:
    return next(p.item for p in view.placer.rows if isinstance(p.item, kind))


def wheel(view: ChatView, at: QPoint, dx: int, dy: int, shift: bool) -> None:
    port = view.viewport()
    mods = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    place, far = QPointF(at), QPointF(port.mapToGlobal(at))
    none, phase = Qt.MouseButton.NoButton, Qt.ScrollPhase.NoScrollPhase
    QApplication.sendEvent(port, QWheelEvent(place, far, QPoint(), QPoint(dx, dy), none, mods, phase, False))


def test_code_scrolls_sideways_by_wheel_and_bar(view: ChatView, hands: Hands) -> None:
    hands.answer(f"```py\n{WIDE}\n```")
    code = item(view, CodeItem)
    placed = view.placer.rows[0]
    at = hands.point(placed.y + placed.item.height / 2, 100)
    wheel(view, at, 0, -120, shift=True)
    assert code.offset == 120
    wheel(view, at, 60, 0, shift=False)
    assert code.offset == 60
    wheel(view, at, -100_000, 0, shift=False)
    assert code.offset == code.overflow > 0
    bar = code.bar().center()
    start = hands.point(placed.y + bar.y(), bar.x())
    hands.drag(start, QPoint(start.x() - 5000, start.y()))
    assert code.offset == 0


def test_pieces_of_a_fence_scroll_together(view: ChatView, hands: Hands) -> None:
    hands.answer("```py\n" + f"{WIDE}\n" * 200 + "```")
    groups = {id(row.group) for row in view.model.by_id["a"].sections[3].rows}
    assert len(groups) == 1
    assert isinstance(view.model.by_id["a"].sections[3].rows[0].group, CodeGroup)


def test_wide_tables_scroll_and_narrow_ones_do_not(view: ChatView, hands: Hands) -> None:
    hands.answer("| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert item(view, TableItem).overflow == 0
    view.clear()
    cells = " | ".join(f"a fairly long cell {i}" for i in range(12))
    hands.answer(f"| {cells} |\n|{'---|' * 12}\n| {cells} |\n")
    table = item(view, TableItem)
    assert table.overflow > 0
    assert table.scroll_by(50)
    assert table.offset == 50
    assert table.plain.startswith("a fairly long cell 0\ta fairly long cell 1")


def test_zooming_out_again_leaves_no_scroll_bar_behind(view: ChatView, hands: Hands) -> None:
    hands.answer("```py\n" + "x" * 60 + "\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
    assert item(view, CodeItem).overflow == 0
    view.set_text_zoom(3.0)
    assert item(view, CodeItem).overflow > 0
    view.set_text_zoom(1.0)
    assert item(view, CodeItem).overflow == 0
    assert item(view, TableItem).overflow == 0


def test_a_growing_table_keeps_its_cells(view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", "| aaa | bbb |\n|---|---|\n| 1 | 2 |\n")
    table = item(view, TableItem)
    first = table.boxes[1][0]
    hands.stream("a", "| 2 | 1 |\n")  # no wider, in any font
    assert item(view, TableItem) is table
    assert table.boxes[1][0] is first
    assert table.plain.endswith("1\t2\n2\t1")


def test_an_open_fence_keeps_the_lines_it_has(view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", "```py\nx = 1\ny = ")
    code = item(view, CodeItem)
    first = code._layouts[0]
    hands.stream("a", "2\nz = 3\n")
    assert item(view, CodeItem) is code
    assert code._layouts[0] is first
    assert code.plain == "x = 1\ny = 2\nz = 3"


@pytest.mark.usefixtures("colourist")
def test_colours_come_in_steps_and_end(qtbot, view: ChatView, hands: Hands) -> None:
    hands.answer("```python\n" + "def f(x): return 'a' # b\n" * 70 + "```\n\nend")
    view.verticalScrollBar().setValue(0)
    code = item(view, CodeItem)
    qtbot.waitUntil(lambda: not code.work(0.001) and colours_settled(view), timeout=3000)
    assert all(layout.formats() for layout in code._layouts)
    assert code._layouts[0].formats()[0].format.foreground().color() == view.theme.color("code_keyword")


@pytest.mark.usefixtures("colourist")
def test_closing_a_fence_colours_it_once_more_as_a_whole(qtbot, view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", "```js\n/* one\n two */ let x = 1\n")
    code = item(view, CodeItem)
    hands.stream("a", "```\n\nend")
    assert item(view, CodeItem) is code
    qtbot.waitUntil(lambda: colours_settled(view), timeout=3000)
    comment = view.theme.color("code_comment")
    assert code._layouts[1].formats()[0].format.foreground().color() == comment


def test_hover_shows_the_actions_of_one_message(view: ChatView, hands: Hands) -> None:
    hands.answer("First", "a")
    hands.answer("Second", "b")
    placed = view.placer.rows[0]
    assert not look_of(view, placed).actions
    hands.mouse(QEvent.Type.MouseMove, hands.point(placed.y + 12, 5))
    looks = {p.ref.message: look_of(view, p).actions for p in view.placer.rows}
    assert looks == {0: True, 1: False}
    QApplication.sendEvent(view.viewport(), QEvent(QEvent.Type.Leave))
    assert not look_of(view, placed).actions


def test_durations_in_words() -> None:
    assert [duration(s) for s in (0.2, 12.4, 60, 72)] == ["0 s", "12 s", "1 min", "1 min 12 s"]
