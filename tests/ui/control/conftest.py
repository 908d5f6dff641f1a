"""The controllers with a real store, wired as in the app, between a scripted engine and recorded views."""

from __future__ import annotations

import itertools
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMetaMethod, QObject

from app.chat.conversation import ChatSettings, Conversation
from app.chat.library import Entry, Place, Saved
from app.chat.parts import TextPart
from app.engine.protocol import (
    Delta,
    Failed,
    Finished,
    Generate,
    Loaded,
    Predict,
    Predicted,
    ReadProgress,
)
from app.engine.session_events import EngineStopped, SessionEvent
from app.engine.values import FinishReason, ModelInfo, Timings, Usage
from app.errors import DiskFullError
from app.store.database import NAME
from app.store.store import Store
from tests.ui.models import PLAIN
from ui.chat.shown import Shown
from ui.control.attachments import AttachmentControl
from ui.control.chat import ChatControl
from ui.control.cost import ReadingCost
from ui.control.library import LibraryControl
from ui.control.memory import ReadingMemory
from ui.control.messages import MessageActions
from ui.control.models import ModelControl
from ui.control.presenter import AnswerPresenter
from ui.control.session import SessionControl
from ui.control.settings import SettingsControl
from ui.control.store import StoreClient, StoreJournal
from ui.control.turns import TurnControl
from ui.control.undo import Undo
from ui.notices import Notice
from ui.workers.documents import ChoosePages
from ui.workers.settings import SettingsWorker
from ui.workers.store import StoreWorker


class Relay(QObject):
    """Stands where the thread is: hands jobs to the worker at once, later, or with a disk that is full."""

    def __init__(self, worker: StoreWorker, parent: QObject) -> None:
        super().__init__(parent)
        self._worker = worker
        self.holding = self.full = False
        self.held: list[tuple[int, Any, bool]] = []

    def do(self, ticket: int, job: Any, writes: bool) -> None:
        def guarded(store: Store) -> object:
            if writes and self.full:
                raise DiskFullError("The disk is full.", "Make some room.")
            return job(store)

        self.held.append((ticket, guarded, writes))
        if not self.holding:
            self.let_go()

    def step(self) -> None:
        """Carry out the next job."""
        self._worker.do(*self.held.pop(0))

    def let_go(self) -> None:
        """Carry out all that was held back, and hold nothing from now on."""
        self.holding = False
        while self.held:
            self.step()


class View:
    """What a chat view shows that is told of everything."""

    def __init__(self) -> None:
        self.messages: dict[str, Shown] = {}
        self.place: Place | None = None

    def show(self, messages: list[Shown], place: Place | None = None) -> None:
        self.messages = {one.id: one for one in messages}
        self.place = place

    def add(self, shown: Shown) -> None:
        assert shown.id not in self.messages
        self.messages[shown.id] = shown

    def update(self, shown: Shown) -> None:
        assert shown.id in self.messages
        self.messages[shown.id] = shown

    def append(self, message_id: str, channel: str, text: str) -> None:
        shown = self.messages[message_id]
        name = "reasoning" if channel == "reasoning" else "text"
        self.messages[message_id] = replace(shown, **{name: getattr(shown, name) + text})

    @property
    def texts(self) -> list[str]:
        return [one.text for one in self.messages.values()]

    @property
    def last(self) -> Shown:
        return list(self.messages.values())[-1]


class Stage:
    """All controllers, everything they say by "owner.signal", and an engine that says what it is told."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.root = QObject()
        ids = itertools.count(1)
        self.worker = StoreWorker(folder)
        self.relay = Relay(self.worker, self.root)
        self.undo = Undo(self.root)
        self.store = StoreClient(self.worker.interrupt, self.root)
        self.models = ModelControl(ids, self.root)
        self.turns = TurnControl(ids, self.models, self.root)
        journal = StoreJournal(self.store, self._on_changed)
        self.chat = ChatControl(self.store, journal, self.turns, self.undo, self.root)
        self.cost = ReadingCost(ids, self.chat, self.models, self.root)
        self.cancelled: list[int] = []
        self.choices: list[ChoosePages] = []
        self.documents = AttachmentControl(
            ids, self.chat, self.models, self.root,
            store=self.store, undo=self.undo, cancel=self.cancelled.append, choose=self.choices.append,
        )  # fmt: skip
        self.messages = MessageActions(self.chat, self.undo, self.cost, self.documents, self.root)
        self.library = LibraryControl(self.store, self.chat, self.undo, self.root)
        self.presenter = AnswerPresenter(self.chat.is_visible, self.models.is_ready, self.root)
        self.session = SessionControl(self.store, self.root)
        self.settings = SettingsControl(self.root)
        self.settings_worker = SettingsWorker(folder.parent / "settings.json")
        self.memory = ReadingMemory(self.settings, self.models, self.root)
        self.predicted: tuple[int, float | None] | None = (10, 0.1)
        self.said: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
        self.view = View()
        self._wire()
        self._record()
        self.worker.start()
        self.store.read(lambda store: store.attached(""), self.documents.begin)
        self.store.read(lambda store: store.draft(""), lambda draft: self.chat.begin(draft, ChatSettings()))

    def _wire(self) -> None:
        self.store.wanted.connect(self.relay.do)
        self.worker.replied.connect(self.store.on_reply)
        self.worker.opened.connect(self.store.on_opened)
        self.worker.trouble.connect(self.store.on_trouble)
        self.store.full_changed.connect(self._on_full)
        self.turns.began.connect(self.presenter.on_began)
        self.turns.event_taken.connect(self.presenter.on_event)
        self.chat.view_filled.connect(self.presenter.on_view_filled)
        self.chat.conversation_shown.connect(self.view.show)
        self.chat.messages_changed.connect(self.view.show)
        self.chat.message_updated.connect(self.view.update)
        self.messages.message_added.connect(self.view.add)
        self.presenter.text_appended.connect(self.view.append)
        self.messages.edit_began.connect(self.cost.begin_edit)
        self.chat.edit_resumed.connect(self.cost.begin_edit)
        self.library.conversation_deleted.connect(self.cost.on_deleted)
        self.cost.predict_wanted.connect(self._predict)
        self.settings_worker.loaded.connect(self.settings.on_loaded)
        self.settings_worker.written.connect(self.settings.on_written)
        self.settings_worker.failed.connect(self.settings.on_failed)
        self.settings.change_wanted.connect(self.settings_worker.change)
        self.session.restored.connect(self.settings.on_session)
        self.settings.moved.connect(self.session.drop_moved)

    def _on_changed(self) -> None:
        self.library.changed()

    def _predict(self, asked: Predict) -> None:
        """The engine answers at once with `predicted`: tokens to read and seconds; None for no answer."""
        if self.predicted is not None:
            self.event(Predicted(asked.request_id, 50_000, *self.predicted))

    def _on_full(self, full: bool) -> None:
        if not full:
            self.turns.disallow_unsaved()

    def _record(self) -> None:
        for name in (
            "store",
            "undo",
            "models",
            "turns",
            "chat",
            "messages",
            "library",
            "presenter",
            "session",
            "cost",
            "memory",
            "settings",
            "documents",
        ):
            owner: QObject = getattr(self, name)
            meta = owner.metaObject()
            for index in range(QObject.staticMetaObject.methodCount(), meta.methodCount()):
                method = meta.method(index)
                if method.methodType() == QMetaMethod.MethodType.Signal:
                    signal = method.name().toStdString()
                    getattr(owner, signal).connect(self._recorder(f"{name}.{signal}"))

    def _recorder(self, name: str) -> Callable[..., None]:
        return lambda *values: self.said[name].append(values)

    def last(self, name: str) -> Any:
        """What a signal said last: its value, or a tuple where it has several."""
        values = self.said[name][-1]
        return values[0] if len(values) == 1 else values

    # ---- the engine -----------------------------------------------------------------------

    def event(self, event: SessionEvent) -> None:
        self.models.on_event(event)
        self.turns.on_event(event)
        self.cost.on_event(event)
        self.documents.on_event(event)

    def load(self, info: ModelInfo = PLAIN) -> int:
        """Open a model and let it be loaded; the load's id."""
        self.models.open_model(info.path)
        load_id = int(self.said["models.load_wanted"][-1][0])
        self.event(Loaded(load_id, info, 1.0))
        return load_id

    @property
    def requests(self) -> list[Generate]:
        return [values[0] for values in self.said["turns.generate_wanted"]]

    @property
    def request(self) -> Generate:
        """The last one that went to the engine."""
        return self.requests[-1]

    @property
    def asked(self) -> list[str]:
        """What the last request says, without the system prompt."""
        asked = [message for message in self.request.messages if message.role != "system"]
        return ["".join((*map("".join, message.documents), message.content)) for message in asked]

    def say(self, text: str, channel: Any = "answer", tokens: int = 1) -> None:
        self.event(Delta(self.request.request_id, channel, text, tokens))

    def read(self, read: int = 20, total: int = 20, reused: int = 0, left_s: float | None = None) -> None:
        self.event(ReadProgress(self.request.request_id, read, total, reused, left_s))

    def finish(self, reason: FinishReason = "stop", generated: int = 5) -> None:
        usage = Usage(prompt_tokens=20, read_tokens=20, generated_tokens=generated)
        self.event(Finished(self.request.request_id, reason, usage, Timings(0.1, 100.0, 50.0)))

    def fail(self, kind: str, message: str = "It failed.") -> None:
        self.event(Failed(self.request.request_id, kind, message))

    def die(self, recovering: bool = True) -> None:
        running = self.turns.running
        number = running.request_id if running is not None else 0
        self.event(EngineStopped(number, "The engine stopped (signal SIGABRT).", ("abort",), recovering))

    # ---- the person -----------------------------------------------------------------------

    def talk(self, question: str = "Why is the sky blue?", answer: str = "Because.") -> None:
        """A question with its whole answer."""
        self.messages.send(question)
        self.say(answer)
        self.finish()

    def act(self, action: str) -> None:
        """Use the button of a notice."""
        self.models.act(action)
        self.undo.act(action)
        self.cost.act(action)
        self.documents.act(action)
        if action == "ask_unsaved":
            self.turns.allow_unsaved()

    def id_of(self, text: str) -> str:
        """The open conversation's message with this text."""
        return next(one.id for one in self.conversation.messages.values() if one.text == text)

    def run_save_timer(self) -> None:
        """What the timer does while an answer streams."""
        self.turns._save.timeout.emit()

    # ---- what there is --------------------------------------------------------------------

    @property
    def conversation(self) -> Conversation:
        return self.chat.conversation

    @property
    def notices(self) -> list[Notice]:
        return [values[0] for name in self.said if name.endswith(".notice") for values in self.said[name]]

    @property
    def entries(self) -> list[Entry]:
        return self.from_store(lambda store: store.entries())

    def from_store(self, job: Callable[[Store], Any]) -> Any:
        found: list[Any] = []
        self.store.read(job, found.append)
        return found[0]

    def saved(self, conversation_id: str = "") -> Saved:
        """A conversation as it is saved, by default the open one."""
        key = conversation_id or self.conversation.id
        return self.from_store(lambda store: store.load(key))  # type: ignore[no-any-return]

    def saved_texts(self, conversation_id: str = "") -> list[str]:
        return [message.text for message in self.saved(conversation_id).conversation.branch()]

    def saved_texts_now(self) -> list[str]:
        """The same while jobs are held back: read beside them."""
        con = sqlite3.connect(self.folder / NAME)
        try:
            rows = con.execute("SELECT text FROM part WHERE kind = 'text' ORDER BY message")
            return [row[0] for row in rows]
        finally:
            con.close()

    def rows(self) -> dict[str, int]:
        """How many rows each table has, and each index of the search."""
        con = sqlite3.connect(self.folder / NAME)
        try:
            names = [row[0] for row in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: con.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names}
        finally:
            con.close()

    def close(self) -> None:
        self.relay.let_go()
        self.worker.close()
        for timed in (self.root, self.worker):
            for timer in timed.findChildren(QObject):
                timer.blockSignals(True)


def other(stage: Stage, title: str = "Another") -> str:
    """Another conversation in the store; its id."""
    conversation = Conversation(title=title, titled=True)
    conversation.append("user", TextPart(f"{title} question"))
    conversation.append("assistant", TextPart(f"{title} answer"))
    stage.store.write(lambda store: store.create(conversation))
    return conversation.id


@pytest.fixture
def stages(qapp: object, tmp_path: Path) -> Iterator[Callable[[], Stage]]:
    """Opens the app, and opens it again over the same data: the one before is closed."""
    opened: list[Stage] = []

    def start() -> Stage:
        if opened:
            opened[-1].close()
        opened.append(Stage(tmp_path / "conversations"))
        return opened[-1]

    yield start
    opened[-1].close()


@pytest.fixture
def stage(stages: Callable[[], Stage]) -> Stage:
    """The app with its store, without a model, at a new chat."""
    found = stages()
    found.chat.new()
    return found


@pytest.fixture
def loaded(stage: Stage) -> Stage:
    """The same with a model that does not think."""
    stage.load(PLAIN)
    return stage
