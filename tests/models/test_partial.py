"""Only bytes that the journal proves are believed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import stat
from io import FileIO
from pathlib import Path

import pytest

from app.errors import DiskFullError, HashError
from app.models.partial import (
    MARK_BYTES,
    SYNC_BYTES,
    Expected,
    PartFile,
    discard,
    journal_path,
    kept_bytes,
    part_path,
)
from app.models.stopping import StopSignal
from tests.models.conftest import content

SIZE = 3 * MARK_BYTES + 1000
DATA = content(SIZE)
WHOLE = Expected(SIZE, hashlib.sha256(DATA).hexdigest())


def opened(target: Path, expected: Expected = WHOLE) -> PartFile:
    part = PartFile(target, expected)
    assert part.open(StopSignal(), lambda _: None)
    return part


def write(target: Path, count: int) -> None:
    """A part file with so many bytes, closed properly."""
    part = opened(target)
    part.append(DATA[part.offset : count])
    part.close()


def killed(target: Path, count: int, step: int = 65536) -> None:
    """The same, left as a kill leaves it."""
    part = opened(target)
    for at in range(0, count, step):
        part.append(DATA[at : min(at + step, count)])
    assert part._file is not None
    assert part._journal is not None
    part._journal.close()
    part._file.close()


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "m.gguf"


def test_from_nothing_to_the_file(target: Path) -> None:
    part = opened(target)
    assert part.offset == 0
    part.append(DATA)
    assert not target.exists()
    part.finish()
    assert target.read_bytes() == DATA
    assert [path.name for path in target.parent.iterdir()] == ["m.gguf"]
    if os.name != "nt":
        assert stat.S_IMODE(target.stat().st_mode) & 0o644 == 0o644


def test_a_proper_end_costs_nothing(target: Path) -> None:
    write(target, 777_777)
    assert kept_bytes(target) == 777_777
    part = opened(target)
    assert part.offset == 777_777
    part.append(DATA[777_777:])
    part.finish()
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("count", [0, 1, 65536, MARK_BYTES - 1, MARK_BYTES, 2 * MARK_BYTES + 5, SIZE])
def test_a_kill_costs_little(count: int, target: Path) -> None:
    killed(target, count)
    part = opened(target)
    assert 0 <= count - part.offset < MARK_BYTES
    assert part_path(target).stat().st_size == part.offset
    part.append(DATA[part.offset :])
    part.finish()
    assert target.read_bytes() == DATA


@pytest.mark.parametrize("at", [0, MARK_BYTES - 1, MARK_BYTES, 2 * MARK_BYTES + 100])
def test_a_damaged_byte_is_not_believed(at: int, target: Path) -> None:
    killed(target, SIZE)
    with part_path(target).open("r+b") as file:
        file.seek(at)
        file.write(bytes([DATA[at] ^ 1]))
    part = opened(target)
    assert part.offset == at // MARK_BYTES * MARK_BYTES
    part.append(DATA[part.offset :])
    part.finish()
    assert target.read_bytes() == DATA


def test_zeros_where_the_power_was_cut(target: Path) -> None:
    killed(target, SIZE)
    with part_path(target).open("r+b") as file:
        file.seek(MARK_BYTES + 10)
        file.write(bytes(SIZE - MARK_BYTES - 10))
    part = opened(target)
    assert part.offset == MARK_BYTES
    part.close()


def test_a_journal_cut_at_any_place_is_believed_as_far_as_it_goes(target: Path) -> None:
    killed(target, SIZE)
    journal = journal_path(target).read_bytes()
    held = part_path(target).read_bytes()
    for cut in range(0, len(journal), 13):
        journal_path(target).write_bytes(journal[:cut])
        part_path(target).write_bytes(held)
        part = opened(target)
        assert part.offset in (0, *range(MARK_BYTES, SIZE, MARK_BYTES))
        assert part_path(target).read_bytes() == DATA[: part.offset]
        part.close()


@pytest.mark.parametrize(
    "lines",
    [
        ["nonsense"],
        [{"version": 9, "size": WHOLE.size, "sha256": WHOLE.sha256}],
        [{"version": 1, "size": WHOLE.size, "sha256": "0" * 64}],
        [{"version": 1, "size": WHOLE.size + 1, "sha256": WHOLE.sha256}],
        [{"version": 1, "size": WHOLE.size, "sha256": WHOLE.sha256}, {"at": -5, "prefix": "x"}],
        [{"version": 1, "size": WHOLE.size, "sha256": WHOLE.sha256}, {"at": 10**15, "prefix": "x"}],
        [{"version": 1, "size": WHOLE.size, "sha256": WHOLE.sha256}, {"at": "1", "prefix": 1}, [], None],
    ],
)
def test_a_journal_that_makes_no_sense(lines: list[object], target: Path) -> None:
    part_path(target).write_bytes(DATA)
    journal_path(target).write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    part = opened(target)
    assert part.offset == 0
    assert part.etag == ""
    part.close()


def test_without_its_journal_nothing_is_believed(target: Path) -> None:
    part_path(target).write_bytes(DATA)
    assert kept_bytes(target) == 0
    part = opened(target)
    assert part.offset == 0
    part.close()


def test_what_is_fetched_is_remembered(target: Path) -> None:
    part = opened(target)
    part.know("etag", "https://hub.example")
    part.append(DATA[:1000])
    part.close()
    for _ in range(2):
        part = opened(target)
        assert (part.etag, part.source) == ("etag", "https://hub.example")
        part.close()


def test_what_begins_anew_knows_no_version(target: Path) -> None:
    part = opened(target)
    part.know("etag", "https://hub.example")
    part.append(DATA[:1000])
    part.close()
    part_path(target).write_bytes(b"damaged")
    part = opened(target)
    assert (part.offset, part.etag, part.source) == (0, "", "")
    part.close()


def test_another_version_starts_anew(target: Path) -> None:
    write(target, 500_000)
    part = opened(target, Expected(SIZE, "0" * 64))
    assert part.offset == 0
    part.close()


def test_a_wrong_hash_leaves_nothing(target: Path) -> None:
    part = opened(target, Expected(SIZE, "0" * 64))
    part.append(DATA)
    with pytest.raises(HashError, match="SHA-256"):
        part.finish()
    assert list(target.parent.iterdir()) == []


def test_a_foreign_file_is_not_overwritten(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(2):
        part = opened(target)
        part.append(DATA[part.offset :])
        target.write_bytes(b"theirs")
        with pytest.raises(DiskFullError, match="cannot be written"):
            part.finish()
        assert target.read_bytes() == b"theirs"
        assert part_path(target).read_bytes() == DATA
        target.unlink()
        # The second time on a file system without links.
        monkeypatch.setattr(os, "link", _no_links)
    part = opened(target)
    part.finish()
    assert target.read_bytes() == DATA
    assert not part_path(target).exists()


def _no_links(*_arguments: object) -> None:
    raise OSError(errno.EPERM, "no links")


def test_long_files_keep_few_places(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.models.partial.SYNC_BYTES", SYNC_BYTES // 64)
    monkeypatch.setattr("app.models.partial.MARK_BYTES", MARK_BYTES // 16)
    data = content(8 * 1024 * 1024)
    expected = Expected(len(data), hashlib.sha256(data).hexdigest())
    part = opened(target, expected)
    for at in range(0, len(data), 4096):
        part.append(data[at : at + 4096])
    assert len(journal_path(target).read_bytes().splitlines()) < 60
    part.close()
    with part_path(target).open("r+b") as file:
        file.seek(5 * 1024 * 1024 + 9)
        file.write(b"\0\0\0")
    part = opened(target, expected)
    assert part.offset == 5 * 1024 * 1024
    part.append(data[part.offset :])
    part.finish()
    assert target.read_bytes() == data


def test_verifying_can_be_stopped_and_costs_nothing(target: Path) -> None:
    write(target, SIZE - 1)
    stop, part = StopSignal(), PartFile(target, WHOLE)
    assert not part.open(stop, lambda _: stop.set()) or stop.is_set()
    part.close()
    stop = StopSignal()
    stop.set()
    part = PartFile(target, WHOLE)
    assert not part.open(stop, lambda _: None)
    part.close()
    part = opened(target)
    assert part.offset == SIZE - 1
    part.close()


@pytest.mark.parametrize(
    ("number", "words"),
    [(errno.ENOSPC, "disk is full"), (errno.EFBIG, "of that size"), (errno.EIO, "cannot be written")],
)
def test_a_disk_that_refuses(number: int, words: str, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = opened(target)
    part.append(DATA[:300_000])

    class Full(FileIO):
        def write(self, data: object) -> int:
            raise OSError(number, os.strerror(number))

    assert part._file is not None
    path = part_path(target)
    part._file.close()
    part._file = Full(path, "r+")
    with pytest.raises(DiskFullError, match=words):
        part.append(DATA[300_000:])
    part.close()
    part = opened(target)
    assert part.offset == 300_000
    part.append(DATA[part.offset :])
    part.finish()
    assert target.read_bytes() == DATA


def test_discarding(target: Path) -> None:
    write(target, 1000)
    (target.parent / "other.gguf.part").write_bytes(b"x")
    discard(target)
    discard(target)
    assert [path.name for path in target.parent.iterdir()] == ["other.gguf.part"]
