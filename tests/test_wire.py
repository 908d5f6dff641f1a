"""Frames on the pipe: what is not exactly ours is refused at the border."""

from __future__ import annotations

import io
import json
import struct
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from typing import Any, Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app import wire
from app.wire import Registry, WireError


@dataclass(frozen=True)
class Inner:
    name: str
    size: int = 3


@dataclass(frozen=True)
class Outer:
    number: int
    flag: bool
    share: float
    text: str
    kind: Literal["a", "b"]
    maybe: int | None
    one: Inner
    many: tuple[Inner, ...]
    words: tuple[str, ...]
    table: dict[str, Any]
    either: Inner | None = None


@dataclass(frozen=True)
class Stranger:
    number: int


REGISTRY = Registry(7, Outer, Inner)

inners = st.builds(Inner, st.text(), st.integers())
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda leaf: st.lists(leaf, max_size=3) | st.dictionaries(st.text(), leaf, max_size=3),
    max_leaves=8,
)
outers = st.builds(
    Outer,
    number=st.integers(),
    flag=st.booleans(),
    share=st.floats(allow_nan=False),
    text=st.text(st.characters(exclude_categories=()).filter(lambda c: not 0xD800 <= ord(c) <= 0xDFFF)),
    kind=st.sampled_from(["a", "b"]),
    maybe=st.none() | st.integers(),
    one=inners,
    many=st.lists(inners, max_size=3).map(tuple),
    words=st.lists(st.text(), max_size=3).map(tuple),
    table=st.dictionaries(st.text(), plain, max_size=3),
    either=st.none() | inners,
)


def frame(body: bytes, *, magic: bytes = b"CD", version: int = 7, length: int | None = None) -> io.BytesIO:
    size = len(body) if length is None else length
    return io.BytesIO(struct.pack(">2sBBI", magic, version, 1, size) + body)


@given(outers)
def test_round_trip(value: Outer) -> None:
    stream = io.BytesIO(REGISTRY.encode(value) + REGISTRY.encode(Inner("next")))
    assert REGISTRY.read(stream) == value
    assert REGISTRY.read(stream) == Inner("next")
    assert REGISTRY.read(stream) is None


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "x\udfff\ud800y", "\u2028", "\U0010ffff", "\x1b["])
def test_strings_that_other_formats_choke_on(text: str) -> None:
    encoded = REGISTRY.encode(Inner(text))
    assert b"\n" not in encoded[8:]
    assert REGISTRY.read(io.BytesIO(encoded)) == Inner(text)


@given(st.data())
def test_every_truncation_is_told(data: st.DataObject) -> None:
    whole = REGISTRY.encode(data.draw(inners))
    cut = data.draw(st.integers(1, len(whole) - 1))
    with pytest.raises(WireError, match="ended inside a frame"):
        REGISTRY.read(io.BytesIO(whole[:cut]))


@given(st.binary(min_size=1, max_size=200))
def test_noise_is_a_wire_error_or_nothing_else(noise: bytes) -> None:
    with pytest.raises(WireError):
        REGISTRY.read(io.BytesIO(noise))
    with pytest.raises(WireError):
        REGISTRY.read(frame(noise))


def test_a_stream_that_gives_little_at_a_time() -> None:
    class Slow(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(min(size or 0, 1))

    assert REGISTRY.read(Slow(REGISTRY.encode(Inner("slow")))) == Inner("slow")


def test_the_header() -> None:
    body = json.dumps({"type": "Inner", "name": "x"}).encode()
    assert REGISTRY.read(frame(body)) == Inner("x")
    with pytest.raises(WireError, match="out of step"):
        REGISTRY.read(frame(body, magic=b"PK"))
    with pytest.raises(WireError, match="out of step"):
        REGISTRY.read(io.BytesIO(struct.pack(">2sBBI", b"CD", 7, 0, len(body)) + body))
    with pytest.raises(WireError, match="protocol version 8, expected 7"):
        REGISTRY.read(frame(body, version=8))
    with pytest.raises(WireError, match=r"a frame of 4,294,967,295 bytes is over the limit"):
        REGISTRY.read(frame(body, length=0xFFFFFFFF))


def test_a_message_over_the_limit_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "MAX_BODY_BYTES", 100)
    REGISTRY.encode(Inner("x" * 20))
    with pytest.raises(WireError, match="over the limit"):
        REGISTRY.encode(Inner("x" * 100))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"\xff\xfe", "not JSON"),
        (b"[" * 200_000, "not JSON"),
        (b"9" * 5000, "not JSON"),
        (b"[]", "no type"),
        (b"{}", "no type"),
        (b'{"type":1}', "no type"),
        (b'{"type":"Stranger","number":1}', "unknown type"),
        (b'{"type":"Inner"}', "incomplete"),
        (b'{"type":"Inner","name":"x","color":1}', "no field 'color'"),
        (b'{"type":"Inner","name":1}', "expected <class 'str'>, got int"),
        (b'{"type":"Inner","name":null}', "got NoneType"),
        (b'{"type":"Inner","name":"x","size":"1"}', "got str"),
        (b'{"type":"Inner","name":"x","size":true}', "got bool"),
        (b'{"type":"Inner","name":"x","size":1.5}', "got float"),
    ],
)
def test_a_body_of_another_shape(body: bytes, words: str) -> None:
    with pytest.raises(WireError, match=words):
        REGISTRY.read(frame(body))


GOOD: dict[str, Any] = {
    "type": "Outer",
    "number": 1,
    "flag": True,
    "share": 1,
    "text": "",
    "kind": "a",
    "maybe": None,
    "one": {"name": "x"},
    "many": [],
    "words": [],
    "table": {},
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("number", True),
        ("flag", 1),
        ("share", True),
        ("share", "1"),
        ("kind", "c"),
        ("kind", ["a"]),
        ("maybe", "1"),
        ("one", []),
        ("one", {"name": "x", "more": 1}),
        ("many", {}),
        ("many", [1]),
        ("many", "ab"),
        ("words", "ab"),
        ("words", [1]),
        ("table", []),
        ("either", 3),
    ],
)
def test_a_field_of_another_shape(name: str, value: object) -> None:
    assert isinstance(REGISTRY.read(frame(json.dumps(GOOD).encode())), Outer)
    with pytest.raises(WireError):
        REGISTRY.read(frame(json.dumps({**GOOD, name: value}).encode()))


def test_whole_numbers_are_good_floats() -> None:
    value = REGISTRY.read(frame(json.dumps(GOOD).encode()))
    assert isinstance(value, Outer)
    assert type(value.share) is float


def test_a_stranger_does_not_travel() -> None:
    with pytest.raises(WireError, match="Stranger is not a message of this protocol"):
        REGISTRY.encode(Stranger(1))


# ---- long strings -------------------------------------------------------------------------


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strings of more than four characters are long, and go in slices of three."""
    monkeypatch.setattr(wire, "_LONG", 4)
    monkeypatch.setattr(wire, "_SLICE", 3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(outers, st.data())
def test_long_strings_come_whole_wherever_they_stand(narrow: None, value: Outer, data: st.DataObject) -> None:
    text = data.draw(st.text(st.characters(), min_size=5, max_size=40))
    table = {**value.table, "a": [{"b": text}, text], text: text}
    value = replace(
        value, text=text, table=table, words=(*value.words, text), many=(*value.many, Inner(text))
    )
    encoded = REGISTRY.encode(value)
    stream = io.BytesIO(encoded + REGISTRY.encode(Inner("next")))
    assert REGISTRY.read(stream) == value
    assert REGISTRY.read(stream) == Inner("next")
    cut = data.draw(st.integers(1, len(encoded) - 1))
    with pytest.raises(WireError, match="ended inside a frame"):
        REGISTRY.read(io.BytesIO(encoded[:cut]))


def test_megabytes_go_in_slices() -> None:
    text = "é\ud800中🙂" * 300_000
    pieces = list(REGISTRY.pieces(Inner(text)))
    assert max(map(len, pieces)) <= 1024 * 1024
    assert REGISTRY.read(io.BytesIO(b"".join(pieces))) == Inner(text)
    written = io.BytesIO()
    assert REGISTRY.write(written, Inner(text)) == len(written.getvalue()) == sum(map(len, pieces))


def behind(places: object, *slices: bytes, lengths: tuple[int, ...] = ()) -> io.BytesIO:
    """A good Outer with slices behind it."""
    body = json.dumps({**GOOD, "words": ["", "x"], "#long": places}).encode()
    counts = lengths or tuple(map(len, slices))
    rest = b"".join(struct.pack(">I", count) + piece for count, piece in zip(counts, slices, strict=True))
    return io.BytesIO(frame(body).getvalue() + rest)


@pytest.mark.parametrize(
    "places",
    [
        3,
        [3],
        [[]],
        [[[], 1]],
        [[["words", 1], 1]],
        [[["words", 2], 1]],
        [[["words", "0"], 1]],
        [[["words", {}], 1]],
        [[["nowhere"], 1]],
        [[["text", 0], 1]],
        [[["number"], 1]],
        [[["type"], 1]],
        [[["words", 0], 0]],
        [[["words", 0], -1]],
        [[["words", 0], 1e9]],
        [[["words", 0], 1 << 60]],
        [[["words", 0], "1"]],
        [[["words", 0], 1], [["words", 0], 1]],
    ],
)
def test_a_long_string_that_belongs_nowhere(places: object) -> None:
    assert REGISTRY.read(behind([[["words", 0], 1]], b"abc")).words == ("abc", "x")  # type: ignore[union-attr]
    with pytest.raises(WireError):
        REGISTRY.read(behind(places, b"abc", b"abc"))


@pytest.mark.parametrize(
    ("piece", "length"),
    [(b"", 0), (b"abc", 0xFFFFFFFF), (b"\xff\xfe", 2), (b"abc", 2 * 1024 * 1024), (b"abc", 4)],
)
def test_a_slice_of_another_shape(piece: bytes, length: int) -> None:
    with pytest.raises(WireError):
        REGISTRY.read(behind([[["words", 0], 1]], piece, lengths=(length,)))


def test_too_much_is_neither_sent_nor_read(monkeypatch: pytest.MonkeyPatch, narrow: None) -> None:
    encoded = REGISTRY.encode(Inner("x" * 100))
    monkeypatch.setattr(wire, "MAX_LONG_BYTES", 99)
    with pytest.raises(WireError, match="over the limit"):
        REGISTRY.pieces(Inner("x" * 100))
    with pytest.raises(WireError, match="over the limit"):
        REGISTRY.read(io.BytesIO(encoded))


def test_other_threads_run_meanwhile() -> None:
    """While a text of 32 MB is written and read no other thread waits for long."""
    text = "The river “runs” to the sea\n" * (32 * 1024 * 1024 // 28)
    gaps: list[float] = []
    done = threading.Event()

    def tick() -> None:
        last = time.perf_counter()
        while not done.wait(0.001):
            now = time.perf_counter()
            gaps.append(now - last)
            last = now

    ticking = threading.Thread(target=tick)
    with tempfile.TemporaryFile() as file:
        ticking.start()
        REGISTRY.write(file, Inner(text))
        file.seek(0)
        found = REGISTRY.read(file)
        done.set()
        ticking.join()
    assert found == Inner(text)
    # All at once it held the others up for 100 ms and more, several times.
    assert sorted(gaps)[-3] < 0.05
