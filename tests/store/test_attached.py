"""Documents that wait for a question, in the store."""

from __future__ import annotations

import random
import sqlite3
import time
from dataclasses import replace
from pathlib import Path

import pytest

from app.chat.conversation import Conversation
from app.chat.library import NEW, KeptDocument
from app.chat.parts import TextPart
from app.store import Store, attached
from app.store.database import NAME

BOOK = KeptDocument(
    "a", "book.pdf", "books/book.pdf", "pdf", text="All of it", pages=9, chosen="1-2", notes=("One.",)
)
PASTE = KeptDocument("b", "Pasted text", kind="paste", text="\U0001f600 pasted")
LATE = KeptDocument("c", "late.txt", "late.txt", state="reading")
BAD = KeptDocument("d", "bad.txt", "bad.txt", state="failed", status="It is empty.")


def _rows(folder: Path) -> dict[str, str]:
    con = sqlite3.connect(folder / NAME)
    try:
        return dict(con.execute("SELECT key, value FROM state WHERE key LIKE 'attached:%'"))
    finally:
        con.close()


def test_they_come_back_as_they_were(store: Store, folder: Path) -> None:
    for key in (NEW, "one"):
        store.keep_attached(key, (BOOK, PASTE, LATE, BAD))
        assert store.attached(key) == (BOOK, PASTE, LATE, BAD)
    assert store.attached("two") == ()
    store.keep_attached("one", ())
    assert store.attached(NEW) == (BOOK, PASTE, LATE, BAD)
    store.keep_attached(NEW, ())
    assert _rows(folder) == {}


def test_a_long_text_goes_in_pieces_and_is_written_once(
    store: Store, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    monkeypatch.setattr(attached, "_PIECE", 7)
    long = replace(PASTE, text="".join(chr(random.Random(1).randrange(32, 0x3000)) for _ in range(100)))
    store.keep_attached("one", (long,))
    assert store.attached("one") == (long,)
    assert len(_rows(folder)) == 16
    written: list[str] = []
    monkeypatch.setattr(attached, "clean", lambda text: written.append(text) or text)
    store.keep_attached("one", (BAD, long))
    assert long.text not in written
    assert not any(piece in long.text for piece in written if len(piece) == 7 and piece != BAD.name)
    assert store.attached("one") == (BAD, long)


@pytest.mark.parametrize(
    ("state", "found"),
    [
        ("nonsense", ()),
        ("[]", ()),
        ("7", ()),
        ('[["a"]]', ()),
        ('[["a","n","p","","odd","",null,-3,4,{}]]', (KeptDocument("a", "n", "p", state="reading"),)),
        ('[["a","n","","","ready","",5,0,"",[]]]', ()),
        (
            '[["a","n","p","","ready","",5,0,"",[1,"x"]]]',
            (KeptDocument("a", "n", "p", state="reading", notes=("x",)),),
        ),
    ],
)
def test_a_strangers_row_is_read_with_care(
    store: Store, folder: Path, state: str, found: tuple[KeptDocument, ...]
) -> None:
    store.keep_attached("one", (BAD,))
    con = sqlite3.connect(folder / NAME)
    con.execute("UPDATE state SET value = ? WHERE key = 'attached:one'", (state,))
    con.commit()
    con.close()
    assert store.attached("one") == found


def test_they_go_when_their_conversation_is_purged(store: Store, folder: Path) -> None:
    gone, stays = Conversation(), Conversation()
    for one in (gone, stays):
        one.append("user", TextPart("x"))
        store.create(one)
        store.keep_attached(one.id, (BOOK, PASTE))
        store.set_state(f"edit:{one.id}", ["m", "t"])
    store.delete([gone.id])
    assert store.attached(gone.id) == (BOOK, PASTE)
    assert store.purge(time.time() + 1) == 1
    assert store.attached(gone.id) == ()
    assert store.state(f"edit:{gone.id}") is None
    assert all(gone.id not in key for key in _rows(folder))
    assert store.attached(stays.id) == (BOOK, PASTE)
