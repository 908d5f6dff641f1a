"""How large states are, and how long it takes to take, restore, save and load them."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from time import perf_counter

from app.engine.memory import SequenceMemory
from tests import miniatures
from tests.bench.rows import Row
from tests.engine.plain_llama import plain_model
from tests.engine.states import State, tokens_of

#: A recurrent state of a few megabytes; the real model's has tens.
_WIDE = replace(miniatures.HYBRID, blocks="MMMM*E", inner=2048, state=128, ssm_heads=32)
#: A checkpoint may have so many bytes beside the recurrent state: counts, positions, sizes of rows.
_FRAME_BYTES = 1024
_WIDE_TOKENS, _ROUNDS = 512, 15
_SAVED_MB = 192


@dataclass(frozen=True)
class Sizes:
    """Bytes of one checkpoint and of the whole state after `tokens` tokens."""

    tokens: int
    checkpoint: int
    whole: int


def sizes(path: Path, tokens: int) -> Sizes:
    """Of one model, after really reading so many tokens."""
    with plain_model(path) as plain:
        state = State(plain.model, path, tokens, n_batch=512)
        state.read(tokens_of(tokens))
        state.take()
        memory = SequenceMemory(state.context, "attention", 0)
        found = Sizes(tokens, len(state.checkpoints[0].data), memory.state_size())
        state.close()
    return found


def recurrent_bytes(shape: miniatures.Shape) -> int:
    """The recurrent state of a miniature by the shapes of its blocks, in float32."""
    convolution = 3 * (shape.inner + 2 * shape.groups * shape.state)
    return 4 * shape.blocks.count("M") * (convolution + shape.inner * shape.state)


def size_rows(name: str, shape: miniatures.Shape, found: Sizes) -> list[Row]:
    """Bytes per checkpoint and per conversation; for a hybrid with what a checkpoint may have."""
    recurrent = recurrent_bytes(shape)
    limit = recurrent + _FRAME_BYTES if recurrent else None
    note = f"recurrent state {recurrent:,}" if recurrent else f"sliding window of {shape.window}"
    rows = []
    if name != "plain":
        rows.append(Row(f"cache.checkpoint.{name}.bytes", found.checkpoint, "bytes", limit, "lower", note))
    each = f"{found.tokens:,} tokens"
    rows.append(Row(f"cache.conversation.{name}.bytes", found.whole, "bytes", None, "lower", each))
    return rows


def _median_s(work: Callable[[], object]) -> float:
    times = []
    for _round in range(_ROUNDS):
        begun = perf_counter()
        work()
        times.append(perf_counter() - begun)
    return median(times)


def _checkpoint_rows() -> list[Row]:
    """Taking and restoring a checkpoint of some megabytes beside copying its bytes."""
    path = miniatures.build(_WIDE)
    with plain_model(path) as plain:
        state = State(plain.model, path, _WIDE_TOKENS, n_batch=512)
        state.read(tokens_of(_WIDE_TOKENS // 2))
        memory = SequenceMemory(state.context, "hybrid", 0)
        checkpoint = memory.checkpoint()
        assert checkpoint is not None
        held = checkpoint
        copy_s = _median_s(lambda: bytearray(held))
        take_s = _median_s(memory.checkpoint)
        restore_s = _median_s(lambda: memory.return_to(held, _WIDE_TOKENS // 2))
        state.close()
    note = f"of {len(held):,} bytes: {1000 * copy_s:.2f} ms"
    return [
        Row("cache.checkpoint.hybrid.take_vs_copy", take_s / copy_s, "ratio", None, "lower", note),
        Row("cache.checkpoint.hybrid.restore_vs_copy", restore_s / copy_s, "ratio", None, "lower", note),
    ]


def _file_rows() -> list[Row]:
    """Saving and loading a large state beside copying its file, in a process that does only that."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tests.engine.state_costs", folder, str(_SAVED_MB)]
        ended = subprocess.run(command, check=True, capture_output=True, timeout=300)
    found = json.loads(ended.stdout.splitlines()[-1])
    note = f"file of {found['bytes']:,} bytes: {1000 * found['copy']:.0f} ms"
    return [
        Row(f"cache.state.{what}_vs_copy", found[what] / found["copy"], "ratio", 3, "lower", note)
        for what in ("save", "load")
    ]


def rows() -> list[Row]:
    """Times of states as ratios to a plain copy."""
    return [*_checkpoint_rows(), *_file_rows()]
