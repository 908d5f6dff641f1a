"""The process that writes conversations to files, one after the other.

It ends with the end of its input. Nothing of what it does holds up the window.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from app.errors import UserError
from app.export.values import EXPORT, Begin, End, Node, Progress, Refused, Written
from app.export.writing import unwritable
from app.language import tr
from app.wire import WireError

_EVERY_S: Final = 0.05


def main() -> int:
    """Serve on the standard streams. Whatever else is printed goes to standard error."""
    replies = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    if hasattr(os, "nice"):
        os.nice(5)  # the window goes first
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    serve(sys.stdin.buffer, replies)
    return 0


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Write what is asked for until the end of `requests`."""
    with contextlib.suppress(WireError, OSError):
        while isinstance(begin := EXPORT.read(requests), Begin):
            arriving = _Arriving(requests, replies)
            answer = _answer(begin, arriving)
            for _ in arriving.nodes:
                pass  # what came behind an error
            EXPORT.write(replies, answer)


class _Arriving:
    """The messages as they come, and how far they are written."""

    def __init__(self, requests: BinaryIO, replies: BinaryIO) -> None:
        self._requests, self._replies = requests, replies
        self._done, self._sent = 0, 0.0
        self.nodes = self._read()

    def _read(self) -> Iterator[Node]:
        while not isinstance(node := EXPORT.read(self._requests), End):
            if not isinstance(node, Node):
                raise WireError("the conversation is broken off")
            yield node

    def step(self, characters: int) -> None:
        """So many characters more are written."""
        self._done += characters
        now = time.monotonic()
        if now - self._sent > _EVERY_S:
            self._sent = now
            EXPORT.write(self._replies, Progress(self._done, 0))


def _answer(begin: Begin, arriving: _Arriving) -> Written | Refused:
    target = Path(begin.target)
    try:
        notes = _write(begin, arriving, target)
        with target.open("rb+") as file:
            os.fsync(file.fileno())
        return Written(target.stat().st_size, notes)
    except UserError as error:
        return Refused(error.kind, error.message, error.hint)
    except (BrokenPipeError, WireError):
        raise
    except OSError as error:
        found = unwritable(error)
        return Refused(found.kind, found.message, found.hint)
    except MemoryError:
        return Refused(
            UserError.kind, tr("The conversation needs too much memory."), tr("Try another format.")
        )
    except Exception as error:
        traceback.print_exc()
        said = tr("The file could not be made: the app has a fault ({name}).", name=type(error).__name__)
        return Refused(UserError.kind, said, tr("Try another format."))


def _write(begin: Begin, arriving: _Arriving, target: Path) -> tuple[str, ...]:
    head, options, nodes, step = begin.head, begin.options, arriving.nodes, arriving.step
    if options.format == "pdf":
        from app.export.formulas import SetFormulas
        from ui.export.pdf import write_pdf

        with SetFormulas() as formulas:
            write_pdf(str(target), head, nodes, options, step, formulas=formulas)
        return ()
    with target.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
        if options.format == "json":
            from app.export.json_out import write_json

            write_json(file, head, nodes, options, step)
        elif options.format == "markdown":
            from app.export.markdown import write_markdown

            write_markdown(file, head, nodes, options, step)
        else:
            from dataclasses import asdict

            from app.export.formulas import SetFormulas
            from app.export.html import write_html
            from ui.theme import DARK, LIGHT

            with SetFormulas() as formulas:
                palettes = asdict(LIGHT), asdict(DARK)
                write_html(file, head, nodes, options, step, formulas=formulas, palettes=palettes)
    return ()
