"""What is read out by itself while an answer is written."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QAccessible, QAccessibleEvent
from pytestqt.qtbot import QtBot

from tests.ui.chat.conftest import Hands
from ui.chat.access import announcer
from ui.chat.shown import Shown
from ui.chat.view import ChatView

Said = list[str]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, view: ChatView) -> Said:
    """What is announced, with "!" before what is urgent; a screen reader is there."""
    texts: Said = []

    def update(event: QAccessibleEvent) -> None:
        if event.type() == QAccessible.Event.Announcement:
            urgent = event.politeness() == QAccessible.AnnouncementPoliteness.Assertive
            texts.append(("!" if urgent else "") + event.message())

    monkeypatch.setattr(QAccessible, "isActive", staticmethod(lambda: True))
    monkeypatch.setattr(QAccessible, "updateAccessibility", staticmethod(update))
    return texts


@pytest.fixture
def now(view: ChatView, hands: Hands):
    """Text of the answer that is written, and what is due by then."""

    def write(text: str, channel: str = "answer") -> None:
        hands.stream("a", text, channel)
        view.access.announcer._throttle.flush()

    return write


def test_sentence_by_sentence(view: ChatView, said: Said, now) -> None:
    view.add_message("a", "assistant")
    now("The capi")
    assert said == []
    now("tal is **Paris**. It li")
    assert said == ["The capital is Paris."]
    now("es on the Seine.\n\n## Food\n\n- Bread\n- Wine. And")
    assert said[1:] == ["It lies on the Seine.\nFood\n• Bread\n• Wine."]
    now(" cheese.\n\n")
    view.finish_message("a", footer="2 s")
    now("")
    assert said[2:] == ["And cheese.", "End of the answer"]


def test_code_and_tables_by_their_measures(view: ChatView, said: Said, now) -> None:
    view.add_message("a", "assistant")
    now("```python\nx = 1\ny = 2\n")
    assert said == []
    now("```\n\n|a|b|\n|-|-|\n|1|2|\n\n$$\nx^2\n$$\n\n")
    view.finish_message("a")
    now("")
    assert "\n".join(said).split("\n") == [
        "Code, python, 2 lines",
        "Table, 2 columns, 1 row",
        "Formula: x^2",
        "End of the answer",
    ]


def test_a_thought_is_told_not_read(view: ChatView, said: Said, now, hands: Hands) -> None:
    view.add_message("a", "assistant")
    view.set_thought("a", True, 0.0, 0)
    now("Secret. Very secret. ", "reasoning")
    view.set_thought("a", True, 5.0, 20)
    now("More. ", "reasoning")
    view.set_thought("a", False, 12.0, 30)
    now("So it is. ")
    assert said == ["Thinking", "Thought for 12 s", "So it is."]


def test_why_it_ended_is_urgent(view: ChatView, said: Said, now) -> None:
    view.add_message("a", "assistant")
    now("So it")
    view.finish_message("a", mark="The context is full: the answer ends here")
    now("")
    assert said == ["So it", "!The context is full: the answer ends here"]


def test_all_of_it_when_it_is_finished(view: ChatView, said: Said, now) -> None:
    view.access.announcer.mode = announcer.WHEN_FINISHED
    view.add_message("a", "assistant")
    now("One. Two. ")
    assert said == []
    view.finish_message("a")
    now("")
    assert said == ["One. Two.", "End of the answer"]


def test_never(view: ChatView, said: Said, now) -> None:
    view.access.announcer.mode = announcer.NEVER
    view.add_message("a", "assistant")
    view.set_thought("a", True, 0.0, 0)
    now("One. Two. ")
    view.finish_message("a")
    now("")
    assert said == []


def test_what_was_there_before_is_not_read(view: ChatView, said: Said, now, hands: Hands) -> None:
    view.show_messages([Shown("q", "user", "Hm"), Shown("a", "assistant", "Old. Older. ", finished=False)])
    hands.settle()
    now("New. ")
    view.finish_message("a")
    now("")
    assert said == ["New.", "End of the answer"]
    view.reopen("a")
    now("Newer. ")
    assert said[2:] == ["Newer."]
    view.show_messages([Shown("b", "assistant", "Another. One. ")])
    hands.settle()
    view.access.announcer._throttle.flush()
    assert said[3:] == []


def test_not_more_often_than_every_while(view: ChatView, said: Said, hands: Hands, qtbot: QtBot) -> None:
    view.add_message("a", "assistant")
    for number in range(20):
        hands.stream("a", f"Number {number} is said. ")
    assert said == []
    qtbot.waitUntil(lambda: len(said) == 1)
    assert said[0].startswith("Number 0 is said. Number 1")
    assert said[0].endswith("Number 19 is said.")


def test_an_endless_paragraph_is_cut(view: ChatView, said: Said, now) -> None:
    view.access.announcer.mode = announcer.WHEN_FINISHED
    view.add_message("a", "assistant")
    now("word " * 3000)
    view.finish_message("a")
    now("")
    assert len(said[0]) <= announcer.MOST + 1
    assert said[0].endswith("…")


def test_copying_is_confirmed(view: ChatView, said: Said) -> None:
    view.copy("x")
    assert said == ["Copied"]


def test_nothing_is_done_while_nobody_listens(view: ChatView, hands: Hands) -> None:
    hands.answer("One. Two.")
    assert not view.access.announcer._throttle._timer.isActive()
    assert not view.access._kins
