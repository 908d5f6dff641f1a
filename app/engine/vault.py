"""The folder of saved states: found by their tokens, kept within a budget, deleted with their conversation.

There is no index that could lie: the files' own headers are read. Several processes may use the
folder at once; files may come and go at any moment. Nothing of a conversation's text is in a
name, and an id from outside becomes one only as a digest. Any thread.
"""

from __future__ import annotations

import array
import contextlib
import hashlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from app.engine.identity import Identity
from app.engine.statefile import (
    Checkpoint,
    Header,
    StateFile,
    StateFileError,
    Stopped,
    branch_key,
    common_prefix,
    read_header,
)
from app.engine.statewriter import STATE, TEMPORARY, StateWriter, is_leftover, state_name

_KEY = 32
_DELETE_ROUNDS = 8


#: The default budget: this part of the disk that is free, within these bounds.
_PART_OF_FREE, _LEAST_BUDGET, _MOST_BUDGET = 10, 1 << 30, 20 << 30


def default_budget(folder: Path) -> int:
    """Bytes of disk for states, where nobody says. Raises OSError."""
    found = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(found).free
    return min(max(free // _PART_OF_FREE, _LEAST_BUDGET), _MOST_BUDGET, free // 2)


def conversation_key(conversation_id: str) -> str:
    """What stands for a conversation in names and headers: 32 hex digits."""
    return hashlib.sha256(conversation_id.encode("utf-8", "surrogatepass")).hexdigest()[:_KEY]


@dataclass(frozen=True)
class Found:
    """A saved state that a prompt can make use of.

    Attributes:
        common: how many first tokens it shares with the prompt.
        reusable: how many of these need not be read again.
    """

    path: Path
    header: Header
    common: int
    reusable: int


@dataclass(frozen=True)
class _Entry:
    path: Path
    size: int
    used_ns: int
    inode: int


class Vault:
    """One folder of state files.

    Attributes:
        budget: the most bytes that stay on the disk; one file more while it is written.
        log: takes one line.
    """

    def __init__(self, folder: Path, budget: int, log: Callable[[str], None]) -> None:
        """Makes the folder and removes what killed processes left. Raises OSError.

        `budget` 0 stands for the default.
        """
        self._folder, self.log = folder, log
        self.set_budget(budget)
        self._lock = threading.Lock()
        self._headers: dict[_Entry, Header | None] = {}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for entry in self._entries(TEMPORARY):
            if is_leftover(entry.path):
                self.remove(entry.path)

    def set_budget(self, budget: int) -> None:
        """Another budget, 0 for the default. Raises OSError. `trim` removes what is too much."""
        self.budget = budget or default_budget(self._folder)

    def path_of(self, conversation_id: str, identity: Identity, tokens: array.array[int]) -> Path:
        """Where the state of a branch is, if it is saved."""
        return self._folder / state_name(conversation_key(conversation_id), branch_key(identity, tokens))

    def begin(
        self,
        conversation_id: str,
        identity: Identity,
        tokens: array.array[int],
        checkpoints: Sequence[Checkpoint],
        state_bytes: int,
        *,
        asked: int = 0,
    ) -> StateWriter | None:
        """A file to be filled and given to `finish`; None, with a line in the log, where there is no room.

        `asked`: length of the last prompt; 0 for all of the tokens.
        """
        total = 4 * len(tokens) + state_bytes + sum(len(checkpoint.data) for checkpoint in checkpoints)
        if not len(tokens) or not state_bytes:
            self.log("A state was not saved: it is empty.")
            return None
        if total > self.budget:
            self.log(f"A state of {total} bytes was not saved: the budget is {self.budget}.")
            return None
        ordered = sorted(checkpoints, key=lambda checkpoint: checkpoint.position)
        key = conversation_key(conversation_id)
        try:
            return StateWriter(
                self._folder,
                key,
                identity,
                tokens,
                checkpoints=ordered,
                state_bytes=state_bytes,
                asked=asked or len(tokens),
            )
        except OSError as error:
            self.log(f"A state was not saved: {error.strerror}.")
            return None

    def finish(
        self,
        writer: StateWriter,
        stopped: Callable[[], bool] = lambda: False,
        state: bytearray | None = None,
    ) -> bool:
        """Complete a file, with the state unless it is filled already; whether that went well.

        Then those it stands for, and the least recently used, are removed.
        """
        try:
            path = writer.finish(stopped, state)
        except Stopped:
            return False
        except StateFileError as error:
            self.log(f"A state was not saved: {error}.")
            return False
        except OSError as error:
            self.log(f"A state was not saved: {error.strerror}.")
            return False
        self._remove_outgrown(path, writer)
        self.trim(keep=path)
        return True

    def find(
        self,
        tokens: Sequence[int],
        identity: Identity,
        *,
        cuts: bool,
        conversation_id: str | None = None,
        at_least: int = 1,
    ) -> Found | None:
        """The state that spares the prompt `tokens` the most reading.

        Args:
            cuts: whether any suffix can be cut off the state (full attention only); otherwise it is
                used whole or from a checkpoint.
            conversation_id: look at this conversation only.
            at_least: fewer reusable tokens are not worth it.

        The last token of the prompt always has to be read: logits are no part of a state.
        """
        wanted = array.array("i", tokens)
        key = None if conversation_id is None else conversation_key(conversation_id)
        best: Found | None = None
        for path, header in self._believable():
            if header.identity != identity or (key is not None and header.conversation != key):
                continue
            if min(header.n_tokens, len(wanted) - 1) < max(at_least, best.reusable + 1 if best else 1):
                continue
            with contextlib.suppress(OSError, StateFileError):
                found = _compare(path, header, wanted, cuts)
                if found.reusable >= at_least and (best is None or found.reusable > best.reusable):
                    best = found
        return best

    def tokens_of(self, conversation_id: str, identity: Identity, most: int) -> Iterator[Sequence[int]]:
        """The tokens of a conversation's states that were used last, the oldest first."""
        key = conversation_key(conversation_id)
        paths = [
            path
            for path, header in self._believable()
            if header.conversation == key and header.identity == identity
        ]
        for path in sorted(paths, key=_used_ns)[-most:]:
            with contextlib.suppress(OSError, StateFileError), StateFile(path) as file:
                yield file.tokens().tolist()

    def touch(self, path: Path) -> None:
        """Note that a file was used just now."""
        with contextlib.suppress(OSError):
            os.utime(path)

    def trim(self, keep: Path | None = None) -> None:
        """Remove the least recently used files until the rest is within the budget."""
        entries = sorted(self._entries(STATE), key=lambda entry: (entry.used_ns, entry.path.name))
        total = sum(entry.size for entry in entries)
        for entry in entries:
            if total <= self.budget:
                return
            if entry.path != keep and self.remove(entry.path):
                total -= entry.size

    def total_bytes(self) -> int:
        """What the states take on the disk, those that are being written included."""
        return sum(entry.size for entry in self._entries(STATE, TEMPORARY))

    def delete(self, conversation_id: str) -> bool:
        """Remove all of a conversation; whether nothing of it is left.

        A state of it that is being written right now, by whatever process, is never completed.
        """
        return self._delete(conversation_key(conversation_id))

    def delete_all(self) -> bool:
        """Remove every state; whether nothing is left."""
        return self._delete("")

    def remove(self, path: Path) -> bool:
        """Remove one file; whether it is gone."""
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            self.log(f"A saved state could not be removed: {error.strerror}.")
            return False
        return True

    @staticmethod
    def names(path: Path, header: Header) -> bool:
        """Whether a file's name is the one that belongs to its header."""
        return path.name == state_name(header.conversation, header.branch)

    def _delete(self, prefix: str) -> bool:
        # Again, since a file may get its name between being listed and being removed.
        for _ in range(_DELETE_ROUNDS):
            entries = [e for e in self._entries(STATE, TEMPORARY) if e.path.name.startswith(prefix)]
            if not entries:
                return True
            for entry in entries:
                self.remove(entry.path)
        return False

    def _remove_outgrown(self, path: Path, writer: StateWriter) -> None:
        """Remove what the new file holds all of: the earlier turns of the same branch."""
        new = writer.header
        for other, header in self._believable():
            same = header.conversation == new.conversation and header.identity == new.identity
            if other == path or not same or header.n_tokens >= new.n_tokens:
                continue
            with contextlib.suppress(OSError, StateFileError):
                if common_prefix(other, writer.tokens) == header.n_tokens:
                    self.remove(other)

    def _believable(self) -> Iterator[tuple[Path, Header]]:
        """Files with good headers; those of unchanged files are not read again."""
        with self._lock:
            old, self._headers = self._headers, {}
            for entry in self._entries(STATE):
                self._headers[entry] = old[entry] if entry in old else self._header(entry.path)
            headers = dict(self._headers)
        for entry, header in headers.items():
            if header is not None:
                yield entry.path, header

    def _header(self, path: Path) -> Header | None:
        try:
            header = read_header(path)
            if not self.names(path, header):
                raise StateFileError("it is not the file that its name says")
        except FileNotFoundError:
            return None
        except (StateFileError, OSError) as error:
            self.log(f"A saved state is not used: {error}.")
            if isinstance(error, StateFileError) and error.damaged:
                self.remove(path)
            return None
        return header

    def _entries(self, *endings: str) -> list[_Entry]:
        found = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self._folder) as listed:
            for item in listed:
                if item.name.endswith(endings):
                    with contextlib.suppress(FileNotFoundError):
                        status = item.stat(follow_symlinks=False)
                        found.append(
                            _Entry(Path(item.path), status.st_size, status.st_mtime_ns, status.st_ino)
                        )
        return found


def _used_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return 0


def _compare(path: Path, header: Header, wanted: array.array[int], cuts: bool) -> Found:
    common = common_prefix(path, wanted)
    usable = min(common, len(wanted) - 1)
    if cuts or header.n_tokens <= usable:
        return Found(path, header, common, usable)
    positions = [mark.position for mark in header.marks if mark.position <= usable]
    return Found(path, header, common, max(positions, default=0))
