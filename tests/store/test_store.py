"""What is saved is there again, after opening anew as well."""

from __future__ import annotations

import contextlib
import os
import random
import re
import stat
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.chat.conversation import ChatSettings, Conversation, Persona
from app.chat.library import NEW, Place, Saved, Snippet
from app.chat.parts import AttachmentPart, Message, ReasoningPart, TextPart
from app.errors import StoreError
from app.store import OpenReport, Store
from app.store.database import NAME
from app.store.rows import title_of
from tests.store.support import branched, raw, told, whole


@pytest.fixture(params=["at once", "opened again"])
def again(request: pytest.FixtureRequest, folder: Path) -> Callable[[Store], Store]:
    """The store as it is, or closed and opened anew (the fixture `store` closes the old one)."""

    def reopened(store: Store) -> Store:
        if request.param == "at once":
            return store
        store.close()
        opened = Store.open(folder)
        request.addfinalizer(opened.close)
        return opened

    return reopened


def saved_like(saved: Saved, conversation: Conversation) -> None:
    found = saved.conversation
    assert found == conversation
    assert list(found.messages) == list(conversation.messages)


def test_a_conversation_comes_back_as_it_was(store: Store, again: Callable[[Store], Store]) -> None:
    conversation = branched()
    entry = store.create(conversation)
    store = again(store)
    assert store.report == OpenReport()
    saved_like(store.load(conversation.id), conversation)
    assert store.entries() == [entry]
    assert (entry.id, entry.title, entry.created) == (conversation.id, "Trees", 100.0)
    assert abs(entry.updated - time.time()) < 60


def test_messages_are_added_behind_their_parents(store: Store, again: Callable[[Store], Store]) -> None:
    whole_one = branched()
    conversation = Conversation(id=whole_one.id, title="Trees")
    store.create(conversation)
    for message in whole_one.messages.values():
        store.add_message(conversation.id, message, whole_one.parents[message.id])
        conversation.add(message, whole_one.parents[message.id])
    saved_like(again(store).load(conversation.id), conversation)


def test_parents_are_saved_before_their_children(store: Store) -> None:
    conversation = Conversation(
        messages={"b": told("b", "second"), "a": told("a", "first")}, parents={"b": "a", "a": None}, leaf="b"
    )
    store.create(conversation)
    found = store.load(conversation.id).conversation
    assert [message.id for message in found.path()] == ["a", "b"]


def test_a_temporary_conversation_is_refused(store: Store) -> None:
    with pytest.raises(ValueError, match="temporary"):
        store.create(Conversation(temporary=True))
    assert store.entries() == []


def test_a_conversation_that_is_not_there(store: Store) -> None:
    with pytest.raises(StoreError, match="not saved any more"):
        store.load("nobody")
    for change in (
        lambda: store.rename("nobody", "x", True),
        lambda: store.add_message("nobody", told("m", "x"), None),
        lambda: store.append("nobody", "answer", "x"),
        lambda: store.finish(told("nobody", "x")),
        lambda: store.set_leaf("nobody", None),
        lambda: store.set_message_deleted("nobody", True),
        lambda: store.set_settings("nobody", ChatSettings(), ""),
        lambda: store.move([], "nobody"),
        lambda: store.duplicate("nobody"),
        lambda: store.set_draft("nobody", "x"),
    ):
        with pytest.raises(StoreError, match="not saved any more"):
            change()


def test_a_failed_write_changes_nothing(store: Store) -> None:
    store.create(branched())
    with pytest.raises(StoreError, match="not saved any more"):
        store.add_message("conversation", told("new", "x"), "nobody")
    with pytest.raises(StoreError, match="could not be saved"):
        store.add_message("conversation", told("q1", "twice"), None)
    other = branched(prefix="other-")
    other.messages["q1"] = told("q1", "taken")
    other.parents["q1"] = None
    with pytest.raises(StoreError, match="could not be saved"):
        store.create(other)
    assert [entry.id for entry in store.entries()] == ["conversation"]
    saved_like(store.load("conversation"), branched())


# ---- streams ------------------------------------------------------------------------------


def streaming(store: Store) -> None:
    store.create(branched())
    store.add_message("conversation", Message("s", "assistant", (), created=5.0), "q2")
    for channel, text in (
        ("reasoning", "Hm"),
        ("reasoning", ", well"),
        ("answer", "Yes"),
        ("answer", ", no."),
    ):
        store.append("s", channel, text)


def test_a_stream_is_seen_while_it_runs(store: Store) -> None:
    streaming(store)
    message = store.load("conversation").conversation.messages["s"]
    assert message.parts == (ReasoningPart("Hm, well"), TextPart("Yes, no."))
    assert message.mark == ""


def test_a_finished_stream_is_the_message_alone(store: Store, again: Callable[[Store], Store]) -> None:
    streaming(store)
    message = Message("s", "assistant", (ReasoningPart("Hm", 2.0, 3), TextPart("No")), "cancelled", 5.0)
    store.finish(message)
    store = again(store)
    assert store.load("conversation").conversation.messages["s"] == message
    assert [hit.message_id for hit in store.search("yes")] == []
    assert [hit.message_id for hit in store.search("no")] == ["s"]


def test_a_broken_stream_is_finished_when_opened(store: Store, folder: Path) -> None:
    streaming(store)
    store.add_message("conversation", Message("empty", "assistant", (), created=6.0), "q2")
    store.close()
    store = Store.open(folder)
    messages = store.load("conversation").conversation.messages
    assert messages["s"].parts == (ReasoningPart("Hm, well"), TextPart("Yes, no."))
    assert messages["s"].mark == messages["empty"].mark == "interrupted"
    assert [hit.message_id for hit in store.search("yes")] == ["s"]
    assert store.search("well") == []
    store.close()
    con = raw(folder)
    assert con.execute("SELECT count(*) FROM chunk").fetchone() == (0,)
    con.close()


def test_an_unknown_channel_is_a_bug(store: Store) -> None:
    store.create(branched())
    with pytest.raises(ValueError, match="channel"):
        store.append("a1", "noise", "x")


# ---- the library --------------------------------------------------------------------------


def test_the_last_changed_stands_first(store: Store) -> None:
    for name in ("a", "b", "c"):
        store.create(Conversation(id=name))
    assert [entry.id for entry in store.entries()] == ["c", "b", "a"]
    store.add_message("a", told("m", "x"), None)
    assert [entry.id for entry in store.entries()] == ["a", "c", "b"]


def test_flags_titles_and_folders(store: Store, again: Callable[[Store], Store]) -> None:
    for name in ("a", "b"):
        store.create(Conversation(id=name))
    zoo, bees = store.add_folder("Zoo"), store.add_folder("bees")
    assert store.folders() == [bees, zoo]
    store.rename_folder(zoo.id, "Ants")
    store.set_pinned(["a"], True)
    store.set_archived(["a", "b"], True)
    store.set_archived(["b"], False)
    store.move(["a", "b"], zoo.id)
    store.move(["b"], "")
    store.rename("a", "New", False)
    store = again(store)
    b, a = store.entries()
    assert (a.pinned, a.archived, a.folder, a.title) == (True, True, zoo.id, "New")
    assert (b.pinned, b.archived, b.folder, b.title) == (False, False, "", "")
    assert [folder.name for folder in store.folders()] == ["Ants", "bees"]
    assert not store.load("a").conversation.titled
    store.remove_folder(zoo.id)
    assert [entry.folder for entry in store.entries()] == ["", ""]
    assert store.folders() == [bees]


def test_deleted_conversations_can_be_restored(store: Store, again: Callable[[Store], Store]) -> None:
    for name in ("a", "b", "c"):
        store.create(Conversation(id=name, title="Same"))
    store.delete(["a", "b"])
    store.restore(["b"])
    store = again(store)
    assert [entry.id for entry in store.entries()] == ["c", "b"]
    (gone,) = store.deleted()
    assert gone.id == "a"
    assert gone.deleted is not None
    assert abs(gone.deleted - time.time()) < 60
    assert [hit.conversation_id for hit in store.search("same")] == ["c", "b"]


def test_purged_conversations_leave_no_trace(store: Store, folder: Path) -> None:
    for number in range(300):  # enough that words are in segments of the index, not one page
        store.create(Conversation(id=f"keep{number}", title=f"Quince {number}"))
    secret = Conversation(id="gone", title="Xylophone")
    secret.append("user", AttachmentPart("zeppelin.txt", "Wolverine"), TextPart("Platypus"))
    secret.append("assistant", ReasoningPart("Armadillo"), TextPart("Pangolin " * 3000))
    store.create(secret)
    store.set_draft("gone", "Kangaroo")
    store.delete(["gone", "keep7"])
    assert store.purge(time.time() - 100) == 0
    store.restore(["keep7"])
    assert store.purge(time.time() + 1) == 1
    assert store.deleted() == []
    assert len(store.entries()) == 300
    assert store.search("pangolin") == store.search("xylophone") == []
    written = b"".join(path.read_bytes() for path in folder.iterdir()).lower()
    assert b"quince" in written
    for word in (
        b"xylophone",
        b"zeppelin",
        b"wolverine",
        b"platypus",
        b"armadillo",
        b"pangolin",
        b"kangaroo",
    ):
        assert word not in written, word
    assert whole(folder)


def test_no_page_keeps_what_was_purged(store: Store, folder: Path) -> None:
    """Rows of many sizes in a mixed order, so that pages are split and rows move between them."""
    chance = random.Random(8)
    conversations = []
    for number in range(60):
        conversation = Conversation(id=f"c{number}", title=f"zq{number:03}t" * chance.randrange(1, 40))
        for _ in range(chance.randrange(1, 12)):
            conversation.append("user", TextPart(f"zq{number:03}x " * chance.choice((1, 5, 40, 200, 2000))))
        conversations.append(conversation)
        store.create(Conversation(id=conversation.id, title=conversation.title))
    messages = [(one.id, message) for one in conversations for message in one.messages.values()]
    chance.shuffle(messages)
    for conversation_id, message in messages:
        store.add_message(conversation_id, message, None)
    gone = chance.sample(range(60), 30)
    for number in gone:
        store.rename(f"c{number}", "other", True)
    store.delete([f"c{number}" for number in gone])
    assert store.purge(1e12) == 30
    written = b"".join(path.read_bytes() for path in folder.iterdir())
    assert {int(found) for found in re.findall(rb"zq(\d{3})", written)} == set(range(60)) - set(gone)
    assert whole(folder)


def test_a_purge_without_room_to_write_anew_still_removes(store: Store, folder: Path) -> None:
    store.create(branched())
    store.create(Conversation(id="kept"))
    store.delete(["conversation"])
    other = raw(folder)
    store._open().con.execute("PRAGMA busy_timeout = 20")
    other.execute("BEGIN")
    other.execute("SELECT count(*) FROM message").fetchall()
    assert store.purge(1e12) == 1
    other.close()
    assert store.deleted() == []
    assert [entry.id for entry in store.entries()] == ["kept"]


def test_a_duplicate_has_all_branches_and_its_own_ids(store: Store, again: Callable[[Store], Store]) -> None:
    source = branched()
    store.create(source)
    folder = store.add_folder("Folder")
    store.move([source.id], folder.id)
    store.set_thought_open("a1", True)
    entry = store.duplicate(source.id)
    store = again(store)
    assert (entry.title, entry.folder) == ("Trees (copy)", folder.id)
    assert store.entries()[0] == entry
    saved = store.load(entry.id)
    copy = saved.conversation
    assert not {copy.id, *copy.messages} & {source.id, *source.messages}
    names = dict(zip(copy.messages, source.messages, strict=True))
    assert {names[one]: up and names[up] for one, up in copy.parents.items()} == source.parents
    assert [replace(copy.messages[one], id=names[one]) for one in names] == list(source.messages.values())
    assert (copy.settings, copy.persona, names[copy.leaf or ""]) == (
        source.settings,
        source.persona,
        source.leaf,
    )
    assert {names[one]: opened for one, opened in saved.thoughts.items()} == {"a1": True}
    saved_like(store.load(source.id), source)


# ---- what belongs to the reader -----------------------------------------------------------


def test_leaf_place_draft_thoughts_and_settings(store: Store, again: Callable[[Store], Store]) -> None:
    store.create(branched())
    store.set_leaf("conversation", "a2")
    store.set_place("conversation", Place("a1", -40))
    store.set_draft("conversation", "half a ques")
    store.set_draft(NEW, "new")
    store.set_thought_open("a1", True)
    store.set_thought_open("a2", False)
    store.set_message_deleted("q2", False)
    store.set_settings("conversation", ChatSettings(top_k=3), "other")
    store = again(store)
    saved = store.load("conversation")
    assert (saved.conversation.leaf, saved.place, saved.draft) == ("a2", Place("a1", -40), "half a ques")
    assert saved.thoughts == {"a1": True, "a2": False}
    assert not saved.conversation.messages["q2"].deleted
    assert (saved.conversation.settings, saved.conversation.persona) == (ChatSettings(top_k=3), "other")
    assert (store.draft(NEW), store.draft("conversation"), store.draft("nobody")) == (
        "new",
        "half a ques",
        "",
    )
    store.set_place("conversation", None)
    store.set_leaf("conversation", None)
    store.set_draft("conversation", "")
    saved = store.load("conversation")
    assert (saved.conversation.leaf, saved.place, saved.draft) == (None, None, "")


def test_personas_and_snippets(store: Store, again: Callable[[Store], Store]) -> None:
    store.save_persona(Persona("p", "Old", ChatSettings()))
    store.save_persona(Persona("p", "Poet", ChatSettings(system="Rhyme.", temperature=1.0)))
    store.save_persona(Persona("c", "coder", ChatSettings()))
    store.save_snippet(Snippet("s", "sum", "old"))
    store.save_snippet(Snippet("s", "sum", "Sum up: {{text}}"))
    store.save_snippet(Snippet("t", "Translate", ""))
    store = again(store)
    poet = Persona("p", "Poet", ChatSettings(system="Rhyme.", temperature=1.0))
    assert store.personas() == [Persona("c", "coder", ChatSettings()), poet]
    assert store.snippets() == [Snippet("s", "sum", "Sum up: {{text}}"), Snippet("t", "Translate", "")]
    store.remove_persona("c")
    store.remove_snippet("s")
    assert store.personas() == [poet]
    assert store.snippets() == [Snippet("t", "Translate", "")]


def test_state_is_any_json(store: Store, folder: Path, again: Callable[[Store], Store]) -> None:
    value = {"size": [1, 2.5, None, True], "name": "Ünï\ud800"}
    store.set_state("window", 1)
    store.set_state("window", value)
    store.set_state("broken", 1)
    con = raw(folder)
    con.execute("UPDATE state SET value = '{\"' WHERE key = 'broken'")
    con.close()
    store = again(store)
    assert store.state("window") == value
    assert store.state("nothing") is None
    assert store.state("broken") is None
    with pytest.raises(TypeError):
        store.set_state("window", object())
    assert store.state("window") == value


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.text(), max_size=4), title=st.text())
def test_any_text_comes_back(store: Store, texts: list[str], title: str) -> None:
    conversation = Conversation(title=title_of(title))
    for text in texts:
        conversation.append("user", AttachmentPart(text, text), TextPart(text), ReasoningPart(text))
    store.create(conversation)
    saved_like(store.load(conversation.id), conversation)


def test_half_a_surrogate_pair_is_saved_as_a_mark(store: Store) -> None:
    store.create(Conversation(id="c", title="a\ud800b"))
    store.add_message("c", told("m", "x\udc00y\0z"), None)
    store.set_draft("c", "\ud83d")
    saved = store.load("c")
    assert (saved.conversation.title, saved.draft) == ("a\ufffdb", "\ufffd")
    assert saved.conversation.messages["m"].text == "x\ufffdy\0z"


# ---- the file -----------------------------------------------------------------------------


@pytest.mark.skipif(os.name == "nt", reason="there are no such permissions")
def test_only_its_owner_reads_it(folder: Path) -> None:
    Store.open(folder).close()
    (folder / NAME).chmod(0o644)
    store = Store.open(folder)
    store.create(branched())
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    store.close()


def test_a_closed_store_says_so(store: Store) -> None:
    store.close()
    store.close()
    for use in (store.entries, lambda: store.set_draft("", "x"), lambda: store.search("x")):
        with pytest.raises(StoreError, match="closed"):
            use()
    store.interrupt()


def test_what_a_repair_lost_is_put_back(store: Store, again: Callable[[Store], Store], folder: Path) -> None:
    conversation = branched()
    store.create(conversation)
    with contextlib.closing(raw(folder)) as con:
        con.execute("DELETE FROM message WHERE number > 2")
    store.ensure(conversation)
    store = again(store)
    found = store.load(conversation.id).conversation
    assert found.messages == conversation.messages
    assert found.parents == conversation.parents
    assert found.leaf == conversation.leaf
    store.ensure(branched(prefix="another "))
    assert len(store.entries()) == 2


def test_a_conversation_whose_own_row_was_lost_is_itself_again(store: Store, folder: Path) -> None:
    conversation = branched()
    conversation.title, conversation.titled = "Rivers", True
    store.create(conversation)
    with contextlib.closing(raw(folder)) as con:
        # As a repair leaves it that found the messages and not what they belong to.
        con.execute("UPDATE conversation SET id = 'new', title = 'Recovered conversation', titled = 0")
        con.execute("DELETE FROM message WHERE number > 2")
    store.ensure(conversation)
    (entry,) = store.entries()
    assert (entry.id, entry.title) == (conversation.id, "Rivers")
    found = store.load(conversation.id).conversation
    assert found.messages == conversation.messages
    assert (found.leaf, found.titled) == (conversation.leaf, True)
    assert [hit.conversation_id for hit in store.search("rivers")] == [conversation.id]


def test_what_a_repair_emptied_is_written_again(store: Store, folder: Path) -> None:
    conversation = branched()
    store.create(conversation)
    with contextlib.closing(raw(folder)) as con:
        con.execute("DELETE FROM part")
    store.ensure(conversation)
    assert store.load(conversation.id).conversation.messages == conversation.messages


def test_hostile_values_of_a_row_are_no_fault(store: Store, folder: Path) -> None:
    conversation = branched()
    store.create(conversation)
    with contextlib.closing(raw(folder)) as con:
        con.execute(
            "UPDATE conversation SET updated = -1e300, created = 1e300, place = 1, place_offset = 'abc'"
        )
        con.execute("UPDATE conversation SET title = ?", ("line\n" * 200_000,))
    entry = store.entries()[0]
    assert (entry.updated, entry.created) == (0.0, 0.0)
    assert len(entry.title) <= 200
    assert "\n" not in entry.title
    saved = store.load(conversation.id)
    assert saved.place is not None
    assert saved.place.offset == 0
    assert saved.conversation.title == entry.title


def test_a_copy_of_an_answer_in_mid_stream_says_that_it_is_not_whole(store: Store) -> None:
    conversation = Conversation()
    conversation.append("user", TextPart("Why?"))
    answer = conversation.append("assistant")
    store.create(conversation)
    store.append(answer.id, "answer", "Beca")
    copy = store.load(store.duplicate(conversation.id).id).conversation
    assert [(message.text, message.mark) for message in copy.branch()] == [
        ("Why?", ""),
        ("Beca", "interrupted"),
    ]
