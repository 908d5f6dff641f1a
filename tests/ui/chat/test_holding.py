"""What the reader reads stays under his eyes while the text changes its looks."""

from __future__ import annotations

import pytest

from tests.ui.chat.conftest import Hands
from ui.chat.view import ChatView
from ui.theme import Reading, ThemeManager

#: Paragraphs of several screens, each word its own.
TEXT = "\n\n".join(" ".join(f"w{n}x{i}" for i in range(900)) for n in range(6))
LINE = 23  # px, at first
READINGS = [Reading(zoom=z, width=w, spacing=s) for z, w, s in (
    (2.0, "normal", "normal"), (0.8, "normal", "normal"), (1.0, "narrow", "normal"), (1.0, "full", "roomy"),
    (1.5, "wide", "compact"),
)]  # fmt: skip


def words_at_top(view: ChatView) -> tuple[int, int]:
    """The first and the last word of the line at the screen's top, as numbers in their paragraph."""
    top = view.placer.rows[0]
    start = top.item.hit(top.item.left, -top.y + LINE // 2)
    end = top.item.hit(top.item.width, -top.y + LINE // 2)
    count = top.item.plain[:start].count(" ")
    return count, count + top.item.plain[start:end].count(" ")


@pytest.mark.parametrize("reading", READINGS)
def test_the_words_at_the_top_stay_there(
    view: ChatView, hands: Hands, theme: ThemeManager, reading: Reading
) -> None:
    hands.answer(TEXT)
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    ref = view.placer.rows[0].ref
    first, last = words_at_top(view)
    assert first > 0  # in the middle of a paragraph
    theme.set_reading(reading)
    hands.settle()
    assert view.placer.rows[0].ref == ref
    now, end = words_at_top(view)
    assert now - 1 <= last
    assert first <= end + 1


def test_who_follows_the_end_still_does(view: ChatView, hands: Hands, theme: ThemeManager) -> None:
    hands.answer(TEXT)
    for reading in READINGS:
        theme.set_reading(reading)
        hands.settle()
        assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum()


def test_spacing_takes_more_room(view: ChatView, hands: Hands, theme: ThemeManager) -> None:
    hands.answer("One.\n\nTwo.\n\n```py\nx = 1\n```\n\n- three\n- four")
    heights = []
    for spacing in ("compact", "normal", "roomy"):
        theme.set_reading(Reading(spacing=spacing))
        hands.settle()
        heights.append(sum(placed.item.height for placed in view.placer.rows))
    assert heights[0] < heights[1] < heights[2]
