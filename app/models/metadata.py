"""The metadata of a GGUF: keys with values, of which only those that are wanted are kept.

Source of the format: docs/gguf.md and ggml/src/gguf.cpp of the pinned llama.cpp.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass

from app.errors import ModelFileError
from app.language import tr
from app.models.chunks import Chunks, broken

U32, U64 = struct.Struct("<I"), struct.Struct("<Q")

_BOOL, _STRING, _ARRAY = 7, 8, 9
#: Value type in the file to its form; strings and arrays have none.
_FORMS = {
    0: struct.Struct("<B"), 1: struct.Struct("<b"), 2: struct.Struct("<H"), 3: struct.Struct("<h"),
    4: U32, 5: struct.Struct("<i"), 6: struct.Struct("<f"), 7: struct.Struct("<B"),
    10: U64, 11: struct.Struct("<q"), 12: struct.Struct("<d"),
}  # fmt: skip

MOST_KEYS = 10_000
#: The largest vocabularies have 256,000 tokens and twice as many merges.
MOST_STRINGS = 1_500_000
#: Arrays of numbers up to this length are kept: llama.cpp's blocks number 512 at most.
KEPT_ARRAY = 1024
_LONGEST_KEY = 512
#: Of all texts together in bytes, and of all kept arrays in elements.
MOST_TEXT, MOST_ELEMENTS = 8 * 1024 * 1024, 100_000
#: Texts that nobody asks for and that may have megabytes.
_SKIPPED = ("tokenizer.ggml.", "tokenizer.huggingface.", "quantize.imatrix.")


@dataclass(frozen=True, slots=True)
class SkippedArray:
    """An array that was passed over: its length is all that is kept."""

    length: int


Value = int | float | bool | str | tuple[int, ...] | tuple[float, ...] | SkippedArray


class MetadataReader:
    """Reads `count` keys with their values from where `chunks` stands."""

    def __init__(self, chunks: Chunks) -> None:
        self._chunks = chunks
        self._n_strings = self._n_text = self._n_elements = 0

    def read(self, count: int) -> dict[str, Value]:
        """All keys that are kept. ModelFileError for what llama.cpp would refuse, too."""
        name = self._chunks.name
        if count > MOST_KEYS:
            raise broken(tr("{name} claims {count} metadata keys.", name=name, count=count))
        found: dict[str, Value] = {}
        seen: set[bytes] = set()
        for _ in range(count):
            raw = self._key()
            key = raw.decode("utf-8", "replace")
            if raw in seen:
                raise broken(tr("{name} has the metadata key “{key}” twice.", name=name, key=key[:80]))
            seen.add(raw)
            value = self._value(key)
            if value is not None:
                found[key] = value
        return found

    def _key(self) -> bytes:
        length = self._chunks.number(U64)
        if not 0 < length <= _LONGEST_KEY:
            raise broken(
                tr("{name} has a metadata key of {length} bytes.", name=self._chunks.name, length=length)
            )
        return self._chunks.take(length)

    def _value(self, key: str) -> Value | None:
        chunks = self._chunks
        kind = chunks.number(U32)
        if kind == _ARRAY:
            return self._array(key)
        if kind == _STRING:
            return self._string(key)
        form = _FORMS.get(kind)
        if form is None:
            raise broken(
                tr(
                    "{name} has metadata of the unknown type {kind} at “{key}”.",
                    name=chunks.name,
                    kind=str(kind),
                    key=key[:80],
                )
            )
        value = form.unpack(chunks.take(form.size))[0]
        if isinstance(value, float) and math.isnan(value):
            raise broken(tr("{name} has no number at “{key}”.", name=chunks.name, key=key[:80]))
        return bool(value) if kind == _BOOL else value

    def _string(self, key: str) -> str | None:
        chunks = self._chunks
        length = chunks.number(U64)
        if key.startswith(_SKIPPED):
            chunks.skip(length)
            return None
        self._n_text += length
        if self._n_text > MOST_TEXT:
            raise broken(
                tr(
                    "{name} has a text of {length} bytes at “{key}”.",
                    name=chunks.name,
                    length=length,
                    key=key[:80],
                )
            )
        return chunks.take(length).decode("utf-8", "replace")

    def _array(self, key: str) -> Value:
        chunks = self._chunks
        kind, length = chunks.number(U32), chunks.number(U64)
        if kind == _STRING:
            self._skip_strings(key, length)
            return SkippedArray(length)
        if kind == _ARRAY:
            raise broken(tr("{name} has arrays in an array at “{key}”.", name=chunks.name, key=key[:80]))
        form = _FORMS.get(kind)
        if form is None:
            raise broken(
                tr(
                    "{name} has an array of the unknown type {kind} at “{key}”.",
                    name=chunks.name,
                    kind=str(kind),
                    key=key[:80],
                )
            )
        if length > KEPT_ARRAY:
            chunks.skip(length * form.size)
            return SkippedArray(length)
        self._n_elements += length
        if self._n_elements > MOST_ELEMENTS:
            raise broken(tr("{name} has too many arrays at “{key}”.", name=chunks.name, key=key[:80]))
        values = struct.unpack(f"<{length}{form.format[-1]}", chunks.take(length * form.size))
        if any(isinstance(value, float) and math.isnan(value) for value in values):
            raise broken(tr("{name} has no number at “{key}”.", name=chunks.name, key=key[:80]))
        return values

    def _skip_strings(self, key: str, count: int) -> None:
        """Walk over the strings of an array, which takes a look at each of their lengths."""
        self._n_strings += count
        if self._n_strings > MOST_STRINGS:
            raise broken(
                tr(
                    "{name} claims {count} texts at “{key}”.",
                    name=self._chunks.name,
                    count=self._n_strings,
                    key=key[:80],
                )
            )
        chunks, unpack = self._chunks, U64.unpack_from
        while count:
            chunk, offset = chunks.buffered()
            last = len(chunk) - 8
            while count and offset <= last:
                offset += 8 + unpack(chunk, offset)[0]
                count -= 1
            chunks.move_to(offset)


class Fields:
    """Typed access to the metadata of one architecture; wrong types are ModelFileErrors."""

    def __init__(self, name: str, values: Mapping[str, Value]) -> None:
        self.name, self.values = name, values
        self.architecture = self.text("general.architecture")
        if not self.architecture:
            raise ModelFileError(tr("{name} names no architecture.", name=name), tr("Choose another model."))

    def text(self, key: str) -> str:
        """A text; empty where the key is missing."""
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self._wrong(key)
        return value

    def integer(self, key: str, default: int, most: int = 2**31 - 1) -> int:
        """A count in [0, most]; `default` where the key is missing."""
        value = self.values.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= most:
            raise self._wrong(key)
        return value

    def real(self, key: str) -> float | None:
        """A finite number; None where the key is missing."""
        value = self.values.get(key)
        if value is None:
            return None
        if not isinstance(value, int | float) or not math.isfinite(value):
            raise self._wrong(key)
        return float(value)

    def own(self, key: str, default: int, most: int = 2**31 - 1) -> int:
        """`integer` of the architecture's own key, as "context_length"."""
        return self.integer(f"{self.architecture}.{key}", default, most)

    def has(self, key: str) -> bool:
        """Whether the architecture's own key is there."""
        return f"{self.architecture}.{key}" in self.values

    def per_block(self, key: str, n_blocks: int, default: int) -> tuple[int, ...]:
        """A count for each block; the file gives one for all, or an array.

        Source: llama_model_loader::get_key_or_arr, which refuses an array of another length.
        """
        full = f"{self.architecture}.{key}"
        value = self.values.get(full, default)
        if not isinstance(value, tuple):
            return (self.integer(full, default),) * n_blocks
        if len(value) != n_blocks:
            raise broken(
                tr(
                    "{name} has {count} values for {blocks} blocks at “{key}”.",
                    name=self.name,
                    count=len(value),
                    blocks=n_blocks,
                    key=full,
                )
            )
        counts = tuple(item for item in value if isinstance(item, int) and 0 <= item < 2**31)
        if len(counts) != n_blocks:
            raise self._wrong(full)
        return counts

    def _wrong(self, key: str) -> ModelFileError:
        return broken(tr("{name} has a senseless value at “{key}”.", name=self.name, key=key[:80]))
