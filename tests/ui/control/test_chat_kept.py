"""What a conversation keeps: draft, place, thoughts, settings, title."""

from __future__ import annotations

from collections.abc import Callable

from app.chat.conversation import ChatSettings
from app.chat.library import Place
from tests.ui.control.conftest import Stage, other
from tests.ui.models import PLAIN, THINKER

# ---- drafts -----------------------------------------------------------------------------------


def test_each_conversation_has_its_draft_and_so_has_the_new_chat(stages: Callable[[], Stage]) -> None:
    stage = stages()
    first, second = other(stage, "First"), other(stage, "Second")
    stage.chat.new()
    stage.chat.set_draft("to a new one")
    for key in (first, second):
        stage.chat.open(key)
        assert stage.last("chat.draft_shown") == ""
        stage.chat.set_draft(f"to {stage.conversation.title}")
    stage.chat.open(first)
    assert stage.last("chat.draft_shown") == "to First"
    stage.chat.new()
    assert stage.last("chat.draft_shown") == "to a new one"
    again = stages()
    again.chat.new()
    assert again.last("chat.draft_shown") == "to a new one"
    again.chat.open(second)
    assert again.last("chat.draft_shown") == "to Second"


def test_a_sent_draft_is_gone(loaded: Stage) -> None:
    loaded.chat.set_draft("Why?")
    loaded.messages.send("Why?")
    key = loaded.conversation.id
    loaded.chat.set_draft("next")
    loaded.chat.new()
    assert loaded.last("chat.draft_shown") == ""
    loaded.chat.open(key)
    assert loaded.last("chat.draft_shown") == "next"
    loaded.messages.send("next")
    assert loaded.saved().draft == ""


def test_the_draft_of_the_new_chat_does_not_reach_a_temporary_one(stage: Stage) -> None:
    stage.chat.set_draft("mine")
    stage.relay.holding = True
    stage.chat.new()
    stage.chat.new_temporary()
    stage.relay.let_go()
    assert stage.last("chat.draft_shown") == ""


def test_what_is_typed_before_the_store_is_there_joins_the_draft_that_it_has(stage: Stage) -> None:
    chat = stage.chat
    chat._begun = False
    chat.set_draft("typed")
    assert stage.from_store(lambda store: store.draft("")) == ""
    assert chat.begin("old", ChatSettings()) is True
    assert stage.last("chat.draft_shown") == "old\n\ntyped"
    assert stage.from_store(lambda store: store.draft("")) == "old\n\ntyped"
    chat.set_draft("")
    assert chat.begin("", ChatSettings()) is False


def test_a_new_chat_that_was_left_is_there_again_with_its_draft_and_its_settings(stage: Stage) -> None:
    first = other(stage, "First")
    stage.chat.new()
    stage.chat.set_draft("half")
    stage.chat.set_settings(ChatSettings(system="You are a pirate."))
    stage.relay.holding = True  # nothing of it has to be read
    stage.chat.open(first)
    stage.relay.let_go()
    stage.relay.holding = True
    stage.chat.new()
    assert stage.last("chat.draft_shown") == "half"
    assert stage.conversation.settings.system == "You are a pirate."
    stage.relay.let_go()


def test_a_draft_is_kept_for_the_conversation_that_is_left(stage: Stage) -> None:
    first, second = other(stage, "First"), other(stage, "Second")
    stage.chat.open(first)

    def composer_flushes() -> None:
        stage.chat.set_draft("half a thou")

    stage.chat.leaving.connect(composer_flushes)
    stage.chat.open(second)
    stage.chat.leaving.disconnect(composer_flushes)
    assert (stage.saved(first).draft, stage.saved(second).draft) == ("half a thou", "")


# ---- thoughts and place -----------------------------------------------------------------------


def test_open_thoughts_and_the_place_are_remembered(stages: Callable[[], Stage]) -> None:
    stage = stages()
    stage.load(THINKER)
    stage.messages.send("Why?")
    stage.say("Hm", "reasoning", 3)
    first = stage.view.last.id
    stage.chat.set_thought_open(first, True)  # while it streams
    stage.say("So.")
    stage.finish()
    stage.messages.send("And?")
    stage.say("Hm hm", "reasoning", 3)
    stage.finish()
    second = stage.view.last.id
    stage.chat.set_thought_open(second, True)
    stage.chat.set_thought_open(second, False)
    stage.chat.set_place(Place(first, -40, 3, 2, 17))
    key = stage.conversation.id
    again = stages()
    again.chat.open(key)
    opened = {shown.id: shown.thought_open for shown in again.view.messages.values()}
    assert (opened[first], opened[second]) == (True, False)
    assert again.view.place == Place(first, -40, 3, 2, 17)
    again.chat.set_place(None)
    again.chat.new()
    again.chat.open(key)
    assert again.view.place is None


# ---- settings and title -----------------------------------------------------------------------


def test_each_conversation_has_its_settings(stages: Callable[[], Stage]) -> None:
    stage = stages()
    stage.load(THINKER)
    first, second = other(stage, "First"), other(stage, "Second")
    stage.chat.open(first)
    stage.chat.set_mode("instruct")
    stage.chat.set_settings(ChatSettings(system="Be first.", temperature=0.5))
    stage.chat.open(second)
    assert stage.last("chat.settings_shown") == (ChatSettings(), "")
    again = stages()
    again.load(THINKER)
    again.chat.open(first)
    assert again.last("chat.settings_shown")[0] == ChatSettings("Be first.", "instruct", temperature=0.5)
    again.messages.send("More?")
    assert again.request.messages[0].content == "Be first."
    assert again.request.mode == "instruct"
    again.chat.open(second)
    again.finish()
    again.messages.send("More?")
    assert again.request.messages[0].content == "Second question"
    assert again.request.mode == "thinking"


def test_mode_and_budget_are_where_new_conversations_begin(stage: Stage) -> None:
    stage.chat.set_mode("instruct")
    stage.chat.set_budget(512)
    stage.chat.set_settings(ChatSettings(system="Only here."))
    assert stage.conversation.settings == ChatSettings("Only here.", "instruct", 512)
    other(stage, "Another")
    stage.chat.new_temporary()
    assert stage.conversation.settings == ChatSettings(mode="instruct", thinking_budget=512)
    stage.chat.new()
    assert stage.conversation.settings == ChatSettings("Only here.", "instruct", 512)


def test_the_title_is_made_from_the_first_exchange(loaded: Stage) -> None:
    loaded.messages.send("Hi")
    assert loaded.last("chat.title_changed") == "Hi"
    loaded.say("# A fine greeting\n\nHello.")
    loaded.finish()
    assert loaded.last("chat.title_changed") == "A fine greeting"
    loaded.talk("Explain the tides to me.", "The moon.")
    assert [entry.title for entry in loaded.entries] == ["A fine greeting"]


def test_a_title_that_a_person_gave_stays(loaded: Stage) -> None:
    loaded.messages.send("Explain the tides to me.")
    loaded.library.rename(loaded.conversation.id, "Mine")
    assert loaded.last("chat.title_changed") == "Mine"
    loaded.finish()
    assert loaded.last("chat.title_changed") == "Mine"
    assert [entry.title for entry in loaded.entries] == ["Mine"]
    assert loaded.saved().conversation.titled


def test_a_title_given_behind_another_conversation_stays(loaded: Stage) -> None:
    loaded.messages.send("Explain the tides to me.")
    key = loaded.conversation.id
    loaded.chat.new()
    shown = len(loaded.said["chat.title_changed"])
    loaded.library.rename(key, "Mine")
    loaded.finish()
    assert len(loaded.said["chat.title_changed"]) == shown
    loaded.chat.open(key)
    assert loaded.last("chat.title_changed") == "Mine"


def test_a_conversation_without_a_title_gets_one_from_a_later_question(loaded: Stage) -> None:
    loaded.messages.send("...")
    loaded.finish()
    assert [entry.title for entry in loaded.entries] == [""]
    loaded.talk("Explain the tides to me.", "The moon.")
    assert [entry.title for entry in loaded.entries] == ["Explain the tides to me"]


def test_the_context_is_that_of_the_version_that_is_shown(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    loaded.finish(generated=5)
    loaded.messages.regenerate_last()
    loaded.finish(generated=80)
    assert loaded.last("chat.context_used") == (100, PLAIN.n_ctx)
    loaded.messages.act("previous", loaded.view.last.id)
    assert loaded.last("chat.context_used") == (25, PLAIN.n_ctx)
    loaded.chat.new()
    assert loaded.last("chat.context_used") == (0, PLAIN.n_ctx)


def test_the_transcript_is_the_branch_that_is_open(loaded: Stage) -> None:
    loaded.talk("Why is the sky blue?", "Because.")
    assert loaded.chat.transcript() == (
        "# Why is the sky blue?\n\n**You:**\n\nWhy is the sky blue?\n\n**Assistant:**\n\nBecause.\n"
    )


def test_other_defaults_reach_a_new_chat_and_no_other(loaded: Stage) -> None:
    loaded.chat.set_settings(ChatSettings(system="Be kind."))
    loaded.chat.set_defaults(ChatSettings(mode="thinking", thinking_budget=512))
    assert loaded.conversation.settings == ChatSettings("Be kind.", "thinking", 512)
    assert loaded.last("chat.settings_shown")[0] == loaded.conversation.settings
    loaded.talk()
    told = len(loaded.said["chat.settings_shown"])
    loaded.chat.set_defaults(ChatSettings(mode="instruct"))
    assert loaded.conversation.settings.mode == "thinking"
    assert len(loaded.said["chat.settings_shown"]) == told
    loaded.chat.new()
    assert loaded.conversation.settings == ChatSettings(mode="instruct")
