"""Plain text files, and what is none, in words."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.documents import text as module
from app.documents.text import read_text
from app.errors import FileReadError


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", ""),
        (b"abc\n", "abc\n"),
        (b"\xef\xbb\xbfabc", "abc"),
        (b"a\r\nb\rc\n", "a\nb\rc\n"),
        ("\u00e9\u4e2d\U0001f600".encode(), "\u00e9\u4e2d\U0001f600"),
    ],
)
def test_text(data: bytes, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert read_text(path) == expected


@pytest.mark.parametrize(
    ("data", "words", "hint"),
    [
        (b"ab\0c", "is not a text file.", "Attach plain text."),
        (b"abc\xff", "is not UTF-8 text (byte 3).", "Save it as UTF-8."),
        ("abc".encode("utf-16"), "is not a text file.", "Attach plain text."),
        (b"\xed\xa0\x80", "is not UTF-8 text (byte 0).", "Save it as UTF-8."),
    ],
)
def test_what_is_no_text(data: bytes, words: str, hint: str, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(FileReadError) as caught:
        read_text(path)
    assert caught.value.message == f"{path} {words}"
    assert caught.value.hint == hint


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileReadError, match=r"There is no file .*none\.txt"):
        read_text(tmp_path / "none.txt")
    with pytest.raises(FileReadError, match="is not a regular file"):
        read_text(tmp_path)
    with pytest.raises(FileReadError, match="cannot be read"):
        read_text(tmp_path / ("x" * 5000))
    with pytest.raises(FileReadError):
        read_text(Path("a\0b"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(FileReadError, match="is not a regular file"):
        read_text(tmp_path / "pipe")


def test_a_file_that_is_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 2**20)
    path = tmp_path / "large.txt"
    path.write_bytes(b"x" * 2**20)
    assert len(read_text(path)) == 2**20
    path.write_bytes(b"x" * (2**20 + 1))
    with pytest.raises(FileReadError, match="is larger than 1 MB"):
        read_text(path)
