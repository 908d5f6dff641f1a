"""Typed values over a pipe: length-prefixed, versioned JSON frames. No pickle.

A frame is an eight-byte header (magic `CD`, protocol version, the version of this format, body
length as big-endian uint32) and a JSON object whose "type" names one of the dataclasses that the
`Registry` was given. Values are decoded against the annotations of their dataclass, so that
a wrong shape is a `WireError` at the border and never a surprise further in.

Long strings stand behind the object, which names their places ("#long": path and number of
slices of each): as slices of UTF-8, each with its length as uint32. So megabytes are never copied
in one go, during which no other thread of a window could run.
"""

from __future__ import annotations

import dataclasses
import io
import itertools
import json
import struct
import types
import typing
from collections.abc import Iterator, Mapping
from typing import IO, Any, Literal, Union, get_args, get_origin

_HEADER = struct.Struct(">2sBBI")
_LENGTH = struct.Struct(">I")
_MAGIC, _FORMAT = b"CD", 1
#: Longer strings stand behind the object, in slices of so many characters.
_LONG, _SLICE = 8 * 1024, 256 * 1024
_MOST_BYTES = 4  # of a character
_PLACES = "#long"
#: Larger than any prompt of a million tokens; a bad length must not become an allocation.
MAX_BODY_BYTES = 256 * 1024 * 1024
#: Of the long strings behind an object.
MAX_LONG_BYTES = 512 * 1024 * 1024
_Path = tuple[str | int, ...]


class WireError(Exception):
    """The bytes on the pipe are not of this protocol, version or shape."""


class Registry:
    """The dataclasses that may travel, by the name of their class."""

    def __init__(self, version: int, *classes: type[Any]) -> None:
        self.version = version
        self._classes: Mapping[str, type[Any]] = {cls.__name__: cls for cls in classes}
        self._hints: dict[type[Any], dict[str, Any]] = {}

    def encode(self, value: Any) -> bytes:
        """One whole frame for `value`, an instance of a registered dataclass."""
        return b"".join(self.pieces(value))

    def write(self, stream: IO[bytes], value: Any) -> int:
        """Write a frame and flush; its length in bytes."""
        size = 0
        for piece in self.pieces(value):
            stream.write(piece)
            size += len(piece)
        stream.flush()
        return size

    def pieces(self, value: Any) -> Iterator[bytes]:
        """A frame in pieces, those of long strings of a megabyte at most and made when they are asked for.

        WireError comes from this call.
        """
        name = type(value).__name__
        if self._classes.get(name) is not type(value):
            raise WireError(f"{name} is not a message of this protocol")
        long: dict[_Path, str] = {}
        plain = {"type": name, **_plain_fields(value, (), long)}
        if long:
            plain[_PLACES] = [[path, -(-len(text) // _SLICE)] for path, text in long.items()]
        body = json.dumps(plain, separators=(",", ":")).encode("ascii")
        behind = sum(len(text) * (1 if text.isascii() else _MOST_BYTES) for text in long.values())
        if len(body) > MAX_BODY_BYTES or behind > MAX_LONG_BYTES:
            raise WireError(f"a message of {len(body) + behind:,} bytes is over the limit")
        head = _HEADER.pack(_MAGIC, self.version, _FORMAT, len(body)) + body
        return itertools.chain((head,), *map(_slices, long.values()))

    def decode(self, body: bytes, behind: IO[bytes] | None = None) -> Any:
        """The value of a frame's body, with its slices `behind` it; WireError if it is not one of ours."""
        try:
            plain = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise WireError(f"a frame is not JSON: {error}") from error
        if not isinstance(plain, dict) or not isinstance(plain.get("type"), str):
            raise WireError("a frame has no type")
        _put_long(plain, plain.pop(_PLACES, []), behind or io.BytesIO())
        cls = self._classes.get(plain.pop("type"))
        if cls is None:
            raise WireError("a frame is of an unknown type")
        return self._dataclass(cls, plain)

    def read(self, stream: IO[bytes]) -> Any | None:
        """The next value from a blocking stream; None at its end, WireError if it is broken off."""
        header = _read_exactly(stream, _HEADER.size)
        if header is None:
            return None
        magic, version, form, length = _HEADER.unpack(header)
        if magic != _MAGIC or form != _FORMAT:
            raise WireError("the stream is out of step")
        if version != self.version:
            raise WireError(f"protocol version {version}, expected {self.version}")
        if length > MAX_BODY_BYTES:
            raise WireError(f"a frame of {length:,} bytes is over the limit")
        return self.decode(_read_on(stream, length), stream)

    def _dataclass(self, cls: type[Any], plain: Any) -> Any:
        if not isinstance(plain, dict):
            raise WireError(f"{cls.__name__} is not an object")
        hints = self._hints.get(cls)
        if hints is None:
            hints = self._hints[cls] = typing.get_type_hints(cls)
        unknown = plain.keys() - hints.keys()
        if unknown:
            raise WireError(f"{cls.__name__} has no field {sorted(unknown)[0]!r}")
        values = {name: self._value(hints[name], item) for name, item in plain.items()}
        try:
            return cls(**values)
        except TypeError as error:
            raise WireError(f"{cls.__name__} is incomplete: {error}") from error

    def _value(self, hint: Any, item: Any) -> Any:
        origin = get_origin(hint)
        if hint is Any or (isinstance(hint, type) and dataclasses.is_dataclass(hint)):
            return item if hint is Any else self._dataclass(hint, item)
        if origin in (Union, types.UnionType):
            return self._union(hint, item)
        if origin is Literal:
            if item in get_args(hint):
                return item
        elif origin is tuple:
            if isinstance(item, list):
                return tuple(self._value(get_args(hint)[0], part) for part in item)
        elif origin is dict:
            if isinstance(item, dict):
                return {key: self._value(get_args(hint)[1], part) for key, part in item.items()}
        elif hint is float:
            if isinstance(item, int | float) and not isinstance(item, bool):
                return float(item)
        elif isinstance(item, hint) and (hint is bool or not isinstance(item, bool)):
            return item
        raise WireError(f"expected {hint}, got {type(item).__name__}")

    def _union(self, hint: Any, item: Any) -> Any:
        if item is None and type(None) in get_args(hint):
            return None
        for option in get_args(hint):
            if option is not type(None):
                try:
                    return self._value(option, item)
                except WireError:
                    continue
        raise WireError(f"expected {hint}, got {type(item).__name__}")


def _plain_fields(value: Any, at: _Path, long: dict[_Path, str]) -> dict[str, Any]:
    names = [field.name for field in dataclasses.fields(value)]
    return {name: _plain(getattr(value, name), (*at, name), long) for name in names}


def _plain(value: Any, at: _Path, long: dict[_Path, str]) -> Any:
    """`value` for JSON; its long strings go to `long`, by their places."""
    if isinstance(value, str):
        if len(value) <= _LONG:
            return value
        long[at] = value
        return ""
    if dataclasses.is_dataclass(value):
        return _plain_fields(value, at, long)
    if isinstance(value, tuple | list):
        return [_plain(item, (*at, index), long) for index, item in enumerate(value)]
    if isinstance(value, dict):
        return {key: _plain(item, (*at, key), long) for key, item in value.items()}
    return value


def _slices(text: str) -> Iterator[bytes]:
    for start in range(0, len(text), _SLICE):
        data = text[start : start + _SLICE].encode("utf-8", "surrogatepass")
        yield _LENGTH.pack(len(data))
        yield data


def _put_long(plain: dict[str, Any], places: Any, stream: IO[bytes]) -> None:
    """Read the long strings of a frame and put them where they belong."""
    left = MAX_LONG_BYTES
    try:
        for path, count in places:
            *way, last = path
            holder: Any = plain
            for step in way:
                holder = holder[step]
            if holder[last] != "" or not isinstance(holder, dict | list) or not 0 < count <= MAX_LONG_BYTES:
                raise WireError("a long text belongs nowhere")
            text = ""
            for _ in range(count):
                (length,) = _LENGTH.unpack(_read_on(stream, _LENGTH.size))
                left -= length
                if not 0 < length <= _SLICE * _MOST_BYTES or left < 0:
                    raise WireError(f"a slice of {length:,} bytes is over the limit")
                # Where nobody else has a string this makes it longer where it is.
                text += _read_on(stream, length).decode("utf-8", "surrogatepass")
            holder[last] = text
    except (TypeError, ValueError, LookupError) as error:
        raise WireError(f"a long text belongs nowhere: {error}") from error


def _read_on(stream: IO[bytes], count: int) -> bytes:
    found = _read_exactly(stream, count)
    if found is None:
        raise WireError("the stream ended inside a frame")
    return found


def _read_exactly(stream: IO[bytes], count: int) -> bytes | None:
    """`count` bytes, None at a clean end of file, WireError in the middle of something."""
    parts: list[bytes] = []
    missing = count
    while missing:
        part = stream.read(missing)
        if not part:
            if parts:
                raise WireError("the stream ended inside a frame")
            return None
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)
