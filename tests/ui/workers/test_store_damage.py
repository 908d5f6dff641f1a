"""A database that turns out to be damaged while the worker uses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.chat.conversation import Conversation
from app.errors import DamagedError, DiskFullError, StoreError
from app.store.database import NAME
from app.store.opening import OpenReport
from app.store.store import Store
from tests.ui.workers.conftest import Desk, Disk, Start, keep, state


def spoil(folder: Path, store: Store) -> None:
    """Damage the file under an open store, so that its list can't be read any more."""
    con = store._open().con
    con.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    con.execute("PRAGMA cache_size = 0")
    page = con.execute("SELECT rootpage FROM sqlite_master WHERE name = 'conversation'").fetchone()[0]
    with (folder / NAME).open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)


def filled(desk: Desk, folder: Path) -> None:
    """Conversations on several pages, and then the damage."""

    def job(store: Store) -> None:
        for number in range(40):
            store.create(Conversation(id=str(number), title="Long " * 200))
        spoil(folder, store)

    desk.send(job)


@pytest.mark.parametrize("writes", [True, False])
def test_damage_at_run_time_is_repaired_and_the_job_done_again(
    start: Start, folder: Path, qtbot: QtBot, writes: bool
) -> None:
    desk = start(folder)
    filled(desk, folder)

    def job(store: Store) -> int:
        found = len(store.entries())
        if writes:
            store.create(Conversation(id="after"))
        return found

    reply = desk.wait(qtbot, desk.send(job, writes=writes))
    assert reply.error is None
    assert reply.result == 40
    report = desk.opened[-1]
    assert isinstance(report, OpenReport)
    assert report.recovered
    assert report.set_aside is not None
    assert desk.order[-2:] == ["opened", f"reply {reply.ticket}"]
    found = desk.ask(qtbot, lambda store: len(store.entries()))
    assert found == 40 + writes
    assert len(desk.opened) == 2


def test_a_repair_without_room_is_tried_again(
    start: Start, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk, disk = start(folder), Disk()
    filled(desk, folder)
    real_open = Store.open
    monkeypatch.setattr(Store, "open", lambda where: disk.wrap(lambda _none: real_open(where))(None))  # type: ignore[arg-type]
    desk.send(lambda store: store.entries())
    ticket = desk.write(lambda store: store.create(Conversation(id="after")))
    qtbot.waitUntil(lambda: disk.asked > 2)
    assert isinstance(desk.replies[2].error, DiskFullError)
    assert ticket not in desk.replies
    disk.full.clear()
    assert desk.wait(qtbot, ticket).error is None
    assert len(desk.ask(qtbot, lambda store: store.entries())) == 41
    assert desk.trouble[-1] is None


def test_damage_that_cannot_be_repaired_leaves_a_temporary_store(
    start: Start, folder: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = start(folder)
    filled(desk, folder)
    real_open = Store.open

    def opened(where: Path) -> Store:
        if where == folder:
            raise StoreError("It is beyond repair.")
        return real_open(where)

    monkeypatch.setattr(Store, "open", opened)
    assert desk.ask(qtbot, lambda store: store.entries()) == []
    assert str(desk.opened[-1]) == "It is beyond repair."
    assert desk.wait(qtbot, desk.write(keep("a", 1))).error is None
    assert desk.ask(qtbot, state("a")) == 1


def test_damage_that_stays_is_an_error_and_not_a_loop(start: Start, folder: Path, qtbot: QtBot) -> None:
    desk = start(folder)

    def damaged(_store: Store) -> None:
        raise DamagedError("Damaged again.")

    assert isinstance(desk.wait(qtbot, desk.write(damaged)).error, DamagedError)
    assert desk.ask(qtbot, lambda store: store.entries()) == []


def test_damage_in_a_shared_database_is_told_once_and_not_tried_again_and_again(
    start: Start, folder: Path, qtbot: QtBot
) -> None:
    owner = Store.open(folder)
    try:
        for number in range(40):
            owner.create(Conversation(id=str(number), title="Long " * 200))
        desk = start(folder)
        first = desk.wait(qtbot, desk.send(lambda store: store.report.shared))
        assert first.result is True
        spoil(folder, owner)
        desk.send(lambda store: store._open().con.execute("PRAGMA cache_size = 0") and None)
        for _time in range(5):
            desk.wait(qtbot, desk.send(lambda store: store.entries()))
        told = [outcome for outcome in desk.opened if isinstance(outcome, StoreError)]
        assert len(told) == 1
        assert "another window" in str(told[0])
        assert len(desk.opened) == 2
    finally:
        owner.close()


def test_a_fault_of_the_app_is_answered_and_the_worker_goes_on(
    start: Start, folder: Path, qtbot: QtBot, capfd: pytest.CaptureFixture[str]
) -> None:
    desk = start(folder)

    def broken(_store: Store) -> None:
        raise ValueError("a bug")

    for writes in (False, True):
        reply = desk.wait(qtbot, desk.send(broken, writes=writes))
        assert reply.error is not None
        assert "ValueError" in str(reply.error)
    assert desk.wait(qtbot, desk.send(lambda store: store.entries())).result == []
    assert "a bug" in capfd.readouterr().err
