"""Thousands of damaged headers: flipped bytes, huge numbers, cuts, and pieces of other files."""

from __future__ import annotations

import random
import time
import tracemalloc
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from app.errors import ModelFileError
from app.models.gguf import read_header, read_parts
from app.models.memory import Gpu, Plan, estimate
from tests import miniatures
from tests.damage import KINDS, damage
from tests.models import headers

#: Behind the header: enough data that some mutations go unnoticed.
_TAIL = 4096


@dataclass
class Outcomes:
    """How often each end came; the slowest header in seconds of this process, the peak in bytes."""

    read: int = 0
    refused: int = 0
    slowest_s: float = 0.0
    peak_bytes: int = 0


@cache
def _sources(starter: Path) -> list[tuple[bytes, int, int]]:
    """Header with a little behind it, its length, and the size of the whole file."""
    paths = [
        miniatures.hybrid(),
        miniatures.sliding(),
        miniatures.build(miniatures.HYBRID_BENCH),
        miniatures.build(miniatures.RECURRENT),
        starter,
    ]
    found = []
    for path in paths:
        data = path.read_bytes()
        length = read_header(path.name, headers.reader(data), len(data)).n_bytes
        found.append((data[: length + _TAIL], length, len(data)))
    return found


def mutate(data: bytes, length: int, other: bytes, chance: random.Random) -> bytes:
    """`data` with its header of `length` bytes damaged."""
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5, 40))):
        # The keys at the beginning and the tensors at the end; most of the rest is vocabulary.
        near = chance.choice((600, 600, length))
        at = (
            chance.randrange(4, near) if chance.random() < 0.6 else max(4, length - chance.randrange(1, near))
        )
        at = min(at, len(damaged) - 9)
        kind = chance.randrange(KINDS + 1)
        if kind == KINDS:
            start = chance.randrange(len(other) - 64)
            damaged[at:at] = other[start : start + chance.randrange(1, 400)]
        elif damage(damaged, at, kind, chance):
            break
    return bytes(damaged)


def run_mutations(count: int, seed: int, starter: Path) -> Outcomes:
    """Read so many damaged headers, and estimate what is read. Anything but ModelFileError is raised.

    The peak is Python's own allocations while reading, without those of the tests.
    """
    chance, outcomes = random.Random(seed), Outcomes()
    sources = _sources(starter)
    for number in range(count):
        data, length, size = chance.choice(sources)
        damaged = mutate(data, length, chance.choice(sources)[0], chance)
        measured = number % 25 == 0
        if measured:
            tracemalloc.start()
        started = time.process_time()
        try:
            _read(damaged, chance.choice((size, len(damaged), None)))
            outcomes.read += 1
        except ModelFileError as error:
            outcomes.refused += 1 if error.message and error.hint else 0
        if measured:
            outcomes.peak_bytes = max(outcomes.peak_bytes, tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
        else:
            outcomes.slowest_s = max(outcomes.slowest_s, time.process_time() - started)
    return outcomes


def _read(data: bytes, size: int | None) -> None:
    found = read_parts(["m.gguf"], lambda _name: (headers.reader(data), size))
    gpus = (Gpu("GPU0", 8 * 1024**3), Gpu("GPU1", 4 * 1024**3))
    for plan in (Plan(4096), Plan(4096, n_gpu_layers=3, cpu_experts=1, gpus=gpus)):
        assert estimate(found.layout, found.tensors, plan).total >= 0
