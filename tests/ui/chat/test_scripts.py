"""Text of every script: where it stands, and what pointing at it gives."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QImage

from tests.ui.chat.conftest import Hands
from ui.chat.shown import Shown
from ui.chat.view import ChatView
from ui.direction import clusters
from ui.theme import Reading, ThemeManager

SEED = 20_261_122
FAMILY = "👩\u200d👩\u200d👧"
ARABIC = "مرحبا بالعالم"
PIECES = (
    "a", "W", "é", "e\u0301", FAMILY, "🇩🇪", "👍🏽", "中", "文", "ש", "لا", "नि", "स्", "ก็",
    " ", ", ", "12", "\U0001d400",
)  # fmt: skip


def ink(view: ChatView) -> QRect:
    """What is not ground in the column, in px of the viewport."""
    image = view.viewport().grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    ground = image.pixel(1, 1)
    left, width = view.column()
    seen = [
        (x, y)
        for y in range(0, image.height(), 2)
        for x in range(left - 2, left + width + 2)
        if image.pixel(x, y) != ground
    ]
    assert seen
    xs, ys = [x for x, _ in seen], [y for _, y in seen]
    return QRect(QPoint(min(xs), min(ys)), QPoint(max(xs), max(ys)))


@pytest.mark.parametrize("text", [ARABIC, f"- {ARABIC}", f"> {ARABIC}", f"1. {ARABIC}", f"## {ARABIC}"])
def test_what_runs_backward_stands_on_the_right(view: ChatView, text: str) -> None:
    view.show_messages([Shown("a", "assistant", text)])
    box, (left, width) = ink(view), view.column()
    assert left + width - 24 <= box.right() <= left + width
    assert box.left() > left + width // 2


def test_what_runs_forward_stands_on_the_left(view: ChatView) -> None:
    view.show_messages([Shown("a", "assistant", "- plain words")])
    assert ink(view).left() < view.column()[0] + 24


@pytest.mark.parametrize("text", ["a", ARABIC, f"{ARABIC} English\n{ARABIC}", "中文"])
def test_a_question_fills_its_box(view: ChatView, text: str) -> None:
    view.show_messages([Shown("u", "user", text)])
    item = view.placer.rows[0].item
    spot = item.rect_left + item.pad_x  # type: ignore[attr-defined]
    inside = QRect(
        round(view.column()[0] + spot - 1),
        view.placer.rows[0].y + item.gap + 1,
        round(item.width - item.pad_x - spot + 2),  # type: ignore[attr-defined]
        item.height - item.gap - 2,
    )
    image = view.viewport().grab().toImage().copy(inside)
    ground = image.pixel(0, 0)
    dark = [x for x in range(image.width()) for y in range(image.height()) if image.pixel(x, y) != ground]
    assert min(dark) <= 6
    assert max(dark) >= image.width() - 7


@pytest.mark.parametrize("kind", ["assistant", "user", "code"])
def test_pointing_never_cuts_what_looks_like_one_character(view: ChatView, kind: str) -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    for _ in range(12):
        text = "x" + "".join(chance.choices(PIECES, k=20)) + "x"
        role, shown = ("user", text) if kind == "user" else ("assistant", text)
        if kind == "code":
            shown = f"```text\n{text}\n```"
        view.show_messages([Shown("m", role, shown)])
        item = view.placer.rows[0].item
        # Markdown may take blanks away: what is shown counts
        places = set(clusters(item.plain))
        for y in range(item.gap + 2, item.height - 2, 9):
            for x in range(0, item.width, 3):
                assert item.hit(x, y) in places, (item.plain, x, y)


def test_lines_of_high_letters_do_not_meet_however_close_they_are_set(
    view: ChatView, hands: Hands, theme: ThemeManager
) -> None:
    high = "a" + "\u0301\u0302\u0303" * 2 + "g中語한ཨོཾနြ့"
    theme.set_reading(Reading(spacing="compact"))
    hands.answer("  \n".join([high] * 4))
    layout = view.placer.rows[0].item.box._layout  # type: ignore[attr-defined]
    lines = [layout.lineAt(number).rect() for number in range(layout.lineCount())]
    assert len(lines) == 4
    assert all(above.bottom() <= below.top() + 0.5 for above, below in pairwise(lines))


def test_the_ground_of_code_in_backward_text_covers_it(view: ChatView, hands: Hands) -> None:
    hands.answer(f"{ARABIC} `code` {ARABIC}")
    box = view.placer.rows[0].item.box  # type: ignore[attr-defined]
    start = box.text.index("code")
    whole = box.rects(start, start + 4)
    assert len(whole) == 1
    letters = [box.rects(at, at + 1)[0] for at in range(start, start + 4)]
    assert sum(rect.width() for rect in letters) == pytest.approx(whole[0].width(), abs=1)
    assert all(a.right() <= b.left() + 1 for a, b in pairwise(letters))


def test_a_range_over_both_directions_has_a_box_for_each(view: ChatView, hands: Hands) -> None:
    hands.answer("one שלום two")
    box = view.placer.rows[0].item.box  # type: ignore[attr-defined]
    assert len(box.rects(0, len(box.text))) == 1
    assert len(box.rects(2, 6)) == 2  # "e " on the left, the first letters of the word on its right
