"""Many files as one text: each behind a line with its path, code in a fence that names it."""

from __future__ import annotations

from collections.abc import Callable

from app.documents.ignoring import Rules
from app.documents.kinds import kind_of
from app.documents.reading import check_length, read_kind
from app.documents.values import Limits, NotText, Progress, Reading, Source
from app.errors import FileReadError, UserError
from app.language import mark, ntr, tr

_NAMED_FAULTS = 5


class Gathering:
    """Takes files one after the other and writes them down."""

    def __init__(self, limits: Limits, report: Callable[[Progress], None], skip: tuple[str, ...]) -> None:
        self.rules = Rules()
        self._limits, self._report, self._skip = limits, report, frozenset(skip)
        self._parts: list[str] = []
        self._notes: list[str] = []
        self._faults = 0
        self._files = self._chars = 0

    def add(self, path: str, load: Callable[[], bytes], done: int, total: int) -> None:
        """Read one file. What is wrong with it becomes a note; too much of all is an error."""
        if path in self._skip:
            self._fault(path, tr("It ended the process that reads documents."))
            return
        self._report(Progress(done, total, "file", path))
        try:
            data = load()
            if not data:
                self.rules.count(mark("empty"))
                return
            kind = kind_of(path, data)
            if kind == "zip":
                self.rules.count(mark("archives"))
                return
            report = _Inner(self._report, path)
            found = read_kind(kind, Source(path, data, self._limits, report=report))
        except NotText:
            self.rules.count(mark("not text"))
            return
        except UserError as error:
            self._fault(path, error.message)
            return
        except (MemoryError, BrokenPipeError):
            raise
        except Exception:  # as in app.documents.process: a library that trips over a damaged file
            self._fault(path, tr("It is damaged, or is not what its name says."))
            return
        self._write(path, kind, found)

    def finish(self) -> Reading:
        """All of it. Raises FileReadError where nothing could be read."""
        if not self._files:
            reasons = " ".join((*self._notes, *self.rules.notes()))
            raise FileReadError(tr("There is no document in it that can be read."), reasons)
        if self._faults > _NAMED_FAULTS:
            more = self._faults - _NAMED_FAULTS
            self._notes.append(
                ntr("{count} more file could not be read.", "{count} more files could not be read.", more)
            )
        notes = (*self._notes, *self.rules.notes())
        return Reading("\n\n".join(self._parts) + "\n", self._files, notes=notes)

    def _write(self, path: str, kind: str, found: Reading) -> None:
        text = found.text.strip("\n")
        # A fence names its path itself.
        self._parts.append(text if kind == "code" else f"[File {' '.join(path.split())}]\n\n{text}")
        self._files += 1
        self._chars += len(text)
        self._notes += [f"{path}: {note}" for note in found.notes]
        check_length(self._chars, self._limits.text_chars)

    def _fault(self, path: str, message: str) -> None:
        self._faults += 1
        if self._faults <= _NAMED_FAULTS:
            self._notes.append(tr("{path} was left out. {message}", path=path, message=message))


class _Inner:
    """Progress inside of one file of many: it still moves, and still names the file."""

    def __init__(self, report: Callable[[Progress], None], path: str) -> None:
        self._report, self._path = report, path

    def __call__(self, progress: Progress) -> None:
        self._report(Progress(progress.done, progress.total, progress.unit, self._path))
