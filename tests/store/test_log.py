"""What stands in the log beside a damaged database, and a log that is damaged itself."""

from __future__ import annotations

import random
import shutil
import struct
from pathlib import Path

import pytest

from app.store import Store
from app.store.database import NAME
from app.store.log import _checksum
from tests.store.damage import LOG, hit
from tests.store.support import branched, told, whole


def crashed(folder: Path, target: Path) -> Path:
    """A database whose last writes stand in the log only."""
    store = Store.open(folder)
    store.create(branched())
    store.close()
    store = Store.open(folder)
    store.create(branched("Second", "second-"))
    store.add_message("conversation", told("late", "Late words"), "q2")
    shutil.copytree(folder, target)
    store.close()
    return target


@pytest.mark.parametrize("damage", ["header", "all", "gone", "empty"])
def test_what_stands_in_the_log_is_read(folder: Path, tmp_path: Path, damage: str) -> None:
    target = crashed(folder, tmp_path / "crashed")
    if damage == "header":
        hit(target, 0, b"X")
    elif damage == "gone":
        (target / NAME).unlink()
    else:
        (target / NAME).write_bytes(b"" if damage == "empty" else bytes((target / NAME).stat().st_size))
    store = Store.open(target)
    assert store.report.recovered
    expected = branched("Second", "second-")
    assert store.load("second-conversation").conversation == expected
    texts = [
        one.text for entry in store.entries() for one in store.load(entry.id).conversation.messages.values()
    ]
    assert "Late words" in texts
    assert store.report.set_aside is not None
    assert (store.report.set_aside / LOG).exists()
    store.close()
    assert whole(target)


def test_a_log_of_another_file_is_not_believed(folder: Path, tmp_path: Path) -> None:
    target = crashed(folder, tmp_path / "crashed")
    log = bytearray((target / LOG).read_bytes())
    log[16:24] = bytes(8)  # the salts of another time
    sums = _checksum(bytes(log[:24]), (0, 0), ">" if log[3] & 1 else "<")
    log[24:32] = struct.pack(">2I", *sums)
    (target / LOG).write_bytes(log)
    hit(target, 0, b"X")
    store = Store.open(target)
    assert [entry.id for entry in store.entries()] == ["conversation"]
    assert store.load("conversation").conversation == branched()
    store.close()


@pytest.mark.parametrize("at", [0, 16, 33, 44, 100, 5000, 9000, 13_000])
def test_damage_in_the_log_does_not_hide_what_came_after(folder: Path, tmp_path: Path, at: int) -> None:
    target = tmp_path / "crashed"
    store = Store.open(folder)
    for number in range(12):
        store.create(branched(f"Title {number}", f"{number}-"))
    shutil.copytree(folder, target)
    store.close()
    log = bytearray((target / LOG).read_bytes())
    log[at] ^= 16
    (target / LOG).write_bytes(log)
    store = Store.open(target)
    assert store.report.recovered
    found = {one for entry in store.entries() for one in store.load(entry.id).conversation.messages}
    assert {f"11-{one}" for one in ("q1", "a1", "a2", "q2")} <= found
    assert len(found) >= 44
    store.close()
    assert whole(target)


def test_a_torn_end_of_the_log_is_no_damage(folder: Path, tmp_path: Path) -> None:
    target = crashed(folder, tmp_path / "crashed")
    log = (target / LOG).read_bytes()
    (target / LOG).write_bytes(log[:-100])
    store = Store.open(target)
    assert not store.report.recovered
    assert store.load("second-conversation").conversation == branched("Second", "second-")
    assert "late" not in store.load("conversation").conversation.messages
    store.close()


@pytest.mark.parametrize("seed", range(25))
def test_any_damage_in_file_and_log_is_survived(folder: Path, tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    target = crashed(folder, tmp_path / "crashed")
    for name in chance.choice(((LOG,), (NAME, LOG))):
        data = bytearray((target / name).read_bytes())
        for _ in range(chance.choice((1, 5, 50))):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        (target / name).write_bytes(data)
    for prefix in ("x-", "y-"):
        store = Store.open(target)
        for entry in store.entries():
            store.load(entry.id)
        store.create(branched(prefix=prefix))
        assert store.load(f"{prefix}conversation").conversation == branched(prefix=prefix)
        assert prefix == "x-" or not store.report.recovered
        store.close()
    assert whole(target)
