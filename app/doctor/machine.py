"""What the program runs on: versions, system, memory, folders."""

from __future__ import annotations

import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from app.diagnostics.redact import shown_path
from app.doctor.values import Part, size
from app.engine.limits import system_memory
from app.language import language, tr
from app.paths import Paths
from app.version import VERSION

_LEAST_FREE: Final = 512 * 1024 * 1024


def program(more: Mapping[str, str] | None = None) -> Part:
    """Versions, and the system; `more` are versions that the caller knows better."""
    versions = {
        "Cascade Desk": VERSION + (" (frozen)" if getattr(sys, "frozen", False) else ""),
        "Python": platform.python_version(),
        "PySide6": _version("PySide6-Essentials"),
        "llama-cpp-python": _version("llama-cpp-python"),
        **(more or {}),
    }
    rows = [
        *versions.items(),
        (tr("System"), f"{platform.system()} {platform.release()}, {platform.machine()}"),
        (tr("Language"), language()),
    ]
    if sys.platform.startswith("linux"):
        rows.append((tr("Display"), _display()))
    return Part("program", tr("Program"), tuple(rows))


def memory() -> Part:
    """RAM and processor."""
    found = system_memory()
    ram = tr("not known")
    if found is not None:
        ram = tr("{free} of {total} free", free=size(found[0]), total=size(found[1]))
    rows = ((tr("RAM"), ram), (tr("Processor threads"), str(os.cpu_count() or tr("not known"))))
    return Part("memory", tr("Machine"), rows)


def folders(paths: Paths, models: Path) -> Part:
    """The app's folders: where they are, whether they can be written, how much room is left."""
    rows: list[tuple[str, str]] = []
    problems: list[str] = []
    named = ((tr("Data"), paths.data), (tr("Models"), models), (tr("Logs"), paths.logs))
    for name, folder in named:
        trouble, free = _trouble(folder)
        room = tr("{free} free", free=size(free)) if free is not None else tr("not known")
        rows.append((name, f"{shown_path(folder)} ({trouble or room})"))
        if trouble:
            problems.append(f"{name}: {trouble}")
        elif free is not None and free < _LEAST_FREE:
            problems.append(tr("{name}: the disk is nearly full ({free} left).", name=name, free=size(free)))
    return Part("folders", tr("Folders"), tuple(rows), tuple(problems))


def _trouble(folder: Path) -> tuple[str, int | None]:
    """What is wrong with a folder, in words, and the bytes left there."""
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        free = shutil.disk_usage(there).free
    except OSError:
        free = None
    if not there.is_dir():
        return tr("a file is in its place"), free
    if there != folder:
        made = os.access(there, os.W_OK | os.X_OK)
        return ("" if made else tr("it is not there and cannot be made")), free
    try:
        handle, name = tempfile.mkstemp(prefix=".doctor-", dir=folder)
        os.close(handle)
        Path(name).unlink()
    except OSError as error:
        return tr("it cannot be written: {why}", why=os.strerror(error.errno or 0)), free
    return "", free


def _display() -> str:
    kind = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if not kind:
        kind = "wayland" if os.environ.get("WAYLAND_DISPLAY") else "x11" if os.environ.get("DISPLAY") else ""
    desktop = os.environ.get("XDG_CURRENT_DESKTOP", "")
    return " ".join(one for one in (kind or tr("none"), desktop) if one)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return tr("not known")
