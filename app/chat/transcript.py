"""A conversation, or the code in an answer, as text to be copied."""

from __future__ import annotations

import re

from app.chat.conversation import Conversation

_NAMES = {"user": "You", "assistant": "Assistant", "system": "System", "tool": "Tool"}


def transcript(conversation: Conversation) -> str:
    """The branch that is shown as Markdown, without the thoughts."""
    parts = [f"# {conversation.title}"] if conversation.title else []
    for message in conversation.branch():
        attached = "".join(f"[{part.name}]\n" for part in message.attachments)
        parts.append(f"**{_NAMES[message.role]}:**\n\n{attached}{message.text.strip()}")
    return "\n\n".join(parts) + "\n"


_FENCE = re.compile(r"^ {0,3}(`{3,}|~{3,})(.*)$")


def last_code(text: str) -> str:
    """The last fenced block of code in an answer; empty where there is none. An open one counts."""
    found, lines, fence = "", list[str](), ""
    for line in text.splitlines():
        match = _FENCE.match(line)
        if fence and match and match[1].startswith(fence) and not match[2].strip():
            found, lines, fence = "\n".join(lines), [], ""
        elif fence:
            lines.append(line)
        elif match and not (match[1][0] == "`" and "`" in match[2]):
            fence, lines = match[1], []
    return "\n".join(lines) if fence else found
