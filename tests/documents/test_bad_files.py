"""Bad files: each has its message, and the next good one is read."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from app.documents.client import DocumentReader
from app.documents.values import Limits
from app.errors import FileReadError, PasswordNeeded
from tests.documents import corpus
from tests.documents.conftest import ReadBytes

KNOWN = corpus.content(3)
DOCX = corpus.make_docx(KNOWN)
PDF = corpus.make_pdf(KNOWN)


def _with_part(data: bytes, name: str, part: str) -> bytes:
    """A ZIP with one entry replaced."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries: dict[str, str | bytes] = {key: archive.read(key) for key in archive.namelist()}
    return corpus.zipped({**entries, name: part})


_ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;"><!ENTITY f SYSTEM "file:///etc/hostname">]>'
    '<document xmlns="w"><body><p><r><t>&b;&f;</t></r></p></body></document>'
)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [
        ("a.txt", b"", "It is empty"),
        ("a.txt", b" \n ", "There is no text in it"),
        ("a.txt", bytes(range(256)) * 8, "It is not a text file"),
        ("a.txt", b"\x7fELF\2\1\1" + bytes(100), "It is not a text file"),
        ("a.txt", b"\x01\x02\x03\x04" * 50, "It is not a text file"),
        ("a.png", b"\x89PNG\r\n\x1a\n" + bytes(50), "It is an image"),
        ("a.jpg", b"\xff\xd8\xff\xe0" + bytes(50), "It is an image"),
        ("a.rtf", b"{\\rtf1 x}", "It is an RTF document"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "It is of an old Office format"),
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "It is protected with a password"),
        ("a.docx", b"plain", "It is damaged, or is no DOCX file"),
        ("a.pdf", b"plain", "It is damaged, or is no PDF file"),
        ("a.pdf", PDF[: len(PDF) // 3], "The PDF is damaged"),
        ("a.docx", DOCX[: len(DOCX) // 2], "The file is damaged"),
        ("a.docx", _with_part(DOCX, "word/document.xml", "<a><b></a>"), "a part of it cannot be read"),
        ("a.docx", _with_part(DOCX, "word/document.xml", _ENTITIES), "It declares entities"),
        ("a.docx", _with_part(DOCX, "word/document.xml", "<a>" * 5000), "a part of it cannot be read"),
        ("a.html", b"<div>" * 5000 + b"deep", "It is nested too deeply"),
        ("a.ipynb", b"[1]", "is no Jupyter notebook"),
        ("a.ipynb", b"[" * 100_000, "is no Jupyter notebook"),
        ("a.epub", corpus.zipped({"mimetype": "application/epub+zip"}), "a part of it is missing"),
        ("a.zip", corpus.zipped({"../a.txt": "x"}), "leads out of it"),
        ("a.zip", corpus.zipped({"/etc/a.txt": "x"}), "leads out of it"),
        ("a.zip", corpus.zipped({"a\\..\\..\\b.txt": "x"}), "leads out of it"),
        ("a.zip", corpus.zipped({"C:/b.txt": "x"}), "leads out of it"),
        ("a.zip", corpus.zipped({}), "There is no document in it"),
        ("a.zip", corpus.zipped({"a.png": "x", "b/.hidden": "y"}), "There is no document in it"),
    ],
)
def test_bad_files(name: str, data: bytes, words: str, read: ReadBytes) -> None:
    with pytest.raises(FileReadError) as caught:
        read(name, data)
    assert caught.value.message.startswith(f"{name}: ")
    assert words in caught.value.message
    assert read("good.txt", b"good").text == "good"


def test_a_scan(read: ReadBytes) -> None:
    file = io.BytesIO()
    from reportlab.pdfgen import canvas

    page = canvas.Canvas(file)
    for _ in range(3):
        page.rect(10, 10, 50, 50)
        page.showPage()
    page.save()
    with pytest.raises(FileReadError, match="None of its 3 pages has text"):
        read("scan.pdf", file.getvalue())


def test_an_encrypted_pdf(read: ReadBytes) -> None:
    data = corpus.make_pdf(KNOWN, password="secret")
    with pytest.raises(PasswordNeeded, match="opens with a password only"):
        read("a.pdf", data)
    with pytest.raises(PasswordNeeded, match="password is not right"):
        read("a.pdf", data, "wrong")
    assert corpus.words_in(read("a.pdf", data, "secret").text) == KNOWN.words


def test_a_document_that_unpacks_to_gigabytes(tmp_path: Path) -> None:
    path = tmp_path / "bomb.docx"
    chunk = b"<w:p/>" * 200_000
    archive = zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
    with archive, archive.open("word/document.xml", "w") as entry:
        for _ in range(60):
            entry.write(chunk)
    few = Limits(unpacked_bytes=50 * 2**20)
    with DocumentReader(limits=few) as reader, pytest.raises(FileReadError, match="unpacks to far more"):
        reader.extract(path)
    # Its own table of contents may lie about it.
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (1000).to_bytes(4, "little")
    path.write_bytes(data)
    with DocumentReader() as reader, pytest.raises(FileReadError, match="damaged"):
        reader.extract(path)


def test_sizes(tmp_path: Path) -> None:
    limits = Limits(file_bytes=4 * 2**20, text_bytes=2 * 2**20, text_chars=2**20)
    sparse, line, long = tmp_path / "sparse.pdf", tmp_path / "line.txt", tmp_path / "long.txt"
    with sparse.open("wb") as file:
        file.truncate(10 * 2**30)
    line.write_bytes(b"x" * (2 * 2**20 + 1))
    long.write_bytes(b"x" * (2**20 + 1))
    with DocumentReader(limits=limits) as reader:
        with pytest.raises(FileReadError, match=r"sparse\.pdf: It is larger than 4 MB"):
            reader.extract(sparse)
        with pytest.raises(FileReadError, match=r"line\.txt: It is larger than 2 MB"):
            reader.extract(line)
        with pytest.raises(FileReadError, match="over 1 million characters"):
            reader.extract(long)
        long.write_bytes(b"x" * 2**20)
        assert len(reader.extract(long).text) == 2**20


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files")
def test_what_is_no_file(reader: DocumentReader, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "zero").symlink_to("/dev/zero")
    for name, words in (
        ("pipe", "not a regular file"),
        ("zero", "not a regular file"),
        ("loop", "cannot be read"),
        ("none", "There is no such file"),
        ("x" * 5000, "cannot be read"),
    ):
        with pytest.raises(FileReadError, match=words):
            reader.extract(tmp_path / name)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_no_permission(reader: DocumentReader, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x", encoding="utf-8")
    (tmp_path / "a.txt").chmod(0)
    with pytest.raises(FileReadError, match="not allowed"):
        reader.extract(tmp_path / "a.txt")
