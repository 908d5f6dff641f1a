"""Where things are: folders of the user, and the command that starts this program again."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import platformdirs

_APP = "cascade-desk"
#: A folder of this name beside the program has all its data.
PORTABLE = "cascade-desk-data"


@dataclass(frozen=True)
class Paths:
    """The folders that the app writes to; nothing else knows a folder."""

    data: Path
    logs: Path

    @classmethod
    def default(cls, data_dir: str | os.PathLike[str] | None = None) -> Paths:
        """The user's folders, or everything below `data_dir` where one is given.

        Without one, a folder of that name beside the program is taken, so that both can be carried about.
        """
        if data_dir is None and portable_folder().is_dir():
            data_dir = portable_folder()
        if data_dir is not None:
            root = Path(os.path.expanduser(data_dir)).absolute()  # noqa: PTH111 - an unknown ~user is no fault
            return cls(data=root, logs=root / "logs")
        return cls(
            data=Path(platformdirs.user_data_dir(_APP, appauthor=False)),
            logs=Path(platformdirs.user_log_dir(_APP, appauthor=False)),
        )

    @property
    def store(self) -> Path:
        """The folder of the conversations."""
        return self.data / "conversations"

    @property
    def states(self) -> Path:
        """The folder of what the engine has read, saved so that it is not read again."""
        return self.data / "states"

    @property
    def ladder(self) -> Path:
        """Which safer settings a model needed on this machine."""
        return self.data / "engine-ladder.json"

    @property
    def llama(self) -> Path:
        """Builds of llama.cpp that the person put there, in a folder each."""
        return self.data / "llama"

    @property
    def models(self) -> Path:
        """The folder of downloaded models, below it one for each owner and repository."""
        return self.data / "models"

    @property
    def downloads(self) -> Path:
        """The list of downloads that are not done."""
        return self.data / "downloads.json"

    @property
    def documents(self) -> Path:
        """The folder of what was read out of documents, so that it is read once."""
        return self.data / "documents"

    @property
    def settings(self) -> Path:
        """The settings file."""
        return self.data / "settings.json"

    @property
    def window_lock(self) -> Path:
        """Locked by the process whose window has this data; empty, and stays there."""
        return self.data / "window.lock"

    @property
    def first_frame(self) -> Path:
        """How the window looked the last time, for its first frame."""
        return self.data / "first-frame.json"

    @property
    def licences(self) -> Path:
        """Which licences of models were accepted, and when."""
        return self.data / "licences.json"


def portable_folder() -> Path:
    """Where portable data is: beside the program, from source beside its packages."""
    if not getattr(sys, "frozen", False):
        return Path(__file__).resolve().parent.parent / PORTABLE
    program = Path(sys.executable).resolve()
    bundle = next((folder for folder in program.parents if folder.suffix == ".app"), program)
    return bundle.parent / PORTABLE


def self_command(*arguments: str, module: str = "app") -> list[str]:
    """The command that starts this very program with other arguments, frozen or from source.

    From source it is `module` that runs: "app" knows no Qt.

    `-P` keeps the current folder off the module path, so that a folder named `app` in the
    place where a person happens to stand is never run in place of ours.
    """
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-P", "-m", module, *arguments]
