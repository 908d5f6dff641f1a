"""What one update costs behind a short and a long answer or thought, and what the naive way would.

In time of the thread that does it all, so that what else the machine does counts less.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import median
from time import thread_time

from tests.bench.reading_texts import document
from tests.bench.reading_view import Stage
from tests.bench.rows import Row

_UPDATES = 150
_SIZES = (10_000, 100_000, 1_000_000)
_LIMIT = 1.3
_CHUNK = "and so it is "
_NAIVE = {10_000: 20, 100_000: 5, 1_000_000: 1}  # updates: one of the last takes more than a second


def rows(rounds: int) -> list[Row]:
    """Cost of an update of each kind, largest over smallest, and the naive way's in the same run."""
    cases = (
        ("answer", "update", False),
        ("reasoning", "thought_update", False),
        ("answer", "formula_update", True),
    )
    found: list[Row] = []
    ours: dict[int, float] = {}
    for channel, name, formulas in cases:
        times: dict[int, list[float]] = {size: [] for size in _SIZES}
        for _round in range(max(3, rounds // 2)):
            for size in _SIZES:
                times[size].append(_update_ms(channel, size, formulas))
        best = [min(values) for values in times.values()]  # of the rounds: what else runs only adds to it
        ratio = max(best) / min(best)
        found.append(
            Row(f"reading.{name}_largest_over_smallest", ratio, "ratio", _LIMIT, "lower", "10 KB to 1 MB")
        )
        last_over_first = median(b / a for a, b in zip(times[_SIZES[0]], times[_SIZES[-1]], strict=True))
        found.append(Row(f"reading.{name}_1mb_over_10kb", last_over_first, "ratio", _LIMIT, "lower"))
        found += [
            Row(f"reading.{name}_{_name(size)}_ms", median(times[size]), "ms", None, "lower")
            for size in _SIZES
        ]
        ours = ours or {size: median(values) for size, values in times.items()}
    return found + _naive_rows(ours)


def _name(size: int) -> str:
    return "1mb" if size == 1_000_000 else f"{size // 1000}kb"


def _update_ms(channel: str, size: int, formulas: bool) -> float:
    """Median milliseconds of one append, its layout and its painting, behind `size` characters."""
    with Stage() as stage:
        view = stage.view
        view.add_message("q", "user", "Tell me")
        view.add_message("a", "assistant")
        if channel == "reasoning":
            view.set_thought("a", True, 1.0, 10)
        view.append_text("a", channel, document(size))
        view.visible_plain_text()
        view.scroll_to_end()
        times = []
        for number in range(_UPDATES):
            # A blank line now and then: paragraphs close, as they do in an answer.
            text = _CHUNK + ("\n\n" if number % 40 == 39 else "")
            if formulas and number % 8 == 0:
                text += f"$\\frac{{x_{{{number}}}}}{{2}}$ "
            begun = thread_time()
            view.append_text("a", channel, text)
            view.flush()
            view.viewport().repaint()
            times.append(1000 * (thread_time() - begun))
            stage.run_events()
        return median(times)


def _naive_rows(ours: dict[int, float]) -> list[Row]:
    """A text browser whose whole text is set again with each update."""
    found = []
    for size, updates in _NAIVE.items():
        naive = _naive_ms(document(size), updates)
        found.append(Row(f"reading.naive_{_name(size)}_ms", naive, "ms", None, "lower", "setMarkdown of all"))
        times = naive / ours[size]
        found.append(Row(f"reading.naive_{_name(size)}_over_ours", times, "×", None, "higher", "update"))
    return found


def _naive_ms(text: str, updates: int) -> float:
    from PySide6.QtWidgets import QTextBrowser

    browser = QTextBrowser()
    browser.resize(760, 700)
    browser.show()
    times = [_timed(lambda n=n: _set(browser, text + _CHUNK * n)) for n in range(updates)]  # type: ignore[misc]
    browser.close()
    browser.deleteLater()
    return median(times)


def _set(browser, text: str) -> None:  # type: ignore[no-untyped-def]
    browser.setMarkdown(text)
    bar = browser.verticalScrollBar()
    bar.setValue(bar.maximum())
    browser.viewport().repaint()


def _timed(work: Callable[[], None]) -> float:
    begun = thread_time()
    work()
    return 1000 * (thread_time() - begun)
