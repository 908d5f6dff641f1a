"""Right before fast: whatever was done before, the logits are those of a context that reads all."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from tests.engine.walks import SHAPES, Fresh, Traced, Walk

SHORT, LONG = 20, 200
#: A few roundings say less of how large they can be. A window with holes is off by far more
#: (test_cache.test_a_window_that_is_gone_is_not_believed).
FEW = 2
#: After these no prompt has been read to its end, or none at all; after each other one has.
UNREAD = ("restart", "kill", "save", "stop_reading", "stop_in_a_step")


class Comparison:
    """Compares logits with a fresh context; for a sliding window within another ubatch's spread."""

    def __init__(self, engine: Traced, name: str) -> None:
        self._engine, self._exact = engine, name != "sliding"
        self.open()
        self.count = 0
        self.differences: list[float] = []
        self.spreads: list[float] = []

    def __call__(self, prompt: list[int], logits: np.ndarray) -> None:
        self.count += 1
        line = self._engine.line
        at = len(line.tokens)
        steps = [*line.steps, (tuple(prompt[at:]), len(prompt) - at)]
        expected = self._fresh.read(steps)
        assert np.isfinite(logits).all()
        if self._exact:
            assert np.array_equal(logits, expected), f"off by {np.abs(logits - expected).max()}"
            return
        self.differences.append(float(np.abs(logits - expected).max()))
        self.spreads += [float(np.abs(other.read_whole(prompt) - expected).max()) for other in self._others]

    def open(self) -> None:
        """Contexts of the engine's model; they end before it does."""
        self._fresh = Fresh(self._engine)
        self._others = [] if self._exact else [Fresh(self._engine, n_batch=size) for size in (512, 32, 7)]
        self._opened = [self._fresh, *self._others]

    def close(self) -> None:
        opened, self._opened = self._opened, []
        for fresh in opened:
            fresh.close()


def walk(name: str, seed: int, count: int, folder: Path) -> None:
    print(f"walk: {name}, seed {seed}")
    # Room for a dozen checkpoints and two or three conversations: both have to be thinned.
    engine = Traced(name, checkpoint_bytes=12 * 40_000, aside_bytes=900_000, state_folder=str(folder))
    comparison = Comparison(engine, name)
    engine.on_read = comparison

    def restart(kill: bool) -> None:
        comparison.close()
        if kill:
            engine.killed()
        else:
            engine.load()
        comparison.open()

    done = Walk(engine, random.Random(seed), restart)
    try:
        for _ in range(count):
            done.step()
    finally:
        print(Counter(done.done), f"{comparison.count} compared", dict(engine.used))
        comparison.close()
        engine.close()
    assert comparison.count >= sum(name not in UNREAD for name in done.done)
    assert count < LONG or engine.used["restored"] > 5
    if name == "sliding":
        print(f"differences up to {max(comparison.differences)}, spread {max(comparison.spreads)}")
        spread = max(comparison.spreads) * (1 if count >= LONG else FEW)
        assert max(comparison.differences) <= spread


@pytest.mark.parametrize("name", SHAPES)
def test_a_short_walk(name: str, tmp_path: Path) -> None:
    walk(name, random.randrange(1 << 30), SHORT, tmp_path)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("name", SHAPES)
def test_a_long_walk(name: str, seed: int, tmp_path: Path) -> None:
    walk(name, seed, LONG, tmp_path)
