"""A conversation full of secrets, and errors of all kinds that repeat them.

    python -m tests.watched.words_script FOLDER MODEL

FOLDER/secrets.json has them; FOLDER/report.txt and FOLDER/copied.txt get what a person could pass on.
"""

from __future__ import annotations

import contextlib
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QTimer, qWarning
from PySide6.QtGui import QGuiApplication

from app.errors import FileReadError
from tests.watched import words_engine
from tests.watched.player import play, type_question
from ui.application import Application


def _raise_all(secrets: dict[str, str]) -> Iterator[BaseException]:
    """Errors that have the secrets in their message, name, notes and causes."""
    text = " ".join(secrets.values())
    yield ValueError(text)
    yield KeyError(secrets["title"])
    yield FileNotFoundError(2, "No such file", f"/x/{secrets['name']}.md")
    yield FileReadError(f"{secrets['name']} cannot be read.", text)
    yield RuntimeError({"text": text})
    yield UnicodeDecodeError("utf-8", text.encode(), 0, 1, text)
    yield AttributeError(text)
    yield ImportError(text)
    yield type("Odd", (Exception,), {"__str__": lambda _self: text})()
    with contextlib.suppress(ValueError):
        try:
            json.loads(text)
        except ValueError as error:
            error.add_note(text)
            caused = OSError(text)
            caused.__cause__ = error
            yield caused


class _Leaves:
    """Raises where nobody can catch it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __del__(self) -> None:
        raise ValueError(self.text)


def script(desk: Application, folder: Path) -> Iterator[Callable[[], bool]]:
    secrets = json.loads((folder / "secrets.json").read_text(encoding="utf-8"))
    yield desk.models.is_ready
    desk.network.set_token(secrets["token"])
    desk.settings.change("network", proxy=f"http://someone:{secrets['password']}@proxy.example:1")
    desk.window.settings.system.setPlainText(secrets["system"])
    desk.window.settings.flush()
    desk.attachments.add_paths([str(folder / f"{secrets['name']}.md")])
    desk.attachments.add_paths([str(folder / f"{secrets['name']}.pdf")])
    yield lambda: not desk.attachments.empty and len(desk.attachments.parts()) == 1
    broken = [item for item in desk.attachments._box.items if item.path.endswith(".pdf")]
    yield lambda: broken[0].state == "failed"
    desk.attachments.remove(broken[0].id)
    type_question(desk, secrets["question"])
    yield lambda: secrets["answer"] in desk.window.view.visible_plain_text()
    yield lambda: not desk.turns.waiting() and bool(desk.chat.seen)
    desk.library.rename(desk.chat.seen, secrets["title"])
    type_question(desk, f"{secrets['question']} again")
    yield lambda: "engine stopped" in str(desk.models._stopped_because)
    yield desk.models.is_ready
    for error in _raise_all(secrets):
        thrown = _thrower(error)
        QTimer.singleShot(0, desk, thrown)
        thread = threading.Thread(target=thrown, name=secrets["question"])
        thread.start()
        thread.join()
    qWarning(f"Cannot open “{secrets['name']}.md”")
    qWarning(secrets["question"])
    logging.getLogger("httpx").warning("GET https://hub.example/?q=%s", secrets["question"])
    logging.getLogger("cascade.window").error("%s", "failed", exc_info=ValueError(secrets["answer"]))
    _Leaves(secrets["question"])
    yield lambda: desk.help.dialog is not None and "Cascade Desk: " in desk.help.dialog.text.toPlainText()
    assert desk.help.dialog is not None
    (folder / "report.txt").write_text(desk.help.dialog.text.toPlainText(), encoding="utf-8")
    desk.help.dialog.close()
    desk.help.copy_diagnostics()
    yield lambda: "Cascade Desk: " in QGuiApplication.clipboard().text()
    (folder / "copied.txt").write_text(QGuiApplication.clipboard().text(), encoding="utf-8")


def _thrower(error: BaseException) -> Callable[[], None]:
    def throw() -> None:
        raise error

    return throw


def main() -> int:
    folder, model = sys.argv[1:]
    engine = [sys.executable, words_engine.__file__, str(Path(folder) / "secrets.json")]
    return play(lambda desk: script(desk, Path(folder)), str(Path(folder) / "data"), model, engine)


if __name__ == "__main__":
    raise SystemExit(main())
