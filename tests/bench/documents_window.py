"""Whole documents dropped into the real window: time, stalls and memory, against the bare libraries.

The window runs in a process of its own, watched from here; so does what it is compared with: the
bare extraction library and one call of the bare tokenizer, with the same vocabulary.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from statistics import median
from typing import IO, Any

import psutil

from tests.bench.documents_files import big_pdf
from tests.bench.rows import Row

_POLL_S = 0.02
_LEAST_TOKENS = 1_000_000
#: A word of these is a token of most vocabularies, as in plain English.
_COMMON = """
the of and to in is that it was for on are with as be at one have this from or had by hot but
some what there we can out other were all your when up use word how said an each she which do
their time if will way about many then them would write like so these her long make thing see
him two has look more day could go come did my sound no most number who over know water than
call first people may down side been now find any new work part take get place made live where
after back little only round man year came show every good me give our under name very through
just form much great think say help low line before turn cause same mean differ move right boy
old too does tell sentence set three want air well also play small end put home read hand port
large spell add even land here must big high such follow act why ask men change went light kind
off need house picture try us again animal point mother world near build self
"""


def rows(rounds: int) -> list[Row]:
    """The rows of the window."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, peer in (
            ("book.txt", "decode + llama_tokenize"),
            ("pages.pdf", "pypdfium2 + llama_tokenize"),
        ):
            path = Path(folder) / name
            path.write_bytes(big_pdf() if path.suffix == ".pdf" else plain_text().encode())
            found += _rows(path, peer, max(1, rounds // 2))
    return found


def plain_text(words: int = 1_040_000) -> str:
    """Lines and paragraphs of common words, 4.9 characters each with the blank behind it."""
    chance = random.Random(7)
    chosen = chance.choices(_COMMON.split(), k=words)
    lines = [" ".join(chosen[at : at + 14]) for at in range(0, words, 14)]
    return "\n\n".join("\n".join(lines[at : at + 9]) for at in range(0, len(lines), 9)) + "\n"


def _rows(path: Path, peer: str, rounds: int) -> list[Row]:
    theirs: list[dict[str, Any]] = []
    ours: list[dict[str, Any]] = []
    for _ in range(rounds):
        theirs.append(run_bare(path))
        ours.append(_run(["window", str(path)]))
    name = "book" if path.suffix == ".txt" else "pages"
    size = theirs[0]["bytes"]
    tokens = theirs[0]["tokens"]
    if any(one["tokens"] != tokens for one in (*theirs, *ours)):
        raise AssertionError(f"{path.name}: {[one['tokens'] for one in (*theirs, *ours)]} tokens")
    if name == "book" and tokens < _LEAST_TOKENS:
        raise AssertionError(f"only {tokens:,} tokens")
    ratio = median(o["seconds"] / t["seconds"] for o, t in zip(ours, theirs, strict=True))
    growth = max(one["window"] for one in ours) / size
    prefix = f"documents.window.{name}"
    return [
        Row(f"{prefix}.tokens", tokens, "tokens", None, "higher"),
        Row(f"{prefix}.seconds", median(one["seconds"] for one in ours), "s", None, "lower"),
        Row(f"{prefix}.times_bare", ratio, "×", 1.5, "lower", peer),
        Row(f"{prefix}.stall_ms", max(one["stall_ms"] for one in ours), "ms", 50, "lower"),
        Row(f"{prefix}.window_growth", growth, "× text", 6.0, "lower"),
        Row(f"{prefix}.engine_growth_mb", max(one["engine"] for one in ours) / 2**20, "MB", 160, "lower"),
        Row(f"{prefix}.reader_mb", max(one["reader"] for one in ours) / 2**20, "MB", None, "lower"),
    ]


def run_bare(path: Path) -> dict[str, Any]:
    """What the bare libraries take for a file: "seconds", "tokens", "bytes"."""
    return _run(["bare", str(path)])


def _run(arguments: list[str]) -> dict[str, Any]:
    """Run this module in a process; its memory is watched from the line that says it is ready."""
    command = [sys.executable, "-m", "tests.bench.documents_drop", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        watch = _Watch(_line(process.stdout))
        with watch:
            process.stdin.write("go\n")
            process.stdin.flush()
            result = _line(process.stdout)
        process.stdin.close()
        process.stdout.read()
    if process.returncode:
        raise AssertionError(f"{arguments} ended with {process.returncode}")
    return {**result, "window": watch.window, "engine": watch.engine, "reader": watch.reader}


def _line(stream: IO[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stream.readline())
    return found


class _Watch:
    """The most by which the window and the engine grew, and the most that a reader had; in bytes."""

    def __init__(self, ready: dict[str, Any]) -> None:
        self._window, self._engine = psutil.Process(ready["pid"]), psutil.Process(ready["engine"])
        self._known = {child.pid for child in self._window.children(recursive=True)}
        self._before = self._window.memory_info().rss, self._engine.memory_info().rss
        self.window = self.engine = self.reader = 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.wait(_POLL_S):
            self.window = max(self.window, self._window.memory_info().rss - self._before[0])
            self.engine = max(self.engine, self._engine.memory_info().rss - self._before[1])
            for child in self._window.children():
                try:
                    if child.pid not in self._known:
                        self.reader = max(self.reader, child.memory_info().rss)
                except psutil.Error:
                    continue
