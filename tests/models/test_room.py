"""Room on the disk."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.errors import DiskFullError
from app.models.room import RESERVE_BYTES, check_room, free_bytes


def test_free_bytes_of_a_folder_that_is_not_there_yet(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    assert free_bytes(tmp_path / "a" / "b") == pytest.approx(free, rel=0.05)


def test_some_room_is_left() -> None:
    check_room(1000, RESERVE_BYTES + 1000)
    check_room(0, 0)
    with pytest.raises(DiskFullError, match=r"0\.1 GB more"):
        check_room(1001, RESERVE_BYTES + 1000)
    with pytest.raises(DiskFullError, match=r"20\.3 GB more"):
        check_room(20_000_000_000, 0)
