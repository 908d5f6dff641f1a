from __future__ import annotations

import threading
import time

from app.doctor.gather import gather
from app.doctor.values import Part, plain, text_of


def test_each_part_stands_for_itself() -> None:
    stuck = threading.Event()

    def hang() -> Part:
        stuck.wait(30)
        return Part("b", "B")

    def fail() -> Part:
        raise PermissionError(13, "marmalade", "marmalade")

    looks = {"a": ("A", lambda: Part("a", "A", (("x", "1"),))), "b": ("B", hang), "c": ("C", fail)}
    begun = time.monotonic()
    parts = gather(looks, 0.3)
    assert time.monotonic() - begun < 5
    stuck.set()
    assert [part.id for part in parts] == ["a", "b", "c"]
    assert parts[0].problems == ()
    assert parts[1].problems == ("No answer came within 0 seconds.",)
    assert parts[2].problems == ("It could not be found out (PermissionError: 13 Permission denied).",)


def test_it_ends_at_once_where_nobody_waits() -> None:
    stuck = threading.Event()
    begun = time.monotonic()
    gather({"a": ("A", lambda: Part("a", str(stuck.wait(30))))}, 30, lambda: True)
    assert time.monotonic() - begun < 5
    stuck.set()


def test_what_is_wrong_stands_first() -> None:
    parts = (Part("a", "A", (("x", "1"), ("", "alone"))), Part("b", "B", problems=("broken",)))
    assert text_of(parts) == "! B: broken\n\nA\n  x: 1\n  alone\n\nB\n"
    assert plain(parts)["sound"] is False
    assert plain(parts[:1])["sound"] is True
