import random
from itertools import pairwise

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QWidget

from app.render.blocks import parse_blocks
from tests.render.samples import HUGE, RICH
from tests.ui.chat.conftest import Hands
from ui.chat.cache import KEPT
from ui.chat.message import ANSWER, CHANNELS, REASONING
from ui.chat.view import ChatView
from ui.theme import ThemeManager

LONG = "\n\n".join(f"Paragraph {i} with some words." for i in range(400))


def blocks(view: ChatView, message_id: str, channel: str = "answer") -> list[object]:
    rows = view.model.by_id[message_id].sections[CHANNELS[channel]].rows
    return [row.block for row in rows]


@pytest.mark.parametrize("text", [RICH, HUGE["fence"], HUGE["paragraph of one line"]])
def test_any_chop_shows_the_same_blocks(view: ChatView, hands: Hands, text: str) -> None:
    rnd = random.Random(2)
    for number in range(4):
        name = f"m{number}"
        view.add_message(name, "assistant")
        at = 0
        while at < len(text):
            size = rnd.randrange(1, 400)
            view.append_text(name, "answer", text[at : at + size])
            at += size
            if rnd.random() < 0.5:
                hands.settle()
        view.finish_message(name)
        hands.settle()
        assert tuple(blocks(view, name)) == parse_blocks(text)
        assert view.message_text(name) == text


def test_a_user_message_is_plain_text_with_its_lines(view: ChatView, hands: Hands) -> None:
    view.add_message("u", "user", "# no heading\n**no bold**")
    assert "# no heading\n**no bold**" in view.visible_plain_text()


def test_a_long_user_message_is_several_rows(view: ChatView) -> None:
    view.add_message("u", "user", "word " * 5000)
    view.visible_plain_text()
    assert len(blocks(view, "u")) > 3
    assert view.message_text("u") == "word " * 5000


def test_text_reaches_the_screen_by_itself(qtbot, view: ChatView) -> None:
    view.add_message("a", "assistant")
    view.append_text("a", "answer", "Hello **there**")
    qtbot.waitUntil(lambda: bool(view.placer.rows), timeout=1000)
    assert view.placer.rows[-1].item.plain == "Hello there"


def test_appending_paints_nothing_until_the_frame(view: ChatView) -> None:
    view.add_message("a", "assistant")
    for _ in range(2000):
        view.append_text("a", "answer", "x ")
    assert blocks(view, "a") == []


def test_thought_opens_while_active_and_folds_when_the_answer_begins(view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    view.set_thought("a", True, 12, 1204)
    hands.stream("a", "Let me see.", "reasoning")
    assert view.visible_plain_text() == "Thinking… 12 s · 1,204 tokens\nLet me see."
    view.set_thought("a", False, 12.3, 1300)
    hands.stream("a", "So.")
    assert view.visible_plain_text() == "Thought for 12 s\nSo."
    assert view.message_text("a", "reasoning") == "Let me see."


def test_the_reader_s_choice_about_a_thought_sticks(qtbot, view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    view.set_thought("a", True, 1, 10)
    hands.stream("a", "Hm.", "reasoning")
    with qtbot.waitSignal(view.thought_toggled) as toggled:
        hands.click(hands.spots("thought")[0][2])
    assert toggled.args == ["a", False]
    assert "Hm." not in view.visible_plain_text()
    with qtbot.waitSignal(view.thought_toggled) as toggled:
        hands.click(hands.spots("thought")[0][2])
    assert toggled.args == ["a", True]
    view.set_thought("a", False, 1, 10)
    hands.stream("a", "Answer.")
    view.finish_message("a")
    assert "Hm." in view.visible_plain_text()


@pytest.mark.parametrize("before", ["", "Some thought. "])
def test_reclassify_turns_the_answer_into_thought(view: ChatView, hands: Hands, before: str) -> None:
    view.add_message("a", "assistant")
    if before:
        hands.stream("a", before, "reasoning")
    hands.stream("a", "All of *this*.")
    view.append_text("a", "answer", " And that.")
    view.reclassify("a")
    hands.stream("a", "The answer.")
    view.finish_message("a")
    hands.settle()
    assert view.message_text("a", "reasoning") == before + "All of *this*. And that."
    assert view.message_text("a") == "The answer."
    assert [row.section for row in view.model.by_id["a"].sections[REASONING].rows] == [REASONING]
    assert view.visible_plain_text().startswith("Thought\nThe answer.")


def test_status_goes_when_text_comes(view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    view.set_status("a", "Reading 1,204 of 4,000 tokens", 0.3)
    assert view.visible_plain_text() == "Reading 1,204 of 4,000 tokens"
    view.set_status("a", "")
    assert view.visible_plain_text() == ""
    view.set_status("a", "Reading", None)
    hands.stream("a", "Hi")
    assert view.visible_plain_text() == "Hi"


def test_footer_mark_and_its_action(qtbot, view: ChatView, hands: Hands) -> None:
    hands.answer("Hi", footer="model · 3 tokens", mark="Stopped", mark_action="Go on")
    assert view.visible_plain_text().endswith("Stopped\nGo on\nmodel · 3 tokens")
    with qtbot.waitSignal(view.action_requested) as retry:
        hands.click(hands.spots("retry")[0][2])
    assert retry.args == ["retry", "a"]


def test_it_follows_the_end_only_from_the_end(view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", LONG)
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 0
    assert not view.jump_button.isVisible()
    bar.setValue(bar.maximum() - 500)
    before = view.visible_plain_text()
    hands.stream("a", LONG)
    assert view.visible_plain_text() == before
    assert view.jump_button.isVisible()
    view.jump_button.click()
    assert bar.value() == bar.maximum()
    hands.stream("a", LONG)
    assert bar.value() == bar.maximum()


def test_the_reading_place_stays_on_resize_and_zoom(view: ChatView, hands: Hands) -> None:
    hands.answer("\n\n".join(f"Paragraph {i}: " + "many words to wrap " * 20 for i in range(200)))
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    top = view.visible_plain_text().split("\n")[0]
    for width in (500, 1200, 640):
        view.resize(width, 600)
        assert view.visible_plain_text().split("\n")[0] == top
    view.set_text_zoom(1.5)
    assert view.visible_plain_text().split("\n")[0] == top


def test_the_reading_place_stays_when_a_thought_above_folds(view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    view.set_thought("a", True, 3, 3)
    hands.stream("a", LONG, "reasoning")
    view.add_message("b", "assistant")
    hands.stream("b", LONG)
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() - 900)
    before = view.visible_plain_text()
    assert "Paragraph" in before
    view.finish_message("a")
    assert view.visible_plain_text() == before


def test_only_what_is_near_the_screen_is_laid_out(view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant", LONG * 5)
    hands.settle()
    bar = view.verticalScrollBar()
    bar.setValue(0)
    for _ in range(40):  # about 20 rows each: far more than are kept
        bar.setValue(bar.value() + 550)
        assert len(view.placer.rows) > 5
        assert len(view.cache) <= KEPT
    assert len(blocks(view, "a")) > 10 * KEPT


def test_scrolling_through_everything_meets_every_row_once(view: ChatView, hands: Hands) -> None:
    hands.answer(RICH + LONG)
    bar = view.verticalScrollBar()
    bar.setValue(0)
    seen = {placed.ref for placed in view.placer.rows}
    for _ in range(2000):
        if bar.value() >= bar.maximum():
            break
        bar.setValue(bar.value() + 300)
        rows = view.placer.rows
        for above, below in pairwise(rows):
            assert below.y == above.y + above.item.height
        seen |= {placed.ref for placed in rows}
    assert len([ref for ref in seen if ref.section == ANSWER]) == len(blocks(view, "a"))


@pytest.mark.parametrize(
    ("key", "check"),
    [
        (Qt.Key.Key_Home, lambda _, v: v == 0),
        (Qt.Key.Key_End, lambda b, v: v == b.maximum()),
        (Qt.Key.Key_PageUp, lambda b, v: 300 < b.maximum() // 2 - v < 600),
        (Qt.Key.Key_PageDown, lambda b, v: 300 < v - b.maximum() // 2 < 600),
        (Qt.Key.Key_Up, lambda b, v: 0 < b.maximum() // 2 - v < 100),
        (Qt.Key.Key_Down, lambda b, v: 0 < v - b.maximum() // 2 < 100),
    ],
)
def test_keys_scroll(qtbot, view: ChatView, hands: Hands, key: Qt.Key, check) -> None:
    hands.answer(LONG)
    bar = view.verticalScrollBar()
    bar.setValue(0)
    while bar.value() < bar.maximum():  # so that all heights are true
        bar.setValue(bar.value() + 500)
    bar.setValue(bar.maximum() // 2)
    qtbot.keyClick(view, key)
    assert check(bar, bar.value())


def test_tab_reaches_what_can_be_used(qtbot, view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", "Hm.", "reasoning")
    hands.stream("a", "See [it](https://x.y).\n\n```py\nx = 1\n```\n")
    view.finish_message("a", mark="Stopped", mark_action="Again")
    hands.settle()
    view.setFocus()
    names = []
    for _ in range(7):
        qtbot.keyClick(view, Qt.Key.Key_Tab)
        spot = view.navigator.spot()
        assert spot is not None
        names.append(spot.kind)
    code = ["wrap_code", "save_code", "copy_code"]
    assert names == ["thought", "link", *code, "retry", "copy_message"]
    qtbot.keyClick(view, Qt.Key.Key_Backtab)
    with qtbot.waitSignal(view.action_requested):
        qtbot.keyClick(view, Qt.Key.Key_Return)
    assert view.accessibleDescription() == "Again"


def test_enter_and_space_toggle_the_thought(qtbot, view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", "Hm.", "reasoning")
    hands.stream("a", "So.")
    view.setFocus()
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    for key, opened in ((Qt.Key.Key_Return, True), (Qt.Key.Key_Space, False)):
        with qtbot.waitSignal(view.thought_toggled) as toggled:
            qtbot.keyClick(view, key)
        assert toggled.args == ["a", opened]


def test_theme_and_zoom_repaint_with_the_new_look(view: ChatView, hands: Hands, theme: ThemeManager) -> None:
    hands.answer("Hello")
    before = view.grab().toImage().pixelColor(3, 3).name()
    theme.set_mode("dark")
    assert before == "#fbfbfa"
    assert view.grab().toImage().pixelColor(3, 3).name() == "#161615"
    height = view.placer.rows[0].item.height
    view.set_text_zoom(2.0)
    assert view.placer.rows[0].item.height > 1.5 * height


def test_clear_empties_everything(view: ChatView, hands: Hands) -> None:
    hands.answer(LONG)
    view.append_text("a", "answer", "more")
    view.clear()
    assert view.visible_plain_text() == ""
    assert view.verticalScrollBar().maximum() == 0
    assert not view.jump_button.isVisible()
    hands.answer("Again", "a")
    assert "Again" in view.visible_plain_text()


def test_everything_has_a_name(view: ChatView) -> None:
    named = [view, view.viewport(), view.verticalScrollBar(), view.jump_button]
    for widget in named:
        assert isinstance(widget, QWidget)
        assert widget.objectName()
        assert QAccessible.queryAccessibleInterface(widget).text(QAccessible.Text.Name)


def test_a_very_long_message_comes_in_over_several_frames(qtbot, view: ChatView) -> None:
    text = RICH.replace("never closed", "closed\n```\n") * 150
    view.add_message("a", "assistant", text)
    view.finish_message("a", footer="done")
    view._on_frame()
    assert 0 < len(blocks(view, "a")) < len(parse_blocks(text))
    qtbot.waitUntil(lambda: view.model.by_id["a"].finished, timeout=20_000)
    assert tuple(blocks(view, "a")) == parse_blocks(text)


def test_unsafe_links_are_no_places_to_click(qtbot, view: ChatView, hands: Hands) -> None:
    hands.answer("[good](https://x.y) and [bad](file:///etc/passwd) <javascript:alert(1)>")
    spots = hands.spots("link")
    assert [spot.value for _, spot, _ in spots] == ["https://x.y"]
    with qtbot.waitSignal(view.link_activated) as activated:
        hands.click(spots[0][2])
    assert activated.args == ["https://x.y"]


def test_a_thought_that_folds_under_the_reader_leaves_its_header(view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    view.set_thought("a", True, 3, 3)
    hands.stream("a", LONG, "reasoning")
    view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() // 2)
    hands.stream("a", LONG)
    assert view.visible_plain_text().split("\n")[0] == "Thinking… 3 s · 3 tokens"


def test_a_status_after_text_is_not_shown(view: ChatView, hands: Hands) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", "Hi")
    view.set_status("a", "Reading")
    assert view.visible_plain_text() == "Hi"
