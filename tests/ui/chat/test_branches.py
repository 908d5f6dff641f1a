"""Other branches in place of what is shown, messages that go on, and nothing stale left of them."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication

from app.chat.library import Place
from app.render.blocks import parse_blocks
from tests.ui.chat.conftest import Hands, message_top
from tests.ui.chat.samples import QUESTION, REPLY, STOPPED, pairs
from ui.chat.message import ANSWER, FOOTER, Ref
from ui.chat.shown import Shown
from ui.chat.view import ChatView
from ui.theme import ThemeManager


def rows_of(view: ChatView, message_id: str) -> list[object]:
    return [row for section in view.model.by_id[message_id].sections for row in section.rows]


def check_state(view: ChatView) -> None:
    """Nothing points at what is no more."""
    model = view.model
    assert {row.message for row in view.cache._items} <= set(model.messages)
    assert set(view.feeder._dirty) <= set(model.messages)
    assert [m.index for m in model.messages] == list(range(len(model.messages)))
    assert model.total == sum(m.height for m in model.messages)
    assert view.pointer.message < len(model.messages)
    refs = [placed.ref for placed in view.placer.rows]
    refs += [end[0] for end in (view.selection._anchor, view.selection._head) if end]
    refs += [found[0] for found in (view.pointer.hot, view.navigator.place, view.doings.done) if found]
    for ref in refs:
        assert ref.message < len(model.messages)
        assert model.messages[ref.message].sections[ref.section].rows[ref.row]
    for placed in view.placer.rows:
        assert placed.item.row is model.row(placed.ref)


def test_a_branch_leaves_what_stands_before_it(view: ChatView) -> None:
    old = pairs(6)
    view.show_messages(old)
    view.verticalScrollBar().setValue(0)
    view.verticalScrollBar().setValue(60)
    kept = {m.id: rows_of(view, m.id) for m in old[:8] if not view.model.by_id[m.id].lazy}
    assert len(kept) > 2
    before = [(placed.ref, placed.y) for placed in view.placer.rows if placed.ref.message < 8]
    view.replace_messages(old[:8] + pairs(3, "x")[4:])
    for message_id, rows in kept.items():
        now = rows_of(view, message_id)
        assert len(now) == len(rows)
        assert all(a is b for a, b in zip(now, rows, strict=True))
    after = [(placed.ref, placed.y) for placed in view.placer.rows if placed.ref.message < 8]
    assert after == before
    check_state(view)


def test_a_new_footer_does_not_touch_the_text(view: ChatView) -> None:
    view.show_messages([QUESTION, REPLY])
    rows = view.model.by_id["a"].sections[ANSWER].rows.copy()
    view.replace_messages([QUESTION, replace(REPLY, versions=4, footer="new")])
    now = view.model.by_id["a"].sections[ANSWER].rows
    assert all(a is b for a, b in zip(now, rows, strict=True))
    assert view.visible_plain_text().endswith("new\n2 / 4")


def test_what_was_streamed_is_known_again(view: ChatView, hands: Hands) -> None:
    view.add_message("u", "user", "Why?")
    hands.answer("So **it** is.", footer="m")
    rows = rows_of(view, "a")
    view.replace_messages([Shown("u", "user", "Why?"), Shown("a", "assistant", "So **it** is.", footer="m")])
    assert all(a is b for a, b in zip(rows_of(view, "a"), rows, strict=True))


def test_text_for_a_message_that_goes_is_forgotten(view: ChatView) -> None:
    view.show_messages(pairs(2))
    view.add_message("x", "assistant")
    view.append_text("x", "answer", "word " * 400_000)
    view.flush()
    view.replace_messages(pairs(2))
    check_state(view)
    view.flush()
    assert "x" not in view.model.by_id


def test_a_follower_follows_and_a_reader_stays(view: ChatView) -> None:
    old = pairs(12)
    view.show_messages(old)
    view.replace_messages(old[:-1] + pairs(13, "x")[-3:])
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum()
    bar.setValue(bar.maximum() // 2)
    text = [(placed.item.plain, placed.y) for placed in view.placer.rows]
    gone = view.model.messages[3].id
    left = [m.shown for m in view.model.messages if m.id != gone]
    view.replace_messages(left)
    assert [(placed.item.plain, placed.y) for placed in view.placer.rows] == text
    check_state(view)


def test_where_the_top_message_goes_the_next_one_is_seen(view: ChatView) -> None:
    old = [Shown(f"m{n}", "assistant", f"Start {n}\n\n" + "word " * 3000) for n in range(4)]
    view.show_messages(old, Place("m1", -1500))
    view.replace_messages([old[0], *old[2:]])
    assert message_top(view, 1) == 16
    view.replace_messages([old[0], Shown("short", "assistant", "Little")])
    assert "Little" in view.visible_plain_text()
    view.replace_messages([])
    assert view.visible_plain_text() == ""
    check_state(view)


def test_the_keyboard_stays_on_the_versions(qtbot, view: ChatView) -> None:
    view.show_messages([QUESTION, REPLY])
    view.setFocus()
    while (
        view.navigator.spot() is None
        or view.navigator.place[0].message < 1
        or view.navigator.spot().kind != "next"
    ):
        qtbot.keyClick(view, Qt.Key.Key_Tab)
    view.replace_messages([QUESTION, replace(REPLY, id="a3", text="Other", version=3)])
    assert view.navigator.place[0] == Ref(1, FOOTER, 0)
    assert view.navigator.spot().kind == "previous"
    view.replace_messages([QUESTION])
    assert view.navigator.place is None
    check_state(view)


def test_a_selection_goes_with_its_messages(view: ChatView) -> None:
    old = pairs(3)
    view.show_messages(old)
    view.select_all()
    view.selection.start((view.model.first_of(4), 0))
    view.selection.extend((Ref(5, ANSWER, 0), 6))
    view.replace_messages(old[2:])
    view.copy_selection()
    assert QGuiApplication.clipboard().text() == "Question 2\n\nAnswer"
    view.replace_messages(old[:2])
    assert not view.selection


@pytest.mark.parametrize(
    "text", ["Half a parag", "- one\n- tw", "```py\nx = 1\ny =", "| a | b |\n|---|---|\n| 1", ""]
)
def test_a_finished_message_goes_on(view: ChatView, hands: Hands, text: str) -> None:
    view.show_messages([QUESTION, replace(STOPPED, text="First.\n\n" + text, mark="Stopped")])
    first = view.model.by_id["b"].sections[ANSWER].rows[0]
    view.reopen("b")
    hands.settle()
    assert "Stopped" not in view.visible_plain_text()
    assert hands.spots("continue") == []
    hands.stream("b", "raph | 2 |\n\nNew.", step=3)
    view.finish_message("b", "done", "Stopped", "Continue", mark_action_name="continue")
    hands.settle()
    whole = "First.\n\n" + text + "raph | 2 |\n\nNew."
    assert tuple(row.block for row in view.model.by_id["b"].sections[ANSWER].rows) == parse_blocks(whole)
    assert view.model.by_id["b"].sections[ANSWER].rows[0] is first
    assert view.message_text("b") == whole
    assert view.visible_plain_text().endswith("Stopped\nContinue\ndone")
    assert hands.spots("continue")
    check_state(view)


def test_a_thought_that_was_stopped_goes_on(view: ChatView, hands: Hands) -> None:
    view.show_messages([replace(STOPPED, text="", reasoning="Let me")])
    view.reopen("b")
    hands.stream("b", " see.", "reasoning")
    assert "Let me see." in view.visible_plain_text()
    hands.stream("b", "So.")
    view.finish_message("b")
    assert view.visible_plain_text().startswith("Thought\nSo.")
    assert view.message_text("b", "reasoning") == "Let me see."


def test_the_edited_message_is_marked(view: ChatView, theme: ThemeManager) -> None:
    view.show_messages([QUESTION, REPLY])
    bare = view.grab().toImage()
    view.set_editing("u")
    edge = sum(view.column()) + 7
    y = view.placer.rows[0].y + view.placer.rows[0].item.gap + 4
    assert view.grab().toImage().pixelColor(edge, y) == theme.color("accent")
    view.set_editing("")
    assert view.grab().toImage() == bare


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_order_of_operations_leaves_stale_state(view: ChatView, hands: Hands, data: st.DataObject) -> None:
    base, other = pairs(8), pairs(8, "x")
    view.show_messages(base)
    for _ in range(data.draw(st.integers(3, 12))):
        count = len(view.model.messages)
        step = data.draw(
            st.sampled_from(
                [
                    "branch",
                    "delete",
                    "show",
                    "scroll",
                    "tab",
                    "select",
                    "hover",
                    "reopen",
                    "add",
                    "ahead",
                    "fold",
                    "click",
                ]
            )
        )
        now = [m.shown for m in view.model.messages if m.finished and m.shown.text]
        if step == "branch":
            cut = data.draw(st.integers(0, 16))
            view.replace_messages(base[:cut] + other[cut : data.draw(st.integers(cut, 16))])
        elif step == "delete" and now:
            gone = data.draw(st.integers(0, len(now) - 1))
            view.replace_messages(now[:gone] + now[gone + 1 :])
        elif step == "show":
            place = Place(f"a{data.draw(st.integers(0, 9))}", data.draw(st.integers(-300, 300)))
            view.show_messages(base, place)
        elif step == "scroll":
            # a share: how far it goes depends on what was measured in time
            share = data.draw(st.integers(0, 100))
            view.verticalScrollBar().setValue(view.verticalScrollBar().maximum() * share // 100)
        elif step == "tab":
            view.navigator.move(data.draw(st.sampled_from([1, -1])))
        elif step == "select":
            view.select_all()
        elif step == "hover":
            hands.mouse(QEvent.Type.MouseMove, hands.point(data.draw(st.integers(0, 599)), 10))
        elif step == "reopen" and count:
            message = view.model.messages[-1]
            if message.role == "assistant":
                view.reopen(message.id)
                view.append_text(message.id, "answer", " More.")
        elif step == "add":
            view.add_message(f"new{data.draw(st.integers(0, 10**9))}", "user", "Hello")
        elif step == "ahead":
            view.background.ahead()
        elif step == "fold" and hands.spots("copy_message"):
            view.activate(*hands.spots("copy_message")[0][:2])
        elif step == "click" and view.placer.rows:
            hands.click(hands.point(data.draw(st.integers(0, 599)), 300))
        view.flush()
        check_state(view)
    assert view.visible_plain_text() is not None
    view.grab()
    check_state(view)
