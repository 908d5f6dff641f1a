"""A whole run of the program, as a script for `player`: what a person does who asks for no network.

    python -m tests.watched.network_script FOLDER MODEL [ADDRESS]

With an address (host:port) it does nothing but connect, to show that this is seen.
"""

from __future__ import annotations

import socket
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QProcess, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from app.export.values import Options
from app.models.catalogue import KNOWN
from tests.watched.player import play, type_question
from ui.application import Application


def whole(desk: Application, folder: Path) -> Iterator[Callable[[], bool]]:
    """All that is done without a wish for the network."""
    yield desk.models.is_ready
    desk.attachments.add_paths([str(folder / "notes.md")])
    yield lambda: not desk.attachments.empty and not desk.attachments.hold
    type_question(desk, "What is a river? See https://example.com/ and $x^2$.")
    yield lambda: len(desk.window.view.visible_plain_text()) > 120
    desk.messages.stop()
    yield lambda: not desk.turns.waiting() and bool(desk.chat.seen)
    for kind, name in (("html", "chat.html"), ("pdf", "chat.pdf")):
        desk.files.exporting.offer([desk.chat.seen])
        desk.files.exporting.write(str(folder / name), Options(kind))  # type: ignore[arg-type]
        yield lambda: not desk.files.exporting.busy  # the file is there before that is told
        assert (folder / name).exists()
    for _ in range(3):
        desk.window.switch_theme()
    desk.settings_dialog.open_page("model")  # its overview of what can be had asks nobody
    yield desk.settings_dialog.isVisible
    desk.settings_dialog.open_page("network")
    yield desk.settings_dialog.isVisible
    desk.settings_dialog.close()
    page = desk.models_dialog.page
    QTest.mouseClick(desk.window.top_bar.model_button, Qt.MouseButton.LeftButton)
    yield lambda: "file:" in "".join(page.tree.keys())
    offered = desk.catalogue.shelf.offers(KNOWN[0].repo)[0].key
    page.tree.choose(offered)
    yield lambda: page.card.card is not None and page.card.card.key == offered
    desk.models_dialog.close()
    desk.window.actions_by_id["palette"].trigger()
    desk.window.actions_by_id["palette"].trigger()
    desk.help.copy_diagnostics()
    yield lambda: "Cascade Desk" in QGuiApplication.clipboard().text()


def connecting(desk: Application, host: str, port: int) -> Iterator[Callable[[], bool]]:
    """A thread connects, and another process looks up a name."""
    yield desk.window.isVisible
    thread = threading.Thread(target=_connect, args=(host, port))
    thread.start()
    yield lambda: not thread.is_alive()
    child = QProcess(desk)
    child.start(sys.executable, ["-c", f"import socket; socket.getaddrinfo({host!r}, {port})"])
    yield lambda: child.state() == QProcess.ProcessState.NotRunning


def _connect(host: str, port: int) -> None:
    with socket.socket() as one:
        one.connect_ex((host, port))


def main() -> int:
    folder, model, *address = sys.argv[1:]

    def script(desk: Application) -> Iterator[Callable[[], bool]]:
        if address:
            host, port = address[0].split(":")
            return connecting(desk, host, int(port))
        return whole(desk, Path(folder))

    return play(script, str(Path(folder) / "data"), model)


if __name__ == "__main__":
    raise SystemExit(main())
