"""Finished answers that are so long that the window would stand still if they were parsed in one go."""

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from app.chat.library import Place
from ui.chat import preparing
from ui.chat.filling import WHOLE
from ui.chat.message import ANSWER, Ref
from ui.chat.shown import Shown
from ui.chat.view import ChatView

LONG = "".join(f"# part {n}\n\nwords of part {n}\n\n" for n in range(4000))
SHOWN = [Shown("u", "user", "hi"), Shown("a", "assistant", LONG)]


@pytest.fixture(autouse=True)
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fast machine must not parse it all at once."""
    for name in ("ui.chat.preparing", "ui.chat.model", "ui.chat.placing", "ui.chat.filling"):
        monkeypatch.setattr(f"{name}.AT_ONCE", 0.0)


def on_screen(view: ChatView) -> str:
    return "\n".join(placed.item.plain or placed.item.label for placed in view.placer.rows)


def is_there(view: ChatView, text: str) -> Callable[[], bool]:
    return lambda: text in on_screen(view) and not view.model.preparing


def test_the_end_comes_after_a_line_that_says_so(view: ChatView, qtbot: QtBot) -> None:
    view.show_messages(SHOWN)
    assert preparing.WORDS in on_screen(view)
    parsed = len(view.model.by_id["a"].sections[ANSWER].rows)
    assert parsed < 3 * LONG.count("# part") / 4
    qtbot.waitUntil(is_there(view, "words of part 3999"), timeout=20_000)
    assert preparing.WORDS not in on_screen(view)
    assert view.placer.follow


def test_a_place_in_it_is_kept(view: ChatView, qtbot: QtBot) -> None:
    place = Place("a", 0, ANSWER, 6001, 0)  # "words of part 3000"
    view.show_messages(SHOWN, place)
    assert view.place() == place
    qtbot.waitUntil(is_there(view, "words of part 3000"), timeout=20_000)
    kept = view.place()
    assert kept is not None
    assert (kept.section, kept.row) == (ANSWER, 6001)


def test_words_that_were_searched_for_are_gone_to(view: ChatView, qtbot: QtBot) -> None:
    view.show_messages(SHOWN)
    assert view.scroll_to_message("a", "words of part 2345")
    qtbot.waitUntil(is_there(view, "words of part 2345"), timeout=20_000)
    assert view.selection.text(view.cache.item, plain=True) == "words of part 2345"


def test_a_jump_into_its_middle_lands_there(view: ChatView, qtbot: QtBot) -> None:
    view.show_messages(SHOWN, Place("u", 0, ANSWER, 0, 0))
    bar = view.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    assert view.model.preparing
    qtbot.waitUntil(lambda: not view.model.preparing, timeout=20_000)
    ref = view.placer.rows[0].ref
    assert 1000 < ref.row < 7000


def test_other_messages_end_it(view: ChatView, qtbot: QtBot) -> None:
    view.show_messages(SHOWN)
    assert view.model.preparing
    view.replace_messages(SHOWN[:1])
    assert not view.model.preparing
    view.replace_messages(SHOWN)
    view.reopen("a")
    view.append_text("a", "answer", "and on")
    qtbot.waitUntil(is_there(view, "and on"), timeout=20_000)


def test_all_of_a_long_code_block_is_copied(view: ChatView) -> None:
    code = "".join(f"line {n}\n" for n in range(2 * WHOLE // 8))
    view.show_messages([Shown("a", "assistant", f"```\n{code}```\n\nend")], Place("a", 0, ANSWER, 0, 0))
    assert view.code_text(Ref(0, ANSWER, 0)).strip() == code.strip()


def test_a_long_answer_that_goes_on_keeps_its_rows(view: ChatView, qtbot: QtBot) -> None:
    view.show_messages(SHOWN)
    qtbot.waitUntil(is_there(view, "words of part 3999"), timeout=20_000)
    section = view.model.by_id["a"].sections[ANSWER]
    rows = list(section.rows)
    view.reopen("a")
    assert section.pending  # it is taken in a few ms at a time
    assert "words of part 3999" in on_screen(view)
    view.append_text("a", "answer", "\n\nand on")
    qtbot.waitUntil(is_there(view, "and on"), timeout=20_000)
    assert section.rows[: len(rows) - 1] == rows[:-1]
    assert view.message_text("a") == LONG + "\n\nand on"
