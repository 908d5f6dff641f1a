"""The process that reads conversations from a file: one file, held in by limits; it writes nothing.

It ends with the end of its input, also in the middle of a file.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
import traceback
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, Final

from app.documents.process import forbid, limit_memory
from app.errors import FileReadError, UserError
from app.export.import_file import read_conversations
from app.export.values import (
    IMPORT,
    End,
    Node,
    Progress,
    ReadAll,
    ReadFile,
    Refused,
    Skipped,
    Taken,
    head_of,
)
from app.language import tr
from app.wire import WireError

MEMORY_BYTES: Final = 4 << 30
_EVERY_S: Final = 0.1


def main() -> int:
    """Serve on the standard streams. Whatever else is printed goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(5)  # the window goes first
    serve(sys.stdin.buffer, replies)
    return 0


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Read the file that is asked for, to its end."""
    try:
        request = IMPORT.read(requests)
    except (WireError, OSError):
        return
    if not isinstance(request, ReadFile):
        return
    sys.addaudithook(forbid)
    limit_memory(MEMORY_BYTES)
    threading.Thread(target=_end_with, args=(requests,), daemon=True).start()
    try:
        IMPORT.write(replies, _read(Path(request.path), replies))
    except OSError:
        os._exit(0)  # nobody listens any more


def _end_with(requests: BinaryIO) -> None:
    with contextlib.suppress(OSError, ValueError):
        requests.read(1)
    os._exit(0)


def _read(path: Path, replies: BinaryIO) -> ReadAll | Refused:
    sent, count = 0.0, 0

    def step(done: int, total: int) -> None:
        nonlocal sent
        if time.monotonic() - sent > _EVERY_S:
            sent = time.monotonic()
            IMPORT.write(replies, Progress(done, total, count))

    try:
        for one in read_conversations(path, step):
            count += 1
            if isinstance(one, Skipped):
                IMPORT.write(replies, one)
            else:
                _send(one, replies)
    except UserError as error:
        return Refused(error.kind, error.message, error.hint)
    except MemoryError:
        return Refused(FileReadError.kind, tr("It needs too much memory to be read."))
    except WireError:
        return Refused(FileReadError.kind, tr("A message in it is too long."))
    except OSError:
        raise
    except Exception:
        # Whatever nobody thought of; the trace is for whoever looks.
        traceback.print_exc()
        return Refused(FileReadError.kind, tr("It is damaged, or is not what its name says."))
    return ReadAll()


def _send(taken: Taken, replies: BinaryIO) -> None:
    conversation = taken.conversation
    head = head_of(conversation, taken.created, taken.updated)
    IMPORT.write(replies, replace(head, archived=taken.archived))
    for key, message in conversation.messages.items():
        IMPORT.write(replies, Node(message, conversation.parents[key]))
    IMPORT.write(replies, End())
