"""States of all three kinds of memory go to the disk and come back, here and in another process."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from app.engine import seqstate
from app.engine.vault import Vault
from tests.engine.states import (
    BUDGET,
    KINDS,
    N_BATCH,
    ROOM,
    Model,
    State,
    model_of,
    other_identities,
    tokens_of,
)

HELD, MORE = tokens_of(300), tokens_of(20, seed=3)
CUT = 200


@pytest.fixture(scope="module")
def models() -> Iterator[dict[str, Model]]:
    with ExitStack() as stack:
        yield {kind: stack.enter_context(model_of(kind)) for kind in KINDS}


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def vault(tmp_path: Path, lines: list[str]) -> Vault:
    return Vault(tmp_path / "states", BUDGET, lines.append)


def read_held(state: State) -> None:
    state.read(HELD[:CUT])
    state.take()
    state.read(HELD[CUT:])


@pytest.fixture
def saved(models: dict[str, Model], vault: Vault) -> Callable[[str], Path]:
    def save(kind: str) -> Path:
        with models[kind].state() as state:
            read_held(state)
            return state.save(vault)

    return save


def fresh_logits(model: Model, n_ctx: int, steps: list[list[int]], n_batch: int = N_BATCH) -> bytes:
    with model.state(n_ctx, n_batch) as state:
        for step in steps:
            state.read(step)
        return state.logits()


def distance(left: bytes, right: bytes) -> float:
    return float(np.abs(np.frombuffer(left, np.float32) - np.frombuffer(right, np.float32)).max())


@pytest.mark.parametrize("n_ctx", [512, 1024, 320 + 64])
@pytest.mark.parametrize("kind", KINDS)
def test_restored_equals_fresh(
    kind: str, n_ctx: int, models: dict[str, Model], vault: Vault, saved: Callable[[str], Path]
) -> None:
    path = saved(kind)
    with models[kind].state(n_ctx) as state:
        state.read(tokens_of(50, seed=5))  # what was there before doesn't matter
        restored = seqstate.restore(state.context, vault, path, state.identity, room=ROOM)
        assert restored is not None
        assert restored.tokens.tolist() == HELD
        assert state.positions()[1] == len(HELD) - 1
        state.read(MORE)
        steps = [HELD[:CUT], HELD[CUT:], MORE]
        fresh = fresh_logits(models[kind], n_ctx, steps)
        if kind == "sliding":
            # The cells of the window lie in another order: as far off as other batches make it, no more.
            sizes = (8, 16, 24, 32, 48, 96)
            runs = [fresh, *(fresh_logits(models[kind], n_ctx, steps, size) for size in sizes)]
            spread = max(distance(left, right) for left, right in combinations(runs, 2))
            print(f"restored {distance(state.logits(), fresh):.2e}, other batches {spread:.2e}")
            assert distance(state.logits(), fresh) <= spread
        else:
            assert state.logits() == fresh
        (checkpoint,) = restored.checkpoints
        assert (checkpoint.position, checkpoint.kind) == (CUT, "turn")


def test_a_checkpoint_from_the_disk_goes_on_as_if_nothing_had_followed(
    models: dict[str, Model], vault: Vault, saved: Callable[[str], Path]
) -> None:
    path = saved("hybrid")
    with models["hybrid"].state() as state:
        restored = seqstate.restore(state.context, vault, path, state.identity, room=ROOM)
        assert restored is not None
        state.put(restored.checkpoints[0])
        state.read(MORE)
        assert state.logits() == fresh_logits(models["hybrid"], 512, [HELD[:CUT], MORE])


def test_only_the_last_checkpoints_that_fit_come_back(models: dict[str, Model], vault: Vault) -> None:
    with models["hybrid"].state() as state:
        for _ in range(4):
            state.read(tokens_of(20))
            state.take()
        path = state.save(vault)
        size = len(state.checkpoints[0].data)
        for room, positions in ((0, []), (size, [80]), (3 * size + 1, [40, 60, 80])):
            restored = seqstate.restore(state.context, vault, path, state.identity, room=room)
            assert restored is not None
            assert [checkpoint.position for checkpoint in restored.checkpoints] == positions


def refused(state: State, vault: Vault, path: Path, lines: list[str], reason: str) -> None:
    """The file is not used, the sequence is empty, there is one line, and reading works."""
    state.read(tokens_of(30, seed=9))
    lines.clear()
    assert seqstate.restore(state.context, vault, path, state.identity, room=ROOM) is None
    assert state.positions() == (-1, -1)
    (line,) = lines
    assert reason in line
    state.tokens.clear()
    state.read(tokens_of(30, seed=9))


@pytest.mark.parametrize("kind", KINDS)
def test_a_context_that_is_too_small_is_seen_before_llama_is_asked(
    kind: str, models: dict[str, Model], vault: Vault, lines: list[str], saved: Callable[[str], Path]
) -> None:
    path = saved(kind)
    with models[kind].state(256) as state:
        refused(state, vault, path, lines, "don't fit a context of 256")
    assert path.exists()


def test_every_part_of_the_identity_counts(
    models: dict[str, Model], vault: Vault, lines: list[str], saved: Callable[[str], Path]
) -> None:
    path = saved("hybrid")
    with models["hybrid"].state() as state:
        own = state.identity
        for other in other_identities(own):
            state.identity = other
            refused(state, vault, path, lines, "another model or other settings")
        assert seqstate.restore(state.context, vault, path, own, room=ROOM)


def test_what_llama_refuses_is_refused_and_removed(
    models: dict[str, Model], vault: Vault, lines: list[str]
) -> None:
    """An intact file whose state is of another architecture than its header says."""
    with models["plain"].state() as plain, models["hybrid"].state() as hybrid:
        plain.read(HELD)
        plain.identity = hybrid.identity
        path = plain.save(vault)
        refused(hybrid, vault, path, lines, "llama.cpp took 0 of")
    assert not path.exists()


def test_a_state_shorter_than_its_tokens_is_refused(
    models: dict[str, Model], vault: Vault, lines: list[str]
) -> None:
    with models["plain"].state() as state:
        state.read(HELD)
        writer = seqstate.begin_save(state.context, vault, "one", state.identity, tokens=HELD, checkpoints=())
        assert writer is not None
        lying = vault.begin("two", state.identity, writer.tokens[:-1], (), writer.header.state_bytes)
        assert lying is not None
        lying.fill(
            lambda give: seqstate.llama.llama_state_seq_get_data_ext(state.context, give, len(give), 0, 0)
        )
        writer.abandon()
        assert vault.finish(lying)
        refused(state, vault, lying.path, lines, "ends at position 299 in place of 298")


def test_a_context_out_of_step_with_its_tokens_is_not_saved(
    models: dict[str, Model], vault: Vault, lines: list[str]
) -> None:
    with models["hybrid"].state() as state:
        state.read(HELD)
        begun = seqstate.begin_save(
            state.context, vault, "one", state.identity, tokens=HELD[:-1], checkpoints=()
        )
        assert begun is None
    assert "does not hold its tokens" in lines[0]
    assert vault.total_bytes() == 0


def test_a_stopped_restore_leaves_an_empty_sequence_and_the_file(
    models: dict[str, Model], vault: Vault, saved: Callable[[str], Path]
) -> None:
    path = saved("hybrid")
    with models["hybrid"].state() as state:
        arguments = (state.context, vault, path, state.identity)
        assert seqstate.restore(*arguments, room=ROOM, stopped=lambda: True) is None
        assert state.positions() == (-1, -1)
        assert seqstate.restore(*arguments, room=ROOM) is not None


_IN_ANOTHER_PROCESS = """
import hashlib, json, sys
from pathlib import Path
from app.engine import seqstate
from app.engine.vault import Vault
from tests.engine.states import BUDGET, ROOM, model_of
kind, folder, held, more = json.load(sys.stdin)
vault = Vault(Path(folder), BUDGET, print)
with model_of(kind) as model, model.state(768) as state:
    found = vault.find([*held, *more], state.identity, cuts=False)
    restored = seqstate.restore(state.context, vault, found.path, state.identity, room=ROOM)
    assert restored.tokens.tolist() == held and found.reusable == len(held), found
    state.read(more)
    print(hashlib.sha256(state.logits()).hexdigest())
"""


@pytest.mark.parametrize("kind", KINDS)
def test_another_process_goes_on(
    kind: str, models: dict[str, Model], vault: Vault, tmp_path: Path, saved: Callable[[str], Path]
) -> None:
    path = saved(kind)
    request = json.dumps([kind, str(tmp_path / "states"), HELD, MORE])
    done = subprocess.run(
        [sys.executable, "-P", "-c", _IN_ANOTHER_PROCESS],
        input=request,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(Path(__file__).resolve().parents[2]), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    with models[kind].state(768) as state:
        assert seqstate.restore(state.context, vault, path, state.identity, room=ROOM)
        state.read(MORE)
        assert done.stdout.split() == [hashlib.sha256(state.logits()).hexdigest()]
