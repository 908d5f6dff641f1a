"""The tree: branches, versions, deleted messages."""

from __future__ import annotations

import pytest

from app.chat.conversation import Conversation
from app.chat.parts import AttachmentPart, ReasoningPart, TextPart


def tree() -> tuple[Conversation, dict[str, str]]:
    """q1 → a1 → q2 → a2, and beside a1 an a1b → q3."""
    conversation, ids = Conversation(), {}
    for name, role in (("q1", "user"), ("a1", "assistant"), ("q2", "user"), ("a2", "assistant")):
        ids[name] = conversation.append(role, TextPart(name)).id  # type: ignore[arg-type]
    conversation.leaf = ids["q1"]
    for name, role in (("a1b", "assistant"), ("q3", "user")):
        ids[name] = conversation.append(role, TextPart(name)).id  # type: ignore[arg-type]
    return conversation, ids


def texts(conversation: Conversation) -> list[str]:
    return [message.text for message in conversation.branch()]


def test_messages_follow_each_other() -> None:
    conversation = Conversation()
    first = conversation.append("user", TextPart("a"))
    second = conversation.append("assistant", TextPart("b"))
    assert conversation.branch() == [first, second]
    assert conversation.leaf == second.id
    assert conversation.parents == {first.id: None, second.id: first.id}


def test_an_empty_conversation_has_an_empty_branch() -> None:
    assert Conversation().branch() == []


def test_switching_leads_to_the_newest_end_of_the_other_version() -> None:
    conversation, ids = tree()
    assert texts(conversation) == ["q1", "a1b", "q3"]
    assert conversation.versions(ids["a1b"]) == [ids["a1"], ids["a1b"]]
    assert conversation.switch(ids["a1b"], -1) == ids["a1"]
    assert texts(conversation) == ["q1", "a1", "q2", "a2"]
    assert conversation.switch(ids["a1"], -1) is None
    assert texts(conversation) == ["q1", "a1", "q2", "a2"]
    assert conversation.switch(ids["a1"], 1) == ids["a1b"]


def test_a_deleted_message_is_left_out_and_what_follows_stays() -> None:
    conversation, ids = tree()
    conversation.show(ids["a2"])
    conversation.set_deleted(ids["a1"], True)
    assert texts(conversation) == ["q1", "q2", "a2"]
    # What stood behind it now stands beside its other version: both can be reached.
    assert conversation.versions(ids["q2"]) == [ids["q2"], ids["a1b"]]
    assert conversation.switch(ids["q2"], 1) == ids["a1b"]
    conversation.show(ids["a2"])
    conversation.set_deleted(ids["a1"], False)
    assert texts(conversation) == ["q1", "a1", "q2", "a2"]


def test_before_a_message() -> None:
    conversation, ids = tree()
    assert [message.text for message in conversation.before(ids["q3"])] == ["q1", "a1b"]
    assert conversation.before(ids["q1"]) == []


def test_first_questions_have_versions_too() -> None:
    conversation, ids = tree()
    conversation.leaf = None
    other = conversation.append("user", TextPart("q1b"))
    assert conversation.versions(other.id) == [ids["q1"], other.id]


def test_a_tree_from_outside_knows_its_children() -> None:
    conversation, ids = tree()
    again = Conversation(conversation.messages, conversation.parents, conversation.leaf)
    assert again.versions(ids["a1"]) == [ids["a1"], ids["a1b"]]


def test_only_what_is_there_can_be_updated() -> None:
    conversation, ids = tree()
    message = conversation.messages[ids["q1"]]
    del conversation.messages[ids["q1"]]
    with pytest.raises(KeyError):
        conversation.update(message)


def test_deleting_the_last_version_shows_another() -> None:
    conversation, ids = tree()
    conversation.show(ids["a2"])
    other = conversation.parents[ids["a2"]]
    conversation.leaf = other
    again = conversation.append("assistant", TextPart("a2b"))
    assert conversation.versions(again.id) == [ids["a2"], again.id]
    conversation.delete(again.id)
    assert texts(conversation) == ["q1", "a1", "q2", "a2"]
    conversation.delete(ids["a2"])
    assert texts(conversation) == ["q1", "a1", "q2"]


def test_deleting_an_edited_first_question_shows_the_one_it_was() -> None:
    conversation, ids = tree()
    conversation.leaf = None
    edited = conversation.append("user", TextPart("q1b"))
    conversation.delete(edited.id)
    assert texts(conversation) == ["q1", "a1b", "q3"]
    assert conversation.versions(ids["q1"]) == [ids["q1"]]


def test_a_message_has_the_id_and_the_mark_that_it_was_given() -> None:
    conversation = Conversation()
    first = conversation.append("user", TextPart("q"))
    chosen = conversation.append("assistant", TextPart("1"), mark="length", id="chosen")
    assert (chosen.id, chosen.mark) == ("chosen", "length")
    assert conversation.branch() == [first, chosen]
    conversation.leaf = first.id
    other = conversation.append("assistant", TextPart("2"))
    assert conversation.branch() == [first, other]
    conversation.leaf = chosen.id
    assert conversation.branch() == [first, chosen]


def test_the_parts_of_a_message() -> None:
    conversation = Conversation()
    document = AttachmentPart("a.txt", "text")
    parts = (ReasoningPart("t1"), TextPart("x"), document, ReasoningPart("t2"), TextPart("y"))
    message = conversation.append("assistant", *parts)
    assert message.text == "xy"
    assert message.reasoning == "t1t2"
    assert message.attachments == (document,)
    assert len({conversation.append("user").id for _ in range(100)}) == 100
