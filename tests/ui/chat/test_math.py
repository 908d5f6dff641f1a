"""Formulas in the conversation: where they stand, what is copied, and what stays while text comes."""

from collections.abc import Callable
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPoint
from PySide6.QtGui import QFontMetricsF, QGuiApplication

from app.render.math_values import MathDrawn, MathRefused, MathRequest
from tests.ui.chat.conftest import Hands
from tests.ui.chat.test_formulas import square
from ui.chat.block_items import TextItem
from ui.chat.formula_ahead import keys_of
from ui.chat.inline_math import formula_tip
from ui.chat.items import Item
from ui.chat.math_item import MathItem
from ui.chat.menu import build_menu
from ui.chat.style import BLANK
from ui.chat.table_item import TableItem
from ui.chat.view import ChatView

Give = Callable[..., None]


@pytest.fixture
def give(view: ChatView, hands: Hands) -> Give:
    """Has formulas drawn as boxes, or as told."""

    def bring(*sources: str, display: bool = False, result: MathDrawn | MathRefused | None = None) -> None:
        for source in sources:
            view.formulas.on_drawn(MathRequest(source, display, 16.0), result or square())
        hands.settle()

    return bring


def items(view: ChatView, kind: type[Item]) -> list:
    return [placed.item for placed in view.placer.rows if isinstance(placed.item, kind)]


def paragraph(view: ChatView) -> TextItem:
    return items(view, TextItem)[0]


def clipboard() -> str:
    return QGuiApplication.clipboard().text()


def test_until_it_is_drawn_its_source_stands_there(view: ChatView, hands: Hands, give: Give) -> None:
    asked: list[MathRequest] = []
    view.formulas.wanted.connect(asked.extend)
    hands.answer("Let $x$ be $y$.")
    assert [one.source for one in asked] == ["x", "y"]
    before = paragraph(view)
    assert before.box._shown == before.plain == "Let $x$ be $y$."
    give("x")
    assert paragraph(view).box._shown == f"Let {BLANK} be $y$."
    give("y")
    after = paragraph(view)
    assert after.box._shown == f"Let {BLANK} be {BLANK}."
    assert after.plain == before.plain, "what can be found and copied stays"
    assert not after.missing


def test_it_stands_on_the_baseline_and_as_wide_as_it_is(view: ChatView, hands: Hands, give: Give) -> None:
    hands.answer("Let $x$ be.")
    give("x", result=square(16, baseline=12, wide=80))
    box = paragraph(view).box
    one, line = box._math.placed[0], box._layout.lineAt(0)
    rect = box._box(one)
    assert rect.width() == pytest.approx(80 * one.sized.scale)
    assert rect.top() + 12 * one.sized.scale == pytest.approx(line.y() + line.ascent())
    behind = box.rects(one.end, one.end + 1)[0]
    assert behind.left() == pytest.approx(rect.right(), abs=1.5)


def test_a_line_grows_for_a_tall_one_and_only_that_line(view: ChatView, hands: Hands, give: Give) -> None:
    hands.answer("word " * 60 + "$x$ " + "word " * 60)
    plain = paragraph(view)
    give("x", result=square(60, baseline=40))
    item = paragraph(view)
    tops = [*item.box._tops, item.box.height]
    steps = [below - above for above, below in pairwise(tops)]
    grown = [step for step in steps if step != item.style.line(item.font)]
    scale = item.box._math.placed[0].sized.scale
    assert len(grown) == 1
    assert 60 * scale <= grown[0] <= 60 * scale + 12
    assert item.height > plain.height
    rect = item.box._box(item.box._math.placed[0])
    line = steps.index(grown[0])
    assert tops[line] <= rect.top()
    assert rect.bottom() <= tops[line + 1]


@pytest.mark.parametrize("text", ["({}),", "({})!", "{}-dimensional.", "»{}«"])
def test_what_touches_it_stays_on_its_line(view: ChatView, hands: Hands, give: Give, text: str) -> None:
    seen = set()
    for count in range(60):
        view.clear()
        hands.answer("m" * 20 + " " + "i" * count + " " + text.format("$x$") + " end")
        give("x", result=square(16, wide=300))
        box = paragraph(view).box
        one = box._math.placed[0]
        lines = [box._layout.lineForTextPosition(unit).lineNumber() for unit in (one.blank - 1, one.blank)]
        behind = box._layout.lineForTextPosition(one.blank + 1).lineNumber()
        seen.add(lines[1])
        assert behind == lines[1]
        assert not text.startswith(("(", "»")) or lines[0] == lines[1]
    assert seen == {0, 1}, "it was at the line's end, and wrapped"


def test_chinese_text_breaks_beside_it(view: ChatView, hands: Hands, give: Give) -> None:
    letter = QFontMetricsF(view.theme.font("reading")).horizontalAdvance("设")
    before = int((view.column()[1] - 160) / letter)
    text = "设" * before + "$x$" + "为" * 80
    hands.answer(text)
    give("x", result=square(16, wide=100))
    box = paragraph(view).box
    first = box._layout.lineAt(0).naturalTextWidth()
    assert first > view.column()[1] - 120, "the line is filled"
    assert box.text == text


def test_offsets_hold_behind_emoji_and_formulas(view: ChatView, hands: Hands, give: Give) -> None:
    text = "😀 a $x$ b 😀 设$y$为 c $z$"
    hands.answer(text)
    give("x", "y", "z")
    box = paragraph(view).box
    atoms = [(one.start, one.end) for one in box._math.placed]
    assert [text[a:b] for a, b in atoms] == ["$x$", "$y$", "$z$"]
    for offset in range(len(text) + 1):
        back = box._offset(box._utf16(offset))
        inside = [(a, b) for a, b in atoms if a <= offset <= b]
        assert back == offset or (inside and back in inside[0]), offset


def test_selection_covers_it_as_one_piece_and_copies_its_source(
    view: ChatView, hands: Hands, give: Give
) -> None:
    hands.answer(r"Let $x^2$ be \(y\) or so, a long line.")
    give("x^2", "y")
    item, placed = paragraph(view), view.placer.rows[0]
    first, second = (item.box._box(one) for one in item.box._math.placed)
    y = placed.y + item.gap + first.center().y()
    hands.drag(hands.point(y, first.left() + 1), hands.point(y, second.right() - 1))
    view.copy_selection()
    assert clipboard() == r"$x^2$ be \(y\)"
    assert item.whole(6, 12) == (4, 12), "a search that ends inside of it"


def test_a_double_click_takes_the_whole_formula(view: ChatView, hands: Hands, give: Give) -> None:
    hands.answer("Let $x+y$ be.")
    give("x+y", result=square(16, wide=60))
    item, placed = paragraph(view), view.placer.rows[0]
    middle = item.box._box(item.box._math.placed[0]).center()
    at = hands.point(placed.y + item.gap + middle.y(), middle.x())
    hands.mouse(QEvent.Type.MouseButtonDblClick, at, held=True)
    view.copy_selection()
    assert clipboard() == "$x+y$"


def test_one_that_is_refused_is_shown_as_written_with_the_reason(
    view: ChatView, hands: Hands, give: Give
) -> None:
    hands.answer(r"Let $\foo<b>$ be." + "\n\n$$\n\\bar\n$$")
    give(r"\foo<b>", result=MathRefused("It is not known here."))
    give(r"\bar", display=True, result=MathRefused("Nor is this."))
    item = paragraph(view)
    assert item.box._shown == r"Let $\foo<b>$ be."
    where = item.box.rects(5, 6)[0].center()
    hint = item.hint_at(where.x(), where.y() + item.gap)
    assert hint is not None
    assert formula_tip(hint) == (
        r"<div>$\foo&lt;b&gt;$</div><div>Shown as written: It is not known here.</div>"
    )
    block = items(view, MathItem)[0]
    below = block.hint_at(20, block.height / 2)
    assert below is not None
    assert (below.source, below.reason) == ("$$\n\\bar\n$$", "Nor is this.")
    assert block.hit(10_000, block.height) == len(block.plain)


def test_a_wide_one_in_a_line_shrinks_a_little_or_is_shown_as_written(
    view: ChatView, hands: Hands, give: Give
) -> None:
    hands.answer("So $x$ and $y$.")
    room = view.column()[1]
    give("x", result=square(16, wide=room * 1.2))
    give("y", result=square(16, wide=room * 4))
    box = paragraph(view).box
    assert [one.sized.key[0] for one in box._math.placed] == ["x"]
    assert box._box(box._math.placed[0]).width() == pytest.approx(room)
    assert [hint.reason for hint in box._math.hints] == ["", "It is wider than the line."]


def test_a_display_formula_is_centred(view: ChatView, hands: Hands, give: Give) -> None:
    hands.answer("So\n\n$$\nx\n$$\n\nand")
    give("x", display=True, result=square(30, wide=100))
    item = items(view, MathItem)[0]
    assert item.picture.center().x() == pytest.approx(item.width / 2)
    assert item.height >= item.gap + item.picture.height()
    assert item.overflow == 0


def test_a_wide_display_formula_scrolls_inside_itself(view: ChatView, hands: Hands, give: Give) -> None:
    hands.answer("$$\nx\n$$")
    give("x", display=True, result=square(30, wide=3000))
    item = items(view, MathItem)[0]
    assert item.picture.left() == item.view.left()
    assert item.scroll_by(100_000)
    assert item.picture.right() == pytest.approx(item.view.right(), abs=1.5)
    assert item.bar().width() > 0


@pytest.mark.parametrize("side", ["left", "right"])
def test_a_display_formula_is_chosen_whole(view: ChatView, hands: Hands, give: Give, side: str) -> None:
    hands.answer("Before.\n\n> $$\n> x\n> $$\n\nBehind.")
    give("x", display=True, result=square(30, wide=100))
    placed = next(placed for placed in view.placer.rows if isinstance(placed.item, MathItem))
    picture = placed.item.picture
    y = placed.y + picture.center().y()
    ends = [hands.point(y, picture.left() + 2), hands.point(y, picture.right() - 2)]
    hands.drag(*(ends if side == "left" else ends[::-1]))
    view.copy_selection()
    assert clipboard() == "> $$\n> x\n> $$"


def test_the_menu_copies_a_formula(view: ChatView, hands: Hands, give: Give) -> None:
    hands.answer("$$\nx\n$$")
    give("x", display=True)
    for formula, wanted in (("$y$", "$y$"), ("", "$$\nx\n$$")):
        menu = build_menu(view, view.placer.rows[0].ref, None, formula)
        action = next(one for one in menu.actions() if one.text() == "Copy formula")
        action.trigger()
        assert clipboard() == wanted
        menu.close()


def test_cells_hold_formulas_and_are_as_wide(view: ChatView, hands: Hands, give: Give) -> None:
    hands.answer("| a | b |\n|---|---|\n| $x$ | two |")
    narrow = items(view, TableItem)[0].widths[0]
    give("x", result=square(16, wide=200))
    table = items(view, TableItem)[0]
    assert table.widths[0] > 200 > narrow
    assert not table.missing
    rect = table.boxes[1][0]._box(table.boxes[1][0]._math.placed[0])
    hint = table.hint_at(table.pad_x + rect.center().x(), table.gap + table.tops[1] + table.pad_y + 8)
    assert hint is not None
    assert table.plain[hint.start : hint.end] == hint.source == "$x$"
    assert table.whole(hint.start + 1, len(table.plain)) == (hint.start, len(table.plain))
    assert table.whole(0, hint.start + 1) == (0, hint.end)


def test_a_drawn_one_stays_drawn_while_its_block_grows(view: ChatView, hands: Hands, give: Give) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", "Let $x$ be ")
    give("x")
    text = "more $x$ words " * 250
    for at in range(0, len(text), 9):
        view.append_text("a", "answer", text[at : at + 9])
        view.feeder.run()
        view.arrange()
        for item in items(view, TextItem):
            # the one that has just begun may be open still
            assert "$x$" not in item.box._shown, at
    view.finish_message("a")
    hands.settle()
    assert all("$" not in item.box._shown for item in items(view, TextItem))


def test_chopped_anywhere_it_ends_the_same(view: ChatView, hands: Hands, give: Give) -> None:
    text = "Let $x$ and \\(y\\), so:\n\n$$\nz\n$$\n\n- item $x$\n\n| a |\n|---|\n| $y$ |\n"
    give("x", "y")
    give("z", display=True)
    hands.answer(text, "whole")
    wanted = [(type(item), item.height, item.plain) for item in items(view, Item)]
    for at in range(1, len(text)):
        view.clear()
        view.add_message("a", "assistant")
        for part in (text[:at], text[at:]):
            view.append_text("a", "answer", part)
            hands.settle()
        view.finish_message("a")
        hands.settle()
        assert [(type(item), item.height, item.plain) for item in items(view, Item)] == wanted, at


def test_the_line_at_the_top_stays_when_formulas_come(view: ChatView, hands: Hands, give: Give) -> None:
    hands.answer("$x$ " + "word " * 400 + "\n\n" + "below. " * 2000)
    view.verticalScrollBar().setValue(150)
    item, placed = paragraph(view), view.placer.rows[0]
    offset = item.hit(0, -placed.y)
    line = placed.y + item.height_to(offset)
    give("x", result=square(200, baseline=150))
    placed = view.placer.rows[0]
    assert placed.item.height > item.height + 100
    assert placed.y + placed.item.height_to(offset) == line


def test_theme_and_zoom_ask_for_nothing(view: ChatView, hands: Hands, give: Give, theme) -> None:
    hands.answer("Let $x$ be.\n\n$$\ny\n$$")
    give("x")
    give("y", display=True)
    before = paragraph(view).box._math.placed[0].sized.width
    asked: list[MathRequest] = []
    view.formulas.wanted.connect(asked.extend)
    theme.set_mode("dark")
    view.set_text_zoom(2.0)
    hands.settle()
    assert not asked
    assert paragraph(view).box._math.placed[0].sized.width == pytest.approx(2 * before)


def test_only_what_is_near_the_screen_is_asked_for(qtbot, view: ChatView, hands: Hands) -> None:
    asked: list[tuple[MathRequest, ...]] = []
    view.formulas.wanted.connect(asked.append)
    hands.answer("\n\n".join(f"Paragraph $x_{{{number}}}$." for number in range(200)))
    seen = [key for placed in view.placer.rows for key in placed.item.missing]
    assert [(one.source, one.display) for one in asked[-1]] == seen
    assert ("x_{199}", False) in seen
    qtbot.waitUntil(lambda: len(asked[-1]) > len(seen))
    assert [(one.source, one.display) for one in asked[-1]][: len(seen)] == seen, "the screen comes first"
    bottom = {one.source for one in asked[-1]}
    assert len(bottom) < 80
    view.verticalScrollBar().setValue(0)
    assert asked[-1][0].source == "x_{0}"
    assert not bottom & {one.source for one in asked[-1]}


def test_every_kind_of_row_tells_its_formulas_before_it_is_laid_out(view: ChatView, hands: Hands) -> None:
    hands.answer(
        "# $a$\n\nSo $b$ `$no$`:\n\n$$\nc\n$$\n\n| $d$ | e |\n|---|---|\n| 1 | $f$ |\n\n```\n$no$\n```\n"
    )
    rows = [placed.item.row for placed in view.placer.rows]
    keys = [key for row in rows for key in keys_of(row)]
    assert keys == [("a", False), ("b", False), ("c", True), ("d", False), ("f", False)]
    assert keys == [key for placed in view.placer.rows for key in placed.item.missing]


def test_a_person_s_dollars_are_text(view: ChatView, hands: Hands) -> None:
    asked: list[MathRequest] = []
    view.formulas.wanted.connect(asked.extend)
    view.add_message("u", "user", "What is $x$?")
    hands.settle()
    assert not asked
    assert view.placer.rows[0].item.plain == "What is $x$?"


@pytest.mark.parametrize(
    ("text", "token"), [("Let $x$ be.", "text"), ("A [$x$](https://example.org).", "accent")]
)
def test_its_picture_is_painted_in_the_theme_s_colour(
    view: ChatView, hands: Hands, give: Give, text: str, token: str
) -> None:
    hands.answer(text)
    give("x", result=square(16, baseline=12, wide=60))
    item, placed = paragraph(view), view.placer.rows[0]
    middle = item.box._box(item.box._math.placed[0]).center()
    at = QPoint(round(view.column()[0] + middle.x()), round(placed.y + item.gap + middle.y()))
    image = view.viewport().grab().toImage()
    ratio = image.devicePixelRatio()
    assert image.pixelColor(at * ratio) == item.style.color(token)
