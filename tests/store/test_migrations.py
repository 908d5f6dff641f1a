"""Older and newer versions of the database."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.errors import DiskFullError, StoreError
from app.store import OpenReport, Store, migrations, opening
from app.store.database import NAME
from tests.store.support import branched, raw, whole


def _second(con: sqlite3.Connection) -> None:
    con.execute("ALTER TABLE folder ADD COLUMN colour TEXT NOT NULL DEFAULT 'none'")


@contextlib.contextmanager
def newer_program() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", [*migrations.MIGRATIONS, (2, _second)])
        yield


def test_an_older_database_is_brought_up_with_a_backup(folder: Path) -> None:
    store = Store.open(folder)
    store.create(branched())
    store.add_folder("Ants")
    store.close()
    with newer_program():
        store = Store.open(folder)
        assert store.report == OpenReport()
        assert store.load("conversation").conversation == branched()
        store.close()
        con = raw(folder)
        assert con.execute("SELECT name, colour FROM folder").fetchall() == [("Ants", "none")]
        assert con.execute("PRAGMA user_version").fetchone() == (2,)
        con.close()
        assert whole(folder)
        Store.open(folder).close()
    backup = folder / "conversations.v1.bak"
    assert sorted(path.name for path in folder.iterdir()) == [NAME, opening.LOCK, backup.name]
    (folder / NAME).unlink()
    backup.rename(folder / NAME)
    store = Store.open(folder)
    assert store.load("conversation").conversation == branched()
    store.close()


def test_a_step_that_fails_changes_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(con: sqlite3.Connection) -> None:
        _second(con)
        raise sqlite3.OperationalError("no such thing")

    Store.open(folder).close()
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", [*migrations.MIGRATIONS, (2, broken)])
        with pytest.raises(sqlite3.OperationalError, match="no such thing"):
            Store.open(folder)
    store = Store.open(folder)
    assert store.report == OpenReport()
    store.close()


def test_a_newer_database_is_refused_and_left_alone(folder: Path) -> None:
    with newer_program():
        Store.open(folder).close()
    before = (folder / NAME).read_bytes()
    with pytest.raises(StoreError, match="newer version of Cascade Desk"):
        Store.open(folder)
    assert (folder / NAME).read_bytes() == before
    assert sorted(path.name for path in folder.iterdir() if path.suffix == ".db") == [NAME]
    with newer_program():  # the lock was given back
        store = Store.open(folder)
        assert not store.report.shared
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(migrations, "MIGRATIONS", migrations.MIGRATIONS[:1])
            with pytest.raises(StoreError, match="newer version"):
                Store.open(folder)
        store.close()


def test_no_room_for_a_backup_leaves_the_old_version(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Store.open(folder).close()
    before = (folder / NAME).read_bytes()

    def full(con: sqlite3.Connection, target: Path) -> None:
        raise OSError(28, "No space left on device")

    with newer_program(), monkeypatch.context() as patch:
        patch.setattr(migrations, "back_up", full)
        with pytest.raises(DiskFullError):
            Store.open(folder)
    assert (folder / NAME).read_bytes() == before


def test_a_mistake_in_a_step_is_no_damage(folder: Path) -> None:
    def wrong(con: sqlite3.Connection) -> None:
        con.execute("ALTER TABLE nobody ADD COLUMN x")

    Store.open(folder).close()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(migrations, "MIGRATIONS", [*migrations.MIGRATIONS, (2, wrong)])
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            Store.open(folder)
    assert not [path for path in folder.iterdir() if path.is_dir()]


def test_a_backup_goes_with_what_it_was_kept_for(folder: Path) -> None:
    Store.open(folder).close()
    with newer_program():
        store = Store.open(folder)
        store.purge((folder / "conversations.v1.bak").stat().st_mtime)
        assert (folder / "conversations.v1.bak").exists()
        store.purge((folder / "conversations.v1.bak").stat().st_mtime + 1)
        assert not (folder / "conversations.v1.bak").exists()
        store.close()


def test_a_damaged_older_database_is_recovered_into_the_new_version(folder: Path) -> None:
    store = Store.open(folder)
    store.create(branched())
    store.add_folder("Ants")
    store.close()
    with (folder / NAME).open("r+b") as file:
        file.write(bytes(4096))
    with newer_program():
        store = Store.open(folder)
        assert store.report.recovered
        assert store.load("conversation").conversation == branched()
        assert [one.name for one in store.folders()] == ["Ants"]
        store.close()
        con = raw(folder)
        assert con.execute("SELECT colour FROM folder").fetchall() == [("none",)]
        con.close()
