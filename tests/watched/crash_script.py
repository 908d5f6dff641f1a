"""A run that crashes in native code, or one that tells of it.

python -m tests.watched.crash_script FOLDER MODEL crash|tell
"""

from __future__ import annotations

import faulthandler
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.watched.player import play
from ui.application import Application


def script(desk: Application, folder: Path, crash: bool) -> Iterator[Callable[[], bool]]:
    yield desk.window.isVisible
    if crash:
        faulthandler._sigsegv()
    yield lambda: desk.help.dialog is not None and "Cascade Desk: " in desk.help.dialog.text.toPlainText()
    assert desk.help.dialog is not None
    told = (desk.help.dialog.heading.text(), desk.help.dialog.text.toPlainText())
    (folder / "told.txt").write_text("\n".join(told), encoding="utf-8")


if __name__ == "__main__":
    place, model, how = sys.argv[1:]
    raise SystemExit(
        play(lambda desk: script(desk, Path(place), how == "crash"), str(Path(place) / "data"), model)
    )
