from __future__ import annotations

import json
import os
import stat
import struct
import sys
from pathlib import Path

import pytest

from ui.handover import MOST_BYTES, Handover, Reader, pack, server_name

_MESSAGE = Handover(("/a/model.gguf", "/b/bücher"), ("/c",), "token")


def test_it_may_come_in_any_pieces() -> None:
    whole = pack(_MESSAGE)
    for at in range(len(whole)):
        reader = Reader()
        assert reader.feed(whole[:at]) is None
        assert reader.feed(whole[at:]) == _MESSAGE


def _packed(value: object) -> bytes:
    body = json.dumps(value).encode()
    return struct.pack(">I", len(body)) + body


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\n",
        struct.pack(">I", MOST_BYTES + 1),
        struct.pack(">I", 2) + b"{}x",
        struct.pack(">I", 2) + b"\xff\xff",
        struct.pack(">I", 50_000) + b"[" * 50_000,
        _packed({}),
        _packed([]),
        _packed({"version": 2, "files": [], "attach": [], "token": ""}),
        _packed({"version": 1, "files": ["relative"], "attach": [], "token": ""}),
        _packed({"version": 1, "files": [1], "attach": [], "token": ""}),
        _packed({"version": 1, "files": ["/a\0b"], "attach": [], "token": ""}),
        _packed({"version": 1, "files": ["/" + "a" * 5000], "attach": [], "token": ""}),
        _packed({"version": 1, "files": ["/a"] * 501, "attach": [], "token": ""}),
        _packed({"version": 1, "files": {}, "attach": [], "token": ""}),
        _packed({"version": 1, "files": [], "attach": [], "token": "t" * 600}),
        _packed({"version": 1, "files": [], "attach": [], "token": 3}),
    ],
)
def test_rubbish_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        Reader().feed(data)


def test_too_much_is_cut() -> None:
    many = Handover(tuple(f"/{'ü' * 700}/{n}" for n in range(2000)))
    found = Reader().feed(pack(many))
    assert found is not None
    assert 0 < len(found.files) < 500
    assert found.files == many.files[: len(found.files)]


@pytest.mark.skipif(sys.platform == "win32", reason="a pipe has a name alone")
def test_the_place_is_the_users_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "none"))
    folder = Path(server_name(tmp_path)).parent
    assert folder.stat().st_uid == os.getuid()
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert server_name(tmp_path / "a") != server_name(tmp_path / "b")
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert server_name(tmp_path / "link") == server_name(tmp_path / "a")
    assert len(server_name(tmp_path)) < 100
