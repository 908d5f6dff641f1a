"""The end of a long conversation, read before the whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.chat.conversation import Conversation
from app.chat.library import Place
from app.chat.parts import AttachmentPart, ReasoningPart, TextPart
from app.store import Store, reading
from tests.store.support import raw


def long(count: int = 500) -> Conversation:
    made = Conversation(id="long", title="Long", titled=True)
    for number in range(count // 2):
        document = AttachmentPart("notes.txt", "Much text", "text")
        made.append(
            "user", *([document] if number % 3 == 0 else []), TextPart(f"Why {number}?"), id=f"q{number}"
        )
        made.append("assistant", ReasoningPart("Hm", 1.0, 2), TextPart(f"So {number}."), id=f"a{number}")
    return made


def test_a_short_one_is_read_whole(store: Store) -> None:
    store.create(long(reading.SMALL))
    assert store.load_end("long") is None


def test_the_end_is_the_end_of_the_whole(store: Store) -> None:
    store.create(long())
    store.set_thought_open("a249", True)
    end, whole = store.load_end("long"), store.load("long")
    assert end is not None
    branch, all_of_it = end.conversation.branch(), whole.conversation.branch()
    assert len(branch) == reading.END
    assert [one.id for one in branch] == [one.id for one in all_of_it[-reading.END :]]
    assert [one.text for one in branch] == [one.text for one in all_of_it[-reading.END :]]
    assert branch[-1] == all_of_it[-1]
    assert end.thoughts == {"a249": True}
    assert (end.conversation.id, end.conversation.title) == ("long", "Long")
    documents = [part for message in branch for part in message.attachments]
    assert documents
    assert {part.text for part in documents} == {""}


def test_it_reaches_above_the_reader_s_place(store: Store) -> None:
    store.create(long(900))
    store.set_place("long", Place("a300", -12, 3, 4, 5))
    end = store.load_end("long")
    assert end is not None
    assert end.place == Place("a300", -12, 3, 4, 5)
    ids = [one.id for one in end.conversation.branch()]
    assert "q290" in ids
    assert "q100" not in ids
    store.set_place("long", Place("a20", 3))
    assert store.load_end("long") is None


def test_versions_of_what_is_seen_are_known(store: Store) -> None:
    made = long()
    store.create(made)
    second = made.messages["a240"]
    another = made.__class__().append("assistant", TextPart("Another"), id="other")
    store.add_message("long", another, made.parents[second.id])
    store.set_leaf("long", "a249")
    end = store.load_end("long")
    assert end is not None
    assert end.conversation.versions("a240") == ["a240", "other"]
    assert end.conversation.versions("a241") == ["a241"]
    assert "other" not in [one.id for one in end.conversation.branch()]


def test_who_breathes_can_end_the_reading(store: Store) -> None:
    store.create(long())
    breaths = []
    store.load("long", lambda: breaths.append(1))
    assert len(breaths) > 3

    def stop() -> None:
        raise KeyError

    with pytest.raises(KeyError):
        store.load("long", stop)
    assert len(store.load("long").conversation.messages) == 500


def test_positions_that_a_damaged_file_has_are_no_fault(store: Store, folder: Path) -> None:
    store.create(long(4))
    con = raw(folder)
    con.execute("UPDATE part SET position = x'00ff' WHERE rowid IN (SELECT max(rowid) FROM part)")
    con.close()
    assert sorted(part.text for part in store.load("long").conversation.messages["a1"].parts) == [
        "Hm",
        "So 1.",
    ]
