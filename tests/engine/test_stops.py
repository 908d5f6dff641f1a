"""Stop strings in a stream, however it is cut."""

from __future__ import annotations

import random

import pytest

from app.engine.stops import StopStrings

STREAMS = (
    ("a stop here", ("stop",)),
    ("aaaab", ("aab", "aaab")),
    ("ababac", ("abac",)),
    ("User: hi\nUser: more", ("\nUser:", "User: m")),
    ("nothing at all", ("x", "nothing at all!")),
    ("ends in a sto", ("stop",)),
    ("stop", ("stop",)),
    ("", ("stop",)),
    ("\u4e2d\u6587\U0001f600!", ("\U0001f600",)),
    ("both one and two", ("two", "one")),
    ("no stops", ()),
    ("empty stops", ("",)),
    ("<|im_end|>", ("<|im_end|>", "<|")),
)


def run(stops: tuple[str, ...], pieces: list[str]) -> tuple[str, bool]:
    """All that is shown, and whether it was stopped."""
    stream, shown = StopStrings(stops), ""
    for piece in pieces:
        text, stopped = stream.feed(piece)
        shown += text
        if stopped:
            return shown, True
    return shown + stream.finish(), False


def expected(text: str, stops: tuple[str, ...]) -> tuple[str, bool]:
    """What a look at each growing prefix says: the first moment at which a stop string is complete."""
    for end in range(1, len(text) + 1):
        for stop in sorted((s for s in stops if s), key=len, reverse=True):
            if text[:end].endswith(stop):
                return text[: end - len(stop)], True
    return text, False


def test_steps() -> None:
    stream = StopStrings(("STOP",))
    assert stream.feed("abc") == ("abc", False)
    assert stream.feed("S") == ("", False)
    assert stream.feed("T") == ("", False)
    assert stream.feed("x") == ("STx", False)
    assert stream.feed("yS") == ("y", False)
    assert stream.feed("TOPz") == ("", True)
    assert stream.finish() == ""


def test_what_was_held_back_comes_at_the_end() -> None:
    stream = StopStrings(("STOP",))
    assert stream.feed("a STO") == ("a ", False)
    assert stream.finish() == "STO"
    assert stream.finish() == ""


@pytest.mark.parametrize(("text", "stops"), STREAMS)
def test_letter_by_letter(text: str, stops: tuple[str, ...]) -> None:
    assert run(stops, list(text)) == expected(text, stops)


@pytest.mark.parametrize(("text", "stops"), STREAMS)
def test_random_chops_never_show_a_stop_string(text: str, stops: tuple[str, ...]) -> None:
    chance = random.Random(1)
    for _ in range(300):
        rest, pieces = text, []
        while rest:
            size = chance.randint(1, 6)
            pieces.append(rest[:size])
            rest = rest[size:]
        shown, stopped = run(stops, pieces)
        assert stopped == expected(text, stops)[1]
        assert not [stop for stop in stops if stop and stop in shown]
        assert text.startswith(shown)
