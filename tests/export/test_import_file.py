"""Files to import: a large array element by element, ZIPs, and files that are damaged or hostile."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.errors import FileReadError
from app.export import import_file
from app.export.import_file import read_conversations
from app.export.json_elements import elements
from app.export.values import Skipped, Taken
from tests.export.samples import told
from tests.export.test_chatgpt import chain, conversation, said
from tests.export.test_json import written


def chats(count: int) -> list[dict[str, Any]]:
    return [
        conversation(
            chain(said("user", f'q{number} "{{[ü漢😀'), said("assistant", "a]}\\")),
            conversation_id=str(number),
        )
        for number in range(count)
    ]


def found(data: bytes, step: int = 1 << 20, **more: Any) -> list[object]:
    file = io.BytesIO(data)
    return list(elements(lambda count: file.read(min(count, step)), **more))


def read(path: Path) -> list[Taken | Skipped]:
    return list(read_conversations(path, lambda _done, _total: None))


def put(tmp_path: Path, data: bytes, name: str = "conversations.json") -> Path:
    path = tmp_path / name
    path.write_bytes(data)
    return path


def zipped(tmp_path: Path, **entries: bytes) -> Path:
    path = tmp_path / "export.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name.replace("__", "/").replace("_json", ".json"), data)
    return path


def test_elements_are_the_same_wherever_the_bytes_are_cut() -> None:
    values: list[Any] = [{"a": 'x\\"y{[', "b": [1, {"c": "漢😀"}]}, [], {}, {"d": "\\\\"}, [[["]"]]]]
    data = json.dumps(values, ensure_ascii=False, indent=1).encode()
    for step in (1, 2, 3, 7, len(data)):
        assert found(data, step) == values
    assert found(b"\xef\xbb\xbf" + data) == values
    assert found(b' {"only": [1]} ') == [{"only": [1]}]
    assert found(b"[]") == []
    assert found(b'[1, "x", null, {"a": 2}, 3]') == [None, None, None, {"a": 2}, None]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"x",
        b"[",
        b'[{"a": 1}',
        b'[{"a": "x',
        b'{"a": [1',
        b"\xff\xfe[",
        b"[{}, ",
        b'"text"',
        b"[1",
        b"\0",
    ],
)
def test_what_is_no_json_or_broken_off_is_said(data: bytes) -> None:
    with pytest.raises(FileReadError):
        found(data)


def test_an_element_that_is_damaged_deep_or_huge_harms_no_other() -> None:
    deep = b"[" * 100_000 + b"]" * 100_000
    data = b'[{"a": 1}, {"b": nope}, ' + deep + b', {"c": "' + b"x" * 3000 + b'"}, {"d": 4}]'
    got = found(data, most_chars=250_000)
    assert [isinstance(one, FileReadError) for one in got] == [False, True, True, False, False]
    long = b'[{"a": 1}, {' + b'"b": {},' * 1000 + b'"c": 1}, {"d": 4}]'
    got = found(long, step=100, most_chars=2000)
    assert [isinstance(one, FileReadError) for one in got] == [False, True, False]


def test_a_string_that_does_not_end_takes_no_more_than_the_limit() -> None:
    class Endless:
        given = 0

        def read(self, count: int) -> bytes:
            self.given += count
            return b'[{"a": "' if self.given == count else b"x" * count

    endless = Endless()
    with pytest.raises(FileReadError, match="too long"):
        list(elements(endless.read, most_chars=5_000_000))
    assert endless.given < 40_000_000


def test_our_own_file_and_chatgpts(tmp_path: Path) -> None:
    (own,) = read(put(tmp_path, written(told()).encode()))
    assert isinstance(own, Taken)
    assert own.conversation.title == "Export <test> & *more*"
    several = read(put(tmp_path, json.dumps(chats(30)).encode()))
    assert len(several) == 30
    assert all(isinstance(one, Taken) for one in several)


def test_the_zip_that_it_comes_in_also_in_parts(tmp_path: Path) -> None:
    parts = {f"deep__conversations-00{n}_json": json.dumps(chats(3)[n : n + 1]).encode() for n in range(3)}
    path = zipped(tmp_path, user_json=b"{}", chat=b"<html>", **parts)
    texts = [one.conversation.branch()[0].text for one in read(path) if isinstance(one, Taken)]
    assert [text[:2] for text in texts] == ["q0", "q1", "q2"]


def test_one_that_cannot_be_read_is_named_and_the_others_come_in(tmp_path: Path) -> None:
    values = [*chats(2), {**chats(1)[0], "mapping": {}, "title": "Empty\none"}, 5, {"x": 1}]
    got = read(put(tmp_path, json.dumps(values).encode()))
    assert [type(one) for one in got] == [Taken, Taken, Skipped, Skipped, Skipped]
    assert got[2] == Skipped("Empty one", "There is nothing in it that can be shown.")


@pytest.mark.parametrize("data", [b'{"a": 1}', b'[{"a": 1}]', b"[" + b"{}," * 100 + b"{}]", b"[1, 2]"])
def test_another_json_is_no_export(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(FileReadError, match="no conversation that"):
        read(put(tmp_path, data))


def test_a_zip_without_conversations_damaged_or_locked_is_said(tmp_path: Path) -> None:
    with pytest.raises(FileReadError, match=r"no conversations\.json"):
        read(zipped(tmp_path, user_json=b"{}"))
    good = zipped(tmp_path, conversations_json=json.dumps(chats(50)).encode()).read_bytes()
    for cut in (10, len(good) // 2, len(good) - 5):
        with pytest.raises(FileReadError):
            read(put(tmp_path, good[:cut], "cut.zip"))
    spoiled = bytearray(good)
    for at in range(60, 400):
        spoiled[at] ^= 0x5A
    with pytest.raises(FileReadError):
        read(put(tmp_path, bytes(spoiled), "spoiled.zip"))
    locked = bytearray(good)
    locked[6] |= 1
    locked[good.rindex(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(FileReadError, match="password"):
        read(put(tmp_path, bytes(locked), "locked.zip"))


def test_a_zip_that_unpacks_to_too_much_is_stopped(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(import_file, "MOST_BYTES", 1_000_000)
    bomb = zipped(tmp_path, conversations_json=b"[" + b" " * 5_000_000 + b"]")
    with pytest.raises(FileReadError, match="far more"):
        read(bomb)
    # What it says of its size is not believed, either.
    lying = bytearray(bomb.read_bytes())
    at = lying.rindex(b"PK\x01\x02")
    lying[at + 24 : at + 28] = (999).to_bytes(4, "little")
    with pytest.raises(FileReadError):
        read(put(tmp_path, bytes(lying), "lying.zip"))


def test_a_folder_or_nothing_cannot_be_read(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.json"):
        with pytest.raises(FileReadError):
            read(path)
