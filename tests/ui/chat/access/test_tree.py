"""The conversation as a screen reader finds it."""

from __future__ import annotations

import gc
import random
from dataclasses import replace

import pytest
import shiboken6
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication
from pytestqt.qtbot import QtBot

from app.chat.library import Place
from tests.ui.chat.access.conftest import Reader
from tests.ui.chat.conftest import Hands
from ui.chat.shown import Shown, ShownDocument
from ui.chat.view import ChatView
from ui.theme import ThemeManager

Role, Text, Event = QAccessible.Role, QAccessible.Text, QAccessible.Event
MARKDOWN = """\
## Plan

See [the **page**](https://x.y/z) and $x^2$.

1. First
   - [ ] inner
2. Second

> Wise words

| City | People |
|---|---|
| Paris | 2 M |
| *Rome* | 3 M |

```python
x = 1
```

$$
e^{i\\pi}
$$

***

End."""
ASKED = Shown(
    "q",
    "user",
    "Why **so**?",
    attachments=(ShownDocument("report.pdf", "3 pages", "pdf"),),
    actions=("copy", "edit"),
)
PARTS = ["One. ", "\n\n", "- item\n", "[l](https://a.b) ", "```\n", "**b", "|a|\n|-|\n|c|\n"]
ANSWERED = Shown(
    "a",
    "assistant",
    MARKDOWN,
    reasoning="First I think.\n\nThen more.",
    thought_seconds=12.0,
    footer="4.2 s",
    mark="Stopped",
    mark_action="Continue",
    mark_action_name="continue",
    actions=("copy", "regenerate"),
    version=2,
    versions=2,
)


def test_messages_by_who_speaks(view: ChatView, reader: Reader) -> None:
    view.show_messages([ASKED, ANSWERED, Shown("s", "system", "Be brief")])
    assert reader.root.role() == Role.List
    assert reader.names(reader.root) == ["You", "Assistant, Stopped", "Note"]
    assert reader.message(0).text(Text.Description) == "Why **so**?"
    assert {child.role() for child in reader.children(reader.root)} == {Role.ListItem}


def test_blocks_in_reading_order(view: ChatView, reader: Reader) -> None:
    view.show_messages([ASKED, ANSWERED])
    assert reader.names(reader.message(0)) == ["Why **so**?", "End of message"]
    rows = reader.children(reader.message(1))
    assert [(row.role(), row.text(Text.Name)) for row in rows] == [
        (Role.Button, "Thought for 12 s"),
        (Role.Heading, "Plan"),
        (Role.Paragraph, "See the page and $x^2$."),
        (Role.ListItem, "1. First"),
        (Role.ListItem, "To do: inner"),
        (Role.ListItem, "2. Second"),
        (Role.BlockQuote, "Quote: Wise words"),
        (Role.Grouping, "Table, 2 columns, 2 rows"),
        (Role.Section, "Code, python:\nx = 1"),
        (Role.Equation, "Formula: e^{i\\pi}"),
        (Role.Separator, "Separator"),
        (Role.Paragraph, "End."),
        (Role.Footer, "Stopped. 4.2 s. Version 2 of 2"),
    ]


def test_what_stands_in_a_row(view: ChatView, reader: Reader) -> None:
    view.show_messages([ASKED, ANSWERED])
    answer = reader.message(1)
    assert reader.names(reader.find(reader.message(0), "Why")) == ["report.pdf, 3 pages"]
    link = reader.children(reader.find(answer, "See"))[0]
    assert (link.role(), link.text(Text.Name), link.text(Text.Description)) == (
        Role.Link, "the page", "https://x.y/z",
    )  # fmt: skip
    assert reader.names(reader.find(answer, "Table")) == [
        "Columns: City, People",
        "City: Paris; People: 2 M",
        "City: Rome; People: 3 M",
    ]
    assert "Copy code" in reader.names(reader.find(answer, "Code"))
    footer = reader.names(reader.find(answer, "Stopped"))
    assert footer == ["Continue", "Previous version", "Copy message", "Regenerate"]


def test_two_ways_to_one_action_are_told_apart(view: ChatView, reader: Reader, qtbot: QtBot) -> None:
    shown = Shown("a", "assistant", "x", mark="Stopped", mark_action="Again", mark_action_name="regenerate")
    view.show_messages([replace(shown, actions=("regenerate",), version=2, versions=2)])
    marked, previous, usual = reader.children(reader.find(reader.message(0), "Stopped"))
    assert [node.text(Text.Description) for node in (marked, previous, usual)] == ["Stopped", "", ""]
    assert [node.text(Text.Name) for node in (marked, usual)] == ["Again", "Regenerate"]
    for node in (marked, usual):
        with qtbot.waitSignal(view.action_requested) as asked:
            reader.do(node, "Press")
        assert asked.args == ["regenerate", "a"]


def test_no_node_lacks_a_name(view: ChatView, reader: Reader) -> None:
    odd = [Shown("e", "assistant", ""), Shown("f", "assistant", "#\n\n- \n\n>\n\n```\n```\n\n|||\n|-|-|\n")]
    odd += [Shown("g", "user", "", attachments=ASKED.attachments), Shown("h", "user", " ")]
    view.show_messages([ASKED, ANSWERED, Shown("s", "system", "Be brief"), *odd])
    view.scroll_to_message("q")
    for node in reader.walk(reader.root):
        assert node.text(Text.Name).strip()
        assert node.role() != Role.NoRole
    assert reader.names(reader.message(5))[0] == "Documents"


def test_levels_and_text(view: ChatView, reader: Reader) -> None:
    view.show_messages([ANSWERED])
    heading = reader.find(reader.message(0), "Plan")
    assert heading.attributesInterface().attributeValue(QAccessible.Attribute.Level) == 2
    inner = reader.find(reader.message(0), "To do")
    assert inner.attributesInterface().attributeValue(QAccessible.Attribute.Level) == 2
    code = reader.find(reader.message(0), "Code").textInterface()
    assert code.text(0, code.characterCount()) == "Code, python:\nx = 1"
    assert reader.find(reader.message(0), "Thought").textInterface() is None
    assert reader.find(reader.message(0), "End.").attributesInterface() is None


def test_the_thought_opens_by_its_action(view: ChatView, reader: Reader, qtbot: QtBot) -> None:
    view.show_messages([ANSWERED])
    header = reader.find(reader.message(0), "Thought")
    assert header.state().expandable
    assert header.state().collapsed
    with qtbot.waitSignal(view.thought_toggled) as toggled:
        reader.do(header, "Press")
    assert toggled.args == ["a", True]
    assert header.state().expanded
    assert reader.names(reader.message(0))[1:4] == ["First I think.", "Then more.", "Plan"]
    inside = reader.find(reader.message(0), "First I think.")
    with qtbot.waitSignal(view.thought_toggled):
        reader.do(header, "Press")
    assert not inside.isValid()
    assert inside.text(Text.Name) == ""


def test_actions_do_what_they_say(view: ChatView, reader: Reader, qtbot: QtBot) -> None:
    view.show_messages([ASKED, ANSWERED])
    assert reader.message(0).actionInterface().actionNames()[:2] == ["Copy message", "Edit"]
    with qtbot.waitSignal(view.action_requested) as asked:
        reader.do(reader.message(0), "Edit")
    assert asked.args == ["edit", "q"]
    with qtbot.waitSignal(view.action_requested) as asked:
        reader.do(reader.message(1), "Continue")
    assert asked.args == ["continue", "a"]
    with qtbot.waitSignal(view.copy_requested):
        reader.do(reader.find(reader.message(1), "Code"), "Copy code")
    assert QGuiApplication.clipboard().text() == "x = 1\n"
    copy = reader.find(reader.find(reader.message(1), "Stopped"), "Copy message")
    with qtbot.waitSignal(view.copy_requested):
        reader.do(copy, "Press")
    assert QGuiApplication.clipboard().text() == MARKDOWN
    with qtbot.waitSignal(view.link_activated) as opened:
        reader.do(reader.children(reader.find(reader.message(1), "See"))[0], "Press")
    assert opened.args == ["https://x.y/z"]
    with qtbot.waitSignal(view.document_requested):
        reader.do(reader.children(reader.find(reader.message(0), "Why"))[0], "Press")


def test_places_on_the_screen(view: ChatView, reader: Reader, hands: Hands) -> None:
    view.show_messages([ASKED, ANSWERED])
    view.scroll_to_message("q")
    tops = []
    above = view.jump_button.rect().translated(view.jump_button.mapToGlobal(QPoint(0, 0)))
    for row in [row for message in reader.children(reader.root) for row in reader.children(message)]:
        if not row.state().offscreen:
            tops.append(row.rect().top())
            point = row.rect().center()
            if view.jump_button.isVisible() and above.contains(point):
                point.setX(row.rect().left() + 1)
            assert reader.root.childAt(point.x(), point.y()).childAt(point.x(), point.y()) is row
    assert len(tops) > 5
    assert tops == sorted(tops)
    cells = reader.children(reader.find(reader.message(1), "Table"))
    grid = cells[0].parent().rect()
    assert [grid.contains(cell.rect()) for cell in cells] == [True] * 3
    assert cells[0].rect().bottom() < cells[1].rect().bottom() < cells[2].rect().bottom()
    (_, _, at), *_ = hands.spots("document")
    chip = reader.children(reader.find(reader.message(0), "Why"))[0]
    assert chip.rect().contains(view.viewport().mapToGlobal(at))


def test_what_is_selected_says_so(view: ChatView, reader: Reader) -> None:
    view.show_messages([ANSWERED])
    assert not reader.find(reader.message(0), "End.").state().selected
    view.select_all()
    assert reader.find(reader.message(0), "End.").state().selected


def test_the_keyboard_reads_row_by_row_and_message_by_message(
    view: ChatView, reader: Reader, qtbot: QtBot
) -> None:
    view.show_messages([ASKED, ANSWERED])
    view.scroll_to_message("q")
    view.setFocus()
    alt, seen = Qt.KeyboardModifier.AltModifier, []
    for _ in range(30):
        qtbot.keyClick(view, Qt.Key.Key_Down, alt)
        focused = reader.root.focusChild()
        assert focused.state().focused
        if seen and seen[-1] == focused.text(Text.Name):
            break
        seen.append(focused.text(Text.Name))
        assert not focused.state().offscreen
    wanted = [name for message in reader.children(reader.root) for name in reader.names(message)]
    assert seen == wanted
    qtbot.keyClick(view, Qt.Key.Key_PageUp, alt)
    assert reader.root.focusChild().text(Text.Name) == "Thought for 12 s"
    qtbot.keyClick(view, Qt.Key.Key_PageUp, alt)
    assert reader.root.focusChild().text(Text.Name) == "Why **so**?"
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert reader.root.focusChild().text(Text.Name) == "report.pdf, 3 pages"
    qtbot.keyClick(view, Qt.Key.Key_PageDown, alt)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert reader.find(reader.message(1), "Thought").state().expanded


def test_the_focus_can_be_set(view: ChatView, reader: Reader, qtbot: QtBot) -> None:
    view.show_messages([ASKED, ANSWERED])
    end = reader.find(reader.message(1), "End.")
    reader.do(end, "SetFocus")
    qtbot.waitUntil(lambda: reader.root.focusChild() is end)
    copy = reader.find(reader.find(reader.message(0), "End of"), "Copy message")
    reader.do(copy, "SetFocus")
    qtbot.waitUntil(lambda: reader.root.focusChild() is copy)
    assert view.navigator.spot().kind == "copy_message"


def test_ten_thousand_messages_are_not_parsed(view: ChatView, reader: Reader) -> None:
    view.show_messages([Shown(str(n), "assistant", f"**{n}**\n\nText") for n in range(10_000)])
    names = reader.names(reader.root)
    assert len(names) == 10_000
    assert reader.message(5000).text(Text.Description) == "**5000** Text"
    assert sum(not message.lazy for message in view.model.messages) < 100
    assert reader.names(reader.message(5000))[:2] == ["5000", "Text"]


def test_a_long_message_comes_in_slices(view: ChatView, reader: Reader, qtbot: QtBot) -> None:
    view.show_messages([Shown("a", "assistant", "One two.\n\n" * 4000)], Place("a"))
    assert reader.message(0).childCount() < 2000
    qtbot.waitUntil(lambda: reader.message(0).childCount() == 4001)


def test_a_growing_answer(view: ChatView, reader: Reader, hands: Hands) -> None:
    view.add_message("a", "assistant")
    view.set_thought("a", True, 2.0, 10)
    hands.settle()
    assert reader.names(reader.root) == ["Assistant, thinking"]
    assert reader.message(0).state().busy
    view.set_thought("a", False, 2.0, 10)
    hands.stream("a", "One.\n\nTwo **bo")
    assert reader.names(reader.root) == ["Assistant, answering"]
    assert reader.names(reader.message(0)) == ["Thought for 2 s", "One.", "Two bo"]
    first = reader.find(reader.message(0), "One")
    hands.stream("a", "ld**\n\n```py\nx")
    assert reader.names(reader.message(0))[1:] == ["One.", "Two bold", "Code, py:\nx"]
    assert reader.find(reader.message(0), "One") is first
    view.finish_message("a")
    hands.settle()
    assert reader.names(reader.root) == ["Assistant"]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Event, str]]:
    """What is told to a screen reader, which is there."""
    events: list[tuple[Event, str]] = []

    def update(event: QAccessibleEvent) -> None:
        node = event.accessibleInterface()
        events.append((event.type(), node.text(Text.Name) if node else ""))

    monkeypatch.setattr(QAccessible, "isActive", staticmethod(lambda: True))
    monkeypatch.setattr(QAccessible, "updateAccessibility", staticmethod(update))
    return events


def test_what_is_new_is_told(
    view: ChatView, reader: Reader, hands: Hands, told: list[tuple[Event, str]], qtbot: QtBot
) -> None:
    view.show_messages([ASKED])
    qtbot.waitUntil(lambda: (Event.ObjectCreated, "You") in told)
    view.add_message("a", "assistant")
    hands.stream("a", "One.\n\n")
    qtbot.waitUntil(lambda: (Event.ObjectCreated, "Assistant, answering") in told)
    reader.names(reader.message(1))
    hands.stream("a", "Two.\n\n")
    qtbot.waitUntil(lambda: (Event.ObjectCreated, "Two.") in told)
    assert told.count((Event.ObjectCreated, "You")) == 1
    view.setFocus()
    told.clear()
    qtbot.keyClick(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert told == [(Event.Focus, "Why **so**?")]


def test_nodes_end_with_what_they_stand_for(view: ChatView, reader: Reader, qtbot: QtBot) -> None:
    view.show_messages([ASKED, ANSWERED])
    held = list(reader.walk(reader.root))[1:]
    kept = [node for node in held if "Why" in node.text(Text.Name)]
    view.replace_messages([ASKED, Shown("b", "assistant", "Other")])
    gc.collect()
    for node in held:
        node.state(), node.rect(), node.text(Text.Name), node.childCount(), node.parent()
    assert kept[0].isValid()
    qtbot.waitUntil(lambda: sum(shiboken6.isValid(node) for node in held) < len(held) - 10)
    assert shiboken6.isValid(kept[0])
    assert reader.names(reader.root) == ["You", "Assistant"]
    view.clear()
    qtbot.waitUntil(lambda: not any(shiboken6.isValid(node) for node in held))
    assert reader.root.childCount() == 0


def test_nothing_is_left_when_the_view_goes(theme: ThemeManager, qtbot: QtBot) -> None:
    view = ChatView(theme)
    reader = Reader(view)
    view.show_messages([ASKED, ANSWERED])
    held = list(reader.walk(reader.root))
    root = reader.root
    shiboken6.delete(view)
    assert not any(shiboken6.isValid(node) for node in held)
    assert not shiboken6.isValid(root)
    gc.collect()


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.usefixtures("told")
def test_a_reader_that_looks_at_any_moment(view: ChatView, reader: Reader, qtbot: QtBot, seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    held: list[object] = []
    streaming = False
    for step in range(120):
        doing = rng.randrange(9)
        if doing == 0:
            number = rng.randrange(4)
            view.show_messages([ASKED, ANSWERED, Shown("s", "system", "x"), ASKED][:number])
            streaming = False
        elif doing == 1:
            view.replace_messages(rng.sample([ASKED, ANSWERED, Shown(f"n{step}", "assistant", "New")], 2))
            streaming = False
        elif doing == 2 and not streaming:
            view.add_message(f"g{step}", "assistant")
            streaming = True
        elif doing in (3, 4) and streaming:
            text = rng.choice(
                ["One. ", "\n\n", "- item\n", "[l](https://a.b) ", "```\n", "**b", "|a|\n|-|\n|c|\n"]
            )
            view.append_text(view.model.messages[-1].id, rng.choice(["answer", "reasoning"]), text * 3)
        elif doing == 5 and streaming:
            view.finish_message(view.model.messages[-1].id, footer="done")
            streaming = False
        elif doing == 6:
            qtbot.keyClick(view, rng.choice([Qt.Key.Key_Tab, Qt.Key.Key_Return]))
        elif doing == 7 and held:
            node = rng.choice(held)
            if shiboken6.isValid(node):
                reader.do(node, rng.choice(["SetFocus", "Press"]))
            held.clear()
            gc.collect()
        else:
            view.access._on_sweep()
        view._on_frame()
        held += [node for node in reader.walk(reader.root) if rng.random() < 0.3]
        for node in held:
            if shiboken6.isValid(node):
                node.state(), node.rect(), node.text(Text.Name), node.parent()
        qtbot.wait(0)
