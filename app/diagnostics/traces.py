"""What is told of an exception: its kind and where it was raised, never what it says.

The message of an exception may quote anything: a question, the name of a document, a key. What the
interpreter itself knows of it (a missing attribute, the number of an error) is told in its place.
"""

from __future__ import annotations

import os
import re
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path
from traceback import walk_tb
from types import TracebackType
from typing import Final

from app.errors import UserError

_ROOT: Final = str(Path(__file__).resolve().parents[2])
_MOST_FRAMES: Final = 30
_MOST_CAUSES: Final = 4
_IDENTIFIER = re.compile(r"[A-Za-z_][\w.]{0,79}", re.ASCII)
_LIBRARY = re.compile(r".*[\\/](?:site|dist)-packages[\\/]")
#: What the interpreter says without a value in it.
_PLAIN = re.compile(
    r"(?:list|tuple|string|pop|bytearray|deque) (?:assignment )?index out of range"
    r"|pop from (?:an )?empty (?:list|set|deque)|pop from an empty deque"
    r"|(?:float |integer )?division(?: or modulo)? by zero|(?:float |integer |Fraction )?modulo by zero"
    r"|maximum recursion depth exceeded(?: [a-z ]+)?"
    r"|(?:list|dictionary|set|deque|OrderedDict) (?:changed size|mutated|keys changed) during iteration"
    r"|not enough values to unpack \(expected \d+, got \d+\)|too many values to unpack \(expected \d+\)"
    r"|unsupported operand type\(s\) for [^\w\s']{1,3}: '[a-zA-Z]\w{0,40}' and '[a-zA-Z]\w{0,40}'"
    r"|'[a-zA-Z]\w{0,40}' object is not (?:callable|iterable|subscriptable|an iterator)"
    r"|can't start new thread|dictionary is full"
)


@dataclass(frozen=True)
class Trace:
    """An exception: its kind, what is known of it without its message, where it was, what was before.

    Attributes:
        frames: "app/store/rows.py:31 write", the last one raised it.
    """

    kind: str
    detail: str
    frames: tuple[str, ...]
    cause: Trace | None = None

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """The same for the same fault at the same place."""
        return self.kind, self.frames[-3:]

    def lines(self) -> list[str]:
        """The trace as it is written, the cause first."""
        before = [*self.cause.lines(), "which led to"] if self.cause is not None else []
        head = f"{self.kind}: {self.detail}" if self.detail else self.kind
        return [*before, head, *(f"  {frame}" for frame in self.frames)]


def trace_of(error: BaseException, depth: int = 0) -> Trace:
    """What may be told of an exception. Never raises; any thread."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    cause = trace_of(before, depth + 1) if before is not None and depth < _MOST_CAUSES else None
    return Trace(_kind(error), _detail(error), frames_of(error.__traceback__), cause)


def frames_of(stack: TracebackType | None) -> tuple[str, ...]:
    """Where it went through, the last places of it."""
    found: list[str] = []
    for frame, number in walk_tb(stack):
        code = frame.f_code
        found.append(f"{place(code.co_filename)}:{number} {name(code.co_name)}")
        if len(found) > 2 * _MOST_FRAMES:
            del found[:_MOST_FRAMES]
    return tuple(found[-_MOST_FRAMES:])


def place(file: str) -> str:
    """A source file as a report names it: without the folders that lead to it."""
    if file.startswith("<"):
        return file if re.fullmatch(r"<frozen [\w.]+>|<string>|<template>", file) else "<code>"
    if file.startswith(_ROOT + os.sep) and not _LIBRARY.match(file):
        return file[len(_ROOT) + 1 :].replace("\\", "/")
    if not Path(file).is_absolute() and re.match(r"(?:app|ui)[\\/]", file):
        return file.replace("\\", "/")  # as a frozen program has it
    shorter, found = _LIBRARY.subn("", file, count=1)
    return shorter.replace("\\", "/") if found else re.split(r"[\\/]", file)[-1]


def name(text: str) -> str:
    """A name out of a program; what is none isn't shown."""
    return text if _IDENTIFIER.fullmatch(text) or re.fullmatch(r"<\w+>", text) else "?"


def _kind(error: BaseException) -> str:
    kind = type(error)
    full = kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    return name(full)


def _detail(error: BaseException) -> str:
    try:
        return _told(error)
    except Exception:  # an exception of somebody else's may have any attributes
        return ""


def _told(error: BaseException) -> str:
    said = ""
    if isinstance(error, UserError):
        said = f"kind {error.kind}"
    elif isinstance(error, AttributeError) and error.name:
        said = f"{name(type(error.obj).__name__)} has no {name(error.name)}"
    elif isinstance(error, NameError | ImportError) and error.name:
        said = name(error.name)
    elif isinstance(error, KeyError) and error.args:
        said = f"a key of the type {name(type(error.args[0]).__name__)}"
    elif isinstance(error, OSError) and error.errno:
        said = f"{error.errno} {os.strerror(error.errno)}"
    elif isinstance(error, UnicodeEncodeError | UnicodeDecodeError):
        said = f"{name(error.encoding.replace('-', '_'))} at {error.start:,}"
    elif isinstance(error, sqlite3.Error):
        said = str(getattr(error, "sqlite_errorname", ""))
    elif isinstance(error, subprocess.CalledProcessError):
        said = f"exit status {error.returncode}"
    elif len(error.args) == 1 and isinstance(error.args[0], str) and _PLAIN.fullmatch(error.args[0]):
        said = error.args[0]
    return said
