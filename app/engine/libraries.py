"""Builds of llama.cpp that a person put there themselves, for CUDA, Vulkan or another GPU. Parent's side.

They are looked for in this order, and the first that works takes the place of the libraries inside:

    LLAMA_CPP_LIB_PATH        a folder that the person named
    DATA/llama/NAME/          the app's data folder, by name
    PROGRAM/gpu/, llama/      beside the frozen program

What is in them runs with the person's own rights, and nothing says who built it. It is trusted for its
place: whoever can write there can put another program in the place of this one as well. Therefore a
folder or a file that everybody can write to, or that belongs to somebody else, is not used (where the
system tells), and nothing is ever loaded from the current folder or from beside a model.

Nothing is loaded here. The engine's process does that (app.engine.native_libraries), and may die of it:
it is then started again without them.
"""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.language import tr

#: Names the folder to the process that is to use it.
VARIABLE: Final = "CASCADE_LLAMA_LIBRARIES"
#: The binding's own.
BINDING_VARIABLE: Final = "LLAMA_CPP_LIB_PATH"
#: Begins the line with which the process says what is wrong with them.
MARK: Final = "libraries: "
_BESIDE: Final = ("gpu", "llama")
_NAMES: Final = {"win32": ("llama.dll", "libllama.dll"), "darwin": ("libllama.dylib", "libllama.so")}
#: More folders than this are somebody's archive.
_MOST: Final = 8
_SHOWN: Final = 100

#: The folder that the engine runs with now, empty for the libraries inside. Written when it says that it is
#: ready; the process that measures a model must have the same ones.
_in_use: str = ""


@dataclass(frozen=True)
class LibrariesRefused:
    """A build could not be used; the engine runs without it.

    Attributes:
        kind: stable name of the reason, for the log.
        why: the reason in words, the rest of a sentence.
        lines: the last lines of the process.
        ended: whether a process ended of it, which is to be started again.
    """

    folder: str
    kind: str
    why: str
    lines: tuple[str, ...] = ()
    ended: bool = True


def refusal_text(event: LibrariesRefused) -> str:
    """What happened, what is safe, and what to do."""
    return tr(
        "The build of llama.cpp in {folder} can't be used: {why}. The one inside the app takes its place, "
        "and nothing is lost. Put one of the right version there, or remove the folder, then start the app "
        "again.",
        folder=_shortened(event.folder), why=event.why,
    )  # fmt: skip


def file_names(platform: str = sys.platform) -> tuple[str, ...]:
    """What llama.cpp's library may be called."""
    return _NAMES.get(platform, ("libllama.so",))


def found(data: Path | None, program: Path | None = None, named: str = "") -> list[Path]:
    """The folders that hold a build, the first choice first. Reads the disk; never raises.

    Args:
        data: the folder DATA/llama; None for none.
        program: the folder of the frozen program; None for none.
        named: a folder that the person named; only a whole path counts.
    """
    places = [Path(named)] if named else []
    if data is not None:
        places += sorted(_folders(data))
    if program is not None:
        places += [program / name for name in _BESIDE]
    return [one for one in places if one.is_absolute() and _holds_build(one)][:_MOST]


def unsafe(folder: Path) -> bool:
    """Whether others than the person and the system's owner may change what would be loaded."""
    if os.name == "nt":
        return False  # the data folder and the program's own are closed to others there
    try:
        looked_at = [folder.stat(), *(path.stat() for path in folder.iterdir())]
    except OSError:
        return True
    allowed = {0, os.getuid(), _owner_of_program()}
    return any(one.st_uid not in allowed or one.st_mode & stat.S_IWOTH for one in looked_at)


def in_use() -> str:
    """The folder that the engine runs with, empty for the libraries inside. Any thread."""
    return _in_use


def environment_for(folder: str) -> dict[str, str]:
    """The environment of a process that is to use them; those inside where `folder` is empty."""
    kept = {name: value for name, value in os.environ.items() if name not in (VARIABLE, BINDING_VARIABLE)}
    return kept | ({VARIABLE: folder} if folder else {})


class Libraries:
    """Which build the next engine is started with. One client's; on one thread at a time.

    Args:
        data: the folder DATA/llama; None for none.
    """

    def __init__(self, data: Path | None = None) -> None:
        self._data = data
        self._left: list[Path] | None = None
        self._told: list[LibrariesRefused] = []
        self.chosen = ""

    def environment(self) -> dict[str, str]:
        """The environment for the engine that is started next. Reads the disk at the first call."""
        if self._left is None:
            frozen = Path(sys.executable).parent if getattr(sys, "frozen", False) else None
            self._left = found(self._data, frozen, os.environ.get(BINDING_VARIABLE, ""))
        while self._left and unsafe(self._left[0]):
            folder = str(self._left.pop(0))
            why = tr("others can change what is in it")
            self._told.append(LibrariesRefused(folder, "unsafe", why, ended=False))
        self.chosen = str(self._left[0]) if self._left else ""
        return environment_for(self.chosen)

    def untried(self) -> list[LibrariesRefused]:
        """Those that are not even tried; each is told once."""
        told, self._told = self._told, []
        return told

    def became_ready(self) -> None:
        """The engine runs with what was chosen."""
        global _in_use
        _in_use = self.chosen

    def refuse(self, how: str, lines: Sequence[str], *, loading: bool = False) -> LibrariesRefused | None:
        """The engine ended before it was ready, or with each model; None where it had the libraries inside.

        Args:
            how: how it ended, in words.
            loading: whether it was ready, and could load no model.
        """
        if not self.chosen or not self._left:
            return None
        folder = str(self._left.pop(0))
        said = next((line for line in reversed(lines) if line.startswith(MARK)), "")
        kind, _, detail = said.removeprefix(MARK).partition(": ")
        kind = "model" if loading else kind if said else "crash"
        return LibrariesRefused(
            folder, kind, _words(kind, detail if said and not loading else how), tuple(lines)
        )


def _shortened(folder: str) -> str:
    """A path that fits into a sentence: its end says most."""
    return folder if len(folder) <= _SHOWN else f"{folder[: _SHOWN // 4]}…{folder[-_SHOWN * 3 // 4 :]}"


def _words(kind: str, detail: str) -> str:
    if kind == "version":
        theirs, _, ours = detail.partition(" ")
        return tr("it is version {theirs}, and this app needs {ours}", theirs=theirs, ours=ours)
    if kind == "other":
        return tr("it belongs to another version of llama.cpp")
    if kind == "load":
        return tr("the system can't load it ({detail})", detail=detail[:300])
    if kind == "model":
        return tr("the engine ended each time it loaded a model with it ({how})", how=detail)
    return tr("the engine ended while it was loaded ({how})", how=detail)


def _folders(place: Path) -> list[Path]:
    try:
        return [path for path in place.iterdir() if path.is_dir()]
    except OSError:
        return []


def _holds_build(folder: Path) -> bool:
    try:
        return any((folder / name).is_file() for name in file_names())
    except OSError:
        return False


def _owner_of_program() -> int:
    """Who could as well change the program itself."""
    return Path(sys.executable).stat().st_uid
