"""Closing: what is waited for, and that nothing is lost."""

from __future__ import annotations

import errno
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.chat.library import NEW
from app.documents.client import DocumentReader
from app.paths import Paths
from app.settings.store import SettingsStore
from app.settings.tokens import TokenStore
from app.store.store import Store
from tests.documents.test_client import SPIN, _replaced
from tests.settings.test_tokens import Memory
from tests.ui.scripted_desk import scripted_desk
from ui.application import Application
from ui.composer.attached import Attached
from ui.ending import SAVE_MS, Ending


@pytest.fixture
def desk(qapp: QApplication, qtbot: QtBot, tmp_path: Path, paths: Paths) -> Iterator[Application]:
    with scripted_desk(qapp, qtbot, tmp_path, paths) as made:
        yield made


class Saving:
    """An engine that takes its time to end: until `saved` is set."""

    def __init__(self, desk: Application, monkeypatch: pytest.MonkeyPatch) -> None:
        self.began, self.saved = threading.Event(), threading.Event()
        self._end = desk.worker._session.close
        monkeypatch.setattr(desk.worker._session, "close", self._close)

    def _close(self) -> None:
        self.began.set()
        assert self.saved.wait(20)
        self._end()


@pytest.mark.parametrize("by_window", [True, False])
def test_the_window_is_gone_at_once_and_the_engine_is_waited_for(
    desk: Application, monkeypatch: pytest.MonkeyPatch, by_window: bool
) -> None:
    saving = Saving(desk, monkeypatch)
    seen: list[tuple[bool, bool]] = []

    def meanwhile() -> None:
        if not saving.began.is_set():
            return
        watch.stop()
        visible = any(widget.isVisible() for widget in QApplication.topLevelWidgets())
        seen.append((visible, desk.worker.thread().isRunning()))
        desk.window.close()  # once more
        saving.saved.set()

    watch = QTimer()
    watch.timeout.connect(meanwhile)
    watch.start(5)
    desk.window.shortcuts.open_list()
    desk.settings_dialog.open_dialog()
    if by_window:
        assert desk.window.close()
    else:
        desk.close()
    assert seen == [(False, True)]
    assert not desk.worker.thread().isRunning()
    assert not desk.stuck
    assert desk.window.close()


def test_an_engine_that_saves_is_waited_for_where_the_event_loop_was_ended(
    desk: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    saving = Saving(desk, monkeypatch)
    later = threading.Timer(0.2, saving.saved.set)

    def ended_early(_ending: Ending) -> None:
        desk.close_wanted.emit()
        assert saving.began.wait(20)
        later.start()

    monkeypatch.setattr(Ending, "wait", ended_early)
    desk.close()
    later.join()
    assert not desk.stuck
    assert not desk.worker.thread().isRunning()


def test_what_was_written_last_is_saved_where_the_event_loop_was_ended(
    desk: Application, monkeypatch: pytest.MonkeyPatch, paths: Paths
) -> None:
    busy, go_on = threading.Event(), threading.Event()

    def hold(_store: Store) -> None:
        busy.set()
        assert go_on.wait(20)

    desk.store.write(hold)
    assert busy.wait(20)
    desk.store.write(lambda store: store.add_folder("The last"))
    later = threading.Timer(0.2, go_on.set)

    def ended_early(_ending: Ending) -> None:
        desk.close_wanted.emit()
        later.start()

    monkeypatch.setattr(Ending, "wait", ended_early)
    desk.close()
    later.join()
    assert not desk.stuck
    with closing(Store.open(paths.store)) as store:
        assert [folder.name for folder in store.folders()] == ["The last"]


@pytest.mark.parametrize("name", ["worker", "store_worker", "hub_worker", "settings_worker"])
def test_a_worker_that_fails_when_it_closes_holds_nobody_up(
    desk: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    qtbot.waitUntil(lambda: desk.hub_worker._downloads is not None and desk.settings.ready)
    desk.settings_worker._unsaved = {"appearance": {"theme": "dark"}}
    part, method = {
        "worker": (desk.worker._session, "close"),
        "store_worker": (desk.store_worker._store, "close"),
        "hub_worker": (desk.hub_worker._downloads, "close"),
        "settings_worker": (desk.settings_worker._store, "change"),
    }[name]
    end = getattr(part, method)

    def fail(*given: object) -> None:
        end(*given)  # nothing of it stays behind the test
        raise OSError(errno.EIO, "it does not answer")

    monkeypatch.setattr(part, method, fail)
    begun = time.monotonic()
    with qtbot.captureExceptions() as raised:
        desk.close()
    assert {kind for kind, _error, _trace in raised} == {OSError}
    assert time.monotonic() - begun < SAVE_MS / 2000
    assert not desk.stuck
    assert not any(thread.isRunning() for thread in desk._threads)


def test_what_was_chosen_last_is_kept_when_it_closes(desk: Application, qtbot: QtBot, paths: Paths) -> None:
    qtbot.waitUntil(lambda: desk.settings.ready)
    desk.window.actions_by_id["reading_memory"].trigger()
    page = desk.settings_dialog.storage
    assert page.isVisible()
    page.ram.spin.set_number(4.0)
    desk.window.close()
    assert SettingsStore(paths.settings).load().settings.storage.reading_ram_bytes == 4_000_000_000


def test_a_keyring_that_waits_for_its_password_does_not_hold_up_closing(
    desk: Application, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, answered = threading.Event(), threading.Event()

    class Locked(Memory):
        def get_password(self, service: str, username: str) -> str | None:
            asked.set()
            assert answered.wait(20)
            return None

    monkeypatch.setattr(desk.token_worker, "_store", TokenStore(Locked()))
    desk.settings.change("network", token_kept=True)
    assert asked.wait(20)
    desk.close()
    assert desk.stuck
    assert not desk.worker.thread().isRunning()
    answered.set()
    assert desk._token_thread.wait(5000)


def test_closing_while_a_document_is_read(desk: Application, qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "bad.txt").write_text("BAD", encoding="utf-8")
    desk.document_worker._reader = DocumentReader(command=_replaced(SPIN))
    seen: list[Attached] = []
    desk.attachments.changed.connect(seen.extend)
    paths = [str(tmp_path / name) for name in ("bad.txt", "waits.txt")]
    desk.attachments.add_paths(paths)
    qtbot.waitUntil(lambda: any(one.status == "Reading" for one in seen), timeout=20_000)
    begun = time.monotonic()
    desk.document_worker.stop()
    desk._end_documents()
    assert time.monotonic() - begun < 1
    desk.window.close()
    assert not desk.stuck
    with closing(Store.open(desk.paths.store)) as store:
        kept = [(one.path, one.state) for one in store.attached(NEW)]
    assert kept == [(path, "reading") for path in paths]
