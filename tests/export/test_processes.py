"""The processes that write and read, from the window's side: whole files or none, cancelled at once."""

from __future__ import annotations

import json
import sys
import threading
import time
from pathlib import Path

import pytest

from app.chat.conversation import Conversation
from app.chat.parts import TextPart
from app.errors import FileReadError, ReadingStopped, UserError
from app.export.reading import Importer
from app.export.values import Format, Options, Skipped, Taken, Written, head_of, nodes_of
from app.export.writing import Exporter
from tests.export.samples import told
from tests.export.test_import_file import chats


def write(exporter: Exporter, target: Path, conversation: Conversation, kind: Format = "json") -> Written:
    options = Options(kind, whole=True, thoughts=True, documents=True)
    nodes = nodes_of(conversation, whole=True)
    return exporter.write(target, head_of(conversation), nodes, options, lambda _: None)


def long_one(count: int) -> Conversation:
    made = Conversation(title="Long")
    for number in range(count):
        made.append("assistant", TextPart(f"Text {number} with `code` and **bold** words. " * 200))
    return made


def test_every_format_one_after_the_other_in_one_process(tmp_path: Path) -> None:
    exporter = Exporter()
    try:
        for kind in ("json", "markdown", "html"):
            path = tmp_path / f"a.{kind}"
            written = write(exporter, path, told(), kind)  # type: ignore[arg-type]
            assert path.stat().st_size == written.size > 1000
            assert path.stat().st_mode & 0o400
    finally:
        exporter.close()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["a.html", "a.json", "a.markdown"]
    (taken,) = Importer().conversations(tmp_path / "a.json", lambda _: None)
    assert isinstance(taken, Taken)
    assert taken.conversation.messages.keys() == told().messages.keys() - {"3" * 32}


def test_an_older_file_stays_where_the_new_one_cannot_be_made(tmp_path: Path) -> None:
    target = tmp_path / "a.md"
    target.write_text("older")
    exporter = Exporter([sys.executable, "-c", "import sys; sys.stdin.buffer.read(10)"])
    with pytest.raises(UserError, match="ended"):
        write(exporter, target, long_one(50), "markdown")
    assert target.read_text() == "older"
    assert [one.name for one in tmp_path.iterdir()] == ["a.md"]
    with pytest.raises(UserError, match="cannot be written"):
        write(Exporter(), tmp_path / "none" / "a.md", told())


def test_cancelling_ends_it_at_once_and_leaves_nothing(tmp_path: Path) -> None:
    exporter = Exporter()
    began = threading.Event()
    conversation = long_one(3000)
    ended: list[float] = []

    def cancel() -> None:
        began.wait(60)
        ended.append(time.monotonic())
        exporter.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    nodes = nodes_of(conversation, whole=False)
    with pytest.raises(ReadingStopped):
        exporter.write(
            tmp_path / "a.html", head_of(conversation), nodes, Options("html"), lambda _: began.set()
        )
    thread.join()
    assert time.monotonic() - ended[0] < 5
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(ReadingStopped):
        write(exporter, tmp_path / "a.md", told())
    exporter.resume()
    write(exporter, tmp_path / "a.md", told())
    exporter.close()


def test_reading_says_how_far_it_is_and_names_what_it_skips(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    values = [*chats(200), {"mapping": {}, "title": "Empty"}]
    path.write_text(json.dumps(values))
    heard: list[int] = []
    found = list(Importer().conversations(path, lambda told: heard.append(told.total)))
    assert len(found) == 201
    assert isinstance(found[-1], Skipped)
    assert heard[0] == path.stat().st_size


def test_reading_can_be_stopped_and_ends_with_a_process_that_dies(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps(chats(500)))
    importer = Importer()
    reading = importer.conversations(path, lambda _: None)
    next(reading)
    importer.cancel()
    with pytest.raises(ReadingStopped):
        list(reading)
    dead = Importer([sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(FileReadError, match="ended"):
        list(dead.conversations(path, lambda _: None))
    with pytest.raises(UserError, match="does not start"):
        list(Importer(["/no/such/program"]).conversations(path, lambda _: None))


def test_a_reader_that_is_left_ends_its_process(tmp_path: Path) -> None:
    path = tmp_path / "conversations.json"
    path.write_text(json.dumps(chats(500)))
    reading = Importer().conversations(path, lambda _: None)
    next(reading)
    reading.close()  # the fixture finds no process left
