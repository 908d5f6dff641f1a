"""The queue: pause, cancel, retry, restart, several at a time."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import ChangedError, DiskFullError, HashError, LicenceError, NetworkError, RequestError
from app.models.catalogue import HubReference
from app.models.download_entry import Entry
from app.models.downloads import DownloadStatus, State
from app.models.hub import Hub
from app.models.pacing import Retry
from app.models.partial import part_path
from app.models.room import RESERVE_BYTES
from app.models.session import HubSettings
from tests.models.conftest import REPO, content
from tests.models.desk import Desk
from tests.models.hub_server import TOKEN, HubServer

DATA, MORE = content(1_000_000), content(700_000, 2)
SPLIT = {
    "Q8_0/m-Q8_0-00001-of-00003.gguf": content(300_000, 3),
    "Q8_0/m-Q8_0-00002-of-00003.gguf": content(200_000, 4),
    "Q8_0/m-Q8_0-00003-of-00003.gguf": content(100_000, 5),
}
OTHER = "someone/Other-GGUF"


@pytest.fixture(autouse=True)
def repositories(server: HubServer) -> None:
    server.add(REPO, {"m-Q4_0.gguf": DATA, **SPLIT}, cardData={"license": "mit"})
    server.add(OTHER, {"n-Q4_0.gguf": MORE}, cardData={"license": "apache-2.0"})


@pytest.fixture
def settings(server: HubServer) -> HubSettings:
    return HubSettings(endpoint=server.endpoint)


def hold(server: HubServer, *offsets: int, how: str = "") -> threading.Event:
    """Each request that comes to the next of these offsets waits there until the event is set."""
    go_on = threading.Event()

    def wait() -> str:
        go_on.wait(10)
        return how

    server.interruptions = [(offset, wait) for offset in offsets]
    return go_on


def files(desk: Desk) -> list[str]:
    """All files below the folder of models."""
    root = desk.paths.models
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_a_download_from_the_first_to_the_last_event(tmp_path: Path, settings: HubSettings) -> None:
    with Desk(tmp_path, settings) as desk:
        download = desk.add(REPO, "Q4_0")
        done = desk.until(download, State.DONE)
    assert (done.done, done.size, done.error) == (len(DATA), len(DATA), None)
    assert done.path == desk.paths.models / REPO / "m-Q4_0.gguf"
    assert done.path.read_bytes() == DATA
    assert files(desk) == [f"{REPO}/m-Q4_0.gguf"]
    states = [event.state for event in desk.events if isinstance(event, DownloadStatus)]
    assert list(dict.fromkeys(states)) == [State.QUEUED, State.RUNNING, State.DONE]


def test_nothing_before_the_licence_is_accepted(
    tmp_path: Path, server: HubServer, settings: HubSettings
) -> None:
    with Desk(tmp_path, settings) as desk:
        listing = desk.hub.list(HubReference(REPO))
        with pytest.raises(LicenceError, match="mit has not been accepted"):
            desk.downloads.add(listing, listing.choices[0])
        assert desk.downloads.statuses() == ()
        desk.licences.accept("mit", REPO)
        desk.until(desk.downloads.add(listing, listing.choices[0]), State.DONE)
    assert {seen.route for seen in server.seen[:1]} == {"api"}


def test_all_parts_of_a_split_file(tmp_path: Path, settings: HubSettings) -> None:
    with Desk(tmp_path, settings) as desk:
        done = desk.until(desk.add(REPO, "Q8_0"), State.DONE)
    assert done.done == done.size == 600_000
    assert done.path is not None
    assert done.path.name == "m-Q8_0-00001-of-00003.gguf"
    for path, data in SPLIT.items():
        assert (desk.paths.models / REPO / path).read_bytes() == data


def test_pause_keeps_and_resume_goes_on(tmp_path: Path, server: HubServer, settings: HubSettings) -> None:
    go_on = hold(server, 400_000, how="cut")
    with Desk(tmp_path, settings) as desk:
        download = desk.add(REPO, "Q4_0")
        desk.until_done(download, 400_000)
        desk.downloads.pause(download)
        assert desk.status(download).state is State.PAUSED
        go_on.set()
        since = len(desk.events)
        desk.downloads.resume(download)
        desk.until(download, State.DONE, since=since)
    assert server.refetched() == [0]
    assert (desk.paths.models / REPO / "m-Q4_0.gguf").read_bytes() == DATA


def test_a_paused_one_is_paused_after_a_restart_and_a_running_one_goes_on(
    tmp_path: Path, server: HubServer, settings: HubSettings
) -> None:
    go_on = hold(server, 100_000, 200_000, how="cut")
    with Desk(tmp_path, settings) as desk:
        paused, goes_on = desk.add(REPO, "Q4_0"), desk.add(OTHER)
        desk.until_done(paused, 100_000)
        desk.until_done(goes_on, 100_000)
        desk.downloads.pause(paused)
    server.interruptions = []
    go_on.set()
    with Desk(tmp_path, settings) as desk:
        desk.until(goes_on, State.DONE)
        status = desk.status(paused)
        assert status.state is State.PAUSED
        assert 100_000 <= status.done < len(DATA)
        desk.downloads.resume(paused)
        desk.until(paused, State.DONE)
    assert files(desk) == [f"{OTHER}/n-Q4_0.gguf", f"{REPO}/m-Q4_0.gguf"]
    with Desk(tmp_path, settings) as desk:
        assert desk.downloads.statuses() == ()


def test_cancel_can_be_undone_until_it_is_discarded(
    tmp_path: Path, server: HubServer, settings: HubSettings
) -> None:
    go_on = hold(server, 400_000, how="cut")
    with Desk(tmp_path, settings) as desk:
        download = desk.add(REPO, "Q4_0")
        desk.until_done(download, 400_000)
        desk.downloads.cancel(download)
        go_on.set()
        go_on = hold(server, 700_000, how="cut")
        desk.downloads.resume(download)
        desk.until_done(download, 700_000)
        desk.downloads.cancel(download)
        go_on.set()
        assert desk.status(download).state is State.CANCELLED
        desk.downloads.discard(download)
        desk.until_removed(download)
        assert files(desk) == []
        assert list(desk.paths.models.iterdir()) == []
        desk.downloads.resume(download)
        assert desk.downloads.statuses() == ()
    assert server.refetched() == [0]


def test_a_cancelled_one_is_gone_after_a_restart(
    tmp_path: Path, server: HubServer, settings: HubSettings
) -> None:
    go_on = threading.Event()
    server.pace = lambda: (
        None if sum(seen.sent for seen in server.seen) < 400_000 else go_on.wait(10) and None
    )
    with Desk(tmp_path, settings) as desk:
        theirs = desk.paths.models / REPO / "notes.txt"
        theirs.parent.mkdir(parents=True)
        theirs.write_text("mine", encoding="utf-8")
        download = desk.add(REPO, "Q8_0")
        desk.until_done(download, 400_000)
        desk.downloads.cancel(download)
        go_on.set()
    assert f"{REPO}/Q8_0/m-Q8_0-00001-of-00003.gguf" in files(desk)
    with Desk(tmp_path, settings) as desk:
        desk.until_removed(download)
        assert files(desk) == [f"{REPO}/notes.txt"]


def test_cancel_leaves_files_that_were_there_before(tmp_path: Path, settings: HubSettings) -> None:
    first = "Q8_0/m-Q8_0-00001-of-00003.gguf"
    with Desk(tmp_path, settings) as desk:
        there = desk.paths.models / REPO / first
        there.parent.mkdir(parents=True)
        there.write_bytes(SPLIT[first])
        (there.parent / "m-Q8_0-00003-of-00003.gguf").write_bytes(b"another one")
        download = desk.add(REPO, "Q8_0")
        failed = desk.until(download, State.FAILED)
        assert isinstance(failed.error, RequestError)
        desk.downloads.cancel(download)
        desk.downloads.discard(download)
        desk.until_removed(download)
        assert files(desk) == [f"{REPO}/{first}", f"{REPO}/Q8_0/m-Q8_0-00003-of-00003.gguf"]


def test_it_tries_again_and_says_so(tmp_path: Path, server: HubServer, settings: HubSettings) -> None:
    server.fail(route="resolve", status=503, times=2)
    server.interruptions = [(offset, lambda: "reset") for offset in range(100_000, 1_000_000, 100_000)]
    with Desk(tmp_path, settings) as desk:
        download = desk.add(REPO, "Q4_0")
        waiting = desk.until(download, State.WAITING)
        assert isinstance(waiting.error, NetworkError)
        assert waiting.retry_in_s is not None
        done = desk.until(download, State.DONE)
        assert (done.error, done.retry_in_s) == (None, None)
    assert (desk.paths.models / REPO / "m-Q4_0.gguf").read_bytes() == DATA
    assert len(server.refetched()) == 9


def test_it_gives_up_and_can_be_taken_up_again(
    tmp_path: Path, server: HubServer, settings: HubSettings
) -> None:
    fault = server.fail(route="storage", status=500, times=-1)
    with Desk(tmp_path, settings) as desk:
        download = desk.add(REPO, "Q4_0")
        failed = desk.until(download, State.FAILED)
        assert isinstance(failed.error, NetworkError)
        assert len([seen for seen in server.seen if seen.route == "storage"]) == 5
    with Desk(tmp_path, settings) as desk:
        again = desk.until(download, State.FAILED)
        assert again.error is not None
        assert type(again.error) is type(failed.error)
        assert str(again.error) == str(failed.error)
        fault.times = 0
        since = len(desk.events)
        desk.downloads.resume(download)
        desk.until(download, State.DONE, since=since)


def test_the_wait_that_the_server_asks_for_is_kept_to(
    tmp_path: Path, server: HubServer, settings: HubSettings
) -> None:
    server.fail(route="resolve", status=429, headers={"Retry-After": "500"})
    with Desk(tmp_path, settings) as desk:
        download = desk.add(REPO, "Q4_0")
        waiting = desk.until(download, State.WAITING)
        assert waiting.retry_in_s == pytest.approx(500, abs=2)
        desk.downloads.pause(download)
        assert desk.status(download).retry_in_s is None
        since = len(desk.events)
        desk.downloads.resume(download)
        desk.until(download, State.DONE, since=since)
    server.fail(route="resolve", status=429, headers={"Retry-After": "1"})
    with Desk(tmp_path, settings) as desk:
        desk.until(desk.add(OTHER), State.DONE)
        waited = [event for event in desk.events if getattr(event, "retry_in_s", None) is not None]
        assert waited[0].retry_in_s > 0.9  # type: ignore[union-attr,operator]


@pytest.mark.parametrize(
    ("break_it", "kind"),
    [
        (lambda server: server.repos[REPO].update({"m-Q4_0.gguf": DATA[:-1] + b"x"}), HashError),
        (
            lambda server: server.fail(
                route="resolve", change=lambda head: head.update({"X-Linked-Size": "5"}), times=-1
            ),
            ChangedError,
        ),
    ],
)
def test_what_does_not_help_to_repeat_is_not_repeated(
    break_it: Callable[[HubServer], object],
    kind: type[Exception],
    tmp_path: Path,
    server: HubServer,
    settings: HubSettings,
) -> None:
    with Desk(tmp_path, settings) as desk:
        listing = desk.hub.list(HubReference(REPO, quantization="Q4_0"))
        desk.licences.accept("mit", REPO)
        break_it(server)
        download = desk.downloads.add(listing, listing.choices[0])
        failed = desk.until(download, State.FAILED)
        assert isinstance(failed.error, kind)
        assert len([seen for seen in server.seen if seen.method == "HEAD"]) == 1
        assert not (desk.paths.models / REPO / "m-Q4_0.gguf").exists()


def test_a_set_that_does_not_fit_is_not_begun(
    tmp_path: Path, server: HubServer, settings: HubSettings
) -> None:
    with Desk(tmp_path, settings, free=lambda _: RESERVE_BYTES + 599_999) as desk:
        failed = desk.until(desk.add(REPO, "Q8_0"), State.FAILED)
        assert isinstance(failed.error, DiskFullError)
    assert {seen.route for seen in server.seen} == {"api"}
    assert files(desk) == []


def test_two_that_fit_only_one_at_a_time(tmp_path: Path, server: HubServer, settings: HubSettings) -> None:
    go_on = hold(server, 100_000)
    with Desk(tmp_path, settings, free=lambda _: RESERVE_BYTES + 1_200_000) as desk:
        first = desk.add(REPO, "Q4_0")
        desk.until_done(first, 100_000)
        second = desk.add(OTHER)
        assert isinstance(desk.until(second, State.FAILED).error, DiskFullError)
        go_on.set()
        desk.until(first, State.DONE)


def test_several_at_once_and_in_order(tmp_path: Path, server: HubServer, settings: HubSettings) -> None:
    go_on = hold(server, 100_000, 100_001)
    with Desk(tmp_path, settings) as desk:
        ids = [desk.add(REPO, "Q4_0"), desk.add(OTHER), desk.add(REPO, "Q8_0")]
        desk.until_done(ids[0], 100_000)
        desk.until_done(ids[1], 100_000)
        assert desk.status(ids[2]).state is State.QUEUED
        assert [status.id for status in desk.downloads.statuses()] == ids
        server.interruptions = []
        go_on.set()
        for download in ids:
            desk.until(download, State.DONE)
    assert len(files(desk)) == 5


def test_the_same_model_twice_is_one_download(
    tmp_path: Path, server: HubServer, settings: HubSettings
) -> None:
    go_on = hold(server, 100_000)
    with Desk(tmp_path, settings) as desk:
        download = desk.add(REPO, "Q4_0")
        desk.until_done(download, 100_000)
        assert desk.add(REPO, "Q4_0") == download
        server.hashes[REPO, "m-Q4_0.gguf"] = "5" * 64
        with pytest.raises(RequestError, match="Another version"):
            desk.add(REPO, "Q4_0")
        go_on.set()
        desk.until(download, State.DONE)


def test_what_is_asked_for_again_waits_until_the_old_one_is_removed(
    tmp_path: Path, server: HubServer, settings: HubSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    removing, go_on = threading.Event(), threading.Event()
    with Desk(tmp_path, settings) as desk:
        remove = desk.downloads._remove_files

        def slowly(entry: Entry) -> None:
            removing.set()
            go_on.wait(10)
            remove(entry)

        monkeypatch.setattr(desk.downloads, "_remove_files", slowly)
        server.interruptions = [(400_000, lambda: "cut")]
        old = desk.add(REPO, "Q4_0")
        desk.until(old, State.WAITING)
        desk.downloads.cancel(old)
        desk.downloads.discard(old)
        assert removing.wait(10)
        new = desk.add(REPO, "Q4_0")
        desk.until(desk.add(OTHER), State.DONE)
        assert (desk.status(new).state, desk.status(new).done) == (State.QUEUED, 0)
        go_on.set()
        desk.until(new, State.DONE)
    assert new != old
    assert (desk.paths.models / REPO / "m-Q4_0.gguf").read_bytes() == DATA


def test_a_silent_server_is_told(tmp_path: Path, server: HubServer, settings: HubSettings) -> None:
    go_on = hold(server, 300_000)
    with Desk(tmp_path, settings) as desk:
        download = desk.add(REPO, "Q4_0")
        desk.until_done(download, 300_000)
        since = len(desk.events)
        first = desk.until(download, State.RUNNING, since=since)
        later = desk.wait(lambda event: getattr(event, "speed", None) is not None, since)
        assert isinstance(later, DownloadStatus)
        assert later.done == first.done == 300_000
        assert later.speed is not None
        assert later.speed < 600_000
        go_on.set()
        desk.until(download, State.DONE)


def test_speed_and_time_left(tmp_path: Path, server: HubServer, settings: HubSettings) -> None:
    server.pace = lambda: threading.Event().wait(0.1) and None
    with Desk(tmp_path, settings) as desk:
        desk.until(desk.add(REPO, "Q4_0"), State.DONE)
    told = [event for event in desk.events if isinstance(event, DownloadStatus) and event.speed is not None]
    assert told
    assert 300_000 < told[-1].speed < 800_000  # type: ignore[operator]
    assert all(event.eta_s is not None and 0 <= event.eta_s < 3 for event in told)
    assert len(desk.events) < 40


def test_a_fault_of_this_program_is_reported_and_stops_one_download(
    tmp_path: Path, settings: HubSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    reported: list[threading.ExceptHookArgs] = []
    monkeypatch.setattr(threading, "excepthook", reported.append)
    with Desk(tmp_path, settings, workers=1) as desk:
        hub = desk.hub
        desk.hub = None  # type: ignore[assignment]
        bad = desk_add(desk, hub)
        assert "fault of this program" in str(desk.until(bad, State.FAILED).error)
        desk.hub = hub
        since = len(desk.events)
        desk.downloads.resume(bad)
        desk.until(bad, State.DONE, since=since)
    assert [args.exc_type for args in reported] == [AttributeError]


def desk_add(desk: Desk, hub: object) -> str:
    """Queue the small model with another hub than the desk's."""
    listing = hub.list(HubReference(REPO, quantization="Q4_0"))  # type: ignore[attr-defined]
    desk.licences.accept("mit", REPO)
    return desk.downloads.add(listing, listing.choices[0])


def test_a_listener_may_command(tmp_path: Path, server: HubServer, settings: HubSettings) -> None:
    go_on = hold(server, 400_000)
    with Desk(tmp_path, settings) as desk:
        known = desk._on_event

        def pause(event: object) -> None:
            known(event)  # type: ignore[arg-type]
            if isinstance(event, DownloadStatus) and event.state is State.RUNNING and event.done > 0:
                desk.downloads.pause(event.id)

        desk.downloads._listener = pause
        download = desk.add(REPO, "Q4_0")
        desk.until(download, State.PAUSED)
        go_on.set()
    assert part_path(desk.paths.models / REPO / "m-Q4_0.gguf").exists()


def test_closing_does_not_wait_for_a_silent_server(
    tmp_path: Path, server: HubServer, settings: HubSettings
) -> None:
    go_on = hold(server, 400_000)
    desk = Desk(tmp_path, settings, retry=Retry(first_s=100))
    desk.downloads.start()
    desk.until_done(desk.add(REPO, "Q4_0"), 300_000)
    assert desk.downloads.close(wait_s=5.0)
    go_on.set()


def test_settings_that_change_while_it_runs(tmp_path: Path, server: HubServer, settings: HubSettings) -> None:
    go_on = hold(server, 400_000)
    with Desk(tmp_path, settings) as desk:
        download = desk.add(REPO, "Q4_0")
        desk.until_done(download, 400_000)
        desk.hub = Hub(replace(settings, token=TOKEN))
        go_on.set()
        desk.until(download, State.DONE)
    assert (desk.paths.models / REPO / "m-Q4_0.gguf").read_bytes() == DATA
    last = [seen for seen in server.seen if seen.method == "HEAD"][-1]
    assert last.headers["authorization"] == f"Bearer {TOKEN}"


def test_closing_what_never_started(tmp_path: Path, settings: HubSettings) -> None:
    assert Desk(tmp_path, settings).downloads.close()
