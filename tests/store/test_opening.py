"""Versions, locks, full disks, folders that cannot be written, processes that are killed."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.chat.conversation import Conversation
from app.errors import DamagedError, DiskFullError, StoreError, UserError
from app.store import OpenReport, Store, opening
from app.store.database import NAME
from tests.store.support import branched, raw, told, whole

# ---- two processes ------------------------------------------------------------------------


def writer(folder: Path, name: str, count: int, *limit: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.store.writer", str(folder), name, str(count), *limit]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def test_two_processes_write_at_once(folder: Path) -> None:
    writers = [writer(folder, name, 60) for name in ("a", "b")]
    said = [process.communicate(timeout=120)[0].split() for process in writers]
    assert [lines[1:] for lines in said] == [[str(number) for number in range(60)]] * 2
    store = Store.open(folder)
    assert store.report == OpenReport()
    for name in ("a", "b"):
        messages = store.load(name).conversation.path()
        assert [message.id for message in messages] == [f"{name}-{number}" for number in range(60)]
    assert len(store.search("word3", 200)) == 2 * 11
    store.close()
    assert whole(folder)


def test_a_second_store_is_shared_and_both_write(store: Store, folder: Path) -> None:
    store.create(branched())
    store.append("a2", "answer", " that goes on")
    other = Store.open(folder)
    assert other.report == OpenReport(shared=True)
    assert other.load("conversation").conversation.messages["a2"].mark == "length"
    assert other.load("conversation").conversation.messages["a2"].text == "A graph that goes on"
    other.create(Conversation(id="o", title="Other"))
    store.create(Conversation(id="s", title="Another"))
    assert (
        [entry.id for entry in other.entries()]
        == ["s", "o", "conversation"]
        == [e.id for e in store.entries()]
    )
    assert [hit.conversation_id for hit in store.search("other")] == ["o"]
    other.delete(["o"])
    assert other.purge(1e12) == 0
    assert store.purge(1e12) == 1
    other.close()
    third = Store.open(folder)
    assert third.report.shared
    third.close()


def test_a_shared_store_waits_until_the_schema_is_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store.open(folder)
    store.close()
    made = (folder / NAME).read_bytes()
    (folder / NAME).unlink()
    lock = opening.FileLock(folder / opening.LOCK, thread_local=False)
    with lock:
        pauses = []

        def pause(seconds: float) -> None:
            pauses.append(seconds)
            if len(pauses) == 3:
                (folder / NAME).write_bytes(made)

        monkeypatch.setattr("app.store.opening.time.sleep", pause)
        shared = Store.open(folder)
        assert shared.report.shared
        assert len(pauses) == 3
        shared.close()
        (folder / NAME).unlink()
        monkeypatch.setattr("app.store.opening.BUSY_S", 0.0)
        with pytest.raises(StoreError):
            Store.open(folder)


def test_a_database_that_stays_locked_is_an_error(
    store: Store, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create(branched())
    store._open().con.execute("PRAGMA busy_timeout = 20")
    con = raw(folder)
    con.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="in use by another program"):
        store.rename("conversation", "x", True)
    con.execute("ROLLBACK")
    con.close()
    assert store.entries()[0].title == "Trees"
    store.rename("conversation", "x", True)
    assert store.entries()[0].title == "x"


def test_waits_five_seconds_for_another_writer(store: Store) -> None:
    assert store._open().con.execute("PRAGMA busy_timeout").fetchone() == (5000,)
    wanted = {"journal_mode": "wal", "synchronous": 1, "secure_delete": 1, "foreign_keys": 1}
    found = {name: store._open().con.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted}
    assert found == wanted


# ---- no room, no right --------------------------------------------------------------------


def test_a_full_disk_keeps_what_was_saved(store: Store, folder: Path) -> None:
    store.create(branched())
    con = store._open().con
    con.execute(f"PRAGMA max_page_count = {con.execute('PRAGMA page_count').fetchone()[0]}")
    with pytest.raises(DiskFullError, match="disk is full") as caught:
        store.add_message("conversation", told("big", "words and words " * 20_000), "q2")
    assert caught.value.hint
    assert store.load("conversation").conversation == branched()
    assert store.search("words") == []
    con.execute("PRAGMA max_page_count = 1000000")
    store.add_message("conversation", told("big", "words and words " * 20_000), "q2")
    store.close()
    assert whole(folder)


@pytest.mark.skipif(os.name == "nt", reason="files have no such limit")
@pytest.mark.parametrize("limit", [4096, 65_536, 300_000, 1_000_000])
def test_a_limit_of_the_system_keeps_what_was_saved(folder: Path, limit: int) -> None:
    process = writer(folder, "a", 0, str(limit))
    *numbers, last = process.communicate(timeout=120)[0].splitlines()
    assert last.startswith("disk_full "), last
    store = Store.open(folder)
    saved = store.load("a").conversation.path() if store.entries() else []
    assert len(saved) == max(0, len(numbers) - 1)
    store.close()
    assert whole(folder)


def snapshot(store: Store, folder: Path, target: Path) -> None:
    """A folder as a crash would leave it."""
    shutil.copytree(folder, target)


@pytest.mark.parametrize("crashed", [False, True])
def test_a_read_only_folder_can_be_read(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, crashed: bool
) -> None:
    store = Store.open(folder)
    store.create(branched())
    target = tmp_path / "read-only"
    if crashed:
        snapshot(store, folder, target)
    store.close()
    if not crashed:
        snapshot(store, folder, target)
    files = {path.name: path.read_bytes() for path in target.iterdir()}
    monkeypatch.setattr(opening, "writable", lambda _folder: False)
    store = Store.open(target)
    assert store.report == OpenReport(read_only=True)
    assert store.load("conversation").conversation == branched()
    assert [hit.message_id for hit in store.search("tree plant")] == []
    assert [hit.message_id for hit in store.search("plant")] == ["a1"]
    with pytest.raises(StoreError, match="cannot be changed"):
        store.set_draft("", "x")
    store.close()
    assert {path.name: path.read_bytes() for path in target.iterdir()} == files


def test_nothing_in_a_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "writable", lambda _folder: False)
    with pytest.raises(StoreError, match="read-only") as caught:
        Store.open(tmp_path)
    assert str(tmp_path) in caught.value.message
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_the_right_to_write(folder: Path) -> None:
    Store.open(folder).close()
    folder.chmod(0o500)
    try:
        store = Store.open(folder)
        assert store.report.read_only
        store.close()
    finally:
        folder.chmod(0o700)


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(StoreError, match="could not be made"):
        Store.open(tmp_path / "file" / "folder")


# ---- a process that dies ------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
def test_what_was_saved_outlives_a_kill(folder: Path, seed: int) -> None:
    chance = random.Random(seed)
    process = writer(folder, "a", 0)
    assert process.stdout is not None
    last = -1
    for _ in range(chance.randrange(1, 150)):
        line = process.stdout.readline().strip()
        last = int(line) if line.isdigit() else last
    threading.Event().wait(chance.random() / 100)
    process.kill()
    last = max([last, *(int(line) for line in process.stdout.read().split("\n")[:-1] if line.isdigit())])
    process.stdout.close()
    process.wait(timeout=60)
    store = Store.open(folder)
    assert store.report == OpenReport()
    messages = store.load("a").conversation.path() if last >= 0 else []
    assert [message.id for message in messages][: last + 1] == [f"a-{number}" for number in range(last + 1)]
    assert len(messages) <= last + 2
    for number, message in enumerate(messages):
        assert message.text == f"word{number} " * (number % 50)
    store.close()
    assert whole(folder)


# ---- checks -------------------------------------------------------------------------------


def test_a_large_file_is_checked_for_a_moment_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.store.fill import fill

    fill(folder, 20, 200)
    monkeypatch.setattr(opening, "LARGE_BYTES", 0)
    monkeypatch.setattr(opening, "SHORT_CHECK_S", 0.0)
    store = Store.open(folder)
    assert store.report == OpenReport()
    assert len(store.entries()) == 20
    store.close()


BROKEN_INDEX = [
    "DELETE FROM found_message_data WHERE id > 10",
    "DROP TABLE found_title_idx",
    "UPDATE found_title_config SET v = 0",
]


def broken_index(folder: Path, damage: str) -> None:
    con = raw(folder)
    con.execute("PRAGMA wal_autocheckpoint = 0")
    con.execute(damage)
    con.close()


def indexed_store(folder: Path) -> Store:
    store = Store.open(folder)
    for number in range(50):
        store.create(branched(prefix=f"{number}-", title=f"Title {number}"))
    return store


@pytest.mark.parametrize("damage", BROKEN_INDEX)
@pytest.mark.parametrize("crashed", [False, True])
def test_a_damaged_index_alone_is_made_anew_when_opened(folder: Path, damage: str, crashed: bool) -> None:
    store = indexed_store(folder)
    if crashed:
        broken_index(folder, damage)
        folder = Path(shutil.copytree(folder, folder.with_name("crashed")))
    store.close()
    if not crashed:
        broken_index(folder, damage)
    store = Store.open(folder)
    # An index that cannot even be thrown away takes a whole new file.
    assert store.report.recovered == ("config" in damage)
    assert len(store.search("title", 100)) == len(store.search("plant", 100)) == 50
    store.close()
    assert whole(folder)


@pytest.mark.parametrize("damage", BROKEN_INDEX[:2])
@pytest.mark.parametrize("when", ["search", "write", "purge"])
def test_a_damaged_index_alone_is_made_anew_while_running(folder: Path, damage: str, when: str) -> None:
    store = indexed_store(folder)
    broken_index(folder, damage)
    at_once = True
    while True:
        try:
            if when == "write":
                store.create(branched(prefix="new-", title="Title new"))
            if when == "purge":
                store.delete(["3-conversation"])
                assert store.purge(1e12) == 1
            break
        except DamagedError:  # a newer SQLite drops such an index once it is opened anew
            assert at_once
            assert "DROP" in damage
            assert sqlite3.sqlite_version_info > (3, 41)
            at_once = False
            store = Store.open(folder)
    expected = {"write": 51, "purge": 49}.get(when, 50)
    assert len(store.search("title", 100)) == len(store.search("plant", 100)) == expected
    store.close()
    assert whole(folder)
    assert not any(path.is_dir() for path in folder.iterdir())


def test_an_index_that_cannot_be_thrown_away_takes_a_new_file(folder: Path) -> None:
    store = indexed_store(folder)
    broken_index(folder, BROKEN_INDEX[2])
    store.delete(["3-conversation"])
    store.purge(1e12)
    with pytest.raises(DamagedError):
        store.search("title")
    store = Store.open(folder)
    assert store.report.recovered
    assert len(store.search("title", 100)) == 49
    store.close()
    assert whole(folder)


def test_damage_while_running_closes_the_store_and_opening_repairs(folder: Path) -> None:
    store = Store.open(folder)
    store.create(branched())
    for number in range(40):
        store.create(Conversation(id=str(number), title="Long " * 200))
    store.close()
    store = Store.open(folder)
    data = bytearray((folder / NAME).read_bytes())
    con = raw(folder)
    pages = [row[0] for row in con.execute("SELECT rootpage FROM sqlite_master WHERE name = 'conversation'")]
    con.close()
    for page in pages:
        data[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    store._open().con.execute("PRAGMA cache_size = 0")
    (folder / NAME).write_bytes(data)
    with pytest.raises(DamagedError):
        store.entries()
    with pytest.raises(UserError, match="closed"):
        store.entries()
    store = Store.open(folder)
    assert store.report.recovered
    assert store.load("conversation").conversation.messages.keys() == branched().messages.keys()
    store.close()
    assert whole(folder)
    assert not (folder / opening.SUSPECT).exists()


def test_a_damaged_file_in_a_read_only_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(folder).close()
    (folder / NAME).write_bytes(bytes(8192))
    monkeypatch.setattr(opening, "writable", lambda _folder: False)
    with pytest.raises(StoreError, match="damaged, and their folder is read-only") as caught:
        Store.open(folder)
    assert not isinstance(caught.value, DamagedError)
    assert (folder / NAME).read_bytes() == bytes(8192)


@pytest.mark.parametrize(("error", "kind"), [(28, DiskFullError), (13, StoreError), (30, StoreError)])
def test_a_lock_that_cannot_be_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: int, kind: type[UserError]
) -> None:
    def fail(*_arguments: object, **_names: object) -> None:
        raise OSError(error, "it cannot be made")

    monkeypatch.setattr(opening.FileLock, "acquire", fail)
    with pytest.raises(kind):
        Store.open(folder)
