"""The list of downloads over a restart."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from app.errors import HubError
from app.models.download_list import Download, Kept, load, save
from app.models.listing import HubFile

FILES = (HubFile("Q4/m-00001-of-00002.gguf", 5, "0" * 64), HubFile("Q4/m-00002-of-00002.gguf", 7, "1" * 64))
DOWNLOAD = Download("id", "m", "someone/model", "a" * 40, FILES)


def test_there_and_back(tmp_path: Path) -> None:
    path = tmp_path / "downloads.json"
    kept = [
        Kept(DOWNLOAD, fetched=("Q4/m-00001-of-00002.gguf",)),
        Kept(DOWNLOAD, "failed", "hash", "It is wrong.", "Try again."),
    ]
    save(path, kept)
    assert load(path) == kept
    assert DOWNLOAD.size == 12
    assert DOWNLOAD.target(tmp_path, FILES[0]) == tmp_path / "someone" / "model" / "Q4/m-00001-of-00002.gguf"


@pytest.mark.parametrize(
    "broken", [b"", b"[]", b"{", b'{"version":1}', b'{"version":2,"downloads":[]}', b"[" * 9999]
)
def test_a_broken_list_is_none(broken: bytes, tmp_path: Path) -> None:
    path = tmp_path / "downloads.json"
    assert load(path) == []
    path.write_bytes(broken)
    assert load(path) == []


@pytest.mark.parametrize(
    "change",
    [
        {"repo": "../.."},
        {"repo": 5},
        {"revision": "main"},
        {"revision": "../" * 14},
        {"files": []},
        {"files": [{"path": "../m.gguf", "size": 5, "sha256": "0" * 64}]},
        {"files": [{"path": "/m.gguf", "size": 5, "sha256": "0" * 64}]},
        {"files": [{"path": "m.gguf", "size": -5, "sha256": "0" * 64}]},
        {"files": [{"path": "m.gguf", "size": "5", "sha256": "0" * 64}]},
        {"files": [{"path": "m.gguf", "size": 5, "sha256": "x"}]},
        {"files": [{"path": "m.gguf", "size": 5, "sha256": None}]},
        {"files": [{"path": 5, "size": 5, "sha256": "0" * 64}]},
        {"files": 5},
    ],
)
def test_a_record_that_was_tampered_with_is_left_out(change: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "downloads.json"
    save(path, [Kept(DOWNLOAD), Kept(DOWNLOAD, "paused")])
    stored = json.loads(path.read_bytes())
    stored["downloads"][0]["download"] |= change
    stored["downloads"].append("nonsense")
    path.write_text(json.dumps(stored), encoding="utf-8")
    assert load(path) == [Kept(DOWNLOAD, "paused")]


def test_a_target_stays_below_the_folder(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="not safe"):
        DOWNLOAD.target(tmp_path, HubFile("../../m.gguf", 5, "0" * 64))
