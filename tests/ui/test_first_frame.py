"""What the first frame knows: a file that may say anything."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from ui.first_frame import FirstFrame, load


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    frame = FirstFrame(place="abc", theme="dark", percent=125, sidebar=0, x=300, hint="Ask anything")
    (tmp_path / "frame").write_bytes(frame.bytes())
    assert load(tmp_path / "frame") == frame


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "[" * 5000, '{"theme": "pink"}', '{"percent": 0}', "\udcff", '{"x": 1e999}']
    + [
        json.dumps({name: bad})
        for name in ("x", "place", "dark")
        for bad in (-1, None, [], True, "a", 1 << 40)
    ],
)
def test_rubbish_is_ignored(tmp_path: Path, text: str) -> None:
    (tmp_path / "frame").write_bytes(text.encode("utf-8", "surrogateescape"))
    frame = load(tmp_path / "frame")
    for name, usual in vars(FirstFrame()).items():
        assert type(getattr(frame, name)) is type(usual)
    assert frame.theme == "auto"
    assert 0 <= frame.x < 1 << 15


def test_without_a_file_it_is_the_designs(tmp_path: Path) -> None:
    assert load(tmp_path / "none") == FirstFrame()
    assert load(tmp_path) == FirstFrame()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes with a name are of POSIX")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert load(tmp_path / "pipe") == FirstFrame()
