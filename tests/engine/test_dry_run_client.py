"""Compute buffers measured in a child process; files that end it, hang it or lie."""

from __future__ import annotations

import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.engine import dry_run_client
from app.engine.dry_run import compute_buffers
from app.engine.dry_run_client import measure, measure_header
from app.engine.values import LoadOptions
from app.errors import DiskFullError, EngineStoppedError, ModelFileError, RequestError, UserError
from app.models.gguf import read_header
from app.paths import self_command
from tests import miniatures
from tests.damage import KINDS, damage
from tests.engine.plain_llama import log
from tests.models import headers

OPTIONS = LoadOptions(n_ctx=65_536, n_threads=1)


def test_as_in_this_process(hybrid: Path) -> None:
    assert measure(hybrid, OPTIONS) == compute_buffers(hybrid, OPTIONS, log())


def test_a_file_that_is_not_here() -> None:
    path = miniatures.sliding()
    data = path.read_bytes()
    header = read_header(path.name, headers.reader(data), len(data))
    found = measure_header(data[: header.n_bytes], len(data), OPTIONS)
    assert found == compute_buffers(path, OPTIONS, log())


def test_what_cannot_be_measured(tmp_path: Path, hybrid: Path) -> None:
    with pytest.raises(ModelFileError, match="There is no file"):
        measure(tmp_path / "missing.gguf", OPTIONS)
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(hybrid.read_bytes()[:4000])
    with pytest.raises(ModelFileError):
        measure(broken, OPTIONS)
    with pytest.raises(RequestError, match="cache type"):
        measure(hybrid, LoadOptions(cache_type="q3"))


def child(monkeypatch: pytest.MonkeyPatch, program: str) -> None:
    command = [sys.executable, "-c", program]
    monkeypatch.setattr(dry_run_client, "self_command", lambda _what: command)


@pytest.mark.parametrize(
    "program",
    [
        "import os; os.abort()",
        "print('no frame')",
        "pass",
        "import sys; sys.stdout.buffer.write(b'CD\\x01\\x00\\xff\\xff\\xff\\xff')",
    ],
    ids=["dies", "babbles", "silent", "lies"],
)
def test_a_child_that_gives_no_answer(program: str, hybrid: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child(monkeypatch, program)
    with pytest.raises(ModelFileError, match="ended the process"):
        measure(hybrid, OPTIONS)


def test_a_child_that_hangs(hybrid: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child(monkeypatch, "import time; time.sleep(600)")
    with pytest.raises(EngineStoppedError, match="too long"):
        measure(hybrid, OPTIONS, timeout_s=0.2)
    stop = threading.Event()
    threading.Timer(0.1, stop.set).start()
    with pytest.raises(RequestError, match="stopped"):
        measure(hybrid, OPTIONS, cancelled=stop.is_set)


def test_no_room_and_no_program(tmp_path: Path, hybrid: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DiskFullError):
        measure_header(b"GGUF" + bytes(64), 2**62, OPTIONS)
    monkeypatch.setattr(dry_run_client, "self_command", lambda _what: [str(tmp_path / "nothing")])
    with pytest.raises(EngineStoppedError):
        measure(hybrid, OPTIONS)


def test_the_command_wants_its_message() -> None:
    for said in (b"", b"nonsense that is no frame"):
        done = subprocess.run(self_command("dry-run"), input=said, capture_output=True, check=False)
        assert (done.returncode, done.stdout) == (1, b"")


def outcome(path: Path) -> object:
    try:
        return measure(path, LoadOptions(n_ctx=512))
    except UserError as error:
        return error.message


def test_hostile_headers_end_in_words(tmp_path: Path) -> None:
    """Whatever llama.cpp makes of it, the answer is buffers or a UserError."""
    seed = random.randrange(2**32)
    print(f"seed {seed}")
    rng = random.Random(seed)
    data = miniatures.sliding().read_bytes()
    n_bytes = read_header("m.gguf", headers.reader(data), len(data)).n_bytes
    for kind in range(KINDS):
        path, hurt = tmp_path / f"{kind}.gguf", bytearray(data)
        damage(hurt, rng.randrange(4, n_bytes - 8), kind, rng)
        path.write_bytes(hurt)
        assert outcome(path)
