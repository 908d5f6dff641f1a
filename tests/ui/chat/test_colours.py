"""Colours of code in the view, with the process that makes them."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Sequence

import psutil
import pytest
from PySide6.QtCore import QCoreApplication, Qt, QThread
from PySide6.QtGui import QTextLayout
from pytestqt.qtbot import QtBot

from app.render.colour_process import colour_code
from app.render.colour_values import Coloured, ColourRefused, ColourRequest, request_for
from app.render.highlight import MAX_CODE, MAX_LINE, START, Run, code_runs, warm
from tests.ui.chat.conftest import Colourist, Hands, colours_settled
from ui.chat.code_item import CodeItem
from ui.chat.colouring import QUICK_LINE, QUICK_PIECE
from ui.chat.colours import Colours
from ui.chat.message import ANSWER
from ui.chat.shown import Shown
from ui.chat.view import ChatView
from ui.theme import ThemeManager
from ui.workers.colours import ColourWorker

Begin = Callable[..., ColourWorker]
LINE = "x = 'a' if y else 2  # no\n"


@pytest.fixture(autouse=True)
def loaded() -> None:
    list(warm())


@pytest.fixture
def begin(view: ChatView) -> Iterator[Begin]:
    """Gives the view its worker, thread and process."""
    running: list[tuple[ColourWorker, QThread]] = []

    def start(command: Sequence[str] | None = None) -> ColourWorker:
        worker, thread = ColourWorker(command), QThread()
        thread.setObjectName("colour_thread")
        worker.moveToThread(thread)
        view.colours.wanted.connect(worker.want, Qt.ConnectionType.DirectConnection)
        worker.coloured.connect(view.colours.on_coloured)
        thread.start()
        running.append((worker, thread))
        return worker

    yield start
    for worker, thread in running:
        worker.stop()
        thread.quit()
        assert thread.wait(5000)
        worker.close()
        assert worker._colourer._child is None


def items(view: ChatView) -> list[CodeItem]:
    """All code of the first message."""
    found = [view.cache.item(row) for row in view.model.messages[0].sections[ANSWER].rows]
    return [item for item in found if isinstance(item, CodeItem)]


def colours(item: CodeItem) -> list[list[tuple[int, int, str]]]:
    def of(layout: QTextLayout) -> list[tuple[int, int, str]]:
        return [(r.start, r.length, r.format.foreground().color().name()) for r in layout.formats()]

    return [of(layout) for layout in item._layouts]


def expected(view: ChatView, runs: Sequence[Run]) -> list[tuple[int, int, str]]:
    return [(r.start, r.length, view.theme.color(f"code_{r.style}").name()) for r in runs]


def settle(qtbot: QtBot, view: ChatView) -> None:
    qtbot.waitUntil(lambda: colours_settled(view), timeout=20_000)


def longest_turn(done: Callable[[], bool], seconds: float = 20.0) -> float:
    """Seconds of this thread's own time that the longest turn of its events takes until it is done."""
    longest, end = 0.0, time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        begun = time.thread_time()
        QCoreApplication.processEvents()
        longest = max(longest, time.thread_time() - begun)
    return longest


@pytest.mark.parametrize("seed", range(2))
def test_a_thousand_lines_are_coloured_as_in_one_go(
    qtbot: QtBot, view: ChatView, begin: Begin, seed: int
) -> None:
    print("seed", seed)
    rng = random.Random(seed)
    begin()
    code = "\n".join(rng.choice(['"""', "if x:", " y = 'a'", "# 1", "@b", "''"]) for _ in range(1000))
    assert len(code) < MAX_CODE
    view.show_messages([Shown("a", "assistant", f"```python\n{code}\n```")])
    settle(qtbot, view)
    found: list[list[tuple[int, int, str]]] = []
    bar = view.verticalScrollBar()
    bar.setValue(0)
    while True:
        settle(qtbot, view)
        for placed in view.placer.rows:
            item = placed.item
            if isinstance(item, CodeItem) and item.row.block.piece * 80 == len(found):
                found += colours(item)
        if bar.value() == bar.maximum():
            break
        bar.setValue(bar.value() + bar.pageStep() // 2)
    runs = [expected(view, line) for line, _ in code_runs(code, "python")]
    assert len(found) >= 1000
    assert found[:1000] == runs


def test_a_string_over_pieces_is_followed_back_to_its_beginning(
    qtbot: QtBot, view: ChatView, begin: Begin
) -> None:
    begin()
    inside = "def line(): return None\n" * 500
    view.show_messages([Shown("a", "assistant", f'```py\nx = """\n{inside}"""\ny = None\n```')])
    settle(qtbot, view)
    string = view.theme.color("code_string").name()
    last = items(view)[-1]
    lines = last.plain.split("\n")
    assert len(lines) > 5
    for line, found in zip(lines[:-2], colours(last)[:-2], strict=True):
        assert found == [(0, len(line), string)]
    assert string not in {name for _, _, name in colours(last)[-1]}


@pytest.mark.parametrize("language", ["python", "html", "scala", "markdown"])
def test_a_hostile_line_holds_nothing_up(view: ChatView, begin: Begin, language: str) -> None:
    worker = begin()
    worker._colourer._deadline_s = 0.3
    for unit in ("[(", "<a ", "${"):
        lengths = (100_000, *[MAX_LINE] * 20, QUICK_LINE)
        lines = [(unit * length)[:length] for length in lengths]
        view.add_message(unit, "assistant")
        view.append_text(unit, "answer", f"```{language}\n" + "\n".join(lines) + "\n")
        view.flush()  # taking in and laying out 100 KB is not what this is about
        assert longest_turn(lambda: colours_settled(view)) < 1.0
        view.finish_message(unit)
        view.flush()
        assert longest_turn(lambda: colours_settled(view)) < 1.0


def test_only_what_is_short_and_loaded_is_lexed_in_the_window(
    qtbot: QtBot, view: ChatView, colourist: Colourist
) -> None:
    cases = [  # language, text, whether the process is asked, whether there are colours
        ("python", LINE * 5, False, True),
        ("python", LINE * (QUICK_PIECE // len(LINE) + 1), True, True),
        ("python", "if" + " " * (QUICK_LINE - 2) + "\n", False, True),
        ("python", "if" + " " * (QUICK_LINE - 1) + "\n", True, True),
        ("html", "<p>\n", True, True),
        ("klingon", LINE * 70, False, False),
        ("", LINE * 70, False, False),
    ]
    for language, text, asked, coloured in cases:
        view.clear()
        colourist.asked.clear()
        view.show_messages([Shown("a", "assistant", f"```{language}\n{text}```")])
        settle(qtbot, view)
        assert bool(colourist.asked) is asked, (language, text)
        assert any(colours(items(view)[0])) is coloured, (language, text)


def test_a_stream_is_coloured_as_it_grows_and_never_loses_its_colours(
    qtbot: QtBot, view: ChatView, hands: Hands
) -> None:
    asked: list[ColourRequest] = []
    view.colours.wanted.connect(asked.extend)
    view.add_message("a", "assistant")
    hands.stream("a", "```html\n<p>\n<b>x</b>\n<i")
    assert [request.text for request in asked] == ["<p>\n<b>x</b>"], "the last line is not complete"
    assert not any(colours(items(view)[0]))
    hands.stream("a", " x>\n<u>\n")
    assert len(asked) == 1, "one at a time"
    first = asked[0]
    result = colour_code(first)
    view.colours.on_coloured(first, result)
    qtbot.waitUntil(lambda: len(asked) == 2)
    assert isinstance(result, Coloured)
    assert asked[1] == request_for("html", result.state, ["<i x>", "<u>"])
    before = colours(items(view)[0])
    assert [bool(line) for line in before] == [True, True, False, False]
    hands.stream("a", "```\n\nBelow")
    assert colours(items(view)[0]) == before, "they stay until better ones come"
    assert asked[-1] == request_for("html", START, ["<p>", "<b>x</b>", "<i x>", "<u>"])
    view.colours.on_coloured(asked[-1], ColourRefused("no"))
    settle(qtbot, view)
    assert colours(items(view)[0]) == before, "also where there are none"


def test_colours_outlive_a_theme_and_are_not_asked_for_again(
    qtbot: QtBot, view: ChatView, theme: ThemeManager, colourist: Colourist
) -> None:
    view.show_messages([Shown("a", "assistant", f"```python\n{LINE * 70}```")])
    settle(qtbot, view)
    colourist.asked.clear()
    theme.set_mode("dark")
    settle(qtbot, view)
    assert not colourist.asked
    line = next(runs for runs, _ in code_runs(LINE.rstrip("\n"), "python"))
    assert colours(items(view)[0]) == [expected(view, line)] * 70


def test_the_process_killed_in_the_middle_comes_back(qtbot: QtBot, view: ChatView, begin: Begin) -> None:
    worker = begin()
    view.show_messages([Shown("a", "assistant", f"```python\n{LINE * 800}```")])
    qtbot.waitUntil(lambda: worker._colourer._child is not None and worker._colourer._ready, timeout=20_000)
    assert worker._colourer._child is not None
    psutil.Process(worker._colourer._child.pid).kill()
    settle(qtbot, view)
    assert all(colours(items(view)[-1]))


def test_without_a_process_code_stays_plain(qtbot: QtBot, view: ChatView, begin: Begin) -> None:
    begin(["no-such-program"])
    view.show_messages([Shown("a", "assistant", f"```python\n{LINE * 70}```")])
    settle(qtbot, view)
    assert not any(colours(items(view)[-1]))


def test_what_is_kept_has_an_end(qtbot: QtBot, view: ChatView) -> None:
    kept = Colours(view, most=20_000)
    request = [request_for("python", START, [f"{number}" * 100] * 10) for number in range(50)]
    with qtbot.waitSignal(kept.due):
        for one in request:
            kept.on_coloured(one, colour_code(one))
            assert kept.bytes <= 20_000
    assert kept.get(request[0]) is None
    assert kept.get(request[-1]) is not None
    for one in request:
        kept.on_coloured(one, ColourRefused("no"))
    assert kept.bytes <= 20_000


def test_what_is_wanted_is_asked_for_once(view: ChatView) -> None:
    kept, asked = Colours(view), []
    kept.wanted.connect(asked.append)
    a, b, c = (request_for("python", START, [name]) for name in "abc")
    kept.want([a], [b])
    kept.want([a])
    kept.want([a], [b])
    assert asked == [(a, b)]
    kept.on_coloured(a, ColourRefused("no"))
    kept.want([b])
    assert asked == [(a, b)]
    kept.want([c])
    assert asked[1:] == [(c,)]
