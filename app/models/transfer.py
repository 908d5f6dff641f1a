"""One file from the hub to the disk: asked for from where it was left, hashed on its way, used when right."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from filelock import FileLock, Timeout
from huggingface_hub import get_session

from app.errors import ChangedError, HubError, NetworkError, RequestError
from app.language import mark, tr
from app.models.hub import FileMetadata, Hub
from app.models.listing import HubFile
from app.models.partial import Expected, PartFile, discard, disk_errors, part_path
from app.models.room import check_room, free_bytes
from app.models.session import FILE, check_status, headers, translated
from app.models.stopping import StopSignal

_READ_BYTES = 1024 * 1024
_CHECK_BYTES = 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+|\*)")
_PORTAL = mark("Some networks answer with a page of their own until you sign in; otherwise try again later.")


@dataclass(frozen=True)
class RemoteFile:
    """A file of a repository at a certain commit."""

    repo: str
    revision: str
    file: HubFile


@dataclass(frozen=True)
class Progress:
    """How far a transfer is.

    Attributes:
        verifying: whether what is on the disk is read again, else it is fetched.
        done: bytes that are there and believed, or that were read again.
        size: bytes of the whole file.
    """

    verifying: bool
    done: int
    size: int


class Transfer:
    """Fetches one file. Use it as a context on one thread, and call `attempt` until it says that it is done.

    What arrived stays when an attempt ends, however it ends, and also when the process does.
    """

    def __init__(self, remote: RemoteFile, target: Path, free: Callable[[Path], int] = free_bytes) -> None:
        self._remote, self._target, self._free = remote, target, free
        self._part: PartFile | None = None
        self._lock = FileLock(target.with_name(f"{target.name}.lock"), timeout=0)
        self._checked = 0

    def __enter__(self) -> Transfer:
        """Take the file for this process; raises RequestError where another one fetches it."""
        with disk_errors(self._target):
            self._target.parent.mkdir(parents=True, exist_ok=True)
            try:
                self._lock.acquire()
            except Timeout as error:
                raise RequestError(
                    tr("{name} is being downloaded by another window.", name=self._target.name),
                    tr("Wait for it, or pause it there."),
                ) from error
        return self

    def __exit__(self, *_exception: object) -> None:
        try:
            if self._part is not None:
                self._part.close()
        finally:
            # Before it is released: whoever waits for it sees that it has gone.
            with contextlib.suppress(OSError):
                Path(self._lock.lock_file).unlink(missing_ok=True)
            self._lock.release()

    def attempt(self, hub: Hub, stopped: StopSignal, progress: Callable[[Progress], None]) -> bool:
        """Fetch until the file is there (True) or the signal is set (False).

        Raises HubError, of it NetworkError where another attempt may help, DiskFullError, and
        RequestError where another file has the name.
        """
        size = self._remote.file.size
        if self._part is None:
            if self._target.exists():
                return self._accept_existing(stopped, progress)
            part = PartFile(self._target, Expected(size, self._remote.file.sha256))
            try:
                opened = part.open(stopped, lambda done: progress(Progress(True, done, size)))
            except BaseException:
                part.close()
                raise
            if not opened:
                part.close()
                return False
            self._part = part
        if not self._part.is_whole:
            self._check_room()
            progress(Progress(False, self._part.offset, size))
            self._fetch(hub, self._part, stopped, progress)
        if not self._part.is_whole:
            return False
        self._finish(self._part)
        return True

    def _finish(self, part: PartFile) -> None:
        self._part = None
        try:
            part.finish()
        finally:
            part.close()

    def _accept_existing(self, stopped: StopSignal, progress: Callable[[Progress], None]) -> bool:
        """Whether the file that has the name already is the right one; raises RequestError if not."""
        size, total, found = self._remote.file.size, 0, hashlib.sha256()
        with disk_errors(self._target), self._target.open("rb") as file:
            while total <= size and (data := file.read(_READ_BYTES)):
                if stopped.is_set():
                    return False
                total += len(data)
                found.update(data)
                progress(Progress(True, min(total, size), size))
        if total != size or found.hexdigest() != self._remote.file.sha256:
            raise RequestError(
                tr("Another file has this name already: {target}", target=self._target),
                tr("It was left as it is. Move it, or give it another name, then try again."),
            )
        with disk_errors(self._target):
            discard(self._target)
        return True

    def _fetch(
        self, hub: Hub, part: PartFile, stopped: StopSignal, progress: Callable[[Progress], None]
    ) -> None:
        """One request for the bytes that are missing, and as many of them as come."""
        name, token = self._remote.file.path, hub.has_token
        url = hub.url(self._remote.repo, self._remote.revision, name)
        metadata = hub.metadata(url, name)
        self._check_version(part, metadata, hub.settings.endpoint)
        if stopped.is_set():
            return
        try:
            with translated(name, token=token), _answer(hub, url, metadata.location, part.offset) as answer:
                skip = self._check_answer(answer, hub, url, part.offset)
                connection = answer.extensions.get("network_stream")
                guarded = connection.get_extra_info("socket") if connection is not None else None
                with stopped.guarding(guarded):
                    self._receive(part, answer, skip, stopped, progress)
        except NetworkError:
            if not stopped.is_set():
                raise
        finally:
            part.mark()
        if not part.is_whole and not stopped.is_set():
            raise NetworkError(tr("The connection was lost."), tr("Try again later."))

    def _check_version(self, part: PartFile, metadata: FileMetadata, source: str) -> None:
        """Raise where the server holds another version than was listed, or than was begun with."""
        etag, expected = metadata.etag[:200], self._remote.file
        if not metadata.commit:
            raise HubError(
                tr("The answer about {path} is not one of the hub.", path=expected.path), tr(_PORTAL)
            )
        other_hash = _SHA256.fullmatch(etag) is not None and etag != expected.sha256
        other_size = metadata.size is not None and metadata.size != expected.size
        other_etag = bool(part.etag) and part.source == source and etag != part.etag
        if other_hash or other_size or other_etag:
            raise self._changed()
        if (etag, source) != (part.etag, part.source):
            part.know(etag, source)

    def _changed(self) -> ChangedError:
        return ChangedError(
            tr(
                "{path} is not the file any more that it was when the download began.",
                path=self._remote.file.path,
            ),
            tr("Nothing of it is used. Cancel this download, list the repository again and start anew."),
        )

    def _check_answer(self, answer: httpx2.Response, hub: Hub, url: str, offset: int) -> int:
        """How many bytes at the start of the answer are here already; raises HubError."""
        name, size = self._remote.file.path, self._remote.file.size
        if not same_origin(str(answer.url), url) and answer.status_code in (401, 403):
            raise NetworkError(tr("The address of the file has expired."), tr("A new one is asked for."))
        if answer.status_code == 416:
            raise self._changed()
        check_status(answer, name, token=hub.has_token)
        if answer.status_code == 206:
            found = _CONTENT_RANGE.fullmatch(answer.headers.get("content-range", ""))
            if found is None or int(found[1]) != offset:
                raise HubError(
                    tr("The server sends another part of {name} than it was asked for.", name=name),
                    tr(_PORTAL),
                )
            if found[3] != "*" and int(found[3]) != size:
                raise self._changed()
            return 0
        length = answer.headers.get("content-length", "")
        if length != str(size):
            raise HubError(tr("The answer about {name} is not the file.", name=name), tr(_PORTAL))
        return offset

    def _receive(
        self,
        part: PartFile,
        answer: httpx2.Response,
        skip: int,
        stopped: StopSignal,
        progress: Callable[[Progress], None],
    ) -> None:
        size = self._remote.file.size
        for chunk in answer.iter_raw():
            data = chunk[skip:]
            skip -= len(chunk) - len(data)
            if len(data) > size - part.offset:
                raise HubError(
                    tr("The server sends more than {path} has.", path=self._remote.file.path), tr(_PORTAL)
                )
            part.append(data)
            if abs(part.offset - self._checked) >= _CHECK_BYTES:
                self._check_room()
            progress(Progress(False, part.offset, size))
            if stopped.is_set() or part.is_whole:
                return

    def _check_room(self) -> None:
        assert self._part is not None
        self._checked = self._part.offset
        check_room(self._remote.file.size - self._part.offset, self._free(part_path(self._target).parent))


@contextlib.contextmanager
def _answer(hub: Hub, url: str, location: str, offset: int) -> Iterator[httpx2.Response]:
    """The file's bytes from `offset` on; the token goes to the endpoint itself only."""
    head = headers(hub.settings)
    head["range"] = f"bytes={offset}-"
    if not same_origin(location, url):
        head.pop("authorization", None)
    with get_session().stream("GET", location, headers=head, extensions={FILE: True}) as answer:
        yield answer


def same_origin(first: str, second: str) -> bool:
    """Whether two addresses have one origin: a token for the one may go to the other."""
    return _origin(first) == _origin(second)


def _origin(url: str) -> tuple[str, str | None, int | None]:
    """Scheme, host and port."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname, port
