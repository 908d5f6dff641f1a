"""A process that uses the real window as a person would, at random, and writes down what was done.

    python -m tests.kill.driver DATA MODEL SEED LOG

Each line of the log is a JSON list: seconds of the monotonic clock, what happened, and its values.
It is written before anything else happens, so that it survives a SIGKILL of this process. The
test that kills it compares the log with the database (tests/kill/ledger.py).
"""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.chat.exchange import Exchange
from app.paths import Paths
from ui.application import Application

_WORDS = ("river", "stone", "cloud", "seven", "lantern", "quiet", "maple", "engine", "harbour", "violet")
_STEP_MS = (5, 60)


class Log:
    """Appends lines that are in the system's hands when `write` returns."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def write(self, what: str, *values: object) -> None:
        line = json.dumps([time.monotonic(), what, *values]) + "\n"
        os.write(self._file, line.encode())


class Driver(QObject):
    """Does one random thing after the other."""

    def __init__(self, desk: Application, seed: int, log: Log) -> None:
        super().__init__()
        self._desk, self._random, self._log = desk, random.Random(seed), log
        self._window, self._chat = desk.window, desk.chat
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._on_step)
        desk.presenter.text_appended.connect(self._on_text)
        desk.turns.finished.connect(self._on_finished)
        desk.models.ready.connect(self._on_ready)
        # How often each is done, in relation to the others.
        self._steps = {
            self._type: 8,
            self._send: 5,
            self._step_version: 4,
            self._nothing: 4,
            self._regenerate: 3,
            self._stop: 2,
            self._edit_question: 2,
            self._rename: 2,
            self._open: 2,
            self._continue: 2,
            self._undo: 2,
            self._new: 1,
            self._delete_message: 1,
            self._pin: 1,
            self._delete_chat: 1,
        }

    @Slot()
    def _on_ready(self) -> None:
        self.begin()

    def begin(self) -> None:
        """The model is there."""
        if not self._timer.isActive():
            self._log.write("ready")
            self._timer.start(1)

    @Slot()
    def _on_step(self) -> None:
        if not self._window.isVisible():
            return  # it is closing: nobody could do anything
        self._random.choices(list(self._steps), list(self._steps.values()))[0]()
        self._timer.start(self._random.randint(*_STEP_MS))

    # ---- what is done ---------------------------------------------------------------------

    def _type(self) -> None:
        QTest.keyClicks(self._window.composer.edit, self._random.choice(_WORDS) + " ")
        self._tell_draft()

    def _tell_draft(self) -> None:
        self._log.write("draft", self._chat.key, self._window.composer.draft())

    def _send(self) -> None:
        before = set(self._chat.conversation.messages)
        if self._window.composer.draft().strip():
            self._log.write("draft", self._chat.key, "")
        QTest.keyClick(self._window.composer.edit, Qt.Key.Key_Return)
        self._tell_new(before)
        self._tell_draft()

    def _tell_new(self, before: set[str]) -> None:
        """Write down the messages that came since."""
        conversation = self._chat.conversation
        for message_id, message in conversation.messages.items():
            if message_id not in before and message.role == "user":
                parent = conversation.parents[message_id]
                self._log.write("question", conversation.id, message_id, parent, message.text)
        if before != set(conversation.messages):
            self._log.write("title", conversation.id, conversation.title)

    def _stop(self) -> None:
        QTest.keyClick(self._window.composer.edit, Qt.Key.Key_Escape)

    def _pick(self, role: str) -> str | None:
        branch = [message.id for message in self._chat.conversation.branch() if message.role == role]
        return self._random.choice(branch) if branch else None

    def _regenerate(self) -> None:
        answer = self._pick("assistant")
        if answer:
            self._desk.messages.act("regenerate", answer)

    def _continue(self) -> None:
        self._window.actions_by_id["continue_answer"].trigger()

    def _edit_question(self) -> None:
        question = self._pick("user")
        if question:
            before = set(self._chat.conversation.messages)
            self._desk.messages.act("edit", question)
            QTest.keyClicks(self._window.composer.edit, self._random.choice(_WORDS))
            QTest.keyClick(self._window.composer.edit, Qt.Key.Key_Return)
            self._tell_new(before)

    def _step_version(self) -> None:
        message = self._pick(self._random.choice(("user", "assistant")))
        if message:
            self._desk.messages.act(self._random.choice(("previous", "next")), message)

    def _delete_message(self) -> None:
        message = self._pick("user")
        if message:
            self._desk.messages.act("delete", message)
            self._log.write("message_deleted", message, True)

    def _rename(self) -> None:
        if self._chat.key:
            title = f"{self._random.choice(_WORDS)} {self._random.randint(0, 999)}"
            self._log.write("title", self._chat.key, title)
            self._window.sidebar.rename_requested.emit(self._chat.key, title)

    def _new(self) -> None:
        self._window.actions_by_id["new_chat"].trigger()

    def _open(self) -> None:
        ids = self._window.sidebar.order()
        if ids:
            self._window.sidebar.open_requested.emit(self._random.choice(ids))

    def _pin(self) -> None:
        if self._chat.key:
            pinned = self._random.random() < 0.5
            self._log.write("pinned", self._chat.key, pinned)
            self._window.sidebar.pin_requested.emit([self._chat.key], pinned)

    def _delete_chat(self) -> None:
        if self._chat.key:
            self._log.write("chat_deleted", self._chat.key)
            self._window.actions_by_id["delete_chat"].trigger()

    def _undo(self) -> None:
        self._log.write("undo")
        self._window.actions_by_id["undo_delete"].trigger()

    def _nothing(self) -> None:
        """Look at the screen."""

    # ---- what comes -----------------------------------------------------------------------

    @Slot(str, str, str)
    def _on_text(self, message_id: str, _channel: str, _text: str) -> None:
        running = self._desk.turns.running
        if running is not None and running.answer.id == message_id and self._is_seen():
            self._tell_stream(running)

    @Slot(object)
    def _on_finished(self, exchange: Exchange) -> None:
        if not self._is_seen():
            return
        self._tell_stream(exchange)
        self._log.write("title", exchange.conversation.id, exchange.conversation.title)

    def _is_seen(self) -> bool:
        """What still comes while it closes is on no screen, and promised to nobody."""
        return self._window.isVisible()

    def _tell_stream(self, exchange: Exchange) -> None:
        texts: dict[str, str] = {"answer": "", "reasoning": ""}
        for part in exchange.parts:
            texts["reasoning" if type(part).__name__ == "ReasoningPart" else "answer"] += part.text
        values = exchange.conversation.id, exchange.answer.id, len(texts["answer"]), len(texts["reasoning"])
        self._log.write("stream", *values)


def main() -> int:
    data, model, seed, log = sys.argv[1:]
    qt = QApplication(sys.argv[:1])
    desk = Application(qt, Paths.default(data))
    driver = Driver(desk, int(seed), Log(Path(log)))
    driver.setObjectName("driver")
    desk.start(model)
    return qt.exec()


if __name__ == "__main__":
    raise SystemExit(main())
