"""A conversation, or the code in an answer, as text."""

from __future__ import annotations

import pytest

from app.chat.conversation import Conversation
from app.chat.parts import AttachmentPart, ReasoningPart, TextPart
from app.chat.transcript import last_code, transcript


def test_a_transcript_is_the_branch_without_thoughts() -> None:
    conversation = Conversation(title="Sky")
    conversation.append("user", AttachmentPart("a.txt", "attached"), TextPart("Why?\n"))
    question = conversation.leaf
    conversation.append("assistant", TextPart("Another branch"))
    conversation.leaf = question
    conversation.append("assistant", ReasoningPart("Hm"), TextPart("**Because.**"))
    conversation.append("user", TextPart("Gone"))
    conversation.set_deleted(str(conversation.leaf), True)
    conversation.append("system", TextPart("Be brief."))
    assert transcript(conversation) == (
        "# Sky\n\n**You:**\n\n[a.txt]\nWhy?\n\n**Assistant:**\n\n**Because.**\n\n**System:**\n\nBe brief.\n"
    )


def test_a_transcript_without_a_title_begins_with_the_question() -> None:
    conversation = Conversation()
    conversation.append("user", TextPart("Why?"))
    assert transcript(conversation) == "**You:**\n\nWhy?\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("no code, but `some` here", ""),
        ("```python\nprint(1)\n```", "print(1)"),
        ("```\na\n```\ntext\n```\nb\n\nc\n```\nend", "b\n\nc"),
        ("~~~\na\n```\n~~~", "a\n```"),
        ("````\n```\na\n```\n````", "```\na\n```"),
        ("```\na\n`````\nb", "a"),
        ("   ```\n  a\n   ```", "  a"),
        ("```\na\n``` not the end\n```", "a\n``` not the end"),
        ("```not a fence``` at all", ""),
        ("~~~ one `with` ticks\na\n~~~", "a"),
        ("before\n```\nstill open", "still open"),
        ("```\na\n```\n```\nb", "b"),
        ("1. so:\n\n    ```\n    in a list\n      more\n    ```", "in a list\n  more"),
        ("```\nkept\n```\n```\n```", "kept"),
        ("```\nkept\n```\n```python", "kept"),
        ("```\na\x0cb\n```", "a\x0cb"),
        ("``\na\n``", ""),
    ],
)
def test_the_last_block_of_code(text: str, code: str) -> None:
    assert last_code(text) == code
