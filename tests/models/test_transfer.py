"""One file, over a network and onto a disk that fail in every way."""

from __future__ import annotations

import errno
import hashlib
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import huggingface_hub
import pytest

from app.errors import (
    AccessError,
    ChangedError,
    DiskFullError,
    HashError,
    HubError,
    NetworkError,
    NotFoundError,
    RateLimitError,
    RequestError,
    UserError,
)
from app.models.hub import Hub
from app.models.listing import HubFile
from app.models.partial import journal_path, part_path
from app.models.room import RESERVE_BYTES
from app.models.session import HubSettings
from app.models.stopping import StopSignal
from app.models.transfer import Progress, RemoteFile, Transfer
from tests.models.conftest import REPO, content
from tests.models.hub_server import COMMIT, TOKEN, HubServer

SIZE = 1_000_000
DATA = content(SIZE)
REMOTE = RemoteFile(REPO, COMMIT, HubFile("m.gguf", SIZE, hashlib.sha256(DATA).hexdigest()))


@pytest.fixture(autouse=True)
def repository(server: HubServer) -> None:
    server.add(REPO, {"m.gguf": DATA})


@pytest.fixture
def target(folder: Path) -> Path:
    return folder / "m.gguf"


def ignore(_progress: Progress) -> None:
    """Nobody looks."""


def fetch(hub: Hub, target: Path, remote: RemoteFile = REMOTE) -> bool:
    """One attempt, as after a start of the program."""
    with Transfer(remote, target) as transfer:
        return transfer.attempt(hub, StopSignal(), ignore)


def only(target: Path) -> bool:
    """Whether the whole file is there and nothing else."""
    return target.read_bytes() == DATA and [path.name for path in target.parent.iterdir()] == [target.name]


def cut(server: HubServer, *offsets: int, how: str = "cut") -> None:
    server.interruptions = [(offset, lambda: how) for offset in offsets]


@pytest.mark.parametrize("storage", ["other", "same", "none"])
def test_a_file_arrives(storage: str, server: HubServer, hub: Hub, target: Path) -> None:
    server.storage = storage
    assert fetch(hub, target)
    assert only(target)
    assert (server.seen[0].method, server.seen[0].route) == ("HEAD", "resolve")
    assert all(seen.headers["accept-encoding"] == "identity" for seen in server.seen)


@pytest.mark.parametrize("how", ["cut", "reset"])
@pytest.mark.parametrize("storage", ["other", "same", "none"])
def test_it_goes_on_where_it_was(how: str, storage: str, server: HubServer, hub: Hub, target: Path) -> None:
    server.storage = storage
    cut(server, 300_000, 600_000, how=how)
    with Transfer(REMOTE, target) as transfer:
        for _ in range(2):
            with pytest.raises(NetworkError, match="connection was lost"):
                transfer.attempt(hub, StopSignal(), ignore)
            assert not target.exists()
    assert fetch(hub, target)
    assert only(target)
    assert len(server.refetched()) == 2
    assert max(server.refetched()) <= 300_000


def test_what_arrived_before_a_clean_cut_is_not_asked_for_again(
    server: HubServer, hub: Hub, target: Path
) -> None:
    cut(server, 123_456, 500_000)
    for _ in range(2):
        with pytest.raises(NetworkError):
            fetch(hub, target)
    assert fetch(hub, target)
    assert server.refetched() == [0, 0]


def test_a_kill_while_it_waits_to_try_again_costs_nothing(server: HubServer, hub: Hub, target: Path) -> None:
    cut(server, 400_000)
    with Transfer(REMOTE, target) as transfer:
        with pytest.raises(NetworkError):
            transfer.attempt(hub, StopSignal(), ignore)
        journal = journal_path(target).read_text(encoding="utf-8").splitlines()
    digest = hashlib.sha256(DATA[:400_000]).hexdigest()
    assert journal[-1] == f'{{"at":400000,"prefix":"{digest}"}}'


def test_progress_and_verifying(server: HubServer, hub: Hub, target: Path) -> None:
    cut(server, 700_000)
    seen: list[Progress] = []
    with Transfer(REMOTE, target) as transfer, pytest.raises(NetworkError):
        transfer.attempt(hub, StopSignal(), seen.append)
    assert not any(progress.verifying for progress in seen)
    assert [progress.done for progress in seen] == sorted(progress.done for progress in seen)
    assert seen[-1] == Progress(False, 700_000, SIZE)
    seen.clear()
    with Transfer(REMOTE, target) as transfer:
        assert transfer.attempt(hub, StopSignal(), seen.append)
    assert seen[0].verifying
    assert seen[-1] == Progress(False, SIZE, SIZE)


def test_a_stop_keeps_what_arrived(server: HubServer, hub: Hub, target: Path) -> None:
    stop = StopSignal()

    def stop_half_way(progress: Progress) -> None:
        if progress.done >= SIZE // 2:
            stop.set()

    with Transfer(REMOTE, target) as transfer:
        assert not transfer.attempt(hub, stop, stop_half_way)
    assert not target.exists()
    held = part_path(target).stat().st_size
    assert SIZE // 2 <= held < SIZE
    assert fetch(hub, target)
    assert only(target)
    assert server.starts() == [0, held]


def test_a_stop_while_the_server_says_nothing(server: HubServer, hub: Hub, target: Path) -> None:
    stop, silent = StopSignal(), threading.Event()

    def wait_for_the_end() -> str:
        silent.set()
        stop.wait(10)
        return "cut"

    server.interruptions = [(400_000, wait_for_the_end)]
    results: list[bool] = []

    def run() -> None:
        with Transfer(REMOTE, target) as transfer:
            results.append(transfer.attempt(hub, stop, ignore))

    thread = threading.Thread(target=run)
    thread.start()
    assert silent.wait(10)
    stop.set()
    thread.join(5)
    assert results == [False]


def test_a_file_that_is_whole_needs_no_network(server: HubServer, hub: Hub, target: Path) -> None:
    assert fetch(hub, target)
    seen = len(server.seen)
    assert fetch(hub, target)
    target.rename(part_path(target))
    line = b'{"version":1,"size":%d,"sha256":"%s"}\n{"at":%d,"prefix":"%s"}\n'
    sha = REMOTE.file.sha256.encode()
    journal_path(target).write_bytes(line % (SIZE, sha, SIZE, sha))
    assert fetch(hub, target)
    assert only(target)
    assert len(server.seen) == seen


def test_a_foreign_file_is_left_alone(server: HubServer, hub: Hub, target: Path) -> None:
    target.parent.mkdir()
    for theirs in (b"", b"theirs", bytes(SIZE), DATA + b"x"):
        target.write_bytes(theirs)
        with pytest.raises(RequestError, match="Another file has this name"):
            fetch(hub, target)
        assert target.read_bytes() == theirs
    assert server.seen == []


def test_one_process_at_a_time(hub: Hub, target: Path) -> None:
    with Transfer(REMOTE, target), pytest.raises(RequestError, match="another window"):
        fetch(hub, target)
    assert fetch(hub, target)


# ---- what the server answers -----------------------------------------------------------------

FAULTS: list[tuple[dict[str, object], type[UserError], str]] = [
    ({"route": "resolve", "status": 401}, AccessError, "does not exist, or is private"),
    ({"route": "resolve", "status": 403, "headers": {"X-Error-Code": "GatedRepo"}}, AccessError, "asked for"),
    (
        {"route": "resolve", "status": 404, "headers": {"X-Error-Code": "EntryNotFound"}},
        NotFoundError,
        "no such file any more: m.gguf",
    ),
    (
        {"route": "resolve", "status": 429, "headers": {"Retry-After": "9"}},
        RateLimitError,
        "too many requests",
    ),
    ({"route": "resolve", "status": 500}, NetworkError, "error 500"),
    ({"route": "resolve", "drop": True}, NetworkError, "connection was lost"),
    ({"route": "resolve", "status": 200, "body": b"<html>sign in"}, HubError, "not one of the hub"),
    ({"route": "resolve", "status": 302, "headers": {"Location": "ftp://x/"}}, HubError, "not one of"),
    ({"route": "storage", "status": 403}, NetworkError, "has expired"),
    ({"route": "storage", "status": 404}, NotFoundError, "no such m.gguf"),
    ({"route": "storage", "status": 416}, ChangedError, "not the file any more"),
    (
        {"route": "storage", "status": 429, "headers": {"Retry-After": "9"}},
        RateLimitError,
        "too many requests",
    ),
    ({"route": "storage", "status": 503}, NetworkError, "error 503"),
    ({"route": "storage", "drop": True}, NetworkError, "connection was lost"),
    ({"route": "storage", "status": 200, "body": b"<html>sign in"}, HubError, "is not the file"),
    ({"route": "storage", "status": 206, "body": b"x"}, HubError, "another part"),
    (
        {"route": "storage", "status": 302, "headers": {"Location": f"/storage/{REPO}/m.gguf"}, "times": -1},
        HubError,
        "follow",
    ),
]


@pytest.mark.parametrize(("fault", "kind", "words"), FAULTS)
@pytest.mark.parametrize("begun", [0, 400_000])
def test_each_answer_is_told_and_costs_nothing(
    *,
    begun: int,
    fault: dict[str, object],
    kind: type[UserError],
    words: str,
    server: HubServer,
    hub: Hub,
    target: Path,
) -> None:
    if begun:
        cut(server, begun)
        with pytest.raises(NetworkError):
            fetch(hub, target)
    planned = server.fail(**fault)
    with pytest.raises(kind, match=words) as caught:
        fetch(hub, target)
    assert caught.value.hint
    assert not target.exists()
    if kind is RateLimitError:
        assert caught.value.wait_s == 9  # type: ignore[attr-defined]
    planned.times = 0
    assert fetch(hub, target)
    assert only(target)
    assert server.refetched() == ([0] if begun else [])


def test_no_network(server: HubServer, hub: Hub, target: Path) -> None:
    cut(server, 400_000)
    with pytest.raises(NetworkError):
        fetch(hub, target)
    with pytest.raises(NetworkError, match="There is no connection to the server"):
        fetch(Hub(HubSettings(endpoint="http://127.0.0.1:1")), target)
    assert fetch(Hub(HubSettings(endpoint=server.endpoint)), target)
    assert server.refetched() == [0]


def test_a_server_that_stalls(server: HubServer, target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.models.session.STALL_S", 0.1)
    hub = Hub(HubSettings(endpoint=server.endpoint))
    told = threading.Event()
    server.fail(route="storage", hang=told)
    with pytest.raises(NetworkError, match="does not answer in time"):
        fetch(hub, target)
    told.set()


def _etag(head: dict[str, str]) -> None:
    head["ETag"] = '"another"'


def _linked_etag(head: dict[str, str]) -> None:
    head["X-Linked-Etag"] = f'"{"5" * 64}"'


def _linked_size(head: dict[str, str]) -> None:
    head["X-Linked-Size"] = "1000001"


def _range(head: dict[str, str]) -> None:
    head["Content-Range"] = "bytes 400000-1000000/1000001"
    head["Content-Length"] = "600001"


@pytest.mark.parametrize(
    ("storage", "route", "change"),
    [
        ("other", "resolve", _linked_etag),
        ("other", "resolve", _linked_size),
        ("other", "storage", _range),
        ("none", "resolve", _etag),
        ("same", "storage", _etag),
    ],
)
def test_a_file_that_changed_between_two_parts(
    *,
    storage: str,
    route: str,
    change: Callable[[dict[str, str]], None],
    server: HubServer,
    hub: Hub,
    target: Path,
) -> None:
    server.storage = storage
    cut(server, 400_000)
    with pytest.raises(NetworkError):
        fetch(hub, target)
    planned = server.fail(route=route, change=change, times=-1)
    with pytest.raises(ChangedError, match="not the file any more"):
        fetch(hub, target)
    assert not target.exists()
    assert part_path(target).read_bytes() == DATA[:400_000]
    planned.times = 0
    assert fetch(hub, target)
    assert only(target)


def test_a_file_that_changed_since_it_was_listed(server: HubServer, hub: Hub, target: Path) -> None:
    server.hashes[REPO, "m.gguf"] = "5" * 64
    with pytest.raises(ChangedError, match="not the file any more"):
        fetch(hub, target)
    assert {seen.method for seen in server.seen} == {"HEAD"}


def test_a_wrong_hash_leaves_nothing(server: HubServer, hub: Hub, target: Path) -> None:
    wrong = bytearray(DATA)
    wrong[SIZE // 2] ^= 1
    server.repos[REPO]["m.gguf"] = bytes(wrong)
    with pytest.raises(HashError, match="did not arrive as it was published"):
        fetch(hub, target)
    assert list(target.parent.iterdir()) == []
    server.repos[REPO]["m.gguf"] = DATA
    assert fetch(hub, target)
    assert only(target)


def test_a_server_without_ranges(server: HubServer, hub: Hub, target: Path) -> None:
    cut(server, 400_000)
    with pytest.raises(NetworkError):
        fetch(hub, target)
    server.fail(route="storage", no_range=True)
    assert fetch(hub, target)
    assert only(target)


# ---- the token -------------------------------------------------------------------------------


@pytest.mark.parametrize("storage", ["other", "same", "none"])
def test_the_token_goes_to_the_hub_and_nowhere_else(storage: str, server: HubServer, target: Path) -> None:
    server.storage, server.token = storage, TOKEN
    assert fetch(Hub(HubSettings(endpoint=server.endpoint, token=TOKEN)), target)
    for seen in server.seen:
        expected = None if storage == "other" and seen.route == "storage" else f"Bearer {TOKEN}"
        assert seen.headers.get("authorization") == expected


def test_a_second_redirect_does_not_carry_it_on(server: HubServer, target: Path) -> None:
    elsewhere = HubServer()
    elsewhere.add(REPO, {"m.gguf": DATA})
    try:
        location = f"{elsewhere.endpoint}/storage/{REPO}/m.gguf"
        server.storage, server.token = "same", TOKEN
        server.fail(route="storage", method="GET", status=307, headers={"Location": location})
        assert fetch(Hub(HubSettings(endpoint=server.endpoint, token=TOKEN)), target)
        assert [seen.headers.get("authorization") for seen in elsewhere.seen] == [None]
    finally:
        huggingface_hub.close_session()
        elsewhere.close()
    assert only(target)


def test_nothing_secret_is_left_on_the_disk(server: HubServer, target: Path) -> None:
    server.token = TOKEN
    cut(server, 400_000)
    with pytest.raises(NetworkError):
        fetch(Hub(HubSettings(endpoint=server.endpoint, token=TOKEN)), target)
    journal = journal_path(target).read_text(encoding="utf-8")
    assert TOKEN not in journal
    assert "signature" not in journal


# ---- the disk --------------------------------------------------------------------------------


def test_a_full_disk_is_seen_before_anything_is_fetched(server: HubServer, hub: Hub, target: Path) -> None:
    little = SIZE + RESERVE_BYTES - 1
    with Transfer(REMOTE, target, lambda _: little) as transfer, pytest.raises(DiskFullError, match="room"):
        transfer.attempt(hub, StopSignal(), ignore)
    assert server.seen == []
    with Transfer(REMOTE, target, lambda _: SIZE + RESERVE_BYTES) as transfer:
        assert transfer.attempt(hub, StopSignal(), ignore)


def test_a_disk_that_fills_while_it_runs(
    server: HubServer, hub: Hub, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.models.transfer._CHECK_BYTES", 100_000)
    free = iter([10**12, 10**12, 10**12, RESERVE_BYTES])
    with Transfer(REMOTE, target, lambda _: next(free)) as transfer:
        with pytest.raises(DiskFullError, match="What has arrived is kept"):
            transfer.attempt(hub, StopSignal(), ignore)
        held = part_path(target).stat().st_size
        assert 300_000 <= held < 600_000
    assert fetch(hub, target)
    assert only(target)
    assert server.starts() == [0, held]


def test_a_disk_that_refuses_a_write(
    server: HubServer, hub: Hub, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.models import partial

    class Full(partial.FileIO):
        room = 500_000

        def write(self, data: object) -> int:
            if self.writable() and self.name != str(journal_path(target)) and self.tell() >= self.room:
                raise OSError(errno.ENOSPC, "No space left on device")
            return super().write(data)  # type: ignore[arg-type]

    with monkeypatch.context() as patch:
        patch.setattr(partial, "FileIO", Full)
        with pytest.raises(DiskFullError, match="The disk is full"):
            fetch(hub, target)
    assert not target.exists()
    assert fetch(hub, target)
    assert only(target)
    assert server.starts()[1] >= 500_000


def test_a_folder_that_cannot_be_made(hub: Hub, folder: Path) -> None:
    folder.write_bytes(b"")
    with pytest.raises(DiskFullError, match="cannot be written"):
        fetch(hub, folder / "m.gguf")


def test_another_size_than_was_listed(server: HubServer, hub: Hub, target: Path) -> None:
    listed = replace(REMOTE, file=replace(REMOTE.file, size=SIZE - 1))
    with pytest.raises(ChangedError):
        fetch(hub, target, listed)
    assert not target.exists()
