"""A download that is broken off in every way ends with the right file, and little is fetched twice."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from app.paths import Paths
from tests.models.conftest import REPO, content
from tests.models.downloader import CLOSED
from tests.models.hub_server import HubServer

_LONGEST_S = 60.0
_MIB = 1024 * 1024
KINDS = ("cut", "reset", "error", "kill", "restart")


class Walk:
    """One download through interruptions at random offsets, in processes of its own."""

    def __init__(self, root: Path, server: HubServer, size: int, count: int, seed: int) -> None:
        self._root, self._server = root, server
        self._random = random.Random(seed)
        self._child: subprocess.Popen[bytes] | None = None
        self.happened: Counter[str] = Counter()
        self.lives = 0
        server.add(REPO, {"m-Q4_0.gguf": content(size, seed)}, cardData={"license": "mit"})
        kinds = [KINDS[number % len(KINDS)] for number in range(count)]
        self._random.shuffle(kinds)
        offsets = sorted(self._random.sample(range(1, size), count))
        server.interruptions = [
            (offset, lambda kind=kind: self._interrupt(kind))  # type: ignore[misc]
            for offset, kind in zip(offsets, kinds, strict=True)
        ]

    def run(self) -> Path:
        """Start the download again and again until it is done; the file."""
        code = None
        while code != 0:
            self._child = self._start()
            try:
                code = self._child.wait(_LONGEST_S)
            finally:
                self._child.kill()
                self._child.wait(10)
                assert self._child.stdin is not None
                self._child.stdin.close()
            self.lives += 1
            assert code in (0, CLOSED, -9), (self._root / "stderr").read_text(encoding="utf-8")
        return Paths.default(self._root).models / REPO / "m-Q4_0.gguf"

    def _start(self) -> subprocess.Popen[bytes]:
        command = [
            sys.executable,
            "-m",
            "tests.models.downloader",
            str(self._root),
            self._server.endpoint,
            REPO,
        ]
        self._root.mkdir(exist_ok=True)
        with (self._root / "stderr").open("ab") as errors:
            return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=errors, env=dict(os.environ))

    def _interrupt(self, kind: str) -> str:
        """On the server's thread, when so much was sent."""
        self.happened[kind] += 1
        assert self._child is not None
        if kind == "kill":
            self._child.kill()
            return "cut"
        if kind == "restart":
            assert self._child.stdin is not None
            self._child.stdin.write(b"close\n")
            self._child.stdin.flush()
            return ""
        if kind == "error":
            route = self._random.choice(("resolve", "storage"))
            status = self._random.choice((500, 502, 503, 504))
            self._server.fail(route=route, status=status, times=self._random.randint(1, 3))
            return "reset"
        return kind


def check(root: Path, server: HubServer, *, size: int, count: int, seed: int) -> str:
    """Walk, and the figures in words."""
    walk = Walk(root, server, size, count, seed)
    began = time.monotonic()
    path = walk.run()
    took = time.monotonic() - began
    with path.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == server.hashes[REPO, "m-Q4_0.gguf"]
    assert [found.name for found in path.parent.iterdir()] == [path.name]
    twice = server.refetched()
    assert walk.happened.total() == count
    assert max(twice) <= _MIB, twice
    return (
        f"\n{count} interruptions ({dict(walk.happened)}) of {size:,} bytes in {walk.lives} processes, "
        f"{took:.1f} s: fetched twice at most {max(twice):,} bytes, {sum(twice):,} in all"
    )


def test_a_few_interruptions(tmp_path: Path, server: HubServer) -> None:
    print(check(tmp_path / "data", server, size=20_000_000, count=5, seed=1))


@pytest.mark.soak
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("seed", range(3))
def test_thirty_interruptions(seed: int, tmp_path: Path, server: HubServer) -> None:
    print(check(tmp_path / "data", server, size=200_000_000, count=30, seed=100 + seed))
