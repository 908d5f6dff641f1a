"""Splits a reply into thought, answer and tool call while it streams.

The stream is a sequence of pieces of text, each from one token. Tags are known by token id
where the vocabulary has them as tokens of their own; then a tag that is merely spelled is
text. Without ids they are found in the text, however it is cut into pieces.

What the models really do, and what is made of it:

    the prompt opened the thought      the stream starts as reasoning, without an opener
    closer without any opener          all text so far was reasoning: `Reclassify`
    closer after a closed thought      the answer talks about the tag: text
    opener at the start of a line      the model thinks again; inline or in a code fence: text
    tool call inside a thought         the thought ends there (when tools were offered)
    end of stream inside a thought     the reply is reasoning only
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from app.engine.values import Channel

TagName = Literal["open", "close", "call_open", "call_close"]
CALL_TAGS = ("<tool_call>", "</tool_call>")


@dataclass(frozen=True)
class Tags:
    """The four tags as text, and the token ids of those that the vocabulary knows."""

    open: str = "<think>"
    close: str = "</think>"
    ids: tuple[tuple[int, TagName], ...] = ()
    tools: bool = False

    def text(self, name: TagName) -> str:
        """How the tag is written."""
        if name in ("open", "close"):
            return self.open if name == "open" else self.close
        return CALL_TAGS[0] if name == "call_open" else CALL_TAGS[1]


@dataclass(frozen=True)
class Text:
    """Text of one channel, in the order of the stream."""

    channel: Channel
    text: str


@dataclass(frozen=True)
class Reclassify:
    """All answer text so far was reasoning."""


Piece = Text | Reclassify


class StreamSplitter:
    """The state machine. Feed it every piece, then call `finish` once."""

    def __init__(self, tags: Tags, thought: Literal["open", "closed", "none"] = "none") -> None:
        self._tags = tags
        self._by_id: dict[int, TagName] = dict(tags.ids)
        known = set(self._by_id.values())
        names: list[TagName] = ["open", "close"]
        if tags.tools:
            names += ["call_open", "call_close"]
        self._by_text = {tags.text(name): name for name in names if name not in known}
        self.channel: Channel = "reasoning" if thought == "open" else "answer"
        self._thought = thought
        self._pending = ""
        self._space = ""
        self._begun = False
        self._answered = False
        self._line = ""
        self._fenced = False
        self._out: list[Piece] = []

    def resume(self, answer: str) -> None:
        """The part that the stream begins in has text already; `answer` is what is answered so far.

        Call it before the first piece: spaces at the start of a continued part are kept.
        """
        self._begun = True
        if answer:
            self._answered = True
            self._follow_lines(answer)

    def is_tag(self, token: int) -> bool:
        """Whether `token` is a tag by its id."""
        return token in self._by_id

    def feed(self, text: str, token: int | None = None) -> Sequence[Piece]:
        """The parts that `text` (of `token`, if it is one) settles."""
        name = self._by_id.get(token) if token is not None else None
        if name is not None and (self._tags.tools or not name.startswith("call")):
            self._settle(final=True)
            self._tag(name)
        else:
            self._pending += text
            self._settle(final=False)
        return self._take()

    def finish(self) -> Sequence[Piece]:
        """What was held back, at the end of the stream."""
        self._settle(final=True)
        return self._take()

    def _take(self) -> Sequence[Piece]:
        out, self._out = self._out, []
        return out

    def _settle(self, *, final: bool) -> None:
        """Pass on what no longer can be part of a tag."""
        while self._pending:
            found = [(self._pending.find(tag), tag) for tag in self._by_text]
            hits = [(at, tag) for at, tag in found if at >= 0]
            if not hits:
                break
            at, tag = min(hits)
            self._emit(self._pending[:at])
            self._pending = self._pending[at + len(tag) :]
            self._tag(self._by_text[tag])
        keep = 0 if final else _held_back(self._pending, self._by_text)
        passed = len(self._pending) - keep
        self._emit(self._pending[:passed])
        self._pending = self._pending[passed:]

    def _tag(self, name: TagName) -> None:
        literal = {
            "open": self._opened,
            "close": self._closed,
            "call_open": self._call_opened,
            "call_close": self._call_closed,
        }[name]()
        if literal:
            self._emit(self._tags.text(name))

    def _opened(self) -> bool:
        if self.channel == "reasoning":
            return self._begun  # a second opener right at the start is noise
        if self.channel == "tool_call" or (self._answered and not self._at_line_start()):
            return True
        self._thought = "open"
        self._switch("reasoning")
        return False

    def _at_line_start(self) -> bool:
        """Whether the answer stands at the start of a line of its prose."""
        if "\n" not in self._space:
            return not self._line.strip() and not self._fenced
        # The line break is still held back; the line before it may be a fence.
        return self._fenced == self._line.lstrip().startswith("```")

    def _closed(self) -> bool:
        if self.channel == "reasoning":
            self._thought = "closed"
            self._switch("answer")
            return False
        if self.channel == "tool_call":
            return True
        if self._thought == "none":
            self._thought = "closed"
            if self._answered:
                self._out.append(Reclassify())
            self._answered, self._line, self._fenced = False, "", False
            self._switch("answer")
            return False
        return self._answered

    def _call_opened(self) -> bool:
        if self.channel == "tool_call":
            return True
        self._thought = "closed"
        self._switch("tool_call")
        return False

    def _call_closed(self) -> bool:
        if self.channel != "tool_call":
            return True
        self._switch("answer")
        return False

    def _switch(self, channel: Channel) -> None:
        self.channel = channel
        self._begun = False
        self._space = ""

    def _emit(self, text: str) -> None:
        """Pass text on, less the blank lines at both ends of its part."""
        if not text:
            return
        text = self._space + text
        body = text.rstrip()
        self._space = text[len(body) :]
        if not body:
            return
        if not self._begun:
            indent = body[: len(body) - len(body.lstrip())].rpartition("\n")[2]
            body = ("" if indent == " " else indent) + body.lstrip()
            self._begun = True
        if self.channel == "answer":
            self._answered = True
            self._follow_lines(body)
        self._out.append(Text(self.channel, body))

    def _follow_lines(self, text: str) -> None:
        """Keep the start of the current answer line and whether a code fence is open."""
        *lines, last = text.split("\n")
        for line in lines:
            self._line += line
            if self._line.lstrip().startswith("```"):
                self._fenced = not self._fenced
            self._line = ""
        self._line += last


def _held_back(text: str, tags: dict[str, TagName]) -> int:
    """Length of the longest end of `text` that could still become a tag."""
    longest = max((len(tag) for tag in tags), default=1) - 1
    for length in range(min(longest, len(text)), 0, -1):
        ending = text[-length:]
        if any(tag.startswith(ending) for tag in tags):
            return length
    return 0
