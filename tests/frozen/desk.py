"""The program as its owner meets it: started from another folder, without Python or anything else on PATH."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil

from tests.atspi.client import Client, Node
from tests.atspi.session import Desktop

RETURN, HOME_KEY, DOWN = 0xFF0D, 0xFF50, 0xFF54  # X symbols
CONTROL_CODE = 37
_QUIT_S = 10.0
QUESTION = "Your message"


def program() -> list[str]:
    """The command that starts the program."""
    default = Path(sys.executable).with_name("cascade-desk")
    return [os.environ.get("CASCADE_PROGRAM") or str(default)]


class Home:
    """The folder of a person on a desktop, and what they start there."""

    def __init__(self, folder: Path, place: Desktop | None = None) -> None:
        self.folder, self.place, self.language = folder, place, "en"

    @property
    def data(self) -> Path:
        """Where the program keeps what it keeps."""
        return self.folder / ".local" / "share" / "cascade-desk"

    @property
    def environment(self) -> dict[str, str]:
        given = {"HOME": str(self.folder), "PATH": "", "LANG": "C.UTF-8", "CASCADE_LANGUAGE": self.language}
        if self.place is not None:
            names = ("DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR")
            given |= {name: self.place.environment[name] for name in names}
            given["QT_LINUX_ACCESSIBILITY_ALWAYS_ON"] = "1"
        return given

    def run(self, *arguments: str, timeout: float = 100.0) -> subprocess.CompletedProcess[str]:
        """The command line, until it ends."""
        return subprocess.run(
            [*program(), *arguments], env=self.environment, cwd=self.folder, timeout=timeout,
            capture_output=True, text=True, check=False,
        )  # fmt: skip

    def processes(self) -> list[psutil.Process]:
        """All that run for this person, the program's own processes too."""
        found = []
        for one in psutil.process_iter():
            with contextlib.suppress(psutil.Error):
                if one.environ().get("HOME") == str(self.folder) and one.status() != psutil.STATUS_ZOMBIE:
                    found.append(one)
        return found

    @contextlib.contextmanager
    def started(self, *arguments: str) -> Iterator[Desk]:
        """The window; at the end it is asked to quit, and must, with all of its processes."""
        assert self.place is not None
        log = self.folder / "app.log"
        with log.open("ab") as output:
            process = subprocess.Popen(
                [*program(), *arguments], env=self.environment, cwd=self.folder, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        client = Client(self.place.bus)
        try:
            yield Desk(client, process)
            assert process.poll() is None, log.read_text()
            process.send_signal(signal.SIGTERM)
            assert process.wait(_QUIT_S) == 0, log.read_text()
            _, left = psutil.wait_procs(self.processes(), _QUIT_S)
            assert not left
            assert "Traceback" not in log.read_text()
        finally:
            client.close()
            print(log.read_text())
            for one in self.processes():
                with contextlib.suppress(psutil.Error):
                    one.kill()
            process.wait()


def shown(node: Node) -> Iterator[Node]:
    """What is on the screen of something and below it; hidden parts are not looked into."""
    if node.role == "application" or "showing" in node.states:
        yield node
        for child in node.children:
            yield from shown(child)


def found(node: Node, role: str, name: str) -> Node:
    """The first that is shown with a role, and a name that begins so. LookupError if there is none."""
    for one in shown(node):
        if one.role == role and one.name.startswith(name):
            return one
    raise LookupError(f"{role} {name}")


class Desk:
    """The window, by what it says to assistive technology, and by keys."""

    def __init__(self, client: Client, process: subprocess.Popen[bytes]) -> None:
        self.client, self.process = client, process
        self.app, self.window = self.until(self._look)

    def _look(self) -> tuple[Node, Node]:
        """The program and its window; one that has just ended may still be listed."""
        app = self.client.program()
        return app, found(app, "frame", "Cascade Desk")

    def until(self, done: Callable[[], Any]) -> Any:
        """Wait until something holds; what it gave."""
        return self.client.until(done)

    def find(self, role: str, name: str, within: Node | None = None) -> Node:
        return self.until(lambda: found(within or self.app, role, name))

    def press(self, name: str, within: Node | None = None) -> None:
        """Press a button when it is there."""
        self.until(lambda: found(within or self.app, "push button", name).do("Press") is None)

    def ready(self) -> None:
        """Wait for the model."""
        self.find("push button", "Model: ")

    def shortcut(self, code: int) -> None:
        """Press Control and a key."""
        self.activate()
        self.client.chord(CONTROL_CODE, code)

    def activate(self) -> None:
        """Without a window manager a window becomes the active one by a click. One that is active already
        is let be: a click arrives when it likes, and would take the focus from what is given it next."""
        if "active" not in self.window.states:
            self.client.click(self.find("text", QUESTION))
            self.until(lambda: "active" in self.window.states)

    def choose_file(self, title: str, path: Path, button: str) -> None:
        """Name a file in the dialog that is opening."""
        dialog = self.find("dialog", title)
        self.find("text", "File name", dialog).write(str(path))
        self.press(button, dialog)

    def open(self, title: str) -> None:
        """A conversation of the list, by keyboard."""
        listed = self.find("list", "Conversations")
        self.find("list item", title, listed)
        self.activate()
        listed.focus()
        self.until(lambda: "focused" in listed.states)
        self.client.key(HOME_KEY)
        for _ in listed.children:
            if self.until(lambda: self.client.focused[-1:])[0].startswith(title):
                break
            self.client.heard.clear()
            self.client.key(DOWN)
        self.client.key(RETURN)

    def ask(self, question: str) -> None:
        self.find("text", QUESTION).type(question)
        self.client.heard.clear()
        self.press("Send")

    def answered(self, end: str = "End of the answer") -> str:
        """Wait for the end of an answer; what it says."""
        self.until(lambda: end in self.client.announced)
        return self.text(self.messages()[-1])

    def messages(self) -> list[Node]:
        """Those of the chat that is shown; none of a new one."""
        listed = (one for one in shown(self.window) if one.role == "list" and one.name == "Conversation")
        return next((one.children for one in listed), [])

    def button(self, number: int, name: str) -> Node:
        """A button of a message when it is there, also where it is scrolled away."""

        def look() -> Node | None:
            parts = self.messages()[number].children if len(self.messages()) > number else []
            buttons = (one for one in parts if one.role == "push button")
            return next((one for one in buttons if one.name.startswith(name)), None)

        return self.until(look)

    def text(self, message: Node) -> str:
        """The words of a message: its blocks without buttons and footer."""
        left_out = {"push button", "footer"}
        return "\n".join(node.name for node in message.children if node.role not in left_out)

    def shown(self) -> list[str]:
        """The words of all messages that are shown."""
        return [self.text(message) for message in self.messages()]

    def children(self) -> list[psutil.Process]:
        """The program's own processes."""
        return psutil.Process(self.process.pid).children(recursive=True)
