"""Folders and ZIPs: what is read, in which order, and what is left out."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from app.documents.client import DocumentReader
from app.documents.values import Limits, Progress
from app.errors import FileReadError
from tests.documents import corpus
from tests.documents.conftest import ReadBytes

TREE = {
    "README.md": "# Read me",
    "src/main.py": "print(1)",
    "src/data.csv": "a,b\n1,2",
    "src/.hidden.txt": "HIDDEN",
    ".git/config": "HIDDEN",
    ".gitignore": "*.log\n/out/\n!keep.log\n[bad\n",
    "a.log": "IGNORED",
    "keep.log": "kept",
    "out/x.txt": "IGNORED",
    "src/out/y.txt": "not ignored",
    "src/.gitignore": "tmp*\n",
    "src/tmp1.txt": "IGNORED",
    "tmp2.txt": "two",
    "node_modules/m/index.js": "IGNORED",
    "src/__pycache__/m.txt": "IGNORED",
    "logo.png": "BINARY",
    "empty.txt": "",
    "program": "\x7fELF\0\1\2\0",
    "broken.pdf": "no pdf",
}
EXPECTED = """[File README.md]

# Read me

[File keep.log]

kept

[File tmp2.txt]

two

[File src/data.csv]

```csv
a,b
1,2
```

```python src/main.py
print(1)
```

[File src/out/y.txt]

not ignored
"""
NOTES = (
    "broken.pdf was left out. It is damaged, or is no PDF file.",
    "1 left out: empty.",
    "4 left out: hidden.",
    "2 left out: made by tools.",
    "3 left out: named in .gitignore.",
    "2 left out: not text.",
)


def _plant(root: Path, tree: dict[str, str]) -> Path:
    for name, text in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root


def test_a_folder(reader: DocumentReader, tmp_path: Path) -> None:
    told: list[Progress] = []
    found = reader.extract(_plant(tmp_path / "tree", TREE), on_progress=told.append)
    assert (found.name, found.kind, found.pages) == ("tree", "folder", 6)
    assert found.text == EXPECTED
    assert found.notes == (NOTES[0], "1 left out: empty.", "4 left out: hidden.", *NOTES[3:])
    names = [one.name for one in told if one.name]
    assert names == ["README.md", "broken.pdf", "empty.txt", "keep.log", "program", "tmp2.txt"] + [
        f"src/{name}" for name in ("data.csv", "main.py", "out/y.txt")
    ]


def test_a_zip_is_read_as_a_folder(read: ReadBytes) -> None:
    found = read("tree.zip", corpus.zipped({**TREE}))
    assert sorted(found.text.strip().split("\n\n")) == sorted(EXPECTED.strip().split("\n\n"))
    assert "IGNORED" not in found.text
    assert "HIDDEN" not in found.text
    assert NOTES[0] in found.notes


def test_documents_of_all_kinds_in_one_folder(reader: DocumentReader, tmp_path: Path) -> None:
    expected = []
    for number, (name, make) in enumerate(sorted(corpus.MAKERS.items())):
        if name != "a.zip":
            known = corpus.content(number)
            (tmp_path / name).write_bytes(make(known))
            expected += known.words
    found = reader.extract(tmp_path)
    assert corpus.words_in(found.text) == expected
    (tmp_path / "a.zip").write_bytes(corpus.zipped({"a.txt": "x"}))
    assert "x" not in found.text.split()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no such files")
def test_links_pipes_and_loops(reader: DocumentReader, tmp_path: Path) -> None:
    root = _plant(tmp_path / "root", {"a.txt": "a", "sub/b.txt": "b"})
    _plant(tmp_path / "outside", {"secret.txt": "SECRET"})
    (root / "out").symlink_to(tmp_path / "outside")
    (root / "file").symlink_to(tmp_path / "outside/secret.txt")
    (root / "sub/loop").symlink_to(root)
    (root / "zero").symlink_to("/dev/zero")
    os.mkfifo(root / "pipe")
    found = reader.extract(root)
    assert found.text == "[File a.txt]\n\na\n\n[File sub/b.txt]\n\nb\n"
    assert found.notes == ("4 left out: links.", "1 left out: pipes, devices and sockets.")
    (tmp_path / "link").symlink_to(root)
    assert reader.extract(tmp_path / "link").name == "root"


def test_a_file_that_vanishes(tmp_path: Path) -> None:
    from app.documents import folder

    root = _plant(tmp_path / "root", {"a.txt": "a", "b.txt": "b"})

    def report(progress: Progress) -> None:
        if progress.name == "a.txt":
            (root / "b.txt").unlink()

    found = folder.read_folder(root, Limits(), report)
    assert found.text == "[File a.txt]\n\na\n"
    assert found.notes == ("b.txt was left out. There is no such file.",)


def test_limits_of_folders(tmp_path: Path) -> None:
    root = _plant(tmp_path / "root", {f"{number}.txt": "x" * 100 for number in range(20)})
    for limits, words in (
        (Limits(entries=19), "more than 19 files"),
        (Limits(text_chars=1500), "million characters"),
    ):
        with DocumentReader(limits=limits) as reader, pytest.raises(FileReadError, match=words):
            reader.extract(root)


def test_a_folder_without_documents(reader: DocumentReader, tmp_path: Path) -> None:
    _plant(tmp_path, {"a.png": "x", ".git/x": "y"})
    with pytest.raises(FileReadError, match="There is no document in it") as caught:
        reader.extract(tmp_path)
    assert caught.value.hint == "1 left out: hidden. 1 left out: not text."
