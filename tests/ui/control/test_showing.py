"""From a conversation to what the chat view shows."""

from __future__ import annotations

import pytest

from app.chat.conversation import Conversation
from app.chat.exchange import Exchange, NoJournal
from app.chat.library import Saved
from app.chat.parts import AnswerInfo, AttachmentPart, Message, ReasoningPart, TextPart
from app.engine.protocol import Delta
from ui import words
from ui.chat.shown import Shown, ShownDocument
from ui.control.showing import Known, branch_of, of_message, version_of


def talked(mark: str = "", *parts: ReasoningPart | TextPart) -> Conversation:
    conversation = Conversation()
    conversation.append("user", AttachmentPart("a.txt", "long", "pdf", 12, "1-2"), TextPart("Why?"))
    conversation.append("assistant", *parts, mark=mark)
    return conversation


def shown(conversation: Conversation) -> list[Shown]:
    return branch_of(Saved(conversation), [], {})


def test_a_question_and_its_answer() -> None:
    conversation = talked("", ReasoningPart("Hm", 1.5, 3), TextPart("Because"))
    answer = conversation.branch()[1]
    info = AnswerInfo("Model", "Q4", "thinking", 7, 12.0, 0.5)
    conversation.update(Message(answer.id, "assistant", answer.parts, info=info))
    saved = Saved(conversation, thoughts={answer.id: True})
    first, second = branch_of(saved, [], {})
    known: Known = {}
    assert branch_of(saved, [], {}, known) == [first, second]
    again = branch_of(saved, [], {}, known)
    assert again == [first, second]
    assert all(one is known[one.id][-1] for one in again)
    saved.thoughts[second.id] = True
    assert branch_of(saved, [], {}, known)[1].thought_open is True
    del saved.thoughts[second.id]
    assert (first.role, first.text, first.footer) == ("user", "Why?", "")
    assert first.attachments == (ShownDocument("a.txt", "PDF · pages 1-2 of 12", "pdf"),)
    assert first.actions == ("copy", "edit", "delete")
    assert (second.text, second.reasoning, second.thought_open) == ("Because", "Hm", True)
    assert (second.thought_seconds, second.thought_tokens) == (1.5, 3)
    assert second.footer == "Model · Q4 · thinking · 7 tokens · 12 tokens/s · first after 0.5 s"
    assert second.mark_buttons == []
    assert second.finished


@pytest.mark.parametrize("mark", [*words.MARKS])
def test_what_is_not_whole_says_so_and_can_be_asked_again(mark: str) -> None:
    goes_on = mark in ("cancelled", "length", "engine_stopped", "interrupted", "only_thought")
    one = shown(talked(mark, ReasoningPart("Hm")))[-1]
    assert one.mark == words.MARKS[mark]
    again = ("Ask again", "regenerate")
    assert one.mark_buttons == ([("Continue", "continue"), again] if goes_on else [again])
    assert shown(talked(mark))[-1].mark_buttons == [again]


def test_an_error_says_more_than_its_mark() -> None:
    conversation = talked("error")
    answer = conversation.branch()[-1]
    one = of_message(Saved(conversation), answer, "The prompt is too long.")
    assert one.mark == "The prompt is too long."
    assert branch_of(Saved(conversation), [], {answer.id: "Why not."})[-1].mark == "Why not."


def test_a_question_at_the_end_offers_an_answer() -> None:
    conversation = talked("", TextPart("Because"))
    conversation.append("user", TextPart("And?"))
    _first, _answer, last = shown(conversation)
    assert (last.mark, last.mark_buttons) == ("Not answered yet", [("Answer", "answer")])
    assert _first.mark == ""


def test_an_answer_under_way_shows_what_has_come() -> None:
    conversation = Conversation()
    conversation.append("user", TextPart("Why?"))
    exchange = Exchange(conversation, NoJournal(), 1)
    exchange.feed(Delta(1, "reasoning", "Hm", 2))
    exchange.feed(Delta(1, "answer", "Bec", 1))
    thoughts = {exchange.answer.id: False}
    one = branch_of(Saved(conversation, thoughts=thoughts), [exchange], {})[-1]
    assert (one.text, one.reasoning, one.finished) == ("Bec", "Hm", False)
    assert (one.thought_open, one.actions, one.mark) == (False, (), "")


def test_versions_are_counted_among_those_that_are_there() -> None:
    conversation = talked("", TextPart("One"))
    question, first = (message.id for message in conversation.branch())
    conversation.leaf = question
    second = conversation.append("assistant", TextPart("Two")).id
    assert (version_of(conversation, first), version_of(conversation, second)) == ((1, 2), (2, 2))
    conversation.set_deleted(first, True)
    assert (version_of(conversation, first), version_of(conversation, second)) == ((1, 1), (1, 1))


def test_an_edited_answer_says_so() -> None:
    message = Message("a", "assistant", (TextPart("Mine"),), edited=True)
    conversation = Conversation(messages={"a": message}, parents={"a": None}, leaf="a")
    assert shown(conversation)[0].footer == "Edited"


def test_nothing_shows_nothing() -> None:
    assert shown(Conversation()) == []
