"""Finds a searched text in a message, the way the search of conversations does: without case and accents."""

from __future__ import annotations

import re

from app.render.search import fold
from ui.chat.cache import ItemCache
from ui.chat.message import ANSWER, REASONING, Message, Ref
from ui.chat.model import ConversationModel

Hit = tuple[Ref, int, int]


def find_in(plain: str, search: str) -> tuple[int, int, int] | None:
    """(how well it fits, start, end): the words of the search in their order, else all of them, else some."""
    words = re.findall(r"\w+", fold(search))
    text = fold(plain)
    if not words:
        at = text.find(fold(search).strip()) if search.strip() else -1
        return None if at < 0 else (len(search), at, at + len(search.strip()))
    phrase = re.search(r"\W+".join(map(re.escape, words)), text)
    if phrase:
        return len(words) + 1, phrase.start(), phrase.end()
    found = [(text.find(word), word) for word in words]
    found = [(at, word) for at, word in found if at >= 0]
    if not found:
        return None
    at, word = min(found)
    return len(found), at, at + len(word)


def find_in_message(model: ConversationModel, cache: ItemCache, message: Message, search: str) -> Hit | None:
    """The first of the rows that fit best."""
    model.complete(message)
    best: tuple[int, Hit] | None = None
    for number in (REASONING, ANSWER):
        section = message.sections[number]
        for index, row in enumerate(section.rows if section.visible else ()):
            source = row.block.text or "\n".join("\t".join(cells) for cells in row.block.rows)
            if find_in(source, search) is None:
                continue  # not worth laying out
            found = find_in(cache.item(row).plain, search)
            if found and (best is None or found[0] > best[0]):
                best = (found[0], (Ref(message.index, number, index), found[1], found[2]))
    return best[1] if best else None
