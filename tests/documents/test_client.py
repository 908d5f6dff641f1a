"""The process that reads: crashes, hangs, memory, cancelling, what it may not do."""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from app.documents.client import DocumentReader
from app.documents.shelf import Shelf
from app.documents.values import Limits, Progress
from app.errors import FileReadError, ReadingStopped
from app.paths import self_command
from tests.documents import corpus

#: Runs the real process, with one reader replaced.
_WITH = """
import sys
import threading
from app.documents import process, reading
import app.documents.readers.plain as plain
good = plain.read
def read(source):
    if b"BAD" not in source.data:
        return good(source)
    {body}
plain.read = read
process.main()
"""
CRASH = "import ctypes; ctypes.string_at(8)"
HANG = "import time; time.sleep(600)"
SPIN = "while True: pass"


def _replaced(body: str) -> list[str]:
    return [sys.executable, "-c", _WITH.format(body=body)]


def _file(folder: Path, name: str, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (CRASH, "It ended the process that reads documents"),
        ("import os; os._exit(0)", "It ended the process that reads documents"),
        (HANG, "It takes too long"),
        (SPIN, "It takes too long"),
        ("return bytearray(1 << 40)", "It needs too much memory"),
        ("raise RecursionError", "It is damaged, or is not what its name says"),
        ("import socket; socket.create_connection(('127.0.0.1', 9))", "It is damaged"),
        ("import subprocess; subprocess.run(['true'])", "It is damaged"),
        ("open('/tmp/never', 'w')", "It is damaged"),
    ],
)
def test_what_goes_wrong_in_it_is_told(body: str, words: str, tmp_path: Path) -> None:
    bad, good = _file(tmp_path, "bad.txt", "BAD"), _file(tmp_path, "good.txt", "good")
    with DocumentReader(limits=Limits(stall_s=0.5), command=_replaced(body)) as reader:
        assert reader.extract(good).text == "good"
        with pytest.raises(FileReadError, match=rf"bad\.txt: {words}"):
            reader.extract(bad)
        assert reader.extract(good).text == "good"


@pytest.mark.parametrize("body", [CRASH, HANG])
def test_one_bad_file_does_not_cost_the_folder(body: str, tmp_path: Path) -> None:
    for name, text in (("a.txt", "first"), ("b.txt", "BAD"), ("c.txt", "third"), ("d.txt", "BAD")):
        _file(tmp_path / "folder", name, text)
    with DocumentReader(limits=Limits(stall_s=0.5), command=_replaced(body)) as reader:
        found = reader.extract(tmp_path / "folder")
    assert found.text == "[File a.txt]\n\nfirst\n\n[File c.txt]\n\nthird\n"
    assert found.notes[:2] == (
        "b.txt was left out. It ended the process that reads documents.",
        "d.txt was left out. It ended the process that reads documents.",
    )


def test_memory_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes("\u4e2d".encode() * 8_000_000)
    with DocumentReader(limits=Limits(memory_bytes=200 * 2**20)) as reader:
        with pytest.raises(FileReadError, match="It needs too much memory"):
            reader.extract(path)
        assert reader.extract(_file(tmp_path, "b.txt", "good")).text == "good"


def test_it_can_be_stopped(tmp_path: Path) -> None:
    bad = _file(tmp_path, "bad.txt", "BAD")
    with DocumentReader(command=_replaced(SPIN)) as reader:
        assert reader.extract(_file(tmp_path, "good.txt", "good")).text == "good"
        begun = time.monotonic()
        with pytest.raises(ReadingStopped):
            reader.extract(bad, cancelled=lambda: time.monotonic() > begun + 0.2)
        assert time.monotonic() < begun + 5
        assert reader.extract(_file(tmp_path, "good.txt", "good")).text == "good"


def test_progress_by_page(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(corpus.make_pdf(corpus.content(4)))
    told: list[Progress] = []
    with DocumentReader() as reader:
        found = reader.extract(path, on_progress=told.append)
    assert told[0] == Progress(0, 0)
    assert all(one.total in (0, found.pages) and one.unit == "page" for one in told)


def test_a_program_that_does_not_speak_the_protocol(tmp_path: Path) -> None:
    path = _file(tmp_path, "a.txt", "x")
    for command, words in (
        ([sys.executable, "-c", "print('hello')"], "It ended the process"),
        ([str(tmp_path / "none")], "Documents cannot be read here"),
    ):
        with DocumentReader(command=command) as reader, pytest.raises(FileReadError, match=words):
            reader.extract(path)


def test_a_file_that_grows_is_noticed(tmp_path: Path) -> None:
    from app.documents import opening

    path = _file(tmp_path, "a.txt", "x" * 100)
    real, calls = os.read, []

    def read(handle: int, count: int) -> bytes:
        if not calls:
            _file(tmp_path, "a.txt", "x" * 200)
        calls.append(count)
        return real(handle, count)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "read", read)
        with pytest.raises(FileReadError, match="It changed while it was read"):
            opening.read_whole(path, 1000)


def test_it_ends_with_its_input() -> None:
    import subprocess

    child = subprocess.Popen(self_command("document-process"), stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    child.communicate(b"", timeout=30)
    assert child.returncode == 0


class Waiting:
    """An extract on a thread of its own."""

    def __init__(self, reader: DocumentReader, path: Path) -> None:
        self.cancelled, self.began, self.error = threading.Event(), threading.Event(), ""
        self._thread = threading.Thread(target=self._run, args=(reader, path))
        self._thread.start()

    def _run(self, reader: DocumentReader, path: Path) -> None:
        try:
            reader.extract(path, "", self._on_progress, self.cancelled.is_set)
        except FileReadError as error:
            self.error = error.kind

    def _on_progress(self, _progress: Progress) -> None:
        self.began.set()

    def ended(self) -> bool:
        """Whether it ends soon."""
        self._thread.join(2)
        return not self._thread.is_alive()


def test_one_that_waits_can_be_stopped_too(tmp_path: Path) -> None:
    bad, good = _file(tmp_path, "bad.txt", "BAD"), _file(tmp_path, "good.txt", "good")
    with DocumentReader(command=_replaced(SPIN)) as reader:
        reader.extract(good)
        first = Waiting(reader, bad)
        assert first.began.wait(20)
        second = Waiting(reader, good)
        second.cancelled.set()
        assert second.ended()
        assert second.error == "reading_stopped"
        assert not first.error
        first.cancelled.set()
        assert first.ended()
        assert reader.extract(good).text == "good"


def test_closing_stops_what_is_read(tmp_path: Path) -> None:
    bad, good = _file(tmp_path, "bad.txt", "BAD"), _file(tmp_path, "good.txt", "good")
    reader = DocumentReader(command=_replaced(SPIN))
    reader.extract(good)
    one = Waiting(reader, bad)
    assert one.began.wait(20)
    begun = time.monotonic()
    reader.close()
    assert one.ended()
    assert time.monotonic() < begun + 2
    assert one.error == "reading_stopped"
    assert reader.extract(good).text == "good"
    reader.close()


def test_what_was_stopped_before_it_began_starts_no_process(tmp_path: Path) -> None:
    never = [str(tmp_path / "none")]
    with DocumentReader(Shelf(tmp_path / "shelf"), command=never) as reader, pytest.raises(ReadingStopped):
        reader.extract(_file(tmp_path, "good.txt", "good"), cancelled=lambda: True)
