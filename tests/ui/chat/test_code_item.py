"""Code: wrapped lines, colours that reach over pieces, saving."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QGuiApplication, QTextLayout
from pytestqt.qtbot import QtBot

from tests.ui.chat.conftest import Hands
from ui.chat.code_item import CodeItem
from ui.chat.menu import build_menu
from ui.chat.message import ANSWER
from ui.chat.shown import Shown
from ui.chat.view import ChatView

LONG = "value = 'a rather long string " + "and more of it " * 20 + "'"
PIECES = "\n".join(f"line {n} " + "word " * (40 if n % 7 == 0 else 3) for n in range(200))


def code(view: ChatView, index: int = 0) -> CodeItem:
    found = view.cache.item(view.model.messages[0].sections[ANSWER].rows[index])
    assert isinstance(found, CodeItem)
    return found


def settle(qtbot: QtBot, view: ChatView) -> None:
    qtbot.waitUntil(lambda: not any(placed.item.work(0.01) for placed in view.placer.rows))


def test_lines_are_wrapped_and_not_again(view: ChatView, hands: Hands) -> None:
    hands.answer(f"```py\n{LONG}\nx = 1\n```\n\nBelow")
    item, high = code(view), view.placer.rows[0].item.height
    assert item.overflow > 0
    hands.click(hands.spots("wrap_code")[0][2])
    item = code(view)
    assert item.overflow == 0
    assert view.placer.rows[0].item.height > high
    assert hands.spots("wrap_code")[0][1].name == "Don't wrap lines"
    rects = item.rects(0, len(LONG))
    assert len(rects) > 2
    assert all(rect.right() <= item.view.right() for rect in rects)
    assert {rect.height() for rect in rects} == {view.cache.style.code_line}
    hands.click(hands.spots("wrap_code")[0][2])
    assert code(view).overflow > 0
    assert view.placer.rows[0].item.height == high


@pytest.mark.parametrize("wrapped", [True, False])
def test_every_place_is_hit_where_it_is_painted(view: ChatView, hands: Hands, wrapped: bool) -> None:
    hands.answer(f"```\n{LONG}\n\nx = '🎉 é'\n\ty\n{LONG}\n```")
    if wrapped:
        hands.click(hands.spots("wrap_code")[0][2])
    item = code(view)
    for offset in range(len(item.plain)):
        rects = item.rects(offset, offset + 1)
        if item.plain[offset] == "\n":
            assert rects == []
            continue
        (rect,) = rects
        assert item.hit(rect.left() + rect.width() / 4, rect.center().y()) == offset
        assert item.height_to(offset) == int(rect.top())


def test_a_selection_over_wrapped_lines(view: ChatView, hands: Hands) -> None:
    hands.answer(f"```\n{LONG}\nx = 1\n```")
    hands.click(hands.spots("wrap_code")[0][2])
    placed, item = view.placer.rows[0], code(view)
    first, last = item.rects(10, 11)[0], item.rects(200, 201)[0]
    assert last.top() > first.top()
    start = hands.point(placed.y + first.center().y(), first.left() + 1)
    hands.drag(start, hands.point(placed.y + last.center().y(), last.left() + 1))
    view.copy_selection()
    assert QGuiApplication.clipboard().text() == LONG[10:200]
    view.grab()


def test_all_pieces_of_a_block_are_wrapped_and_nothing_above_jumps(view: ChatView, hands: Hands) -> None:
    shown = Shown("a", "assistant", f"Above.\n\n```\n{PIECES}\n```\n\nBelow.\n\n```\n{LONG}\n```")
    view.show_messages([shown])
    view.verticalScrollBar().setValue(0)
    y = view.placer.rows[1].y
    hands.click(hands.spots("wrap_code")[0][2])
    assert view.placer.rows[0].item.plain == "Above."
    assert view.placer.rows[1].y == y
    rows = view.model.messages[0].sections[ANSWER].rows
    pieces = [row for row in rows if row.block.kind == "code" and row.group is rows[1].group]
    assert len(pieces) > 2
    for row in pieces:
        item = view.cache.item(row)
        assert isinstance(item, CodeItem)
        assert item.overflow == 0
        assert item.height > (item.plain.count("\n") + 1) * view.cache.style.code_line
    assert view.cache.item(rows[-1]).overflow > 0  # another block


def test_a_block_that_grows_stays_wrapped(view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", f"```py\n{LONG}\n")
    hands.click(hands.spots("wrap_code")[0][2])
    one = code(view).height
    hands.stream("a", f"{LONG}\n```\n\nBelow")
    assert code(view).overflow == 0
    assert code(view).height > one
    assert code(view).row.group.wrap


def _colours(item: CodeItem) -> list[list[tuple[int, int, str]]]:
    def of(layout: QTextLayout) -> list[tuple[int, int, str]]:
        return [(r.start, r.length, r.format.foreground().color().name()) for r in layout.formats()]

    return [of(layout) for layout in item._layouts]


def test_a_string_over_many_pieces_is_one(qtbot: QtBot, view: ChatView) -> None:
    inside = "\n".join(f"def line_{n}(): return None" for n in range(250))
    view.show_messages([Shown("a", "assistant", f'```py\nx = """\n{inside}\n"""\ny = None\n```')])
    settle(qtbot, view)  # at the end: what stands above was never on the screen
    item = code(view, -1)
    rows = view.model.messages[0].sections[ANSWER].rows
    assert rows[-1].block.piece >= 3
    string = view.theme.color("code_string").name()
    colours = _colours(item)
    for line, found in zip(item.plain.split("\n"), colours, strict=True):
        if line.startswith("def"):
            assert found == [(0, len(line), string)]
    assert colours[-1] != []
    assert string not in {name for _, _, name in colours[-1]}


def test_wrapped_lines_keep_their_colours(qtbot: QtBot, view: ChatView, hands: Hands) -> None:
    hands.answer('```py\nx = """one\ntwo\n"""\n```')
    settle(qtbot, view)
    before = _colours(code(view))
    assert before[1]
    hands.click(hands.spots("wrap_code")[0][2])
    settle(qtbot, view)
    assert _colours(code(view)) == before


@pytest.mark.parametrize("seed", range(3))
def test_streamed_colours_end_as_those_of_a_whole(
    qtbot: QtBot, view: ChatView, hands: Hands, seed: int
) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    lines = ['"""', "def f(x):", "    return 'a' # no", "'''", "x = 1", "class A:", "    pass", "/* a"]
    text = "```py\n" + "\n".join(rng.choice(lines) for _ in range(200)) + "\n```\n"
    view.add_message("a", "assistant")
    for at in range(0, len(text), 300):
        hands.stream("a", text[at : at + 300])
    view.finish_message("a")
    hands.settle()
    settle(qtbot, view)
    streamed = _colours(code(view, -1))
    view.show_messages([Shown("b", "assistant", text)])
    settle(qtbot, view)
    assert _colours(code(view, -1)) == streamed


def test_save_asks_for_a_place_and_gives_the_whole_code(qtbot: QtBot, view: ChatView, hands: Hands) -> None:
    view.show_messages([Shown("a", "assistant", f"```python\n{PIECES}\n```")])
    view.verticalScrollBar().setValue(0)
    (spot,) = hands.spots("save_code")
    assert spot[1].name == "Save code…"
    with qtbot.waitSignal(view.save_requested) as asked:
        hands.click(spot[2])
    assert asked.args == ["code.py", PIECES + "\n"]


def test_the_menu_of_a_block(qtbot: QtBot, view: ChatView, hands: Hands) -> None:
    view.show_messages([Shown("a", "assistant", "```js\nx\n```"), Shown("b", "assistant", "b")])
    ref = view.model.first_of(0)
    menu = build_menu(view, ref, None)
    actions = {one.text(): one for one in menu.actions()}
    assert actions["Wrap lines"].isCheckable()
    assert not actions["Wrap lines"].isChecked()
    actions["Wrap lines"].trigger()
    assert view.model.row(ref).group.wrap
    with qtbot.waitSignal(view.save_requested) as asked:
        actions["Save code…"].trigger()
    assert asked.args == ["code.js", "x\n"]
    view.show_messages([Shown("b", "assistant", "b")])
    with qtbot.assertNotEmitted(view.save_requested):
        actions["Save code…"].trigger()  # the block is gone


def test_the_language_is_cut_before_the_buttons(view: ChatView, hands: Hands) -> None:
    view.resize(220, 400)
    hands.answer("```" + "language" * 30 + "\nx\n```")
    view.grab()
    spots = code(view).spots()
    assert [spot.kind for spot in spots] == ["wrap_code", "save_code", "copy_code"]
    assert spots[0].rect.left() > 0
    assert QPoint(int(spots[-1].rect.right()), 0).x() <= code(view).width
