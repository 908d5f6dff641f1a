"""What `make bench AREA=reading` bounds, with ten times the room."""

from __future__ import annotations

from statistics import median
from time import perf_counter

import pytest

from tests.bench.reading_texts import Writer, document
from tests.ui.chat.test_saved import conversation
from ui.chat.filling import OPENED
from ui.chat.message import ANSWER
from ui.chat.view import ChatView


def update_s(view: ChatView, channel: str, size: int) -> float:
    """Median seconds of one append with its layout and painting behind so much text."""
    view.clear()
    view.add_message("a", "assistant")
    view.append_text("a", channel, document(size))
    view.visible_plain_text()
    view.scroll_to_end()
    times = []
    for _ in range(15):
        begun = perf_counter()
        view.append_text("a", channel, "and so it is ")
        view.flush()
        view.viewport().repaint()
        times.append(perf_counter() - begun)
    return median(times)


@pytest.mark.parametrize("channel", ["answer", "reasoning"])
def test_an_update_costs_the_same_behind_much_text(view: ChatView, channel: str) -> None:
    small, large = (update_s(view, channel, size) for size in (10_000, 300_000))
    assert large < 10 * 1.3 * small


def test_ten_thousand_messages_come_in_without_a_stall(view: ChatView) -> None:
    messages = conversation(10_000)
    begun = perf_counter()
    view.show_messages(messages[-60:])
    view.viewport().repaint()
    assert perf_counter() - begun < 10 * 0.15
    longest = 0.0
    for count in range(1000, 10_001, 1000):
        begun = perf_counter()
        view.replace_messages(messages[-count:])
        longest = max(longest, perf_counter() - begun)
    assert longest < 10 * 0.05
    assert len(view.model.messages) == 10_000
    bar = view.verticalScrollBar()
    for part in range(99, -1, -1):
        bar.setValue(bar.maximum() * part // 100)
        view.background.ahead()
    assert len(view.model.opened) < OPENED + 20
    assert len(view.cache) <= 120


def test_each_frame_of_a_fast_stream_is_short(view: ChatView) -> None:
    writer = Writer(3)
    text = writer.answer(60_000)
    view.add_message("a", "assistant")
    times = []
    for at in range(0, len(text), 600):  # 5,000 tokens a second in frames of 30 ms
        view.append_text("a", "answer", text[at : at + 600])
        begun = perf_counter()
        view.flush()
        view.viewport().repaint()
        times.append(perf_counter() - begun)
    assert sorted(times)[int(0.99 * len(times))] < 10 * 0.016
    while view.feeder.run():
        pass
    assert "".join(view.model.by_id["a"].sections[ANSWER].given) == text
