"""What an exchange asks, collects and hands to its journal, in which order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from app.chat.conversation import ChatSettings, Conversation
from app.chat.exchange import Exchange, NoJournal, request_behind
from app.chat.parts import Message, ReasoningPart, TextPart
from app.engine.protocol import (
    Delta,
    Failed,
    Finished,
    Reclassified,
)
from app.engine.session_events import EngineStopped
from app.engine.values import Timings, Usage
from tests.ui.models import PLAIN, THINKER


class Book:
    """A journal that writes down its calls."""

    lasting = True

    def __init__(self) -> None:
        self.lines: list[tuple[Any, ...]] = []
        self.kept: dict[str, Message] = {}

    def add_message(self, conversation: Conversation, message: Message, parent: str | None) -> None:
        self.lines.append(("add", message.role, parent))
        self.kept[message.id] = message

    def append(self, message_id: str, channel: str, text: str) -> None:
        self.lines.append(("append", channel, text))

    def finish(self, message: Message) -> None:
        self.lines.append(("finish", message.text, message.reasoning, message.mark))
        self.kept[message.id] = message

    def set_deleted(self, message_id: str, deleted: bool) -> None:
        self.lines.append(("deleted", self.kept.get(message_id, message_id), deleted))

    def set_leaf(self, conversation: Conversation) -> None:
        self.lines.append(("leaf", [message.text for message in conversation.branch()]))

    def rename(self, conversation: Conversation) -> None:
        self.lines.append(("title", conversation.title))


@pytest.fixture
def book() -> Book:
    return Book()


def begin(book: Book, question: str = "Why is the sky blue?") -> Exchange:
    conversation = Conversation()
    conversation.append("user", TextPart(question))
    return Exchange(conversation, book, 7)


def said(text: str, channel: Any = "answer", tokens: int = 1) -> Delta:
    return Delta(7, channel, text, tokens)


DONE = Finished(7, "stop", Usage(5, 5, 0, 4, 1), Timings(0.5, 10.0, 20.0))


def test_from_question_to_saved_answer(book: Book) -> None:
    exchange = begin(book)
    request = exchange.request(THINKER, ChatSettings())
    assert request.request_id == 7
    assert [message.role for message in request.messages] == ["user"]
    for event in (said("Hm", "reasoning"), said("m", "reasoning"), said("Because")):
        exchange.feed(event)
    exchange.save()
    exchange.save()
    exchange.feed(said(" of the air."))
    exchange.feed(DONE)
    question = exchange.conversation.path()[0].id
    assert book.lines == [
        ("add", "assistant", question),
        ("append", "reasoning", "Hmm"),
        ("append", "answer", "Because"),
        ("finish", "Because of the air.", "Hmm", ""),
        ("title", "Why is the sky blue?"),
    ]
    info = exchange.conversation.messages[exchange.answer.id].info
    assert info is not None
    assert (info.mode, info.tokens, info.tokens_per_second, info.first_token_s) == ("thinking", 4, 20.0, 0.5)


def test_the_settings_of_the_conversation_win(book: Book) -> None:
    request = begin(book).request(
        THINKER, ChatSettings(system="Be brief.", mode="instruct", temperature=0.3, thinking_budget=9)
    )
    assert request.messages[0].content == "Be brief."
    assert request.mode == "instruct"
    assert request.sampling.temperature == 0.3
    assert request.sampling.top_p == 0.95
    assert request.thinking_budget is None
    assert begin(book).request(PLAIN, ChatSettings(mode="thinking")).mode == "instruct"


def test_a_stopped_answer_goes_on(book: Book) -> None:
    first = begin(book)
    first.request(THINKER, ChatSettings(mode="instruct"))
    first.feed(said("Because"))
    first.feed(Finished(7, "cancelled", Usage(5, 5, 0, 1), Timings()))
    assert first.conversation.messages[first.answer.id].mark == "cancelled"
    book.lines.clear()
    again = Exchange(first.conversation, book, 8, first.answer.id)
    request = again.request(THINKER, ChatSettings(mode="thinking"))
    assert request.begun is not None
    assert request.begun.content == "Because"
    assert request.mode == "instruct"  # as it began
    assert [message.role for message in request.messages] == ["user"]
    again.feed(Delta(8, "answer", " of air", 1))
    again.save()
    again.feed(Finished(8, "stop", Usage(9, 1, 8, 3), Timings()))
    assert book.lines[:2] == [("append", "answer", " of air"), ("finish", "Because of air", "", "")]
    assert again.answer.info is not None
    assert again.answer.info.tokens == 4


def test_a_thought_that_goes_on_stays_one_part(book: Book) -> None:
    exchange = begin(book)
    exchange.request(THINKER, ChatSettings())
    exchange.feed(said("One", "reasoning", 3))
    exchange.feed(Finished(7, "cancelled", Usage(), Timings()))
    again = Exchange(exchange.conversation, book, 7, exchange.answer.id)
    again.request(THINKER, ChatSettings())
    again.feed(said(" two", "reasoning", 5))
    again.feed(said("So."))
    thought, text = again.parts
    assert isinstance(thought, ReasoningPart)
    assert (thought.text, thought.tokens) == ("One two", 5)
    assert text == TextPart("So.")


def test_a_reclassified_answer_is_saved_as_thought(book: Book) -> None:
    exchange = begin(book)
    exchange.request(THINKER, ChatSettings())
    exchange.feed(said("Let me"))
    exchange.save()
    exchange.feed(said(" see"))
    exchange.feed(Reclassified(7))
    exchange.feed(said("Yes."))
    exchange.save()
    assert book.lines[1:] == [
        ("append", "answer", "Let me"),
        ("finish", "", "Let me see", "interrupted"),
        ("append", "answer", "Yes."),
    ]


def test_a_refused_question_leaves_the_branch(book: Book) -> None:
    exchange = begin(book)
    exchange.request(PLAIN, ChatSettings())
    exchange.feed(Failed(7, "prompt_too_long", "Too long."))
    assert exchange.refused
    assert exchange.conversation.branch() == []
    assert [line[0] for line in book.lines] == ["add", "finish", "deleted", "deleted", "leaf"]
    exchange.conversation.append("user", TextPart("Shorter"))
    assert [message.text for message in exchange.conversation.branch()] == ["Shorter"]


def test_what_was_written_before_a_death_is_kept(book: Book) -> None:
    exchange = begin(book)
    exchange.request(PLAIN, ChatSettings())
    exchange.feed(said("Half"))
    exchange.feed(EngineStopped(7, "It stopped.", (), True))
    assert book.lines[-2] == ("finish", "Half", "", "engine_stopped")
    assert not exchange.refused


def test_an_answer_without_text_says_so(book: Book) -> None:
    for events, mark in (((), "empty"), ((said("Hm", "reasoning"),), "only_thought")):
        exchange = begin(book)
        exchange.request(THINKER, ChatSettings())
        for event in (*events, DONE):
            exchange.feed(event)
        assert exchange.conversation.messages[exchange.answer.id].mark == mark


def test_a_given_title_stays_and_a_second_exchange_makes_none(book: Book) -> None:
    exchange = begin(book)
    exchange.conversation.title, exchange.conversation.titled = "Mine", True
    exchange.feed(DONE)
    assert exchange.conversation.title == "Mine"
    exchange.conversation.titled = False
    exchange.conversation.append("user", TextPart("Another subject altogether?"))
    later = Exchange(exchange.conversation, book, 7)
    later.feed(DONE)
    assert exchange.conversation.title == "Mine"


def test_an_answer_that_is_deleted_while_it_runs_stays_deleted(book: Book) -> None:
    exchange = begin(book)
    exchange.request(PLAIN, ChatSettings())
    exchange.feed(said("Half"))
    exchange.conversation.set_deleted(exchange.answer.id, True)
    exchange.feed(Finished(7, "cancelled", Usage(), Timings()))
    assert exchange.conversation.messages[exchange.answer.id].deleted
    assert book.kept[exchange.answer.id].deleted


def test_an_answer_that_was_stopped_before_its_first_word_is_not_sent(book: Book) -> None:
    exchange = begin(book, "Too early?")
    exchange.request(PLAIN, ChatSettings())
    exchange.feed(Finished(7, "cancelled", Usage(), Timings()))
    exchange.conversation.append("user", TextPart("Next"))
    request = Exchange(exchange.conversation, book, 8).request(PLAIN, ChatSettings())
    assert [(message.role, message.content) for message in request.messages] == [
        ("user", "Too early?\n\nNext")
    ]


def test_a_refused_edit_shows_the_question_that_it_was_made_from(book: Book) -> None:
    exchange = begin(book, "Short?")
    exchange.request(PLAIN, ChatSettings())
    exchange.feed(said("Yes."))
    exchange.feed(DONE)
    conversation = exchange.conversation
    conversation.leaf = None
    conversation.append("user", TextPart("word " * 9000))
    edit = Exchange(conversation, book, 8)
    edit.feed(Failed(8, "prompt_too_long", "Too long."))
    assert edit.refused_text.startswith("word")
    assert [message.text for message in conversation.branch()] == ["Short?", "Yes."]
    assert book.lines[-1] == ("leaf", ["Short?", "Yes."])


def test_a_refused_regenerate_keeps_question_and_answers(book: Book) -> None:
    exchange = begin(book, "Short?")
    exchange.request(PLAIN, ChatSettings())
    exchange.feed(said("Yes."))
    exchange.feed(DONE)
    conversation = exchange.conversation
    conversation.leaf = conversation.parents[exchange.answer.id]
    again = Exchange(conversation, book, 8, asked=False)
    again.feed(Failed(8, "prompt_too_long", "Too long."))
    assert again.refused
    assert again.refused_text == ""
    assert [message.text for message in conversation.branch()] == ["Short?", "Yes."]


def named(conversation: Conversation, journal: Any) -> str:
    """The conversation that both kinds of request name."""
    conversation.append("user", TextPart("Why?"))
    exchange = Exchange(conversation, journal, 7)
    before = conversation.before(exchange.answer.id)
    asked = exchange.request(PLAIN, conversation.settings)
    behind = request_behind(conversation, journal, before, PLAIN)
    assert behind.messages == asked.messages
    assert behind.conversation == asked.conversation
    return asked.conversation


def test_only_a_conversation_that_is_kept_is_named_to_the_engine(book: Book) -> None:
    kept = Conversation()
    assert named(kept, book) == kept.id != ""
    assert named(Conversation(temporary=True), book) == ""
    assert named(Conversation(), NoJournal()) == ""
    book.lasting = False
    assert named(Conversation(), book) == ""


def test_what_would_be_asked_has_the_settings_of_its_conversation(book: Book) -> None:
    settings = ChatSettings(system="Be brief", mode="thinking", thinking_budget=64, temperature=0.5)
    conversation = Conversation(settings=settings)
    conversation.append("user", TextPart("Why?"))
    exchange = Exchange(conversation, book, 7)
    before = conversation.before(exchange.answer.id)
    asked = exchange.request(THINKER, settings)
    assert asked.thinking_budget == 64
    assert request_behind(conversation, book, before, THINKER) == replace(asked, request_id=0)
