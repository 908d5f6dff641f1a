"""The tree of messages."""

from __future__ import annotations

from app.chat.conversation import Conversation
from app.chat.parts import AttachmentPart, ReasoningPart, TextPart


def test_a_branch_is_the_way_from_the_root_to_the_leaf() -> None:
    conversation = Conversation()
    assert conversation.branch() == []
    first = conversation.append("user", TextPart("a"))
    second = conversation.append("assistant", TextPart("b"), id="chosen")
    assert second.id == "chosen"
    assert conversation.branch() == [first, second]


def test_another_answer_is_another_branch_and_overwrites_nothing() -> None:
    conversation = Conversation()
    question = conversation.append("user", TextPart("q"))
    one = conversation.append("assistant", TextPart("1"))
    conversation.leaf = question.id
    two = conversation.append("assistant", TextPart("2"), mark="length")
    assert conversation.branch() == [question, two]
    conversation.leaf = one.id
    assert conversation.branch() == [question, one]
    assert two.mark == "length"


def test_the_parts_of_a_message() -> None:
    conversation = Conversation()
    document = AttachmentPart("a.txt", "text")
    parts = (ReasoningPart("t1"), TextPart("x"), document, ReasoningPart("t2"), TextPart("y"))
    message = conversation.append("assistant", *parts)
    assert message.text == "xy"
    assert message.reasoning == "t1t2"
    assert message.attachments == (document,)
    assert len({conversation.append("user").id for _ in range(100)}) == 100
