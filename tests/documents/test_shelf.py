"""What was read is kept by its bytes, within a budget, and thrown away where it is damaged."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from app.documents.client import DocumentReader
from app.documents.shelf import Shelf, digest_of
from app.documents.values import Extracted
from app.paths import Paths
from tests.documents import corpus

DOCUMENT = Extracted("ä.pdf", "pdf", "text\nä\U0001f600", 3, (2,), ("a note",))


def test_kept_and_found(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path / "new")
    assert shelf.get("ä.pdf", "0" * 64) is None
    shelf.put(DOCUMENT, "0" * 64)
    assert shelf.get("ä.pdf", "0" * 64) == DOCUMENT
    assert shelf.get("b.pdf", "0" * 64) is None
    assert shelf.get("ä.pdf", "1" * 64) is None
    (path,) = (tmp_path / "new").iterdir()
    if os.name == "posix":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    shelf.clear()
    assert shelf.get("ä.pdf", "0" * 64) is None


def test_a_damaged_file_is_not_believed(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    shelf.put(DOCUMENT, "0" * 64)
    (path,) = tmp_path.iterdir()
    good = path.read_bytes()
    for at in range(0, len(good), 3):
        path.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        found = shelf.get("ä.pdf", "0" * 64)
        assert found is None or found.text == DOCUMENT.text
        path.write_bytes(good[:at])
        assert shelf.get("ä.pdf", "0" * 64) is None


def test_the_budget_holds_and_the_last_used_stay(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, 50_000)
    for number in range(4):
        shelf.put(Extracted("a", "text", "x" * 10_000), str(number))
        for at, path in enumerate(sorted(tmp_path.iterdir(), key=lambda one: one.stat().st_mtime_ns)):
            os.utime(path, (1000 + at, 1000 + at))
    assert shelf.get("a", "0") is not None  # used: the youngest now
    for number in range(4, 7):
        shelf.put(Extracted("a", "text", "x" * 10_000), str(number))
    assert [number for number in range(7) if shelf.get("a", str(number))] == [0, 4, 5, 6]
    shelf.put(Extracted("a", "text", "x" * 60_000), "large")
    assert shelf.get("a", "large") is None


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    shelf = Shelf(tmp_path / "file")
    shelf.put(DOCUMENT, "0")
    assert shelf.get("ä.pdf", "0") is None
    shelf.clear()


def test_a_document_is_read_once(paths: Paths, tmp_path: Path) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(corpus.make_docx(corpus.content(5)))
    shelf = Shelf(paths.documents)
    with DocumentReader(shelf) as reader:
        first = reader.extract(path)
    with DocumentReader(shelf, command=[sys.executable, "-c", "raise SystemExit"]) as reader:
        assert reader.extract(path) == first
        path.write_bytes(corpus.make_docx(corpus.content(6)))
        with pytest.raises(Exception, match="ended the process"):
            reader.extract(path)


def test_what_a_password_opened_is_not_kept(paths: Paths, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(corpus.make_pdf(corpus.content(7), password="secret"))
    with DocumentReader(Shelf(paths.documents)) as reader:
        assert reader.extract(path, "secret").pages
    assert not paths.documents.exists()


def test_digests(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"abc")
    assert digest_of(path, 3, bool).startswith("ba7816bf")
    assert digest_of(path, 2, bool) == ""
    assert digest_of(path, 3, lambda: True) == ""
    assert digest_of(tmp_path, 3, bool) == ""
    assert digest_of(tmp_path / "none", 3, bool) == ""


@pytest.mark.skipif(os.name != "posix", reason="handles are counted otherwise")
def test_a_folder_costs_no_handle(tmp_path: Path) -> None:
    import psutil

    before = psutil.Process().num_fds()
    for _ in range(20):
        digest_of(tmp_path, 3, bool)
    assert psutil.Process().num_fds() < before + 20


def test_what_is_not_to_be_kept_is_not(tmp_path: Path) -> None:
    path, shelf = tmp_path / "a.txt", tmp_path / "shelf"
    path.write_text("secret", encoding="utf-8")
    with DocumentReader(Shelf(shelf)) as reader:
        assert reader.extract(path, keep=False).text == "secret"
        assert not shelf.exists()
        reader.extract(path)
    assert len(list(shelf.iterdir())) == 1
