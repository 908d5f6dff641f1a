"""Commits reach the disk and the database behind the writer's back."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.chat.conversation import Conversation
from app.store import Store
from app.store import syncing as module
from app.store.database import NAME
from tests.store.support import told, whole

_WAIT_S = 20.0


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "INTERVAL_S", 0.01)


def until(condition: Callable[[], bool]) -> None:
    """Wait for the other thread."""
    deadline, pause = time.monotonic() + _WAIT_S, threading.Event()
    while not condition():
        assert time.monotonic() < deadline
        pause.wait(0.005)


def test_a_commit_is_synced_and_nothing_is_synced_without_one(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[int] = []
    real = os.fsync
    monkeypatch.setattr(module.os, "fsync", lambda handle: (synced.append(handle), real(handle)))
    store = Store.open(folder)
    try:
        store.create(Conversation())
        until(lambda: len(synced) >= 1)
        before = len(synced)
        until(lambda: len(synced) == before)
        store.set_draft("", "more")
        until(lambda: len(synced) > before)
    finally:
        store.close()


def test_a_log_that_has_grown_is_copied_into_the_database(folder: Path) -> None:
    store = Store.open(folder)
    try:
        conversation = Conversation()
        store.create(conversation)
        database = folder / NAME
        small = database.stat().st_size
        for number in range(12):
            store.add_message(conversation.id, told(f"m{number}", "x" * 500_000), None)
        until(lambda: database.stat().st_size > small + 4_000_000)
    finally:
        store.close()
    assert whole(folder)


def test_the_thread_ends_with_the_store_and_survives_a_lost_log(folder: Path) -> None:
    store = Store.open(folder)
    store.create(Conversation())
    syncer = store._syncer
    assert syncer is not None
    syncer._log = folder / "gone"
    store.set_draft("", "more")
    until(lambda: not syncer._changed.is_set())
    assert syncer.is_alive()
    store.close()
    assert not syncer.is_alive()
