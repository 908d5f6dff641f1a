"""The QThread worker that has conversations written to files, in the process for that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot

from app.chat.conversation import Conversation
from app.errors import ReadingStopped, UserError
from app.export.values import SUFFIXES, Options, Written, head_of, nodes_of, weight_of
from app.export.writing import Exporter, unwritable
from app.language import tr

_NAME_CHARS = 80
#: Systems take 255 bytes, with an ending, and with what a person adds; 80 emoji are 320.
_NAME_BYTES = 200
_FORBIDDEN = frozenset('<>:"/\\|?*')
_RESERVED = frozenset(
    ("con", "prn", "aux", "nul", *(f"com{n}" for n in range(1, 10)), *(f"lpt{n}" for n in range(1, 10)))
)


@dataclass(frozen=True)
class WriteConversation:
    """Write a conversation. Nobody changes it any more: a copy, or one that was read for this.

    `path` is the file, or the folder that it gets one of its own in, where `folder` is set.
    """

    ticket: int
    path: str
    conversation: Conversation
    options: Options
    created: float = 0.0
    updated: float = 0.0
    folder: bool = False


@dataclass(frozen=True)
class ExportProgress:
    """`done` of `total` characters."""

    ticket: int
    done: int
    total: int


@dataclass(frozen=True)
class ExportFinished:
    """The file that is there now, or the error; ReadingStopped where it was cancelled."""

    ticket: int
    path: str
    written: Written | None = None
    error: UserError | None = None


class ExportWorker(QObject):
    """Lives in its thread; `cancel` and `stop` go past the queue, from any thread.

    Signals:
        progressed: ExportProgress.
        finished: ExportFinished, one for each that was asked for.
    """

    progressed = Signal(object)
    finished = Signal(object)

    def __init__(self, command: Sequence[str] | None = None) -> None:
        super().__init__()
        self.setObjectName("export_worker")
        self._exporter = Exporter(command)
        self._cancelled_up_to = 0
        self._stopped = False

    @Slot(object)
    def write(self, wanted: WriteConversation) -> None:
        """Write one conversation; `finished` says how it went."""
        if wanted.ticket > self._cancelled_up_to:
            self._exporter.resume()
        if self._stopped:  # seen behind `resume`, which takes a cancel back
            return
        path = Path(wanted.path)
        try:
            if wanted.folder:
                path = _path_in(path, wanted)
            written = self._write(wanted, path)
        except UserError as error:
            self._exporter.close()
            self.finished.emit(ExportFinished(wanted.ticket, str(path), error=error))
        else:
            self.finished.emit(ExportFinished(wanted.ticket, str(path), written))

    @Slot()
    def rest(self) -> None:
        """Nothing more is to be written for now: the process ends."""
        self._exporter.close()

    def cancel(self, up_to: int) -> None:
        """Break off what is written, and do nothing for tickets up to this one. From any thread."""
        self._cancelled_up_to = up_to
        self._exporter.cancel()

    def stop(self) -> None:
        """The app closes. From any thread."""
        self._stopped = True
        self._exporter.cancel()

    def close(self) -> None:
        """End the process. From any thread, once the worker's own has ended."""
        self._exporter.close()

    def _write(self, wanted: WriteConversation, path: Path) -> Written:
        if wanted.ticket <= self._cancelled_up_to:
            raise ReadingStopped(tr("The export was cancelled."))
        options, conversation = wanted.options, wanted.conversation
        nodes = list(nodes_of(conversation, whole=options.whole and options.format == "json"))
        total = sum(weight_of(node.message) for node in nodes)
        head = head_of(conversation, wanted.created, wanted.updated)

        def tell(done: int) -> None:
            self.progressed.emit(ExportProgress(wanted.ticket, min(done, total), total))

        try:
            return self._exporter.write(path, head, nodes, options, tell)
        finally:
            if self._stopped:
                self._exporter.close()


def _path_in(folder: Path, wanted: WriteConversation) -> Path:
    """Where in the folder it goes; a folder that cannot be looked into is a UserError."""
    try:
        return free_path(folder, wanted.conversation.title, SUFFIXES[wanted.options.format])
    except OSError as error:
        raise unwritable(error) from error


def file_stem(title: str) -> str:
    """A title as the name of a file that every system takes, without an ending."""
    plain = "".join(
        " " if one in _FORBIDDEN or not one.isprintable() else one for one in title[: 4 * _NAME_CHARS]
    )
    short = " ".join(plain.split())[:_NAME_CHARS].encode("utf-8", "ignore")[:_NAME_BYTES]
    stem = short.decode("utf-8", "ignore").strip(" .…")  # a title that was shortened ends in one
    return f"_{stem}" if stem.lower().split(".")[0].strip() in _RESERVED else stem or tr("Conversation")


def free_path(folder: Path, title: str, suffix: str) -> Path:
    """A path in the folder that no file has yet."""
    stem = file_stem(title)
    path, number = folder / f"{stem}{suffix}", 2
    while path.exists():
        path, number = folder / f"{stem} ({number}){suffix}", number + 1
    return path
