"""Values as rows and back. What a row says is not trusted: it may come from a damaged file."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
import sqlite3
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar, get_args, get_type_hints

from app.chat.conversation import ChatSettings
from app.chat.library import Entry, Place
from app.chat.parts import AnswerInfo, AttachmentPart, Message, Part, ReasoningPart, Role, TextPart

ROLES: tuple[Role, ...] = get_args(Role)

T = TypeVar("T")
#: The end of the year 9999, the last that a calendar knows.
_LATEST = 253_402_300_799.0
_MOST = 2**31
_TITLE = 200
_SLICE = 1 << 18


def clean(text: str) -> str:
    """Text that can be stored: half a surrogate pair becomes a question mark in a box."""
    if text.isascii():
        return text
    try:
        # In slices: one call over a whole book would hold up every other thread.
        for start in range(0, len(text), _SLICE):
            text[start : start + _SLICE].encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def dump(value: object) -> str:
    """JSON in ASCII; raises TypeError or ValueError for what is none."""
    return json.dumps(value, separators=(",", ":"))


def parse(text: object) -> object | None:
    """What JSON says, None where it is none."""
    try:
        return json.loads(text) if isinstance(text, str) else None
    except (ValueError, RecursionError):
        return None


def dump_value(value: Any) -> str:
    """The fields of a frozen value that differ from their defaults."""
    plain = type(value)()
    return dump(
        {
            field.name: getattr(value, field.name)
            for field in dataclasses.fields(value)
            if getattr(value, field.name) != getattr(plain, field.name)
        }
    )


def parse_value(kind: type[T], text: object) -> T:
    """The value that `dump_value` wrote; a field that is unknown or of another type is left out."""
    found = parse(text)
    if not isinstance(found, Mapping):
        return kind()
    hints = _hints(kind)  # type: ignore[arg-type]
    return kind(
        **{
            name: sys.intern(value) if isinstance(value, str) else value  # thousands of them say the same
            for name, value in found.items()
            if name in hints and _fits(value, *hints[name])
        }
    )


@functools.cache
def _hints(kind: type) -> dict[str, tuple[Any, ...]]:
    """To find them out takes longer than all the rest, and a long conversation has thousands of values."""
    return {name: get_args(hint) or (hint,) for name, hint in get_type_hints(kind).items()}


def _fits(value: object, *kinds: Any) -> bool:
    if isinstance(value, bool):
        return bool in kinds
    if isinstance(value, int | float) and not (math.isfinite(value) and abs(value) < 2**53):
        return False
    return any(isinstance(value, kind) or (kind is float and isinstance(value, int)) for kind in kinds)


def part_row(part: Part) -> tuple[str, str, str]:
    """Kind, extra and text of a part."""
    if isinstance(part, ReasoningPart):
        return "reasoning", dump([part.seconds, part.tokens]), clean(part.text)
    if isinstance(part, AttachmentPart):
        notes = [clean(note) for note in part.notes]
        said = [clean(part.name), part.kind, part.pages, clean(part.chosen), notes]
        return "attachment", dump(said), clean(part.text)
    return "text", "", clean(part.text)


def part_of(kind: object, extra: object, text: object) -> Part:
    """The part of a row; text where the kind is unknown."""
    written = str(text)
    if kind == "reasoning":
        found = parse(extra)
        if isinstance(found, list) and len(found) == 2 and _fits(found[0], float) and _fits(found[1], int):
            return ReasoningPart(written, float(found[0]), found[1])
        return ReasoningPart(written)
    if kind == "attachment":
        return _attachment(parse(extra), written)
    return TextPart(written)


def _attachment(said: object, text: str) -> AttachmentPart:
    """Rows of earlier versions have the name only."""
    if isinstance(said, str):
        return AttachmentPart(said, text)
    found: list[object] = said if isinstance(said, list) else []
    name, kind, pages, chosen, notes = [*found, None, None, None, None, None][:5]
    return AttachmentPart(
        name if isinstance(name, str) else "",
        text,
        kind if isinstance(kind, str) else "",
        max(0, whole_number(pages)),
        chosen if isinstance(chosen, str) else "",
        tuple(note for note in notes if isinstance(note, str)) if isinstance(notes, list) else (),
    )


def with_chunks(parts: Sequence[Part], chunks: Iterable[tuple[str, str]]) -> tuple[Part, ...]:
    """A message's parts with the pieces of a stream behind: the thought before the answer."""
    pieces: dict[str, list[str]] = {"reasoning": [], "answer": []}
    for channel, text in chunks:
        pieces["reasoning" if channel == "reasoning" else "answer"].append(str(text))
    thought, answer = "".join(pieces["reasoning"]), "".join(pieces["answer"])
    kept = list(parts)
    if thought:
        kept.append(ReasoningPart(thought))
    if answer:
        kept.append(TextPart(answer))
    return tuple(kept)


def message_of(row: sqlite3.Row, parts: Sequence[Part]) -> Message:
    """The message of a row of the table `message`."""
    return Message(
        id=str(row["id"]),
        role=row["role"] if row["role"] in ROLES else "assistant",
        parts=tuple(parts),
        mark=str(row["mark"]),
        created=real(row["created"]),
        info=None if row["info"] is None else parse_value(AnswerInfo, row["info"]),
        edited=bool(row["edited"]),
        deleted=bool(row["deleted"]),
    )


def settings_of(text: object) -> ChatSettings:
    return parse_value(ChatSettings, text)


def entry_of(row: sqlite3.Row) -> Entry:
    """The entry of a row of `conversation`, with the id of its folder as `folder_id`."""
    return Entry(
        id=str(row["id"]),
        title=title_of(row["title"]),
        created=real(row["created"]),
        updated=real(row["updated"]),
        pinned=bool(row["pinned"]),
        archived=bool(row["archived"]),
        folder=str(row["folder_id"] or ""),
        deleted=None if row["deleted"] is None else real(row["deleted"]),
    )


def real(value: object) -> float:
    """A number that a time can be, in seconds; 0 for anything else."""
    fits = isinstance(value, int | float) and math.isfinite(value) and 0 <= value <= _LATEST
    return float(value) if fits and isinstance(value, int | float) else 0.0


def whole_number(value: object) -> int:
    """An integer that a window can have; 0 for anything else."""
    return value if isinstance(value, int) and abs(value) < _MOST else 0


def title_of(value: object) -> str:
    """A title of one line that can be shown: a stranger's row may hold a megabyte."""
    return " ".join(str(value)[:_TITLE].split())


def mend_parents(parents: Sequence[tuple[int, int | None]]) -> dict[int, int | None]:
    """Parents of messages in the order they were made, such that each is an earlier one.

    A parent that is missing or not earlier (so that cycles end) is replaced by the message before.
    """
    mended: dict[int, int | None] = {}
    before: int | None = None
    for number, parent in parents:
        mended[number] = parent if parent is None or parent in mended else before
        before = number
    return mended


def place_value(place: Place) -> int | str:
    """What the column `place_offset` has of a place; earlier versions knew the offset only."""
    if place.section < 0:
        return place.offset
    return dump([place.offset, place.section, place.row, place.char])


def place_of(message_id: str, value: object) -> Place:
    """The place that `place_value` wrote."""
    found = parse(value)
    if isinstance(found, list) and len(found) == 4 and all(type(one) is int for one in found):
        offset, section, row, char = (whole_number(one) for one in found)
        if min(section, row, char) >= 0:
            return Place(message_id, offset, section, row, char)
    return Place(message_id, whole_number(value))
