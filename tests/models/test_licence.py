"""What was accepted is remembered."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import DiskFullError
from app.models.licence import AcceptedLicences


def test_accepted_once_and_for_all(tmp_path: Path) -> None:
    path = tmp_path / "licences.json"
    book = AcceptedLicences(path)
    assert not book.is_accepted("mit")
    book.accept("mit", "someone/model")
    book.accept("apache-2.0", "someone/other")
    book.accept("mit", "someone/third")
    again = AcceptedLicences(path)
    assert again.is_accepted("mit")
    assert again.is_accepted("apache-2.0")
    assert not again.is_accepted("other")
    assert "someone/third" not in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"{",
        b"[]",
        b'{"version": 2, "accepted": {"mit": {}}}',
        b'{"version": 1, "accepted": ["mit"]}',
        b"[" * 9999,
    ],
)
def test_a_broken_file_means_to_ask_again(broken: bytes, tmp_path: Path) -> None:
    path = tmp_path / "licences.json"
    path.write_bytes(broken)
    assert not AcceptedLicences(path).is_accepted("mit")
    AcceptedLicences(path).accept("mit", "someone/model")
    assert AcceptedLicences(path).is_accepted("mit")


def test_a_disk_that_refuses(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(DiskFullError, match="accepted could not be saved"):
        AcceptedLicences(tmp_path / "file" / "licences.json").accept("mit", "someone/model")
