"""Replies as models stream them, and ways to chop them: for the splitter's tests, short and long."""

from __future__ import annotations

import random
from collections.abc import Sequence

from app.engine.split import Piece, StreamSplitter, Tags, Text

IDS = ((1, "open"), (2, "close"), (3, "call_open"), (4, "call_close"))
BY_TEXT = Tags()
BY_TEXT_TOOLS = Tags(tools=True)
BY_ID = Tags(ids=IDS)  # type: ignore[arg-type]
BY_ID_TOOLS = Tags(ids=IDS, tools=True)  # type: ignore[arg-type]
OTHER = Tags(open="[THINK]", close="[/THINK]")

#: Replies as text; tags become tokens where a stream has ids.
REPLIES = (
    "",
    " ",
    "Just an answer.",
    "\n\n  An answer\n\nof two paragraphs.\n\n",
    "a thought</think>the answer",
    "a thought\n</think>\n\nthe answer\n",
    "<think>a thought</think>the answer",
    "<think>\n\n</think>\n\nthe answer",
    "<think></think>",
    "<think>only a thought",
    "only a thought < that ends in </thin",
    "<think><think>twice</think>the answer",
    "the answer\n<think>again</think>and on",
    "the answer about <think> and </think> in line",
    "`<think>` opens, `</think>` closes",
    "```\n<think>\n```\nafter the fence",
    "a </think> b </think> c",
    "</think>",
    "</think>the answer",
    "x</think></think>y",
    "<thi<think>k</think>nk>",
    "<<think>></think>>",
    "< think >a</ think >",
    "<think>a<think>b</think>c</think>d",
    "<think>call it<tool_call>f(1)</tool_call>done",
    '<think>a</think>b<tool_call>{"x": "<think>"}</tool_call>c',
    "<tool_call>a</tool_call><tool_call>b</tool_call>",
    "<tool_call>never closed",
    "</tool_call>stray",
    "text<tool_call>one</tool_call>text\n<think>t</think>end",
    "<think>\u00e9\U0001f600 \u4e2d</think>\u4e2d\u6587\U0001f600",
    "1 < 2 and 3 > 2 </ > <t",
    "    indented code\n    more",
    "<think> \n </think> \n ",
    "<think>a</think>\n<think>b</think>\n<think>c</think>d",
    "answer<think>not at a line start</think>more",
    "answer\n  <think>after blanks</think>more",
    "```py\nx = '<think>'\n```\n<think>real</think>ok",
    "<THINK>a</THINK>b",
    "\r\n<think>\r\na\r\n</think>\r\nb\r\n",
    "</</think>think>x",
    "[THINK]a[/THINK]b[/THINK]c",
)
TAG_TOKENS = {"<think>": 1, "</think>": 2, "<tool_call>": 3, "</tool_call>": 4}
Token = tuple[str, int | None]


def tokens_of(reply: str) -> list[Token]:
    """The reply with each tag as a token of its own and the text between as one token each."""
    found: list[Token] = []
    rest = reply
    while rest:
        hits = [(rest.find(tag), tag) for tag in TAG_TOKENS if tag in rest]
        at, tag = min(hits, default=(len(rest), ""))
        if at:
            found.append((rest[:at], None))
        if tag:
            found.append((tag, TAG_TOKENS[tag]))
        rest = rest[at + len(tag) :]
    return found


def chop(tokens: Sequence[Token], chance: random.Random) -> list[Token]:
    """The same stream in other pieces; tokens that have an id stay whole."""
    found: list[Token] = []
    for text, token in tokens:
        if token is not None:
            found.append((text, token))
            continue
        at = 0
        while at < len(text):
            size = chance.choice((1, 1, 2, 3, 5, 8, 40))
            found.append((text[at : at + size], None))
            at += size
    return found


def split(tags: Tags, thought: str, pieces: Sequence[Token]) -> list[Piece]:
    """All parts of a stream, neighbours of one channel joined."""
    splitter = StreamSplitter(tags, thought)  # type: ignore[arg-type]
    parts: list[Piece] = []
    for text, token in pieces:
        parts += splitter.feed(text, token)
    parts += splitter.finish()
    joined: list[Piece] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, Text) and isinstance(last, Text) and part.channel == last.channel:
            joined[-1] = Text(part.channel, last.text + part.text)
        else:
            joined.append(part)
    return joined


def every_stream() -> list[tuple[Tags, str, list[Token]]]:
    """Each reply with and without ids, with and without tools, in each state of the prompt."""
    found: list[tuple[Tags, str, list[Token]]] = []
    for reply in REPLIES:
        for thought in ("open", "closed", "none"):
            for tags in (BY_TEXT, BY_TEXT_TOOLS, OTHER):
                found.append((tags, thought, [(reply, None)]))
            for tags in (BY_ID, BY_ID_TOOLS):
                found.append((tags, thought, tokens_of(reply)))
    return found


def check_chops(count: int, seed: int) -> None:
    """So many random chops give what the unchopped streams give."""
    chance = random.Random(seed)
    streams = every_stream()
    whole = [split(*stream) for stream in streams]
    for number in range(count):
        index = number % len(streams)
        tags, thought, tokens = streams[index]
        pieces = chop(tokens, chance)
        assert split(tags, thought, pieces) == whole[index], (tags, thought, pieces)
