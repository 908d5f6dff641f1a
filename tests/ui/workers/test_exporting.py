"""The workers that have conversations written and read, in their threads."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QThread, Signal, Slot
from pytestqt.qtbot import QtBot

from app.chat.conversation import Conversation
from app.chat.parts import TextPart
from app.errors import ReadingStopped
from app.export.values import Options
from tests.export.samples import told
from tests.export.test_import_file import chats
from ui.workers.exporting import (
    ExportFinished,
    ExportProgress,
    ExportWorker,
    WriteConversation,
    file_stem,
    free_path,
)
from ui.workers.importing import ImportEnded, ImportFound, ImportWorker, ReadConversations


class Desk(QObject):
    """The GUI's side: asks, and writes down what comes back."""

    write, read = Signal(object), Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.exports, self.imports = ExportWorker(), ImportWorker()
        self.runs = QThread()
        self.runs.setObjectName("files_thread")
        self.heard: list[object] = []
        for worker in (self.exports, self.imports):
            worker.moveToThread(self.runs)
        self.write.connect(self.exports.write)
        self.read.connect(self.imports.read)
        self.exports.finished.connect(self.hear)
        self.exports.progressed.connect(self.hear)
        self.imports.told.connect(self.hear)
        self.runs.start()

    @Slot(object)
    def hear(self, said: object) -> None:
        self.heard.append(said)

    def all(self, kind: type) -> list[object]:
        return [one for one in self.heard if isinstance(one, kind)]

    def end(self) -> None:
        self.exports.stop()
        self.imports.stop()
        self.runs.quit()
        assert self.runs.wait(5000)
        self.exports.close()


@pytest.fixture
def desk(qtbot: QtBot) -> Iterator[Desk]:
    made = Desk()
    yield made
    made.end()


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("A title", "A title"), ("", "Conversation"), ("  a\n/b\\c:*?\"<>|. ", "a b c"), ("../../etc", "etc"),
        ("con", "_con"), ("COM1.x", "_COM1.x"), ("console", "console"),
        ("Ab" * 100, "Ab" * 40), ("漢字 😀", "漢字 😀"), ("a" + "😀" * 80, "a" + "😀" * 49),
        ("漢" * 300, "漢" * 66), ("\ud800a", "a"), ("...", "Conversation"),
        ("a\0b\u202ec", "a b c"), ("Write a small Python…", "Write a small Python"),
    ],
)  # fmt: skip
def test_a_title_is_the_name_of_a_file(title: str, stem: str) -> None:
    assert file_stem(title) == stem


def test_no_file_in_a_folder_is_written_over(tmp_path: Path) -> None:
    for expected in ("A.md", "A (2).md", "A (3).md"):
        path = free_path(tmp_path, "A", ".md")
        assert path.name == expected
        path.touch()


def test_conversations_are_written_and_cancelled(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    options = Options("json", whole=True, thoughts=True)
    desk.write.emit(WriteConversation(1, str(tmp_path), told(), options, folder=True))
    qtbot.waitUntil(lambda: len(desk.all(ExportFinished)) == 1, timeout=20_000)
    (first,) = desk.all(ExportFinished)
    assert isinstance(first, ExportFinished)
    assert first.error is None
    assert json.loads(Path(first.path).read_text(encoding="utf-8"))["title"] == told().title
    long = Conversation(title="Long")
    for _ in range(400):
        long.append("assistant", TextPart("Some **words** of `code` and text. " * 1000))
    desk.write.emit(WriteConversation(2, str(tmp_path / "b.html"), long, Options("html")))
    qtbot.waitUntil(lambda: bool(desk.all(ExportProgress)), timeout=20_000)
    desk.exports.cancel(2)
    qtbot.waitUntil(lambda: len(desk.all(ExportFinished)) == 2, timeout=5000)
    last = desk.all(ExportFinished)[-1]
    assert isinstance(last, ExportFinished)
    assert isinstance(last.error, ReadingStopped)
    assert not (tmp_path / "b.html").exists()
    desk.write.emit(WriteConversation(3, str(tmp_path / "c.md"), told(), Options()))
    qtbot.waitUntil((tmp_path / "c.md").exists, timeout=20_000)


def test_a_folder_that_cannot_be_looked_into_ends_the_export(
    desk: Desk, qtbot: QtBot, tmp_path: Path
) -> None:
    nowhere = str(tmp_path / ("x" * 300))
    desk.write.emit(WriteConversation(1, nowhere, told(), Options(), folder=True))
    qtbot.waitUntil(lambda: bool(desk.all(ExportFinished)), timeout=5000)
    (finished,) = desk.all(ExportFinished)
    assert isinstance(finished, ExportFinished)
    assert "too long" in str(finished.error)


def test_no_more_is_read_than_is_saved(desk: Desk, qtbot: QtBot, tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps(chats(30)), encoding="utf-8")
    desk.read.emit(ReadConversations(1, str(path)))
    qtbot.waitUntil(lambda: len(desk.all(ImportFound)) == 4, timeout=20_000)
    for _ in range(3):
        desk.imports.taken()
    qtbot.waitUntil(lambda: len(desk.all(ImportFound)) == 7, timeout=20_000)
    desk.imports.cancel(1)
    qtbot.waitUntil(lambda: bool(desk.all(ImportEnded)), timeout=5000)
    (ended,) = desk.all(ImportEnded)
    assert isinstance(ended, ImportEnded)
    assert isinstance(ended.error, ReadingStopped)
    assert len(desk.all(ImportFound)) == 7


def test_an_end_that_comes_while_a_file_is_begun_is_not_forgotten(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports, imports = ExportWorker(), ImportWorker()
    heard: list[object] = []
    exports.finished.connect(heard.append)
    imports.told.connect(heard.append)
    for worker, part in ((exports, exports._exporter), (imports, imports._importer)):
        resume = part.resume

        def late(stop=worker.stop, resume=resume) -> None:  # type: ignore[no-untyped-def]
            stop()
            resume()

        monkeypatch.setattr(part, "resume", late)
    conversation = Conversation()
    conversation.append("user", TextPart("Why?"))
    exports.write(WriteConversation(1, str(tmp_path / "one.md"), conversation, Options()))
    (tmp_path / "chats.json").write_text(json.dumps(chats(2)), encoding="utf-8")
    imports.read(ReadConversations(1, str(tmp_path / "chats.json")))
    exports.close()
    assert not heard
    assert not (tmp_path / "one.md").exists()
