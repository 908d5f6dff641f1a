"""Long code: the longest turn of the event loop while a block closes, and how soon it has its colours."""

from __future__ import annotations

from statistics import median
from time import perf_counter, thread_time

from tests.bench.reading_view import Stage
from tests.bench.rows import Row

_LINES = 2064  # the last piece is no whole one
_CHUNK = 4000  # characters that come at a time
_WAIT_S = 20.0
_QUIET_S = 0.2
_CODE = (
    "class Reader:\n"
    '    """Reads what there is,\n'
    '    line after line."""\n'
    "\n"
    "    def read(self, path: str, most: int = 4096) -> list[str]:\n"
    "        with open(path, encoding='utf-8') as stream:  # a file\n"
    "            return [line.strip() for line in stream.readlines(most) if line]\n"
    "\n"
)


def rows(rounds: int) -> list[Row]:
    """A fence that closes behind a stream, and the same in an answer that is opened."""
    found = []
    for name, streamed in (("closes", True), ("opens", False)):
        for language in ("python", "html"):
            times = [_measured(language, streamed) for _round in range(max(3, rounds // 3))]
            turn, coloured = (median(values) for values in zip(*times, strict=True))
            peer = f"{_LINES:,} lines of {language}"
            prefix = f"reading.code_{name}_{language}"
            found.append(Row(f"{prefix}_turn_max_ms", turn, "ms", 50, "lower", peer))
            found.append(Row(f"{prefix}_coloured_ms", coloured, "ms", None, "lower", peer))
    return found


def _measured(language: str, streamed: bool) -> tuple[float, float]:
    """The longest turn in ms of this thread's time, and ms until the screen lacks no colours."""
    from app.render.highlight import warm
    from ui.chat.shown import Shown

    list(warm())
    code = f"```{language}\n" + _CODE * (_LINES // _CODE.count("\n"))
    ending = "```\n\nThat is all."
    with Stage() as stage:
        view, longest = stage.view, 0.0
        if streamed:
            view.add_message("a", "assistant")
            for at in range(0, len(code), _CHUNK):
                view.append_text("a", "answer", code[at : at + _CHUNK])
                longest = max(longest, _settled(stage, 0.03)[0])
        begun, used = perf_counter(), thread_time()
        if streamed:
            view.append_text("a", "answer", ending)
            view.finish_message("a")
            view.flush()
        else:
            view.show_messages([Shown("a", "assistant", code + ending)])
        longest = max(longest, thread_time() - used)
        turn, last = _settled(stage, _QUIET_S)
        return 1000 * max(longest, turn), 1000 * (last - begun)


def _settled(stage: Stage, seconds: float) -> tuple[float, float]:
    """The longest turn until the screen has lacked nothing for so long, and when it last did; s."""
    longest, begun = 0.0, perf_counter()
    last = begun
    while perf_counter() - last < seconds and perf_counter() - begun < _WAIT_S:
        used = thread_time()
        stage.run_events()
        longest = max(longest, thread_time() - used)
        items = [placed.item for placed in stage.view.placer.rows]
        if any(item.lacking for item in items):
            last = perf_counter()
    return longest, last
