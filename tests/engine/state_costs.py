"""What saving and loading a state costs, beside a plain copy of the same bytes.

    python -m tests.engine.state_costs FOLDER MEGABYTES [ROUNDS]

Prints one JSON object: seconds (medians of rounds in turn) and bytes. The plain copy is that of
the state file into another one, through the same cache of the system and not synced either.
"""

from __future__ import annotations

import json
import resource
import shutil
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from app.engine.seqstate import capture, restore, state_bytes
from app.engine.statefile import token_array
from app.engine.vault import Vault
from tests import miniatures
from tests.engine.plain_llama import plain_model
from tests.engine.states import BUDGET, State, tokens_of

#: Half a mebibyte of KV cache for each token, so that large states are soon read.
WIDE = replace(
    miniatures.PLAIN, blocks="*" * 8, heads=64, kv_heads=64, head_size=256, feed_forward=64, f16=True
)
_TOKENS_PER_MB = 2


def anonymous_bytes() -> int:
    """Memory of this process that is not a file's."""
    text = Path("/proc/self/status").read_text(encoding="ascii")
    return int(text.split("RssAnon:")[1].split()[0]) * 1024


def watched(work: Callable[[], object]) -> tuple[int, int]:
    """By how many bytes anonymous memory and the highest resident set grew while `work` ran."""
    before, resident = anonymous_bytes(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seen, done = [before], threading.Event()

    def watch() -> None:
        while not done.wait(0.002):
            seen.append(anonymous_bytes())

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        work()
    finally:
        done.set()
        watcher.join()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - resident
    return max(seen) - before, grown * 1024


class Costs:
    """A context with a large state, and the time of each step in its rounds."""

    def __init__(self, folder: Path, state: State) -> None:
        self._vault, self._copy, self._state = Vault(folder / "states", BUDGET, print), folder / "copy", state
        self.times: dict[str, list[float]] = {}
        self.n_bytes = 0

    def save(self) -> Path:
        """In three steps, each timed."""
        state, vault = self._state, self._vault
        tokens, size = token_array(state.tokens), state_bytes(state.context)
        start = time.perf_counter()
        writer = vault.begin("one", state.identity, tokens, (), size)
        assert writer is not None
        prepared = time.perf_counter()
        assert capture(state.context, vault, writer)
        captured = time.perf_counter()
        assert vault.finish(writer)
        end = time.perf_counter()
        for name, value in (
            ("prepare", prepared - start),
            ("capture", captured - prepared),
            ("save", end - start),
        ):
            self.times.setdefault(name, []).append(value)
        self.n_bytes = writer.n_bytes
        return writer.path

    def round(self) -> None:
        """Save, copy, load."""
        self._vault.delete_all()
        self._copy.unlink(missing_ok=True)
        path = self.save()
        start = time.perf_counter()
        shutil.copyfile(path, self._copy)
        copied = time.perf_counter()
        assert restore(self._state.context, self._vault, path, self._state.identity, room=0)
        loaded = time.perf_counter()
        self.times.setdefault("copy", []).append(copied - start)
        self.times.setdefault("load", []).append(loaded - copied)


def measure(folder: Path, megabytes: int, rounds: int = 5) -> dict[str, float]:
    """Save, copy and load a state of about `megabytes` in turn; medians, and the memory of the first save."""
    n_ctx = _TOKENS_PER_MB * megabytes
    path = miniatures.build(WIDE)
    with plain_model(path) as plain:
        state = State(plain.model, path, n_ctx, n_batch=256)
        state.read(tokens_of(n_ctx))
        costs = Costs(folder, state)
        anonymous, resident = watched(costs.save)
        costs.times.clear()
        for _ in range(rounds):
            costs.round()
        state.close()
    found: dict[str, float] = {name: statistics.median(values) for name, values in costs.times.items()}
    return found | {"bytes": costs.n_bytes, "anonymous_bytes": anonymous, "resident_bytes": resident}


if __name__ == "__main__":
    print(json.dumps(measure(Path(sys.argv[1]), int(sys.argv[2]), *map(int, sys.argv[3:]))))
