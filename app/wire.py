"""Typed values over a pipe: length-prefixed, versioned JSON frames. No pickle.

A frame is an eight-byte header (magic `CD`, protocol version, a zero byte, body length as
big-endian uint32) and a JSON object whose "type" names one of the dataclasses that the
`Registry` was given. Values are decoded against the annotations of their dataclass, so that
a wrong shape is a `WireError` at the border and never a surprise further in.
"""

from __future__ import annotations

import dataclasses
import json
import struct
import types
import typing
from collections.abc import Mapping
from typing import IO, Any, Literal, Union, get_args, get_origin

_HEADER = struct.Struct(">2sBxI")
_MAGIC = b"CD"
#: Larger than any prompt of a million tokens; a bad length must not become an allocation.
MAX_BODY_BYTES = 256 * 1024 * 1024


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
        name = type(value).__name__
        if self._classes.get(name) is not type(value):
            raise WireError(f"{name} is not a message of this protocol")
        body = json.dumps({"type": name, **_plain_fields(value)}, separators=(",", ":")).encode("ascii")
        if len(body) > MAX_BODY_BYTES:
            raise WireError(f"a message of {len(body):,} bytes is over the limit")
        return _HEADER.pack(_MAGIC, self.version, len(body)) + body

    def decode(self, body: bytes) -> Any:
        """The value of one frame's body; WireError if it is not one of ours."""
        try:
            plain = json.loads(body)
        except (ValueError, RecursionError) as error:
            raise WireError(f"a frame is not JSON: {error}") from error
        if not isinstance(plain, dict) or not isinstance(plain.get("type"), str):
            raise WireError("a frame has no type")
        cls = self._classes.get(plain.pop("type"))
        if cls is None:
            raise WireError("a frame is of an unknown type")
        return self._dataclass(cls, plain)

    def read(self, stream: IO[bytes]) -> Any | None:
        """The next value from a blocking stream; None at its end, WireError if it is broken off."""
        header = _read_exactly(stream, _HEADER.size)
        if header is None:
            return None
        magic, version, length = _HEADER.unpack(header)
        if magic != _MAGIC:
            raise WireError("the stream is out of step")
        if version != self.version:
            raise WireError(f"protocol version {version}, expected {self.version}")
        if length > MAX_BODY_BYTES:
            raise WireError(f"a frame of {length:,} bytes is over the limit")
        body = _read_exactly(stream, length)
        if body is None:
            raise WireError("the stream ended inside a frame")
        return self.decode(body)

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


def _plain_fields(value: Any) -> dict[str, Any]:
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value):
        return _plain_fields(value)
    if isinstance(value, tuple | list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return value


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
