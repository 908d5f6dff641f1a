"""The file of a state: its bytes, what is never believed, kills, full disks."""

from __future__ import annotations

import array
import json
import random
import signal
import struct
import subprocess
import sys
from pathlib import Path

import pytest
import xxhash

from app.engine.identity import Identity
from app.engine.statefile import Checkpoint, StateFile, StateFileError, Stopped, token_array
from app.engine.statewriter import TEMPORARY, StateWriter
from app.engine.vault import Vault
from tests.engine.state_mutations import MUTATIONS, run_mutations

IDENTITY = Identity("m", "t", 1, 1, True, 0, False, False, "0.3.36 abc")
TOKENS = array.array("i", [5, 6, 2**31 - 1, -1])
CHECKPOINTS = (Checkpoint(1, "system", b"first"), Checkpoint(3, "turn", b"second"))
STATE = bytes(range(256)) * 5


def write(folder: Path, state: bytes = STATE) -> Path:
    size = len(state)
    writer = StateWriter(
        folder, "c" * 32, IDENTITY, TOKENS, checkpoints=CHECKPOINTS, state_bytes=size, asked=3
    )

    def give(target: object) -> int:
        target[:] = state  # type: ignore[index]
        return len(state)

    writer.fill(give)
    return writer.finish(lambda: False)


def test_what_was_written_is_read(tmp_path: Path) -> None:
    with StateFile(write(tmp_path)) as file:
        assert file.header.identity == IDENTITY
        assert file.tokens() == TOKENS
        assert file.checkpoints(1000, lambda: False) == list(CHECKPOINTS)
        file.check_state(lambda: False)
        assert file.give_state(lambda state: bytes(state) == STATE)


def test_the_format_is_the_one_that_is_described(tmp_path: Path) -> None:
    data = write(tmp_path).read_bytes()
    magic, version, length, summed = struct.unpack_from("<8sIIQ", data)
    assert (magic, version) == (b"CDSTATE\n", 1)
    assert summed == xxhash.xxh3_64_intdigest(data[8:16] + data[24 : 24 + length])
    header = json.loads(data[24 : 24 + length])
    assert header["checkpoints"][1] == [3, "turn", 6, xxhash.xxh3_64_hexdigest(b"3 turn\nsecond")]
    assert header["asked"] == 3
    assert header["state_checksum"] == xxhash.xxh3_64_hexdigest(header["branch"].encode() + b" 3\n" + STATE)
    assert data[24 + length :] == struct.pack("<4i", *TOKENS) + b"firstsecond" + STATE


@pytest.mark.parametrize("calls", range(4))
def test_reading_stops_between_chunks(calls: int, tmp_path: Path) -> None:
    """One chunk for each checkpoint that is not wanted, two for the state."""
    asked = iter([False] * calls)

    def read(file: StateFile) -> None:
        file.checkpoints(0, lambda: next(asked, True))
        file.check_state(lambda: next(asked, True))

    with StateFile(write(tmp_path, bytes(400_000))) as file, pytest.raises(Stopped):
        read(file)


def test_a_state_that_is_not_all_there_is_refused(tmp_path: Path) -> None:
    writer = StateWriter(tmp_path, "c", IDENTITY, TOKENS, checkpoints=(), state_bytes=10, asked=4)
    with pytest.raises(StateFileError, match="9 of 10 bytes"):
        writer.fill(lambda _state: 9)
    writer.abandon()
    assert not list(tmp_path.iterdir())


def test_tokens_are_32_bit_numbers() -> None:
    with pytest.raises(OverflowError):
        token_array([2**31])


@pytest.mark.parametrize("seed", [1])
def test_no_damaged_file_is_believed(seed: int, tmp_path: Path) -> None:
    done = run_mutations(1500, seed, tmp_path)
    print(f"seed {seed}: {dict(done)}")
    assert sum(done.values()) == 1500
    assert set(done) == {mutation.__name__ for mutation in MUTATIONS}


_SAVE_FOR_EVER = """
import array, ctypes, itertools, sys
from pathlib import Path
from app.engine.identity import Identity
from app.engine.statefile import Checkpoint
from app.engine.vault import Vault
vault = Vault(Path(sys.argv[1]), 1 << 32, print)
identity = Identity("m", "t", 1, 1, True, 0, False, False, "0.3.36 abc")
print("go", flush=True)
for number in itertools.count():
    tokens = array.array("i", [number % 3, *range(5000)])
    filling = number % 256
    parts = [Checkpoint(1 + n, "turn", bytes([filling]) * (2 << 20)) for n in range(2)]
    writer = vault.begin(f"c{number % 3}", identity, tokens, parts, 8 << 20)
    def give(state):
        ctypes.memset(state, filling, len(state))
        return len(state)
    writer.fill(give)
    assert vault.finish(writer)
"""
ROOT = Path(__file__).resolve().parents[2]


def in_child(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-P", "-c", code, *arguments],
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def whole_files(folder: Path) -> int:
    """How many states are there; each is whole and of one save."""
    paths = list(folder.glob("*.state"))
    for path in paths:
        with StateFile(path) as file:
            assert file.tokens()[1:].tolist() == list(range(5000))
            parts = {byte for part in file.checkpoints(1 << 30, lambda: False) for byte in part.data}
            file.check_state(lambda: False)
            assert len(parts | set(file.give_state(lambda state: [*bytes(state)[:: 1 << 16]]))) == 1
    return len(paths)


def test_a_kill_leaves_the_old_file_or_the_new_one(tmp_path: Path) -> None:
    seed, leftovers = 11, 0
    rng = random.Random(seed)
    for _ in range(8):
        with in_child(_SAVE_FOR_EVER, str(tmp_path)) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "go\n"
            with pytest.raises(subprocess.TimeoutExpired):
                child.wait(timeout=rng.uniform(0.0, 0.15))
            child.kill()
        assert child.returncode == -signal.SIGKILL
        leftovers += len(list(tmp_path.glob(f"*{TEMPORARY}")))
        Vault(tmp_path, 1 << 32, print)
        assert not list(tmp_path.glob(f"*{TEMPORARY}"))
        whole = whole_files(tmp_path)
    assert leftovers, "no kill came while a file was written: another seed is needed"
    assert whole == 3


_ON_A_FULL_DISK = """
import array, os, resource, sys
from pathlib import Path
from app.engine.identity import Identity
from app.engine.vault import Vault
lines = []
vault = Vault(Path(sys.argv[1]), 1 << 32, lines.append)
identity = Identity("m", "t", 1, 1, True, 0, False, False, "0.3.36 abc")
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
for way in range(2):
    assert vault.begin("one", identity, array.array("i", [1, 2]), (), 8 << 20) is None
    assert len(lines) == way + 1 and "was not saved" in lines[-1], lines
    assert not list(Path(sys.argv[1]).iterdir())
    small = vault.begin("one", identity, array.array("i", [1, 2]), (), 1 << 19)
    small.fill(len)
    assert vault.finish(small) and vault.delete_all()
    if hasattr(os, "posix_fallocate"):
        del os.posix_fallocate
print("survived")
"""


def test_a_full_disk_is_a_refusal_with_and_without_fallocate(tmp_path: Path) -> None:
    with in_child(_ON_A_FULL_DISK, str(tmp_path)) as child:
        out, error = child.communicate(timeout=60)
    assert out == "survived\n", error


def test_several_processes_write_find_and_delete_at_once(tmp_path: Path) -> None:
    code = _SAVE_FOR_EVER.replace("assert vault.finish(writer)", "vault.finish(writer)")
    lines: list[str] = []
    vault = Vault(tmp_path, 20 << 20, lines.append)
    found = 0
    with in_child(code, str(tmp_path)) as one, in_child(code, str(tmp_path)) as two:
        for child in (one, two):
            assert child.stdout is not None
            assert child.stdout.readline() == "go\n"
        for step in range(100_000):
            found += vault.find([step % 3, *range(5001)], IDENTITY, cuts=True) is not None
            vault.trim()
            if step % 50 == 49:
                vault.delete_all()
            if step % 7 == 0:
                vault = Vault(tmp_path, 20 << 20, lines.append)
            if step > 200 and found > 20:
                break
        alive = [child.poll() for child in (one, two)]
        for child in (one, two):
            child.kill()
    assert alive == [None, None]
    assert found
    assert not lines
    assert whole_files(tmp_path) <= 3


def test_the_folder_can_be_kept_without_llama() -> None:
    """The window shows, trims and deletes states while no engine runs."""
    code = "import app.engine.vault, sys; sys.exit('llama_cpp' in sys.modules)"
    with in_child(code) as child:
        assert child.communicate(timeout=60) == ("", "")
    assert child.returncode == 0
