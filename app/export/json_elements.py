"""The elements of a large JSON array, one after the other, without the whole of it in memory."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from app.errors import FileReadError
from app.export.checking import FOREIGN
from app.language import mark, tr

_CHUNK: Final = 1 << 20
#: What one element may have, in characters.
MOST_CHARS: Final = 256 << 20
#: Strings and what stands between them; then brackets, which count.
_TOKEN: Final = re.compile(r'(?:[^"\[\]{}]++|"(?:[^"\\]++|\\.)*+")++|[\[{]|[\]}]', re.DOTALL)
_BLANK: Final = re.compile(r"[\s,]*+")
_DEEPEST: Final = 500
_NO_JSON: Final = mark("It is damaged, or no JSON: it cannot be read to its end.")


def elements(read: Callable[[int], bytes], most_chars: int = MOST_CHARS) -> Iterator[object | FileReadError]:
    """What is in a file whose bytes `read` gives: each element of an array, or the one object.

    An element that cannot be read by itself comes as an error.

    Raises:
        FileReadError: this is no JSON, or is broken off.
    """
    scanner = _Scanner(read, most_chars)
    first = scanner.skip_blank()
    if first == "{":
        yield _parsed(scanner.element())
        return
    if first != "[":
        raise FileReadError(tr(FOREIGN))
    scanner.at += 1
    while (following := scanner.skip_blank()) != "]":
        if not following:
            raise FileReadError(tr(_NO_JSON))
        yield _parsed(scanner.element()) if following in "{[" else scanner.scalar()


def _parsed(text: str | None) -> object | FileReadError:
    if text is None:
        return FileReadError(tr("It is too large."))
    try:
        found: object = json.loads(text)
    except (ValueError, RecursionError):
        return FileReadError(tr("It is damaged."))
    return found


class _Scanner:
    """Text that is read as it is needed; `at` is the place in it."""

    def __init__(self, read: Callable[[int], bytes], most_chars: int) -> None:
        self._read, self._most = read, most_chars
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._text, self._ended, self._begun = "", False, False
        self.at = 0

    def skip_blank(self) -> str:
        """Go to the next character that counts; empty at the end."""
        while True:
            match = _BLANK.match(self._text, self.at)
            self.at = match.end() if match else self.at
            if self.at < len(self._text):
                return self._text[self.at]
            if not self._more():
                return ""

    def scalar(self) -> object:
        """Something that is no object: it is passed over."""
        while True:
            match = _TOKEN.match(self._text, self.at)
            comma = self._text.find(",", self.at, match.end()) if match else -1
            if comma >= 0 or (match is not None and match.end() < len(self._text)):
                self.at = comma if comma >= 0 else match.end() if match else self.at
                return None
            if not self._more():
                raise FileReadError(tr(_NO_JSON))

    def element(self) -> str | None:
        """The text from a bracket to the one that closes it; None where it is too long: it is passed over."""
        depth = size = 0
        kept: list[str] | None = []
        while True:
            match = _TOKEN.match(self._text, self.at)
            if match is None:
                if not self._more():
                    raise FileReadError(tr(_NO_JSON))
                continue
            piece = match[0]
            self.at = match.end()
            size += len(piece)
            depth += (piece in "[{") - (piece in "]}")
            if size > self._most or depth > _DEEPEST:
                kept = None
            if kept is not None:
                kept.append(piece)
            if depth <= 0:
                return None if kept is None else "".join(kept)

    def _more(self) -> bool:
        """Read on; as much again as a string has that does not end, so that a long one costs no more."""
        if self._ended:
            return False
        rest = self._text[self.at :]
        if len(rest) > self._most:
            raise FileReadError(tr("It has a text in it that is too long to be one of a conversation."))
        data = self._read(max(_CHUNK, len(rest)))
        self._ended = not data
        try:
            self._text = rest + self._decoder.decode(data, final=self._ended)
        except UnicodeDecodeError as error:
            raise FileReadError(tr("It is no text in UTF-8.") if self._begun else FOREIGN) from error
        self.at, self._begun = 0, True
        return True
