"""The engine against the bare loop and llama.cpp's server, in turn, in one run, with equal settings.

Ours is timed where the window is: in the parent process, from event to event. The peers are
timed by themselves, without any pipe in between.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from app.engine.client import EngineClient, EngineDied
from app.engine.protocol import (
    Cancel,
    Delta,
    Event,
    Failed,
    Finished,
    Generate,
    Load,
    Loaded,
    ReadProgress,
)
from app.engine.threads import default_threads
from app.engine.values import LoadOptions, Sampling
from app.models.starter import starter_path
from tests import miniatures
from tests.bench.rows import Row

BATCH = 512
_WAIT_S = 300.0
_WORDS = ("river", "stone", "window", "green", "winter", "paper", "music", "walks", "the", "of", "and", "to")


@dataclass(frozen=True)
class Case:
    """A model and how much is read and generated a round."""

    name: str
    path: Path
    prompt_words: int
    n_predict: int
    context: int


@dataclass(frozen=True)
class Speed:
    """Tokens per second."""

    prefill: float
    decode: float


class Ours:
    """Our engine, as the window has it."""

    def __init__(self, path: Path, threads: int, context: int) -> None:
        self.client = EngineClient()
        self.client.start()
        self._ids = iter(range(1, 1_000_000))
        options = LoadOptions(n_ctx=context, n_threads=threads, n_batch=BATCH)
        self.client.send(Load(next(self._ids), str(path), options))
        self.until(Loaded)

    def until(self, kind: type[Event]) -> tuple[Event, float]:
        """The next event of `kind` and when it came."""
        while True:
            event = self.client.next_event(_WAIT_S)
            if event is None or isinstance(event, EngineDied | Failed):
                raise RuntimeError(f"the engine did not answer: {event}")
            if isinstance(event, kind):
                return event, perf_counter()

    def ask(self, prompt: str, n_predict: int) -> int:
        """Send a raw prompt, greedy; the request's id."""
        request = Generate(
            next(self._ids), prompt=prompt, max_tokens=n_predict, sampling=Sampling(temperature=0.0)
        )
        self.client.send(request)
        return request.request_id

    def run(self, prompt: str, n_predict: int) -> Speed:
        self.ask(prompt, n_predict)
        _event, begun = self.until(ReadProgress)
        while True:
            event, read = self.until(ReadProgress)
            assert isinstance(event, ReadProgress)
            if event.read >= event.total:
                break
        finished, done = self.until(Finished)
        assert isinstance(finished, Finished)
        usage = finished.usage
        return Speed(usage.read_tokens / (read - begun), usage.generated_tokens / (done - read))

    def cancel(self, request_id: int) -> float:
        """Seconds from Cancel to the end of the request."""
        begun = perf_counter()
        self.client.send(Cancel(next(self._ids), request_id))
        _event, done = self.until(Finished)
        return done - begun


class Peer:
    """A peer's process."""

    def __init__(self, kind: str, path: Path, threads: int, context: int) -> None:
        command = [sys.executable, "-m", "tests.bench.peer", kind, str(path), str(threads), str(context)]
        self._process = subprocess.Popen(
            [*command, str(BATCH)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=dict(os.environ, GGML_NO_BACKTRACE="1"),
        )
        if self._read() != "ready\n":
            raise RuntimeError(f"the peer {kind} did not start")

    def _read(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()

    def run(self, prompt: str, n_predict: int) -> Speed:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"prompt": prompt, "n_predict": n_predict}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._read())
        return Speed(answer["read"] / answer["prefill_s"], answer["generated"] / answer["decode_s"])

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()


def _prompt(case: Case, round_number: int) -> str:
    """Another prompt each round, so that no cache helps anyone."""
    draw = random.Random(1000 + round_number)
    return f"Round {round_number}: " + " ".join(draw.choice(_WORDS) for _ in range(case.prompt_words))


def _compare(case: Case, rounds: int) -> list[Row]:
    threads = default_threads()
    ours = Ours(case.path, threads, case.context)
    peers = {kind: Peer(kind, case.path, threads, case.context) for kind in ("bare", "server")}
    speeds: dict[str, list[Speed]] = {"ours": [], "bare": [], "server": []}
    runners = {"ours": ours.run, **{kind: peer.run for kind, peer in peers.items()}}
    try:
        for number in range(rounds + 1):
            # Each goes first in turn; the first round warms caches and is not counted.
            names = list(runners)
            names = names[number % 3 :] + names[: number % 3]
            for name in names:
                speed = runners[name](_prompt(case, number), case.n_predict)
                if number:
                    speeds[name].append(speed)
    finally:
        ours.client.close()
        for peer in peers.values():
            peer.close()
    return _rows(case.name, speeds, threads)


def _rows(name: str, speeds: dict[str, list[Speed]], threads: int) -> list[Row]:
    rows = []
    for what in ("decode", "prefill"):
        rates = {who: [getattr(speed, what) for speed in found] for who, found in speeds.items()}
        for peer, label in (("bare", "bare llama_decode"), ("server", "llama.cpp's server")):
            ratio = median(a / b for a, b in zip(rates["ours"], rates[peer], strict=True))
            rows.append(Row(f"engine.{what}.{name}.vs_{peer}", ratio, "ratio", 0.95, "higher", label))
        for who, found in rates.items():
            note = f"{who}, {threads} thread(s)"
            rows.append(
                Row(f"engine.{what}.{name}.tps_{who}", median(found), "tokens/s", None, "higher", note)
            )
    return rows


def _cancel_rows(rounds: int) -> list[Row]:
    """Cancel in decode and in prefill on the starter model, and when the next request is answered."""
    starter = starter_path()
    assert starter is not None
    ours = Ours(starter, default_threads(), 4096)
    spent: list[float] = []
    ready: list[float] = []
    try:
        for number in range(2 * rounds):
            prompt = _prompt(Case("", starter, 400 if number % 2 else 4, 0, 0), number)
            request_id = ours.ask(prompt, 500)
            ours.until(ReadProgress if number % 2 else Delta)
            begun = perf_counter()
            spent.append(ours.cancel(request_id))
            ours.ask("Hi", 1)
            ours.until(ReadProgress)
            ready.append(perf_counter() - begun)
            ours.until(Finished)
    finally:
        ours.client.close()
    return [
        Row("engine.cancel_ms", 1000 * max(spent), "ms", 100, "lower", "from Cancel to the end, worst"),
        Row(
            "engine.ready_after_cancel_ms", 1000 * max(ready), "ms", 300, "lower", "next request begun, worst"
        ),
    ]


def measure(rounds: int) -> list[Row]:
    """All rows of the area."""
    starter = starter_path()
    assert starter is not None, "make setup installs the starter model"
    hybrid = miniatures.build(miniatures.HYBRID_BENCH)
    # Two runs of a second one after the other differ by up to a fifth on a shared machine, whoever
    # runs: many short pairs, each with a ratio of its own, are what the median can see through.
    rows = _compare(Case("starter", starter, 90, 40, 2048), 8 * rounds)
    rows += _compare(Case("hybrid", hybrid, 300, 160, 4096), 5 * rounds)
    return rows + _cancel_rows(rounds)
