"""A conversation's title, made from its first exchange. No model is asked: it would cost tokens and time."""

from __future__ import annotations

import re

MOST_CHARACTERS = 60
#: A question of fewer letters than this ("hi", "ok?") names nothing.
_FEWEST_LETTERS = 8

_FENCE = re.compile(r"^\s{0,3}(```|~~~).*?(^\s{0,3}\1|\Z)", re.DOTALL | re.MULTILINE)
_MARKS = re.compile(r"^\s{0,3}(?:[#>]+|[-*+]|\d+[.)])\s+|[*_`]{1,3}", re.MULTILINE)
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")
_POLITE = re.compile(
    r"^(?:(?:hi|hello|hey|dear \w+)\b\s*[,.!]+\s*|(?:please|pls)\b[\s,]*|"
    r"(?:can|could|would|will) you (?:please )?(?=\w)|i(?:'d| would) like you to |i (?:want|need) you to )+",
    re.IGNORECASE,
)
_SENTENCE_END = re.compile(r"(?<=[.!?。！？])\s|(?<=[。！？])|\n")
_HEADING = re.compile(r"^\s{0,3}#{1,6}\s+(.+)$", re.MULTILINE)


def title_from(question: str, answer: str = "") -> str:
    """The question's first sentence in a few words; the answer's heading where the question says nothing.

    Empty where there is nothing to make a title of.
    """
    title = _from_question(question)
    if sum(map(str.isalnum, title)) >= _FEWEST_LETTERS:
        return title
    return _from_answer(answer) or title or _cut(_first_line(question.strip("`~ \n")))


def _from_question(question: str) -> str:
    text = _plain(question).strip()
    first = _sentence(text)
    asked = _POLITE.sub("", first).strip()
    if not asked and len(text) > len(first):
        asked = _POLITE.sub("", _sentence(text[len(first) :].strip())).strip()
    return _cut(asked or first)


def _from_answer(answer: str) -> str:
    heading = _HEADING.search(answer)
    return _cut(_plain(heading.group(1)) if heading else _sentence(_plain(answer).strip()))


def _plain(text: str) -> str:
    """Markdown without code blocks and marks."""
    return _MARKS.sub("", _LINK.sub(r"\1", _FENCE.sub("\n", text[:4000])))


def _sentence(text: str) -> str:
    return _SENTENCE_END.split(text, maxsplit=1)[0].strip()


def _first_line(text: str) -> str:
    return text.partition("\n")[0].strip()


def _cut(text: str) -> str:
    """One line, cut at a word where it is too long, without the full stop."""
    text = "".join(char if char.isprintable() else " " for char in text)
    text = " ".join(text.split()).rstrip(".。:;, ")
    if len(text) > MOST_CHARACTERS:
        head = text[: MOST_CHARACTERS - 1]
        words = head.rpartition(" ")[0]
        text = (words if len(words) > MOST_CHARACTERS // 2 else head).rstrip(" ,;:.") + "…"
    return text[:1].upper() + text[1:]
