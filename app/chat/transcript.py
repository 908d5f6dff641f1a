"""A conversation, or the code in an answer, as text to be copied."""

from __future__ import annotations

import re

from app.chat.conversation import Conversation
from app.language import mark, tr

_NAMES = {
    "user": mark("You"), "assistant": mark("Assistant"), "system": mark("System"), "tool": mark("Tool"),
}  # fmt: skip


def transcript(conversation: Conversation) -> str:
    """The branch that is shown as Markdown, without the thoughts."""
    parts = [f"# {conversation.title}"] if conversation.title else []
    for message in conversation.branch():
        if not (message.text.strip() or message.attachments):
            continue
        attached = "".join(f"[{part.name}]\n" for part in message.attachments)
        parts.append(f"**{tr(_NAMES[message.role])}:**\n\n{attached}{message.text.strip()}")
    return "\n\n".join(parts) + "\n"


_FENCE = re.compile(r"^(\s*)(`{3,}|~{3,})(.*)$")


def last_code(text: str) -> str:
    """The last fenced block of code in an answer that is not empty. One that is still open counts."""
    found, lines, fence, indent = "", list[str](), "", ""
    for line in text.split("\n"):
        match = _FENCE.match(line)
        if fence and match and match[2].startswith(fence) and not match[3].strip():
            found, lines, fence = "\n".join(lines) or found, [], ""
        elif fence:
            lines.append(line.removeprefix(indent))
        elif match and not (match[2][0] == "`" and "`" in match[3]):
            indent, fence, lines = match[1], match[2], []
    return "\n".join(lines) or found
