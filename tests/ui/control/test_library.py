"""The list of conversations, search, folders, personas and snippets, and what undo does for them."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from pytestqt.qtbot import QtBot

from app.chat.conversation import ChatSettings, Conversation, Persona
from app.chat.library import KEPT_S
from app.chat.parts import TextPart
from app.store import OpenReport
from tests.ui.control.conftest import Stage
from tests.ui.models import THINKER


def put(stage: Stage, title: str) -> str:
    """A conversation in the store and in the list; its id."""
    conversation = Conversation(title=title, titled=True)
    conversation.append("user", TextPart(f"{title} question"))
    stage.store.write(lambda store: store.create(conversation))
    stage.library.refresh()
    return conversation.id


def listed(stage: Stage) -> list[str]:
    return [entry.title for entry in stage.last("library.entries_changed")[0]]


def persona(stage: Stage) -> Persona:
    found: list[Persona] = stage.last("library.personas_changed")
    return found[0]


# ---- conversations ----------------------------------------------------------------------------


def test_start_fills_everything_and_removes_what_was_deleted_long_ago(stage: Stage, monkeypatch: Any) -> None:
    old, fresh = put(stage, "Old"), put(stage, "Fresh")
    stage.library.delete([old])
    now = time.time()
    monkeypatch.setattr("time.time", lambda: now + KEPT_S - 60)
    stage.library.delete([fresh])
    stage.library.start()
    stage.library.read_deleted()
    assert {entry.title for entry in stage.last("library.deleted_changed")} == {"Old", "Fresh"}
    stage.library._on_purge()
    stage.library.read_deleted()
    assert {entry.title for entry in stage.last("library.deleted_changed")} == {"Old", "Fresh"}
    monkeypatch.setattr("time.time", lambda: now + KEPT_S + 60)
    stage.library._on_purge()
    stage.library.read_deleted()
    assert [entry.title for entry in stage.last("library.deleted_changed")] == ["Fresh"]
    assert stage.last("library.personas_changed") == []
    assert stage.last("library.snippets_changed") == []


def test_a_new_conversation_and_its_answer_reach_the_list(loaded: Stage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(loaded.library.entries_changed):
        loaded.messages.send("Why is the sky blue?")
    assert listed(loaded) == ["Why is the sky blue?"]


def test_the_list_is_read_again_when_there_is_room_again(loaded: Stage, qtbot: QtBot) -> None:
    loaded.relay.full = True
    with qtbot.waitSignal(loaded.library.entries_changed):
        loaded.messages.send("Why is the sky blue?")
    assert listed(loaded) == []
    loaded.relay.full = False
    with qtbot.waitSignal(loaded.library.entries_changed):
        loaded.worker.retry()
    assert listed(loaded) == ["Why is the sky blue?"]


def test_rename_reaches_list_and_store(stage: Stage) -> None:
    key = put(stage, "Old")
    stage.library.rename(key, "New")
    assert listed(stage) == ["New"]
    assert stage.saved(key).conversation.titled
    assert stage.last("chat.title_changed") == ""


def test_delete_and_undo_reopen_the_conversation_that_was_open(loaded: Stage) -> None:
    loaded.talk("Why is the sky blue?", "Because.")
    key = loaded.conversation.id
    loaded.library.refresh()
    loaded.library.delete([key])
    assert listed(loaded) == []
    assert loaded.view.texts == []
    assert loaded.chat.key == ""
    notice = loaded.notices[-1]
    assert (notice.key, notice.action_label) == ("undo", "Undo")
    assert notice.text == "“Why is the sky blue?” was deleted."
    loaded.act(notice.action)
    assert listed(loaded) == ["Why is the sky blue?"]
    assert loaded.view.texts == ["Why is the sky blue?", "Because."]
    assert loaded.chat.key == key


def test_deleting_others_leaves_the_open_one(stage: Stage) -> None:
    keys = [put(stage, "One"), put(stage, "Two")]
    stay = put(stage, "Stay")
    stage.chat.open(stay)
    stage.library.delete(keys)
    assert stage.chat.key == stay
    assert stage.notices[-1].text == "2 conversations were deleted."
    stage.undo.undo_last()
    assert sorted(listed(stage)) == ["One", "Stay", "Two"]
    assert stage.chat.key == stay


def test_deleting_one_that_is_answered_stops_it(loaded: Stage) -> None:
    loaded.messages.send("Why is the sky blue?")
    key = loaded.conversation.id
    loaded.say("Half")
    loaded.library.delete([key])
    assert loaded.said["turns.cancel_wanted"] == [(loaded.request.request_id,)]
    loaded.finish("cancelled")
    assert loaded.view.texts == []
    loaded.undo.undo_last()
    assert loaded.view.texts == ["Why is the sky blue?", "Half"]
    assert loaded.view.last.mark == "Stopped"


def test_undo_before_the_answer_has_stopped_shows_it_end(loaded: Stage) -> None:
    loaded.messages.send("Why is the sky blue?")
    key = loaded.conversation.id
    loaded.say("Half")
    loaded.library.delete([key])
    loaded.undo.undo_last()
    assert loaded.view.texts == ["Why is the sky blue?", "Half"]
    loaded.say(" more")
    loaded.finish("cancelled")
    assert loaded.view.texts == ["Why is the sky blue?", "Half more"]
    assert loaded.view.last.mark == "Stopped"
    assert loaded.saved_texts(key) == ["Why is the sky blue?", "Half more"]


def test_restore_from_the_list_of_deleted_ones(stage: Stage) -> None:
    key = put(stage, "Back")
    stage.library.delete([key])
    stage.library.read_deleted()
    assert [entry.title for entry in stage.last("library.deleted_changed")] == ["Back"]
    stage.library.restore([key])
    assert stage.last("library.deleted_changed") == []
    assert listed(stage) == ["Back"]


def test_archive_and_undo(stage: Stage) -> None:
    first, second = put(stage, "First"), put(stage, "Second")
    stage.library.set_archived([first], True)
    assert [entry.id for entry in stage.library.entries if not entry.archived] == [second]
    assert stage.notices[-1].text == "“First” was archived."
    stage.undo.undo_last()
    assert sorted([entry.id for entry in stage.library.entries if not entry.archived]) == sorted(
        [first, second]
    )
    stage.library.set_archived([first, second], True)
    assert stage.notices[-1].text == "2 conversations were archived."
    stage.library.set_archived([first], False)
    assert stage.notices[-1].text == "“First” was taken out of the archive."
    stage.undo.undo_last()
    assert [entry.id for entry in stage.library.entries if not entry.archived] == []


def test_one_without_a_title_is_still_named(stage: Stage) -> None:
    key = put(stage, "")
    stage.library.delete([key])
    assert stage.notices[-1].text == "The conversation was deleted."


def test_pin_and_folders(stage: Stage) -> None:
    key = put(stage, "One")
    stage.library.set_pinned([key], True)
    stage.library.add_folder("Work")
    folder = stage.last("library.entries_changed")[1][0]
    stage.library.move([key], folder.id)
    entry = stage.last("library.entries_changed")[0][0]
    assert (entry.pinned, entry.folder) == (True, folder.id)
    stage.library.rename_folder(folder.id, "Home")
    assert stage.last("library.entries_changed")[1][0].name == "Home"
    stage.library.remove_folder(folder.id)
    entries, folders = stage.last("library.entries_changed")
    assert (entries[0].folder, folders) == ("", [])


def test_a_duplicate_is_opened(loaded: Stage) -> None:
    loaded.talk("Why is the sky blue?", "Because.")
    loaded.messages.regenerate_last()
    loaded.say("Air.")
    loaded.finish()
    original = loaded.conversation.id
    loaded.library.duplicate(original)
    assert loaded.chat.key != original
    assert loaded.last("chat.title_changed") == "Why is the sky blue? (copy)"
    assert loaded.view.texts == ["Why is the sky blue?", "Air."]
    assert (loaded.view.last.version, loaded.view.last.versions) == (2, 2)
    loaded.talk("Only here?", "Yes.")
    assert loaded.saved_texts(original) == ["Why is the sky blue?", "Air."]


def test_a_copy_is_the_conversation_as_text(stage: Stage) -> None:
    stage.library.copy(put(stage, "One"))
    assert stage.last("library.copied") == "# One\n\n**You:**\n\nOne question\n"


# ---- search -----------------------------------------------------------------------------------


def test_search_finds_titles_and_messages(stage: Stage) -> None:
    key = put(stage, "Volcano")
    stage.library.search("volcano")
    text, hits = stage.last("library.hits_found")
    assert text == "volcano"
    assert {(hit.conversation_id, bool(hit.message_id)) for hit in hits} == {(key, False), (key, True)}
    stage.library.search("  ")
    assert len(stage.said["library.hits_found"]) == 1


def test_a_later_search_overtakes_an_earlier_one(stage: Stage) -> None:
    put(stage, "Volcano")
    stage.relay.holding = True
    stage.library.search("vol")
    stage.library.search("volc")
    stage.relay.let_go()
    assert [text for text, _hits in stage.said["library.hits_found"]] == ["volc"]


# ---- personas and snippets --------------------------------------------------------------------


def test_a_persona_is_saved_chosen_and_goes_with_the_request(stage: Stage) -> None:
    stage.load(THINKER)
    stage.library.start()
    stage.chat.set_mode("instruct")
    stage.library.save_persona("Pirate", ChatSettings("Arr.", "thinking", 99, temperature=0.5))
    saved = persona(stage)
    assert (saved.name, saved.settings) == ("Pirate", ChatSettings("Arr.", temperature=0.5))
    assert stage.last("chat.settings_shown") == (
        ChatSettings("Arr.", "instruct", temperature=0.5),
        saved.id,
    )
    stage.library.choose_persona("")
    assert stage.last("chat.settings_shown")[1] == ""
    stage.library.choose_persona(saved.id)
    stage.messages.send("Who are you?")
    assert stage.request.messages[0].content == "Arr."
    assert stage.request.sampling.temperature == 0.5
    assert stage.request.mode == "instruct"
    assert stage.saved().conversation.persona == saved.id
    stage.finish()
    stage.library.choose_persona("")
    stage.messages.send("And now?")
    assert stage.request.messages[0].role == "user"
    assert stage.saved().conversation.persona == ""


def test_an_updated_persona_keeps_its_name(stage: Stage) -> None:
    stage.library.save_persona("Pirate", ChatSettings("Arr."))
    stage.library.update_persona(persona(stage).id, ChatSettings("Ahoy.", "thinking"))
    assert (persona(stage).name, persona(stage).settings) == ("Pirate", ChatSettings("Ahoy."))
    stage.library.update_persona("unknown", ChatSettings())
    assert len(stage.last("library.personas_changed")) == 1


def test_a_removed_persona_leaves_its_settings_and_comes_back_with_undo(stage: Stage) -> None:
    stage.library.save_persona("Pirate", ChatSettings("Arr."))
    found = persona(stage)
    stage.library.remove_persona(found.id)
    assert stage.last("library.personas_changed") == []
    assert stage.last("chat.settings_shown") == (ChatSettings("Arr."), "")
    assert stage.notices[-1].text == "The persona “Pirate” was removed."
    stage.undo.undo_last()
    assert persona(stage) == found


def test_removing_another_persona_leaves_the_one_in_use(stage: Stage) -> None:
    stage.library.save_persona("Pirate", ChatSettings("Arr."))
    pirate = persona(stage)
    stage.library.save_persona("Cook", ChatSettings("Yum."))
    cook = stage.conversation.persona
    stage.library.remove_persona(pirate.id)
    assert stage.conversation.persona == cook


def test_snippets_are_kept_and_removed(stage: Stage) -> None:
    stage.library.save_snippet("sum", "Sum this up:")
    snippet = stage.last("library.snippets_changed")[0]
    assert (snippet.name, snippet.text) == ("sum", "Sum this up:")
    stage.library.remove_snippet(snippet.id)
    assert stage.last("library.snippets_changed") == []


def test_where_nothing_can_be_written_the_library_says_so_and_changes_nothing(stage: Stage) -> None:
    key = put(stage, "Kept")
    stage.library.save_persona("Pirate", ChatSettings("Arr."))
    kept = persona(stage)
    stage.store.on_opened(OpenReport(read_only=True))
    library = stage.library
    for change in (
        lambda: library.rename(key, "Other"),
        lambda: library.delete([key]),
        lambda: library.set_archived([key], True),
        lambda: library.add_folder("Work"),
        lambda: library.duplicate(key),
        lambda: library.save_snippet("hi", "hello"),
        lambda: library.remove_persona(kept.id),
    ):
        before = len(stage.said["library.notice"])
        offers = len(stage.said["undo.notice"])
        change()
        assert len(stage.said["library.notice"]) == before + 1
        assert "nothing was changed" in stage.last("library.notice").text
        assert len(stage.said["undo.notice"]) == offers
    assert [entry.title for entry in stage.entries] == ["Kept"]


def test_a_conversation_is_whole_where_nothing_can_be_written(loaded: Stage) -> None:
    key = put(loaded, "Kept")
    loaded.store.on_opened(OpenReport(read_only=True))
    loaded.chat.new()
    loaded.talk("Why?", "Because.")
    here = loaded.conversation.id
    loaded.chat.set_draft("half")
    loaded.chat.open(key)
    loaded.chat.open(here)
    assert loaded.view.texts == ["Why?", "Because."]
    assert loaded.last("chat.draft_shown") == "half"


def test_a_removed_folder_comes_back_with_what_was_in_it(stage: Stage) -> None:
    first = put(stage, "In it")
    stage.library.add_folder("Work")
    folder = stage.last("library.entries_changed")[1][0]
    stage.library.move([first], folder.id)
    stage.library.remove_folder(folder.id)
    assert stage.last("library.entries_changed")[0][0].folder == ""
    stage.undo.undo_last()
    stage.library.refresh()
    entries, folders = stage.last("library.entries_changed")
    assert [one.name for one in folders] == ["Work"]
    assert entries[0].folder == folders[0].id


def test_hand_made_settings_that_a_persona_replaces_come_back(stage: Stage) -> None:
    stage.library.save_persona("Pirate", ChatSettings("Arr."))
    saved = persona(stage)
    stage.library.choose_persona("")
    stage.chat.set_settings(ChatSettings("Written by hand."))
    stage.library.choose_persona(saved.id)
    assert stage.conversation.settings.system == "Arr."
    stage.undo.undo_last()
    assert stage.conversation.settings.system == "Written by hand."


def test_every_deletion_is_told_before_anything_else_happens(loaded: Stage) -> None:
    keys = [put(loaded, "One"), put(loaded, "Two")]
    loaded.library.delete(keys)
    assert loaded.said["library.conversation_deleted"] == [(key,) for key in keys]
    loaded.undo.undo_last()
    assert len(loaded.said["library.conversation_deleted"]) == 2


def test_what_was_deleted_before_is_told_when_the_app_opens(stages: Callable[[], Stage]) -> None:
    stage = stages()
    gone, back, _stays = put(stage, "Gone"), put(stage, "Back"), put(stage, "Stays")
    stage.library.delete([gone, back])
    stage.library.restore([back])
    again = stages()
    again.library.start()
    assert again.said["library.deleted_found"] == [([gone],)]
    assert not again.said["library.conversation_deleted"]


def test_where_nothing_can_be_changed_nothing_is_told_as_deleted(stage: Stage) -> None:
    key = put(stage, "One")
    stage.store.on_opened(OpenReport(read_only=True))
    stage.library.delete([key])
    assert not stage.said["library.conversation_deleted"]
