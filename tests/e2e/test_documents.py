"""Documents in the real window: bad ones leave everything else alone, good ones reach the engine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QFileDialog

from app.chat.parts import AnswerInfo
from app.engine.protocol import Generate
from tests.documents import corpus
from tests.e2e.conftest import Desk
from ui.composer.attached import Attached

OpenDesk = Callable[[Path], Desk]
IMAGE = b"\x89PNG\r\n\x1a\n" + bytes(50)


class Documents:
    """What a person does with documents, and sees of them."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.chips = desk, list[Attached]()
        self.control, self.bar = desk.application.attachments, desk.window.composer.chips
        self.sent: list[Generate] = []
        self.control.changed.connect(self._on_changed)
        desk.turns.generate_wanted.connect(self.sent.append)

    def _on_changed(self, chips: list[Attached]) -> None:
        self.chips = chips

    def drop(self, *paths: Path | str, text: str = "", link: str = "") -> bool:
        """Drop it in the middle of the window; whether the window takes it."""
        data = QMimeData()
        if paths or link:
            data.setUrls(
                [*(QUrl.fromLocalFile(str(path)) for path in paths), *([QUrl(link)] if link else [])]
            )
        if text:
            data.setText(text)
        window = self.desk.window
        held = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        enter = QDragEnterEvent(QPoint(300, 300), *held)
        QApplication.sendEvent(window, enter)
        if enter.isAccepted():
            QApplication.sendEvent(window, QDropEvent(QPointF(300, 300), *held))
        return enter.isAccepted()

    def paste(self, data: QMimeData) -> None:
        self.desk.window.composer.edit.insertFromMimeData(data)

    def chip(self, name: str) -> Attached:
        return next(chip for chip in self.chips if chip.name == name)

    def states(self) -> list[str]:
        return [chip.state for chip in self.chips]

    def settled(self) -> None:
        """Wait until nothing is read any more."""
        self.desk.until(lambda: bool(self.chips) and "reading" not in self.states())

    def counted(self) -> int:
        """Wait until all are counted; their tokens."""
        self.desk.until(lambda: self.control.tokens() is not None)
        tokens = self.control.tokens()
        assert tokens is not None
        return tokens


def _files(folder: Path, entries: dict[str, bytes]) -> list[Path]:
    for name, data in entries.items():
        (folder / name).write_bytes(data)
    return [folder / name for name in entries]


def _bad_files(folder: Path) -> dict[str, str]:
    """Names of files that cannot be read, each with what its chip has to say."""
    pdf = corpus.make_pdf(corpus.content(11))
    cases = {
        "damaged.pdf": (pdf[: len(pdf) // 3], "damaged"),
        "empty.txt": (b"", "It is empty."),
        "binary.txt": (bytes(range(256)) * 8, "It is not a text file"),
        "out.zip": (corpus.zipped({"../out.txt": "x"}), "leads out of it"),
        "picture.png": (IMAGE, "This model reads text only."),
        "gone.txt": (b"It will not be there.", "There is no such file."),
    }
    _files(folder, {name: data for name, (data, _words) in cases.items()})
    said = {name: words for name, (_data, words) in cases.items()}
    if sys.platform != "win32":
        os.mkfifo(folder / "pipe.txt")
        said["pipe.txt"] = "It is not a regular file."
        (folder / "locked.txt").write_text("secret", encoding="utf-8")
        (folder / "locked.txt").chmod(0)
        if os.geteuid():  # whoever may do anything may read it, too
            said["locked.txt"] = "You are not allowed to read it."
    return dict(sorted(said.items(), key=lambda one: one[0] == "gone.txt"))


def test_bad_files_leave_everything_else_alone(open_desk: OpenDesk, hybrid: Path, tmp_path: Path) -> None:
    desk = open_desk(hybrid)
    desk.loaded()
    documents = Documents(desk)
    answer = desk.ask("Go on")
    desk.until(lambda: desk.text(answer, "reasoning") != "")
    said = _bad_files(tmp_path)
    good, late = _files(tmp_path, {"good.txt": b"Good words", "late.md": b"# More of them"})
    zero = [Path(os.devnull).with_name("zero")] if sys.platform != "win32" else []
    assert documents.drop(good, *(tmp_path / name for name in said), *zero, late)
    (tmp_path / "gone.txt").unlink()
    assert (
        not desk.window.composer.button.isEnabled() or desk.window.composer.button.accessibleName() == "Stop"
    )
    documents.settled()
    assert documents.states() == ["ready", *["failed"] * (len(said) + len(zero)), "ready"]
    for name, words in said.items():
        assert words in documents.chip(name).status, name
        assert not documents.chip(name).status.startswith(name)
    if zero:
        assert "It is not a regular file." in documents.chip("zero").status
    assert [part.text for part in documents.control.parts()] == ["Good words", "# More of them"]
    assert len(documents.bar.flow.findChildren(object, "chip")) == len(documents.chips)
    written = desk.text(answer, "reasoning")
    desk.until(lambda: len(desk.text(answer, "reasoning")) > len(written) or answer in desk.shown)
    desk.messages.stop()
    desk.finished(answer)
    again = desk.ask("And now?")
    desk.until(lambda: desk.text(again, "reasoning") != "")
    assert [len(one.documents) for one in documents.sent[-1].messages if one.role == "user"] == [0, 2]
    assert set(documents.states()) == {"failed"}


def test_a_locked_pdf_opens_with_its_password_only(open_desk: OpenDesk, hybrid: Path, tmp_path: Path) -> None:
    desk = open_desk(hybrid)
    documents, known = Documents(desk), corpus.content(12)
    files = _files(tmp_path, {"locked.pdf": corpus.make_pdf(known, password="right"), "a.txt": b"words"})
    documents.drop(*files)
    documents.settled()
    assert documents.states() == ["password", "ready"]
    assert documents.chip("locked.pdf").status == "It opens with a password only."
    desk.loaded()
    for password, status in (("wrong", "The password is not right."), ("right", "")):
        documents.bar.password_given.emit(documents.chip("locked.pdf").id, password)
        assert documents.states() == ["reading", "ready"]
        documents.settled()
        assert documents.chip("locked.pdf").status.startswith(status)
    assert documents.states() == ["ready", "ready"]
    assert corpus.words_in(documents.control.parts()[0].text) == known.words


def _short(word: str) -> corpus.Content:
    """A document of a few words."""
    title, line, item, *cells, last = (f"q{word}{letter}q" for letter in "abcdefgh")
    return corpus.Content(title, (line,), (item,), (tuple(cells[:2]), tuple(cells[2:])), last)


def test_two_documents_reach_the_engine_and_are_read_once(
    open_desk: OpenDesk, starter: Path, tmp_path: Path
) -> None:
    desk = open_desk(starter)
    desk.loaded()
    documents, first, second = Documents(desk), _short("one"), _short("two")
    files = _files(tmp_path, {"a.docx": corpus.make_docx(first), "b.pdf": corpus.make_pdf(second)})
    documents.drop(*files)
    desk.write("How many documents are there?")
    documents.settled()
    tokens = documents.counted()
    parts = documents.control.parts()
    desk.press(Qt.Key.Key_Return)
    assert documents.chips == []
    info = _begun(desk, desk.answers[-1])
    prompt = "".join(piece for document in documents.sent[-1].messages[-1].documents for piece in document)
    for known, part in zip((first, second), parts, strict=True):
        assert corpus.words_in(part.text) == known.words
        assert part.text in prompt
    assert tokens < info.prompt_tokens < tokens + 200
    assert info.read_tokens > tokens

    info = _begun(desk, desk.ask("Are you sure?"))
    assert info.prompt_tokens > tokens
    assert info.read_tokens < 200
    documents.drop(files[0])
    documents.settled()

    desk = open_desk(starter)
    documents = Documents(desk)
    desk.until(lambda: bool(desk.chat.conversation.messages) and bool(documents.control.parts()))
    question = desk.chat.conversation.branch()[0]
    assert question.attachments == parts
    assert documents.control.parts() == parts[:1]


def _begun(desk: Desk, answer: str) -> AnswerInfo:
    """How an answer was made that is stopped once it has begun."""
    desk.until(lambda: desk.text(answer) != "")
    desk.messages.stop()
    desk.finished(answer)
    info = desk.ended[answer].info
    assert info is not None
    return info


def test_every_way_in(open_desk: OpenDesk, hybrid: Path, sliding: Path, tmp_path: Path) -> None:
    desk = open_desk(hybrid)
    desk.loaded()
    documents, edit = Documents(desk), desk.window.composer.edit
    one, two, three, four = _files(tmp_path, {f"{name}.txt": name.encode() for name in ("a", "b", "c", "d")})
    documents.drop(one, sliding)
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(two))])
    data.setText(str(two))
    documents.paste(data)
    desk.press(Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier)
    _choose(desk, "attach_files_dialog", [three, four])
    folder = tmp_path / "folder"
    folder.mkdir()
    _files(folder, {"inside.txt": b"inside"})
    desk.press(Qt.Key.Key_U, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    _choose(desk, "attach_folder_dialog", [folder])
    documents.settled()
    desk.until(lambda: len(documents.control.parts()) == 5)
    assert [part.name for part in documents.control.parts()] == ["a.txt", "b.txt", "c.txt", "d.txt", "folder"]
    desk.until(lambda: desk.info is not None and desk.info.architecture == "gemma3")
    assert documents.drop(text="dropped words")
    assert edit.text() == "dropped words"
    assert documents.drop(link="https://example.org/page.html")
    desk.until(lambda: "Links are not followed" in desk.notice())
    assert edit.text() == "dropped words"
    long = "long line\n" * 300
    edit.moveCursor(edit.textCursor().MoveOperation.Start)
    assert documents.drop(text=long)
    assert documents.chips[-1].name == "Pasted text"
    desk.until(lambda: "Pasted text" in desk.notice())
    desk.window.notices.acted.emit(desk._cards()[-1].notice.action)
    assert len(documents.chips) == 5
    desk.until(lambda: not edit.is_filling)
    assert edit.text() == long + "dropped words"


def _choose(desk: Desk, name: str, paths: Sequence[Path]) -> None:
    dialog = desk.window.findChild(QFileDialog, name)
    assert dialog.isVisible()
    dialog.filesSelected.emit([str(path) for path in paths])
    dialog.reject()
    desk.window.activateWindow()
    desk.window.composer.edit.setFocus()
