"""The models' worker in its thread, before a hub on this machine."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QObject, QThread, Signal, Slot
from pytestqt.qtbot import QtBot

from app.errors import AccessError, HubError, LicenceError, NetworkError, NotFoundError, RateLimitError
from app.models.catalogue import KNOWN
from app.models.downloads import DownloadStatus, State
from app.models.session import HubSettings
from app.paths import Paths
from app.settings.model import Settings, StorageSettings
from tests.models.conftest import REPO, content, server
from tests.models.desk import QUICK
from tests.models.hub_server import HubServer
from ui.workers.hub import HubWorker

__all__ = ["server"]

_SIGNALS = ("listed", "file_named", "header_read", "licence_read", "scanned", "queued", "accepted", "failed")


class Desk(QObject):
    """The GUI's side: asks, and writes down what comes back."""

    start_wanted = Signal()
    close_wanted = Signal()
    asked = Signal(int, str)
    header_asked = Signal(int, object, object)
    licence_asked = Signal(int, object)
    scan_asked = Signal(int, object)
    removal_asked = Signal(int, object)
    add_asked = Signal(int, object, object)
    accept_asked = Signal(int, object, str)
    commanded = Signal(str, str)

    def __init__(self, qtbot: QtBot, worker: HubWorker) -> None:
        super().__init__()
        self.qtbot, self.worker, self.runs = qtbot, worker, QThread()
        self.answers: dict[int, tuple[Any, ...]] = {}
        self.told: list[Any] = []
        self.closed = False
        self._ids = iter(range(1, 1000))
        worker.download_options = {"retry": QUICK}
        worker.moveToThread(self.runs)
        for signal, slot in (
            (self.start_wanted, worker.start),
            (self.close_wanted, worker.close),
            (self.asked, worker.list_repository),
            (self.header_asked, worker.read_header),
            (self.licence_asked, worker.read_licence),
            (self.scan_asked, worker.scan),
            (self.removal_asked, worker.remove_files),
            (self.add_asked, worker.add),
            (self.accept_asked, worker.accept),
            (self.commanded, worker.command),
        ):
            signal.connect(slot)
        for name in _SIGNALS:
            getattr(worker, name).connect(getattr(self, f"_on_{name}"))
        worker.told.connect(self._on_told)
        worker.closed.connect(self._on_closed)
        self.runs.start()
        self.start_wanted.emit()

    def _take(self, kind: str, request_id: int, *values: Any) -> None:
        assert QThread.currentThread() is self.thread()
        self.answers[request_id] = (kind, *values)

    @Slot(int, object)
    def _on_listed(self, request_id: int, value: Any) -> None:
        self._take("listed", request_id, value)

    @Slot(int, str)
    def _on_file_named(self, request_id: int, value: str) -> None:
        self._take("file", request_id, value)

    @Slot(int, object)
    def _on_header_read(self, request_id: int, value: Any) -> None:
        self._take("header", request_id, value)

    @Slot(int, str)
    def _on_licence_read(self, request_id: int, value: str) -> None:
        self._take("licence", request_id, value)

    @Slot(int, object)
    def _on_scanned(self, request_id: int, value: Any) -> None:
        self._take("scanned", request_id, value)

    @Slot(int, str)
    def _on_queued(self, request_id: int, value: str) -> None:
        self._take("queued", request_id, value)

    @Slot(int)
    def _on_accepted(self, request_id: int) -> None:
        self._take("accepted", request_id)

    @Slot(int, object)
    def _on_failed(self, request_id: int, value: Any) -> None:
        self._take("failed", request_id, value)

    @Slot(object)
    def _on_told(self, event: Any) -> None:
        assert QThread.currentThread() is self.thread()
        self.told.append(event)

    @Slot()
    def _on_closed(self) -> None:
        self.closed = True

    def ask(self, signal: Any, *values: Any) -> Any:
        """Ask, and wait for the answer: its kind and its value."""
        request_id = next(self._ids)
        signal.emit(request_id, *values)
        self.qtbot.waitUntil(lambda: request_id in self.answers, timeout=20_000)
        return self.answers[request_id]

    def until(self, state: State) -> DownloadStatus:
        def found() -> list[DownloadStatus]:
            return [one for one in self.told if isinstance(one, DownloadStatus) and one.state is state]

        self.qtbot.waitUntil(lambda: bool(found()), timeout=20_000)
        return found()[-1]

    def close(self) -> None:
        self.close_wanted.emit()
        self.qtbot.waitUntil(lambda: self.closed, timeout=10_000)
        self.runs.quit()
        assert self.runs.wait(5000)


@pytest.fixture
def settings(server: HubServer) -> dict[str, HubSettings]:
    return {"now": HubSettings(endpoint=server.endpoint)}


@pytest.fixture
def desk(qtbot: QtBot, paths: Paths, settings: dict[str, HubSettings]) -> Iterator[Desk]:
    made = Desk(qtbot, HubWorker(paths, lambda: settings["now"]))
    yield made
    if not made.closed:
        made.close()


@pytest.fixture
def small(server: HubServer) -> bytes:
    data = content(300_000)
    server.add(REPO, {"Small-Q4_0.gguf": data, "LICENSE": b"Do what is right."}, cardData={"license": "mit"})
    return data


def test_a_repository_is_listed_by_its_name(desk: Desk, small: bytes) -> None:
    kind, listing = desk.ask(desk.asked, REPO)
    assert kind == "listed"
    assert listing.choices[0].size == len(small)
    assert desk.ask(desk.licence_asked, listing) == ("licence", "Do what is right.")


def test_a_path_is_a_file_on_this_machine(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "own.gguf").write_bytes(b"GGUF")
    assert desk.ask(desk.asked, str(tmp_path / "own.gguf")) == ("file", str(tmp_path / "own.gguf"))


@pytest.mark.parametrize(
    ("fault", "error"),
    [
        ({"status": 404, "headers": {"X-Error-Code": "RepoNotFound"}}, NotFoundError),
        ({"status": 401}, AccessError),
        ({"status": 403, "headers": {"X-Error-Code": "GatedRepo"}}, AccessError),
        ({"status": 429, "headers": {"Retry-After": "7"}}, RateLimitError),
        ({"status": 503}, NetworkError),
        ({"drop": True}, NetworkError),
    ],
)
def test_what_the_hub_refuses_is_told_in_words(
    desk: Desk, server: HubServer, small: bytes, fault: dict[str, Any], error: type[HubError]
) -> None:
    server.fail(route="api", times=-1, **fault)
    kind, raised = desk.ask(desk.asked, REPO)
    assert kind == "failed"
    assert isinstance(raised, error)
    assert raised.hint


def test_settings_count_from_the_next_request_on(
    desk: Desk, server: HubServer, small: bytes, settings: dict[str, HubSettings]
) -> None:
    settings["now"] = HubSettings(endpoint=server.endpoint, offline=True)
    kind, raised = desk.ask(desk.asked, REPO)
    assert (kind, "Offline mode" in raised.message) == ("failed", True)
    settings["now"] = HubSettings(endpoint=server.endpoint)
    assert desk.ask(desk.asked, REPO)[0] == "listed"


def test_it_tells_what_is_on_this_machine(desk: Desk, paths: Paths, tmp_path: Path, plain: Path) -> None:
    own = paths.models / "someone" / "Small-GGUF" / "Small-Q4_0.gguf"
    own.parent.mkdir(parents=True)
    own.write_bytes(plain.read_bytes())
    other = tmp_path / "elsewhere"
    other.mkdir()
    (other / "notes.gguf").write_text("not a model")
    kind, found = desk.ask(desk.scan_asked, [str(other), str(tmp_path / "gone.gguf"), str(own)])
    assert kind == "scanned"
    assert [(one.model.name, bool(one.header), bool(one.problem)) for one in found] == [
        ("Small-Q4_0", True, False),
        ("notes", False, True),
    ]


def test_only_models_of_the_app_s_own_folder_are_deleted(
    desk: Desk, paths: Paths, tmp_path: Path, qtbot: QtBot
) -> None:
    own = paths.models / "someone" / "Small-GGUF" / "Small-Q4_0.gguf"
    own.parent.mkdir(parents=True)
    foreign = tmp_path / "own.gguf"
    for file in (own, foreign):
        file.write_bytes(b"GGUF")
    desk.removal_asked.emit(900, [str(foreign), str(own)])
    qtbot.waitUntil(lambda: not own.parent.parent.exists())
    assert foreign.exists()
    assert paths.models.exists()


def test_the_licence_comes_before_the_download(desk: Desk, small: bytes, paths: Paths) -> None:
    _, listing = desk.ask(desk.asked, REPO)
    kind, error = desk.ask(desk.add_asked, listing, listing.choices[0])
    assert (kind, type(error)) == ("failed", LicenceError)
    assert desk.ask(desk.accept_asked, listing.licence, REPO) == ("accepted",)
    assert desk.ask(desk.add_asked, listing, listing.choices[0])[0] == "queued"
    done = desk.until(State.DONE)
    assert done.path is not None
    assert done.path.read_bytes() == small
    assert done.path.is_relative_to(paths.models)


def test_it_closes_soon_though_a_server_hangs(desk: Desk, server: HubServer, small: bytes) -> None:
    _, listing = desk.ask(desk.asked, REPO)
    desk.ask(desk.accept_asked, listing.licence, REPO)
    hangs = threading.Event()
    server.fail(times=-1, hang=hangs)
    desk.ask(desk.add_asked, listing, listing.choices[0])
    desk.asked.emit(901, REPO)
    desk.qtbot.waitUntil(lambda: sum(seen.route == "api" for seen in server.seen) > 1, timeout=10_000)
    began = time.monotonic()
    desk.close()
    assert time.monotonic() - began < 6
    hangs.set()
    desk.qtbot.waitUntil(
        lambda: not any(one.name.startswith(("hub-", "download")) for one in threading.enumerate()),
        timeout=10_000,
    )
    assert 901 not in desk.answers


def test_downloads_go_on_after_a_restart(
    desk: Desk, server: HubServer, paths: Paths, qtbot: QtBot, settings: dict[str, HubSettings]
) -> None:
    data = content(2_000_000)
    server.add(REPO, {"Small-Q4_0.gguf": data}, cardData={"license": "mit"})
    goes_on = threading.Event()
    server.interruptions = [(500_000, lambda: str(goes_on.wait(10)))]
    _, listing = desk.ask(desk.asked, REPO)
    desk.ask(desk.accept_asked, listing.licence, REPO)
    desk.ask(desk.add_asked, listing, listing.choices[0])
    desk.until(State.RUNNING)
    desk.close()
    goes_on.set()
    again = Desk(qtbot, HubWorker(paths, lambda: settings["now"]))
    done = again.until(State.DONE)
    again.close()
    assert done.path is not None
    assert done.path.read_bytes() == data


def test_whether_the_hub_answers(
    desk: Desk, qtbot: QtBot, server: HubServer, settings: dict[str, HubSettings]
) -> None:
    server.add(KNOWN[0].repo, {"a.gguf": b"GGUF"})
    told: list[tuple[bool, str]] = []
    desk.worker.tested.connect(lambda good, text: told.append((good, text)))
    desk.worker.test()
    qtbot.waitUntil(lambda: len(told) == 1)
    assert told == [(True, "The hub answers.")]
    settings["now"] = HubSettings(endpoint=server.endpoint, offline=True)
    desk.worker.test()
    qtbot.waitUntil(lambda: len(told) == 2)
    assert not told[1][0]
    assert "Offline mode is on" in told[1][1]


def test_downloads_go_to_the_folder_of_the_settings(
    qtbot: QtBot, paths: Paths, tmp_path: Path, plain: Path
) -> None:
    elsewhere = tmp_path / "elsewhere"
    for folder in (elsewhere, paths.models):
        (folder / "own" / "small").mkdir(parents=True)
        (folder / "own" / "small" / "m.gguf").write_bytes(plain.read_bytes())
    worker = HubWorker(paths)
    worker.start(Settings(storage=StorageSettings(models_folder=str(elsewhere))))
    told: list[Any] = []
    worker.scanned.connect(lambda _request, found: told.extend(found))
    worker.scan(1, ())
    qtbot.waitUntil(lambda: bool(told))
    found = [one.model.files[0] for one in told]
    assert found == [folder / "own" / "small" / "m.gguf" for folder in (elsewhere, paths.models)]
    worker.remove_files(2, [str(file) for file in found])
    assert [file.exists() for file in found] == [False, True]
    worker.close()
