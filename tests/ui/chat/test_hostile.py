"""Answers that mean harm: nothing is fetched, nothing runs, nothing is lost, and the window goes on.

The bound of a stall is 100 ms, which `make bench AREA=reading` holds at full size; what fails here is ten
times as much.
"""

import socket
from collections.abc import Iterator
from itertools import islice
from time import perf_counter

import pytest
from PySide6.QtGui import QDesktopServices
from PySide6.QtNetwork import QNetworkAccessManager
from PySide6.QtWidgets import QApplication

from app.render.blocks import parse_blocks
from app.render.inline import parse_inline, plain_text
from tests.ui.chat.hostile import MANY, NESTED, SMALL, lines
from ui.chat.message import ANSWER
from ui.chat.shown import Shown
from ui.chat.view import ChatView

STALL = 1.0  # s
SIZE = 12_000
TURNS = 20
CASES = {
    **{f"small {name}": text[:SIZE] for name, text in SMALL.items()},
    **{f"nested {name}": text[:SIZE] for name, text in NESTED.items()},
    **{f"many {name}": text[:SIZE] for name, text in MANY.items()},
    **{f"line of {name}": text for name, text in lines(SIZE).items()},
}


@pytest.fixture(autouse=True)
def no_ways_out(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Whoever tries to reach anything outside fails the test."""
    tried: list[str] = []

    def caught(name: str):
        return lambda *args, **_: tried.append(f"{name} {args}")

    monkeypatch.setattr(socket.socket, "connect", caught("connect"))
    monkeypatch.setattr(socket, "getaddrinfo", caught("getaddrinfo"))
    for method in ("get", "head", "post", "put", "createRequest", "sendCustomRequest", "connectToHost"):
        monkeypatch.setattr(QNetworkAccessManager, method, caught(method))
    monkeypatch.setattr(QDesktopServices, "openUrl", caught("openUrl"))
    yield tried
    assert not tried


def turn() -> float:
    """Seconds of one turn of the event loop."""
    begun = perf_counter()
    QApplication.processEvents()
    return perf_counter() - begun


def look_around(view: ChatView) -> float:
    """Scroll through, with the pointer and the keyboard at work; the longest turn, s."""
    longest, bar = 0.0, view.verticalScrollBar()
    for part in (0.0, 0.5, 1.0):
        begun = perf_counter()
        bar.setValue(int(bar.maximum() * part))
        view.viewport().repaint()
        for placed in view.placer.rows:
            for spot in islice(placed.item.spots(), 50):
                assert spot.kind != "link" or spot.value.startswith(("http://", "https://", "mailto:"))
        longest = max(longest, perf_counter() - begun, turn())
    return longest


@pytest.mark.parametrize("name", CASES)
def test_as_a_stream_and_as_a_finished_message(view: ChatView, name: str) -> None:
    text, longest = CASES[name], 0.0
    view.add_message("a", "assistant")
    for at in range(0, len(text), len(text) // 8 + 1):
        view.append_text("a", "answer", text[at : at + len(text) // 8 + 1])
        begun = perf_counter()
        view.flush()
        longest = max(longest, perf_counter() - begun, turn())
    view.finish_message("a")
    for _ in range(TURNS):
        begun = perf_counter()
        view.flush()
        longest = max(longest, perf_counter() - begun)
    longest = max(longest, look_around(view))
    begun = perf_counter()
    view.show_messages([Shown("u", "user", text), Shown("b", "assistant", text)])
    longest = max(longest, perf_counter() - begun, look_around(view))
    assert longest < STALL


@pytest.mark.parametrize("name", ["word", "spaces", "brackets", "table row", "stars"])
def test_ten_megabytes_in_a_line_leave_the_window_free(view: ChatView, name: str) -> None:
    view.add_message("a", "assistant")
    view.append_text("a", "answer", lines()[name])
    longest = max(turn() for _ in range(10))
    begun = perf_counter()
    while perf_counter() - begun < 0.2:
        frame = perf_counter()
        view.flush()
        longest = max(longest, perf_counter() - frame, turn())
    assert longest < STALL
    assert view.model.by_id["a"].sections[ANSWER].rows


def test_markup_is_shown_and_nothing_of_it_works(view: ChatView) -> None:
    view.resize(900, 4000)
    view.show_messages([Shown("a", "assistant", SMALL["markup"])])
    shown = view.visible_plain_text()
    for text in ("<script>alert(1)</script>", "onerror=alert(1)", "<iframe src=", "<style>", "// reversed"):
        assert text in shown
    assert "\u202e" not in shown
    assert "‹U+202E›" in shown
    assert "alt (https://evil.example/b.png)" in shown
    links = {spot.value for placed in view.placer.rows for spot in placed.item.spots() if spot.kind == "link"}
    assert links == {f"http://evil.example/{name}" for name in ("a.png", "d.png", "e.png")} | {
        "https://evil.example/b.png", "https://evil.example/",
    }  # fmt: skip


@pytest.mark.parametrize("name", NESTED)
def test_what_is_nested_too_deep_loses_nothing(name: str) -> None:
    text = NESTED[name][:SIZE]
    blocks = parse_blocks(text)
    seen = "".join(plain_text(block.text) for block in blocks)
    for letter in "xbac":
        wanted = text.count(letter)
        if letter in seen and not any(block.kind == "math" for block in blocks):
            assert seen.count(letter) <= wanted
    assert seen.count("x") == text.count("x")
    assert seen.count("deep") == text.count("deep")


def test_thousands_of_footnotes_are_all_there() -> None:
    text = "".join(f"[^{n}]: note {n}\n" for n in range(2000))
    blocks = parse_blocks(text)
    assert [block.markers[0] for block in blocks] == [str(n) for n in range(2000)]
    assert len([span for span in parse_inline(MANY["references"][:3000]) if span.note]) > 200
