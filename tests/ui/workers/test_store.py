"""The store's worker in a thread of its own."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QThread
from pytestqt.qtbot import QtBot

from app.chat.conversation import Conversation
from app.errors import DiskFullError, StoreBusyError, StoreError, UserError
from app.store.database import NAME
from app.store.opening import OpenReport
from app.store.store import Store
from tests.ui.workers.conftest import Disk, Start, keep, state
from ui.workers import store as worker_module


def test_replies_come_in_the_order_of_the_jobs(start: Start, folder: Path, qtbot: QtBot) -> None:
    desk = start(folder)
    assert desk.opened == [OpenReport()]
    where: list[QThread] = []
    desk.send(lambda _store: where.append(QThread.currentThread()))
    for number in range(20):
        desk.write(keep("number", number))
        desk.send(state("number"))
    desk.wait(qtbot, 41)
    assert list(desk.replies) == list(range(1, 42))
    assert [desk.replies[ticket].result for ticket in range(3, 42, 2)] == list(range(20))
    assert where == [desk.runs]
    assert desk.trouble == []


def test_an_error_is_a_reply(start: Start, folder: Path, qtbot: QtBot) -> None:
    desk = start(folder)
    for writes in (True, False):
        reply = desk.wait(qtbot, desk.send(lambda store: store.load("unknown"), writes=writes))
        assert str(reply.error) == "This conversation is not saved any more."
        assert reply.result is None
    assert desk.trouble == []


@pytest.mark.parametrize("error", [DiskFullError, StoreBusyError])
def test_writes_wait_in_line_while_reads_go_on(
    start: Start, folder: Path, qtbot: QtBot, error: type[UserError]
) -> None:
    desk, disk = start(folder), Disk(error)
    desk.write(keep("number", 0))
    first = desk.write(disk.wrap(keep("number", 1)))
    rest = [desk.write(keep("number", number)) for number in (2, 3)]
    assert desk.ask(qtbot, state("number")) == 0
    assert first not in desk.replies
    assert [type(told) for told in desk.trouble] == [error]
    qtbot.waitUntil(lambda: disk.asked > 2)
    assert len(desk.trouble) == 1
    assert not set(rest) & set(desk.replies)
    disk.full.clear()
    desk.wait(qtbot, rest[-1])
    assert [ticket for ticket in desk.replies if ticket >= first and ticket != 5] == [first, *rest]
    assert desk.ask(qtbot, state("number")) == 3
    assert desk.trouble[1:] == [None]
    asked = disk.asked
    assert not desk.ask(qtbot, lambda _store: desk.worker._retry.isActive())
    assert disk.asked == asked


def test_a_second_job_that_finds_no_room_keeps_its_place(start: Start, folder: Path, qtbot: QtBot) -> None:
    desk, one, two = start(folder), Disk(), Disk()
    tickets = [desk.write(disk.wrap(keep("last", name))) for name, disk in (("a", one), ("b", two))]
    tickets.append(desk.write(keep("last", "c")))
    one.full.clear()
    desk.wait(qtbot, tickets[0])
    qtbot.waitUntil(lambda: two.asked > 1)
    assert desk.ask(qtbot, state("last")) == "a"
    assert len(desk.trouble) == 1
    two.full.clear()
    desk.wait(qtbot, tickets[2])
    assert [ticket for ticket in desk.replies if ticket in tickets] == tickets
    assert desk.ask(qtbot, state("last")) == "c"


def test_a_real_disk_that_is_full(start: Start, folder: Path, qtbot: QtBot) -> None:
    desk = start(folder)

    def limit(pages: int) -> Callable[[Store], object]:
        return lambda store: store._open().con.execute(f"PRAGMA max_page_count = {pages}").fetchall()

    desk.send(limit(1))
    ticket = desk.write(lambda store: store.create(Conversation(id="c", title="Long " * 2000)))
    qtbot.waitUntil(lambda: bool(desk.trouble))
    assert desk.ask(qtbot, lambda store: store.entries()) == []
    desk.send(limit(1_000_000))
    assert desk.wait(qtbot, ticket).error is None
    assert [entry.id for entry in desk.ask(qtbot, lambda store: store.entries())] == ["c"]
    assert desk.trouble[-1] is None


def test_a_read_without_room_is_told_at_once(start: Start, folder: Path, qtbot: QtBot) -> None:
    desk, disk = start(folder), Disk()
    reply = desk.wait(qtbot, desk.send(disk.wrap(state("a"))))
    assert isinstance(reply.error, DiskFullError)
    assert desk.trouble == []


@pytest.fixture
def no_folder(tmp_path: Path) -> Path:
    """A folder that cannot be made: a file stands in its way."""
    (tmp_path / "file").write_text("mine", encoding="utf-8")
    return tmp_path / "file" / "conversations"


def test_an_unusable_folder_leaves_a_temporary_store(start: Start, no_folder: Path, qtbot: QtBot) -> None:
    desk = start(no_folder)
    assert isinstance(desk.opened[0], UserError)
    assert "could not be made" in str(desk.opened[0])
    assert desk.wait(qtbot, desk.write(lambda store: store.create(Conversation(id="c")))).error is None
    assert [entry.id for entry in desk.ask(qtbot, lambda store: store.entries())] == ["c"]
    where = desk.ask(qtbot, lambda store: store._open().path)
    assert where.exists()
    desk.close(qtbot)
    assert not where.parent.exists()
    assert no_folder.parent.read_text(encoding="utf-8") == "mine"


def test_where_not_even_that_is_possible_jobs_are_still_replied_to(
    start: Start, no_folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(**_names: object) -> None:
        raise FileNotFoundError("no usable temporary directory")

    monkeypatch.setattr(worker_module.tempfile, "TemporaryDirectory", no_room)
    desk = start(no_folder)
    assert isinstance(desk.opened[0], UserError)
    assert desk.wait(qtbot, desk.write(keep("a", 1))).error is None
    assert isinstance(desk.wait(qtbot, desk.send(state("a"))).error, StoreError)


def test_newer_data_is_left_alone(start: Start, folder: Path, qtbot: QtBot) -> None:
    desk = start(folder)
    desk.wait(qtbot, desk.write(lambda store: store.create(Conversation(id="c"))))
    desk.close(qtbot)
    con = sqlite3.connect(folder / NAME)
    con.execute("UPDATE about SET version = 999")
    con.execute("PRAGMA user_version = 999")
    con.commit()
    con.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    con.close()
    before = (folder / NAME).read_bytes()
    again = start(folder)
    assert "newer version of Cascade Desk" in str(again.opened[0])
    assert again.ask(qtbot, lambda store: store.entries()) == []
    again.wait(qtbot, again.write(lambda store: store.create(Conversation(id="d"))))
    again.close(qtbot)
    assert (folder / NAME).read_bytes() == before


def test_closing_writes_what_waits_and_drops_what_comes_later(
    start: Start, folder: Path, qtbot: QtBot
) -> None:
    desk, disk = start(folder), Disk()
    desk.send(lambda _store: desk.worker._retry.setInterval(60_000))
    desk.write(disk.wrap(keep("a", 1)))
    desk.write(keep("b", 2))
    qtbot.waitUntil(lambda: bool(desk.trouble))
    disk.full.clear()
    for number in range(5):
        desk.write(keep("c", number))
    desk.close_wanted.emit()
    late = desk.write(keep("late", 1))
    desk.end(qtbot)
    store = Store.open(folder)
    assert [store.state(key) for key in ("a", "b", "c", "late")] == [1, 2, 4, None]
    assert store.report == OpenReport()
    store.close()
    assert late not in desk.replies


def test_closing_without_room_ends_all_the_same(start: Start, folder: Path, qtbot: QtBot) -> None:
    desk, disk = start(folder), Disk()
    desk.write(disk.wrap(keep("a", 1)))
    qtbot.waitUntil(lambda: bool(desk.trouble))
    desk.close_wanted.emit()
    qtbot.waitUntil(lambda: desk.closed)
    assert not desk.worker._retry.isActive()
    desk.end(qtbot)
    Store.open(folder).close()


def test_a_search_is_interrupted_from_the_other_thread(start: Start, folder: Path, qtbot: QtBot) -> None:
    desk = start(folder)
    began, go_on = threading.Event(), threading.Event()

    def job(store: Store) -> object:
        for number in range(3):
            store.create(Conversation(id=str(number), title="volcano"))
        before = store._search_number
        began.set()
        assert go_on.wait(10)
        return store._search_number - before

    ticket = desk.write(job)
    assert began.wait(10)
    desk.worker.interrupt()
    go_on.set()
    assert desk.wait(qtbot, ticket).result == 1
    desk.close(qtbot)
    desk.worker.interrupt()
