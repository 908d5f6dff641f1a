"""A reader with its process, shared by the tests of a file; and a way to read bytes with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.documents.client import DocumentReader
from app.documents.values import Extracted

ReadBytes = Callable[..., Extracted]


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DocumentReader]:
    """One that runs already, so that its process isn't a test's leak."""
    path = tmp_path_factory.mktemp("first") / "a.txt"
    path.write_text("x", encoding="utf-8")
    with DocumentReader() as one:
        one.extract(path)
        yield one


@pytest.fixture
def read(reader: DocumentReader, tmp_path: Path) -> ReadBytes:
    """Reads bytes as a file of a name."""

    def run(name: str, data: bytes, password: str = "") -> Extracted:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return reader.extract(path, password)

    return run
