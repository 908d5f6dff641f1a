"""The open conversation: opening and leaving, search, temporary ones."""

from __future__ import annotations

import pytest

from app.chat.conversation import ChatSettings
from app.chat.library import Place
from app.engine.protocol import Reclassified
from tests.ui.control.conftest import Stage, other
from tests.ui.models import THINKER

# ---- opening and leaving ----------------------------------------------------------------------


def test_nothing_is_saved_before_the_first_question(loaded: Stage) -> None:
    assert loaded.chat.key == ""
    loaded.chat.set_settings(ChatSettings(system="Be brief."))
    loaded.chat.set_mode("instruct")
    loaded.chat.set_place(Place("m", 1))
    assert loaded.entries == []
    loaded.messages.send("Why?")
    assert [entry.id for entry in loaded.entries] == [loaded.chat.key] == [loaded.conversation.id]
    assert loaded.saved().conversation.settings.system == "Be brief."
    assert loaded.last("chat.opened") == loaded.chat.key
    assert loaded.said["chat.library_changed"] == [()]


def test_leaving_in_mid_stream_and_coming_back_shows_everything_once(stage: Stage) -> None:
    stage.load(THINKER)
    away = other(stage)
    stage.messages.send("Why?")
    stage.read()
    here, answer = stage.conversation.id, stage.view.last.id
    stage.say("Hm", "reasoning", 3)
    stage.say("Be")
    stage.run_save_timer()
    stage.say("cau")
    stage.chat.open(away)
    assert stage.view.texts == ["Another question", "Another answer"]
    assert stage.last("chat.busy_changed") is False
    stage.say("se of")
    stage.run_save_timer()
    assert stage.view.texts == ["Another question", "Another answer"]
    stage.chat.open(here)
    assert stage.view.texts == ["Why?", "Because of"]
    assert stage.view.last.reasoning == "Hm"
    assert not stage.view.last.finished
    assert stage.last("presenter.thought_changed")[0::3] == (answer, 3)
    assert stage.last("chat.busy_changed") is True
    stage.say(" air")
    stage.finish()
    assert stage.view.texts == stage.saved_texts() == ["Why?", "Because of air"]
    assert stage.view.last.finished


def test_an_answer_that_ends_behind_another_conversation_is_there(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    here = loaded.conversation.id
    loaded.chat.new()
    loaded.say("Because")
    loaded.finish()
    assert loaded.view.texts == []
    assert loaded.chat._live == {}
    loaded.chat.open(here)
    assert loaded.view.texts == ["Why?", "Because"]
    assert loaded.view.last.finished
    assert loaded.conversation.title == "Because"


def test_what_is_read_in_another_conversation_does_not_show_here(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    here = loaded.conversation.id
    loaded.chat.new()
    said = len(loaded.said["presenter.status_changed"])
    loaded.read(100, 400)
    assert len(loaded.said["presenter.status_changed"]) == said
    loaded.chat.open(here)
    answer = loaded.view.last.id
    assert loaded.last("presenter.status_changed") == (answer, "Reading 100 of 400 tokens", 0.25)


def test_a_reclassified_answer_is_a_thought_after_coming_back(stage: Stage) -> None:
    stage.load(THINKER)
    stage.messages.send("Why?")
    here = stage.conversation.id
    stage.say("so I think")
    stage.chat.new()
    stage.event(Reclassified(stage.request.request_id))
    assert not stage.said["presenter.reclassified"]
    stage.chat.open(here)
    assert (stage.view.last.reasoning, stage.view.last.text) == ("so I think", "")


def test_the_conversation_that_was_asked_for_last_is_opened(stage: Stage) -> None:
    first, second = other(stage, "First"), other(stage, "Second")
    stage.relay.holding = True
    stage.chat.open(first)
    stage.chat.open(second)
    stage.relay.let_go()
    assert stage.conversation.title == "Second"
    assert ("First",) not in stage.said["chat.title_changed"]


def test_going_back_to_the_open_one_while_another_loads_stays_there(stage: Stage) -> None:
    first, second = other(stage, "First"), other(stage, "Second")
    stage.chat.open(first)
    stage.relay.holding = True
    stage.chat.open(second)
    stage.chat.open(first)
    stage.relay.let_go()
    assert stage.conversation.title == "First"


def test_a_new_chat_while_another_loads_stays_new(stage: Stage) -> None:
    first = other(stage)
    stage.relay.holding = True
    stage.chat.open(first)
    stage.chat.new()
    stage.relay.let_go()
    assert stage.conversation.messages == {}


def test_a_conversation_opened_twice_is_entered_once(loaded: Stage) -> None:
    first = other(loaded)
    loaded.relay.holding = True
    loaded.chat.open(first)
    loaded.chat.open(first)
    loaded.relay.step()
    loaded.messages.send("Meanwhile")
    loaded.relay.let_go()
    assert loaded.view.texts[2:] == ["Meanwhile", ""]
    loaded.say("Yes")
    assert loaded.view.texts[2:] == ["Meanwhile", "Yes"]


def test_a_conversation_that_is_gone_is_told_of(stage: Stage) -> None:
    stage.chat.open("unknown")
    assert stage.notices[-1].text == "This conversation is not saved any more."
    assert stage.notices[-1].level == "error"


def test_a_conversation_without_room_is_kept_while_another_is_open(loaded: Stage) -> None:
    loaded.relay.full = True
    loaded.messages.send("Not saved yet")
    loaded.messages.stop()
    here = loaded.conversation.id
    assert loaded.turns.exchanges(here) == []
    loaded.chat.new()
    loaded.chat.open(here)
    assert loaded.view.texts == ["Not saved yet", ""]


# ---- search -----------------------------------------------------------------------------------


def test_a_hit_opens_its_conversation_at_the_message(stage: Stage) -> None:
    key = other(stage)
    loaded = stage.from_store(lambda store: store.load(key)).conversation
    hit = loaded.branch()[1].id
    stage.chat.open(key, hit, "answer")
    assert stage.view.texts == ["Another question", "Another answer"]
    assert stage.said["chat.found"] == [(hit, "answer")]
    stage.chat.open(key, loaded.branch()[0].id, "question")
    assert stage.said["chat.found"][1:] == [(loaded.branch()[0].id, "question")]
    assert len(stage.said["chat.conversation_shown"]) == 2  # the new chat, and this one


@pytest.mark.parametrize("opened", [True, False])
def test_a_hit_on_another_branch_shows_that_branch(loaded: Stage, opened: bool) -> None:
    loaded.talk("Pick a number.", "One")
    key, first = loaded.conversation.id, loaded.view.last.id
    loaded.talk("Why?", "It is the first")
    later = loaded.view.last.id
    loaded.messages.act("regenerate", first)
    loaded.say("Two")
    loaded.finish()
    if not opened:
        loaded.chat.new()
    loaded.chat.open(key, first, "One")
    assert loaded.last("chat.found") == (first, "One")
    assert [*loaded.view.messages][-1] == later
    assert loaded.view.messages[first].version == 1
    assert loaded.saved_texts() == ["Pick a number.", "One", "Why?", "It is the first"]


# ---- temporary --------------------------------------------------------------------------------


def test_a_temporary_conversation_leaves_nothing_in_the_database(stage: Stage) -> None:
    before = stage.rows()
    stage.load(THINKER)
    stage.chat.new_temporary()
    assert stage.last("chat.temporary_changed") is True
    stage.chat.set_draft("A secret")
    stage.chat.set_settings(ChatSettings(system="Keep it secret."))
    stage.chat.set_mode("thinking")
    stage.messages.send("A secret question?")
    stage.say("Hm", "reasoning", 1)
    stage.say("A secret answer")
    stage.run_save_timer()
    stage.chat.set_thought_open(stage.view.last.id, True)
    stage.chat.set_place(Place(stage.view.last.id, 5))
    stage.finish()
    stage.messages.regenerate_last()
    stage.finish("cancelled")
    stage.messages.act("previous", stage.view.last.id)
    stage.messages.save_edit(stage.view.last.id, "Another secret")
    stage.messages.act("delete", stage.view.last.id)
    stage.undo.undo_last()
    stage.chat.set_draft("One more secret")
    stage.chat.new()
    stage.library.search("secret")
    assert stage.said["library.hits_found"] == [("secret", [])]
    assert stage.rows() == before
    stage.close()
    for path in stage.folder.iterdir():
        assert b"secret" not in path.read_bytes().lower()


def test_undo_brings_a_temporary_conversation_back(loaded: Stage) -> None:
    loaded.chat.new_temporary()
    loaded.talk("Secret?", "Yes")
    loaded.chat.set_draft("more")
    loaded.chat.new()
    assert loaded.last("chat.temporary_changed") is False
    notice = loaded.notices[-1]
    assert notice.text == "The temporary chat was closed; it is not saved."
    loaded.act(notice.action)
    assert loaded.view.texts == ["Secret?", "Yes"]
    assert loaded.last("chat.draft_shown") == "more"
    assert loaded.last("chat.temporary_changed") is True
    loaded.messages.send("Still secret?")
    assert loaded.asked == ["Secret?", "Yes", "Still secret?"]
    assert loaded.entries == []


def test_undo_brings_back_a_temporary_one_that_was_left_in_mid_stream(loaded: Stage) -> None:
    loaded.chat.new_temporary()
    loaded.messages.send("Secret?")
    loaded.say("Y")
    temporary = loaded.conversation.id
    loaded.chat.new()
    loaded.say("e")
    loaded.chat.open(temporary)  # by way of the queue
    assert loaded.view.texts == ["Secret?", "Ye"]
    loaded.chat.new()
    loaded.finish()
    assert loaded.chat._live == {}
    loaded.undo.undo_last()
    assert loaded.view.texts == ["Secret?", "Ye"]
    loaded.undo.undo_last()
    assert loaded.view.texts == ["Secret?", "Ye"]


def test_an_empty_temporary_one_is_left_without_a_word(stage: Stage) -> None:
    stage.chat.new_temporary()
    stage.chat.new()
    assert not stage.notices
