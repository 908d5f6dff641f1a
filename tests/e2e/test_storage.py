"""The real window when the disk is full, the folder read-only, or the database damaged."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.paths import Paths
from app.store import Store, opening
from tests.e2e.conftest import Desk
from tests.store.fill import fill

OpenDesk = Callable[[Path], Desk]
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where `open_desk` keeps its conversations."""
    return Paths.default(tmp_path / "data").store


def limit_pages(desk: Desk, pages: int) -> None:
    """Let the database grow to so many pages and no further: SQLite says "full" as on a full disk."""

    def job(store: Store) -> None:
        with store._reading() as con:
            con.execute(f"PRAGMA max_page_count = {pages}")

    done: list[object] = []
    desk.application.store.read(job, done.append)
    desk.until(lambda: bool(done))


def test_a_full_disk_is_said_and_everything_is_saved_once_there_is_room(
    open_desk: OpenDesk, starter: Path
) -> None:
    desk = open_desk(starter)
    desk.loaded()
    desk.finished(desk.ask("What is the capital of France?"))
    limit_pages(desk, 1)
    answer = desk.ask("What is the capital of Italy? " + "=" * 10_000)
    desk.until(lambda: "disk is full" in desk.notice())
    assert desk.turns.running is None  # saved before it is sent
    assert "Saving" in desk.screen()
    desk.window.notices.remove("store_full")
    assert desk.window.status.unsaved.isVisible()  # also where the notice was closed
    desk.window.notices.acted.emit("ask_unsaved")
    desk.until(lambda: desk.text(answer) != "")
    desk.qtbot.keyClick(desk.window.view, Qt.Key.Key_Escape)  # it stops from the conversation, too
    desk.until(lambda: desk.idle)
    kept = desk.text(answer)
    limit_pages(desk, 1_000_000)
    desk.until(lambda: not desk.window.status.unsaved.isVisible())
    desk.window.close()
    again = open_desk(starter)
    again.until(lambda: len(again.chat.conversation.branch()) == 4)
    assert again.chat.conversation.branch()[-1].text == kept


def test_a_folder_that_cannot_be_written_can_be_read(
    open_desk: OpenDesk, starter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = open_desk(starter)
    desk.loaded()
    desk.finished(desk.ask("What is the capital of France?"))
    desk.window.close()
    monkeypatch.setattr(opening, "writable", lambda _folder: False)
    again = open_desk(starter)
    again.until(lambda: "nothing new is saved" in again.notice())
    again.until(lambda: "Paris" in again.screen())
    again.loaded()
    answer = again.ask("And of Italy?")
    again.finished(answer)
    assert again.text(answer)
    assert again.notice().count("nothing new is saved") == 1


def test_where_nothing_can_be_opened_the_app_still_answers(
    open_desk: OpenDesk, starter: Path, folder: Path
) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("a file where the folder should be")
    desk = open_desk(starter)
    desk.until(lambda: "is not saved" in desk.notice())
    note = desk.window.sidebar.findChild(QLabel, "sidebar_note")
    assert note.text() == "Your saved conversations cannot be opened."
    desk.loaded()
    answer = desk.ask("What is the capital of France?")
    desk.finished(answer)
    assert "Paris" in desk.text(answer)
    assert folder.read_text() == "a file where the folder should be"


def test_a_newer_database_is_left_alone(open_desk: OpenDesk, starter: Path, folder: Path) -> None:
    Store.open(folder).close()
    database = folder / "conversations.db"
    with sqlite3.connect(database) as con:
        con.execute("PRAGMA user_version = 999")
        con.execute("UPDATE about SET version = 999")
    con.close()
    before = database.read_bytes()
    desk = open_desk(starter)
    desk.until(lambda: "newer version" in desk.notice())
    desk.loaded()
    desk.finished(desk.ask("What is the capital of France?"))
    desk.window.close()
    assert database.read_bytes() == before


@pytest.mark.parametrize("seed", range(2))
def test_a_damaged_database_is_set_aside_and_recovered(
    open_desk: OpenDesk, starter: Path, folder: Path, seed: int
) -> None:
    fill(folder, 20, 30)
    database = folder / "conversations.db"
    data, draw = bytearray(database.read_bytes()), random.Random(seed)
    if seed % 2:
        data = data[: draw.randrange(len(data) // 2, len(data))]
    else:
        for _ in range(40):
            data[draw.randrange(len(data))] ^= draw.randrange(1, 256)
    database.write_bytes(data)
    desk = open_desk(starter)
    desk.until(lambda: "were recovered" in desk.notice())
    aside = [path for path in folder.iterdir() if path.name.startswith("damaged-")]
    assert len(aside) == 1
    assert (aside[0] / "conversations.db").read_bytes() == data
    desk.until(lambda: len(desk.titles()) > 5)
    desk.loaded()
    answer = desk.ask("What is the capital of France?")
    desk.finished(answer)
    desk.until(lambda: desk.chat.conversation.title in desk.titles())


def test_damage_while_the_app_runs_costs_nothing_of_what_is_open(
    open_desk: OpenDesk, starter: Path, folder: Path
) -> None:
    fill(folder, 20, 30)
    desk = open_desk(starter)
    desk.loaded()
    desk.finished(desk.ask("What is the capital of France?"))
    database = folder / "conversations.db"
    for path in (database, folder / "conversations.db-wal"):
        size = path.stat().st_size if path.exists() else 0
        if size:
            with path.open("r+b") as file:
                file.seek(size // 3)
                file.write(random.Random(1).randbytes(size - size // 3))
    desk.application.library.search("ba")
    desk.application.library.changed()
    answer = desk.ask("And what is the capital of Italy?")
    desk.finished(answer)
    for number in range(20):
        desk.application.chat.open(f"c{number}")
    desk.until(lambda: "were recovered" in desk.notices())
    desk.window.close()
    again = open_desk(starter)
    again.until(lambda: any("France" in title for title in again.titles()))
    entry = next(one for one in again.application.library.entries if "France" in one.title)
    again.application.chat.open(entry.id)
    again.until(lambda: again.chat.key == entry.id)
    texts = [message.text for message in again.chat.conversation.branch()]
    assert texts[0] == "What is the capital of France?"
    assert texts[2] == "And what is the capital of Italy?"
    assert len(texts) == 4
    assert all(texts)


def test_closing_on_a_full_disk_says_once_what_it_would_cost(open_desk: OpenDesk, starter: Path) -> None:
    desk = open_desk(starter)
    desk.loaded()
    desk.finished(desk.ask("What is the capital of France?"))
    limit_pages(desk, 1)
    desk.ask("What is the capital of Italy? " + "word " * 2000)
    desk.until(lambda: "disk is full" in desk.notices())
    desk.window.close()
    assert desk.window.isVisible()
    assert "is not saved" in desk.notices()
    desk.window.close()
    assert not desk.window.isVisible()
