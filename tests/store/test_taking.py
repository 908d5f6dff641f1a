"""Conversations from files in the store: new ones, known ones, and those that have grown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.chat.conversation import Conversation
from app.chat.parts import Message, TextPart
from app.store.store import Store
from app.store.taking import Arrival
from tests.store.support import branched, told


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.open(tmp_path)
    yield made
    made.close()


def messages(store: Store, key: str) -> dict[str, Message]:
    return store.load(key).conversation.messages


def test_a_new_one_has_its_own_times_and_place(store: Store) -> None:
    assert store.take_in(Arrival(branched(), 50.0, 200.0, archived=True)) == "new"
    (entry,) = store.entries()
    assert (entry.created, entry.updated, entry.archived) == (50.0, 200.0, True)
    assert store.load("conversation").conversation.messages == branched().messages
    assert [hit.message_id for hit in store.search("plant")] == ["a1"]


def test_without_times_it_has_those_of_its_messages(store: Store) -> None:
    store.take_in(Arrival(branched()))
    (entry,) = store.entries()
    assert (entry.created, entry.updated) == (100.0, 103.0)


def test_a_second_time_nothing_changes(store: Store) -> None:
    store.take_in(Arrival(branched()))
    store.rename("conversation", "Mine", True)
    assert store.take_in(Arrival(branched(), 1.0, 2.0)) == "there"
    (entry,) = store.entries()
    assert entry.title == "Mine"
    assert entry.created == 100.0


def test_one_that_has_grown_gets_what_is_missing_and_nothing_is_written_over(store: Store) -> None:
    store.take_in(Arrival(branched()))
    store.finish(Message("a1", "assistant", (TextPart("Mended here"),), edited=True))
    grown = branched()
    grown.add(told("q3", "And then?"), "a1")
    grown.add(told("a3", "Then this.", "assistant"), "q3")
    assert store.take_in(Arrival(grown)) == "grown"
    saved = store.load("conversation").conversation
    assert saved.messages["a1"].text == "Mended here"
    assert saved.leaf == "a3"
    assert saved.parents["q3"] == "a1"


def test_the_branch_that_is_shown_stays_unless_the_file_goes_on_from_its_end(store: Store) -> None:
    store.take_in(Arrival(branched()))
    store.set_leaf("conversation", "a2")
    grown = branched()
    grown.add(told("q3", "And then?"), "q2")
    assert store.take_in(Arrival(grown)) == "grown"
    assert store.load("conversation").conversation.leaf == "a2"
    grown.add(told("q4", "From the other answer"), "a2")
    assert store.take_in(Arrival(grown)) == "grown"
    assert store.load("conversation").conversation.leaf == "q4"


def test_one_that_was_deleted_comes_back(store: Store) -> None:
    store.take_in(Arrival(branched()))
    store.delete(["conversation"])
    assert store.take_in(Arrival(branched())) == "restored"
    assert [entry.id for entry in store.entries()] == ["conversation"]


def test_ids_of_another_conversation_are_not_touched(store: Store) -> None:
    store.create(branched())
    before = messages(store, "conversation")
    thief = Conversation(id="thief", title="Thief")
    thief.add(told("q1", "Mine now"), None)
    thief.add(told("x", "Behind it", "assistant"), "q1")
    assert store.take_in(Arrival(thief)) == "new"
    assert messages(store, "conversation") == before
    saved = store.load("thief").conversation
    assert [one.text for one in saved.branch()] == ["Mine now", "Behind it"]
    assert "q1" not in saved.messages


def test_a_conversation_that_cannot_be_saved_leaves_nothing(store: Store) -> None:
    broken = branched()
    broken.messages["a2"] = Message("a2", "assistant", (object(),))  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        store.take_in(Arrival(broken))
    assert store.entries() == []
    assert store.take_in(Arrival(branched())) == "new"
