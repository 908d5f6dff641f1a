"""That nothing is read twice: beside llama.cpp's own server and the high-level `Llama`, in one run.

All three have the same model, one thread, the same batch and context, and room for two
conversations and 64 checkpoints. Behind each row stand, in both modes, tokens read and
milliseconds to the first token as "ours | server | Llama"; "-" is what an engine can't do.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from app.engine.values import Budgets, Mode
from tests import miniatures
from tests.bench import cache_growth, cache_state
from tests.bench.cache_cases import Figure, Session
from tests.bench.cache_ids import Ids, ids_of
from tests.bench.cache_ours import Ours
from tests.bench.cache_peers import HighLevel, Server
from tests.bench.cache_runner import Answer, Runner, Setting
from tests.bench.rows import Row

SHAPES = {"hybrid": miniatures.HYBRID, "plain": miniatures.PLAIN, "sliding": miniatures.SLIDING}
ENGINES = ("ours", "server", "Llama")
_DOCUMENT, _CONTEXT, _LARGER = 4100, 8192, 9216
_CHECKPOINTS, _CONVERSATIONS, _DISK = 64, 2, 1 << 30
#: RAM has room for two states of this length, so for no three of the conversations of a document.
_CONVERSATION = 5000
#: Cases for which a state has to come from the disk; another context size may take it out of RAM.
_FROM_DISK = {"other_conversations_back", "restart", "engine_killed"}

Figures = Mapping[str, Figure]


@dataclass(frozen=True)
class ModeResult:
    """The figures of each engine in one mode.

    Attributes:
        speedup: tokens restored a second, as a ratio to tokens read a second.
        thinned: what is left of the long conversation's checkpoints, in words.
    """

    mode: Mode
    figures: Mapping[str, Figures]
    speedup: float
    thinned: str


def _setting(name: str, folder: Path, found: cache_state.Sizes) -> Setting:
    budgets = Budgets(
        checkpoint_bytes=_CHECKPOINTS * max(found.checkpoint, 1),
        aside_bytes=_CONVERSATIONS * found.whole,
        disk_bytes=_DISK,
    )
    path = miniatures.build(SHAPES[name])
    return Setting(name, path, folder, _CONTEXT, budgets, found.checkpoint, found.whole)


def _session(runner: Runner, ids: Ids, mode: Mode) -> Session:
    others: list[Mode] = [other for other in ids.modes if other != mode]
    session = Session(
        runner, mode, others[0] if others else None, lambda n: ids.document(n, _DOCUMENT), _LARGER
    )
    try:
        session.run()
    finally:
        runner.close()
    return session


def speedup(cold: Answer, restored: list[Answer]) -> float:
    """Tokens found again a second, from the request until new ones are read, beside tokens read a second."""
    reading = cold.read / cold.reading_s
    return median(one.reused / one.found_s for one in restored) / reading


def _measure_mode(name: str, ids: Ids, mode: Mode, found: cache_state.Sizes) -> ModeResult:
    with tempfile.TemporaryDirectory() as folder:
        setting = _setting(name, Path(folder), found)
        runner = Ours(setting, ids)
        ours = _session(runner, ids, mode)
        if not ours.from_disk >= _FROM_DISK:
            raise RuntimeError(f"RAM was enough, or nothing was saved: {_FROM_DISK - ours.from_disk}")
        thinned = "" if name == "plain" else runner.thinned(ours.long)
        server = _session(Server(setting), ids, mode)
        high_level = _session(HighLevel(setting, ids.template), ids, mode)
    figures = {"ours": ours.figures, "server": server.figures, "Llama": high_level.figures}
    return ModeResult(mode, figures, speedup(ours.cold, ours.restored), thinned)


def note(case: str, results: list[ModeResult]) -> str:
    """Tokens read and milliseconds to the first token of all three, in each mode."""
    parts = []
    for result in results:
        found = [result.figures[engine].get(case) for engine in ENGINES]
        read = " | ".join(f"{one.read:,}" if one else "-" for one in found)
        first = " | ".join(f"{1000 * one.first_s:,.0f}" if one else "-" for one in found)
        parts.append(f"{result.mode}: {read} tokens, {first} ms")
    thinned = [result.thinned for result in results if case == "edit_early" and result.thinned]
    return "; ".join(parts + thinned)


def case_rows(name: str, results: list[ModeResult]) -> list[Row]:
    """A row for each case, with the worse of both modes."""
    rows = []
    for case in results[0].figures["ours"]:
        over = max(result.figures["ours"][case].over for result in results)
        text = note(case, results)
        rows.append(Row(f"cache.{case}.{name}.read_over_limit", over, "tokens", 0, "lower", text))
    worse = min(result.speedup for result in results)
    text = "tokens restored a second, as a ratio to tokens read a second"
    rows.append(Row(f"cache.restart.{name}.restore_vs_read", worse, "ratio", 10, "higher", text))
    return rows


def _measure_model(name: str) -> list[Row]:
    path = miniatures.build(SHAPES[name])
    found = cache_state.sizes(path, _CONVERSATION)
    results = []
    # A model of one mode has half the sessions, and no `mode_change`.
    with ids_of(path) as ids:
        modes = ids.modes
    for mode in modes:
        with ids_of(path) as ids:
            results.append(_measure_mode(name, ids, mode, found))
    return [*case_rows(name, results), *cache_state.size_rows(name, SHAPES[name], found)]


def measure(rounds: int) -> list[Row]:
    """All rows of the area."""
    rows = [row for name in SHAPES for row in _measure_model(name)]
    return [*rows, *cache_state.rows(), *cache_growth.rows(max(5, 2 * rounds))]
