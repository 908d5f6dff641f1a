"""Text that is searched without layout is, to the letter, the text that is laid out."""

from __future__ import annotations

import random

import pytest

from app.render.plain import plain_of
from tests.render.samples import HUGE, MATHS, RICH
from tests.render.texts import text
from ui.chat.message import ANSWER, REASONING
from ui.chat.shown import Shown
from ui.chat.view import ChatView


def check(view: ChatView) -> int:
    count = 0
    for message in view.model.messages:
        view.model.complete(message)
        for number in (REASONING, ANSWER):
            for row in message.sections[number].rows:
                assert view.cache.item(row).plain == plain_of(row.block, row.open)
                count += 1
    return count


@pytest.mark.parametrize("name", ["RICH", "MATHS", *HUGE])
def test_of_samples(view: ChatView, name: str) -> None:
    source = {"RICH": RICH, "MATHS": MATHS, **HUGE}[name]
    view.show_messages(
        [Shown("a", "assistant", source, source, thought_open=True), Shown("u", "user", source)]
    )
    assert check(view) > 2


@pytest.mark.parametrize("seed", range(12))
def test_of_anything(view: ChatView, seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    view.show_messages([Shown(f"a{n}", "assistant", text(rng)) for n in range(10)])
    assert check(view) >= 10


@pytest.mark.parametrize("seed", range(4))
def test_while_it_grows(view: ChatView, seed: int) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    source = "\n\n".join(text(rng) for _ in range(3))
    view.add_message("a", "assistant")
    at = 0
    while at < len(source):
        step = rng.randrange(1, 60)
        view.append_text("a", "answer", source[at : at + step])
        at += step
        view.visible_plain_text()
        section = view.model.by_id["a"].sections[ANSWER]
        for row in section.rows[max(0, section.closed - 1) :]:
            assert view.cache.item(row).plain == plain_of(row.block, row.open)
