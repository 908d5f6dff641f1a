"""What a person does with messages: send, regenerate, edit, continue, delete, switch."""

from __future__ import annotations

from collections.abc import Callable

from app.chat.conversation import ChatSettings
from app.chat.parts import AttachmentPart, Message, ReasoningPart, TextPart
from app.engine.protocol import Loaded
from tests.ui.control.conftest import Stage
from tests.ui.models import PLAIN, THINKER


def versions(stage: Stage) -> list[tuple[int, int]]:
    return [(shown.version, shown.versions) for shown in stage.view.messages.values()]


def test_an_answer_streams_into_its_message_and_ends_with_a_footer(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    loaded.read(0)
    loaded.read()
    for piece in ("Be", "cause"):
        loaded.say(piece)
        assert not loaded.view.last.finished
    assert loaded.last("chat.busy_changed") is True
    loaded.finish()
    shown = loaded.view.last
    assert (shown.text, shown.finished, shown.mark, shown.mark_buttons) == ("Because", True, "", [])
    assert "50 tokens/s" in shown.footer
    assert shown.actions == ("copy", "regenerate", "edit", "delete")
    assert loaded.last("chat.busy_changed") is False
    assert loaded.last("chat.context_used") == (25, PLAIN.n_ctx)
    answer = loaded.saved().conversation.branch()[-1]
    assert (answer.text, answer.mark) == ("Because", "")
    assert answer.info is not None
    assert answer.info.tokens == 5


def test_the_next_request_carries_the_whole_branch(loaded: Stage) -> None:
    loaded.talk("One?", "Two")
    loaded.messages.send("And then?")
    said = [(message.role, message.content) for message in loaded.request.messages]
    assert said == [("user", "One?"), ("assistant", "Two"), ("user", "And then?")]


def test_without_a_model_or_text_the_question_comes_back(stage: Stage) -> None:
    stage.messages.send("Nobody there")
    assert stage.said["messages.text_refused"] == [("Nobody there",)]
    assert not stage.view.messages
    stage.load()
    stage.messages.send("  \n")
    assert not stage.requests
    assert stage.entries == []


def test_regenerate_makes_another_version_beside_the_first(loaded: Stage) -> None:
    loaded.talk("Pick a number.", "One")
    for answer in ("Two", "Three"):
        loaded.messages.act("regenerate", loaded.view.last.id)
        assert loaded.asked == ["Pick a number."]
        assert loaded.view.texts == ["Pick a number.", ""]
        loaded.say(answer)
        loaded.finish()
    assert loaded.view.texts == ["Pick a number.", "Three"]
    assert versions(loaded) == [(1, 1), (3, 3)]
    loaded.messages.act("previous", loaded.view.last.id)
    assert (loaded.view.texts[-1], versions(loaded)[-1]) == ("Two", (2, 3))
    assert loaded.saved_texts() == ["Pick a number.", "Two"]
    loaded.messages.act("next", loaded.view.last.id)
    loaded.messages.act("next", loaded.view.last.id)
    assert (loaded.view.texts[-1], versions(loaded)[-1]) == ("Three", (3, 3))


def test_a_running_version_says_which_it_is(loaded: Stage) -> None:
    loaded.talk()
    loaded.messages.regenerate_last()
    assert versions(loaded)[-1] == (2, 2)
    loaded.messages.act("previous", loaded.view.last.id)
    assert loaded.view.texts[-1] == "Because."
    loaded.say("More text")
    assert loaded.view.texts[-1] == "Because."
    loaded.messages.act("next", loaded.view.last.id)
    loaded.say(" still")
    assert loaded.view.last.text == "More text still"
    loaded.finish()
    assert loaded.view.last.text == "More text still"


def test_an_edited_question_is_asked_as_a_branch(loaded: Stage) -> None:
    loaded.talk("Pick a nubmer.", "What?")
    loaded.talk("Oh", "Yes")
    question = loaded.id_of("Pick a nubmer.")
    loaded.messages.act("edit", question)
    assert loaded.last("messages.edit_began") == (question, "Pick a nubmer.", False)
    loaded.messages.save_edit(question, "Pick a number.")
    assert loaded.asked == ["Pick a number."]
    loaded.say("Seven")
    loaded.finish()
    assert loaded.view.texts == ["Pick a number.", "Seven"]
    assert versions(loaded) == [(2, 2), (1, 1)]
    assert loaded.saved_texts() == ["Pick a number.", "Seven"]
    loaded.messages.act("previous", loaded.id_of("Pick a number."))
    assert loaded.view.texts == ["Pick a nubmer.", "What?", "Oh", "Yes"]
    assert loaded.saved_texts() == loaded.view.texts


def test_an_edited_question_is_saved_before_it_is_sent(loaded: Stage) -> None:
    loaded.talk("One", "Two")
    loaded.relay.holding = True
    loaded.messages.save_edit(loaded.id_of("One"), "Three")
    assert len(loaded.requests) == 1
    loaded.relay.let_go()
    assert loaded.asked == ["Three"]


def test_an_edit_that_changes_nothing_asks_nothing(loaded: Stage) -> None:
    loaded.talk("One", "Two")
    for message, text in (("One", "One"), ("One", " "), ("Two", "Two")):
        loaded.messages.save_edit(loaded.id_of(message), text)
    loaded.messages.save_edit("unknown", "text")
    assert len(loaded.requests) == 1
    assert len(loaded.conversation.messages) == 2


def test_an_edited_question_comes_back_where_there_is_no_model(loaded: Stage) -> None:
    loaded.talk("One", "Two")
    loaded.die(recovering=False)
    loaded.messages.save_edit(loaded.id_of("One"), "Three")
    assert loaded.last("messages.text_refused") == "Three"
    loaded.messages.save_edit(loaded.id_of("Two"), "Zwei")
    assert loaded.view.texts == ["One", "Zwei"]


def test_an_edited_answer_keeps_its_thought_and_is_not_asked_again(stage: Stage) -> None:
    stage.load(THINKER)
    stage.messages.send("Why?")
    stage.say("Hm", "reasoning", 2)
    stage.say("Bcause")
    stage.finish("cancelled")
    answer = stage.view.last.id
    stage.messages.act("edit", answer)
    assert stage.last("messages.edit_began") == (answer, "Bcause", True)
    stage.messages.save_edit(answer, "Because")
    shown = stage.view.last
    assert (shown.text, shown.reasoning, shown.mark) == ("Because", "Hm", "")
    assert shown.footer.startswith("Edited")
    assert (shown.version, shown.versions) == (2, 2)
    assert len(stage.requests) == 1
    saved = stage.saved().conversation.branch()[-1]
    assert (saved.text, saved.reasoning, saved.edited) == ("Because", "Hm", True)
    stage.messages.send("Go on")
    assert stage.asked == ["Why?", "Because", "Go on"]


def test_an_edited_question_keeps_its_attachments(loaded: Stage) -> None:
    attached = AttachmentPart("a.txt", "content")
    question = Message("q", "user", (attached, TextPart("Sum it up")))
    loaded.conversation.add(question, None)
    loaded.messages.save_edit("q", "Sum it up briefly")
    assert loaded.view.texts[0] == "Sum it up briefly"
    assert [one.name for one in next(iter(loaded.view.messages.values())).attachments] == ["a.txt"]
    assert "content" in loaded.asked[0]


def test_the_newest_question_is_the_one_to_edit(loaded: Stage) -> None:
    loaded.messages.edit_last()
    assert not loaded.said["messages.edit_began"]
    loaded.talk("One", "1")
    loaded.talk("Two", "2")
    loaded.messages.edit_last()
    assert loaded.last("messages.edit_began")[1] == "Two"


def test_a_stopped_answer_goes_on_in_the_same_message(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    loaded.say("Because")
    loaded.finish("cancelled")
    answer = loaded.view.last.id
    loaded.messages.act("continue", answer)
    assert loaded.last("messages.answer_reopened") == answer
    assert loaded.request.begun is not None
    assert loaded.request.begun.content == "Because"
    assert loaded.asked == ["Why?"]
    loaded.messages.act("continue", answer)
    loaded.messages.continue_last()
    assert len(loaded.turns.exchanges(loaded.conversation.id)) == 1
    loaded.say(" of air")
    loaded.run_save_timer()
    assert loaded.saved_texts() == ["Why?", "Because of air"]
    loaded.finish()
    assert (loaded.view.last.id, loaded.view.last.text) == (answer, "Because of air")
    assert (loaded.view.last.mark, loaded.view.last.versions) == ("", 1)
    assert loaded.saved_texts() == ["Why?", "Because of air"]
    loaded.messages.continue_last()
    assert len(loaded.requests) == 2


def test_an_answer_that_went_on_forgets_why_it_had_ended(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    loaded.say("Because")
    loaded.fail("bug", "Something broke.")
    assert loaded.view.last.mark == "Something broke."
    loaded.messages.continue_last()
    loaded.say(" of air")
    loaded.finish()
    assert loaded.view.last.mark == ""
    loaded.chat.refresh()
    assert loaded.view.last.mark == ""


def test_an_answer_broken_off_by_closing_goes_on_after_it(stages: Callable[[], Stage]) -> None:
    stage = stages()
    stage.load()
    stage.messages.send("Why?")
    stage.say("Because")
    stage.run_save_timer()
    conversation = stage.conversation.id
    again = stages()
    again.load()
    again.chat.open(conversation)
    again.messages.act("continue", again.view.last.id)
    again.say(" of air")
    again.finish()
    assert again.saved_texts() == ["Why?", "Because of air"]
    assert again.view.last.mark == ""


def test_a_deleted_message_leaves_view_and_prompt_until_undo(loaded: Stage) -> None:
    loaded.talk("One", "1")
    loaded.talk("Two", "2")
    loaded.messages.act("delete", loaded.id_of("1"))
    assert loaded.view.texts == ["One", "Two", "2"]
    assert loaded.saved_texts() == ["One", "Two", "2"]
    assert loaded.notices[-1].text == "The message was deleted."
    loaded.messages.send("Three")
    assert loaded.asked == ["One\n\nTwo", "2", "Three"]
    loaded.finish()
    loaded.undo.undo_last()
    assert loaded.view.texts[:4] == ["One", "1", "Two", "2"]
    assert loaded.saved_texts()[:4] == ["One", "1", "Two", "2"]


def test_undo_reaches_a_conversation_that_was_opened_again(loaded: Stage) -> None:
    loaded.talk("One", "1")
    conversation = loaded.conversation.id
    loaded.messages.act("delete", loaded.id_of("1"))
    loaded.chat.new()
    loaded.chat.open(conversation)
    assert loaded.view.texts == ["One"]
    loaded.act(loaded.notices[-1].action)
    assert loaded.view.texts == ["One", "1"]


def test_undo_of_a_message_leaves_another_conversation_alone(loaded: Stage) -> None:
    loaded.talk("One", "1")
    conversation = loaded.conversation.id
    loaded.messages.act("delete", loaded.id_of("1"))
    loaded.chat.new()
    shown = len(loaded.said["chat.messages_changed"])
    loaded.undo.undo_last()
    assert len(loaded.said["chat.messages_changed"]) == shown
    assert loaded.saved_texts(conversation) == ["One", "1"]


def test_an_unanswered_question_offers_an_answer(loaded: Stage) -> None:
    loaded.talk("One", "1")
    loaded.messages.act("delete", loaded.id_of("1"))
    shown = loaded.view.last
    assert (shown.mark, shown.mark_buttons) == ("Not answered yet", [("Answer", "answer")])
    loaded.messages.act("answer", shown.id)
    assert loaded.asked == ["One"]
    assert loaded.view.messages[shown.id].mark == ""
    loaded.say("Uno")
    loaded.finish()
    assert loaded.saved_texts() == ["One", "Uno"]


def test_a_question_that_a_crash_left_without_an_answer_can_be_asked_again(
    stages: Callable[[], Stage],
) -> None:
    stage = stages()
    stage.load()
    stage.chat.new()
    stage.messages.send("Will it crash?")
    conversation, answer = stage.conversation.id, stage.view.last.id
    again = stages()
    again.chat.open(conversation)
    assert again.view.last.id == answer
    assert again.view.last.mark_buttons == [("Ask again", "regenerate")]


def test_a_refused_question_comes_back_with_a_notice(loaded: Stage) -> None:
    loaded.talk("One?", "Two")
    loaded.messages.send("a whole book")
    loaded.fail("prompt_too_long", "The prompt has 9 tokens too many.")
    assert loaded.said["chat.text_returned"] == [("a whole book",)]
    assert loaded.notices[-1].text == (
        "The prompt has 9 tokens too many. Your question is in the text field again."
    )
    assert loaded.view.texts == ["One?", "Two"]
    assert loaded.saved_texts() == ["One?", "Two"]
    loaded.messages.send("hi")
    assert loaded.asked == ["One?", "Two", "hi"]


def test_a_refused_question_of_another_conversation_waits_in_its_draft(loaded: Stage) -> None:
    loaded.messages.send("a whole book")
    conversation = loaded.conversation.id
    loaded.chat.set_draft("and more")
    loaded.chat.new()
    loaded.fail("prompt_too_long", "Too long.")
    assert loaded.said["chat.text_returned"] == []
    assert loaded.notices[-1].text == (
        "Too long. Your question is in the text field of “A whole book” again."
    )
    loaded.chat.open(conversation)
    assert loaded.last("chat.draft_shown") == "a whole book\n\nand more"
    assert loaded.view.texts == []


def test_the_second_question_goes_on_where_the_first_is_refused(loaded: Stage) -> None:
    loaded.messages.send("a whole book")
    loaded.messages.send("hi")
    loaded.fail("prompt_too_long", "Too long.")
    assert loaded.asked == ["hi"]
    assert loaded.view.texts == ["hi", ""]
    assert loaded.last("chat.busy_changed") is True


def test_unknown_messages_are_let_be(loaded: Stage) -> None:
    loaded.talk()
    for action in ("previous", "next", "regenerate", "retry", "answer", "continue", "edit", "delete"):
        loaded.messages.act(action, "unknown")
    loaded.messages.act("regenerate", loaded.id_of("Why is the sky blue?"))
    loaded.messages.act("unknown", loaded.view.last.id)
    assert len(loaded.requests) == 1
    assert not loaded.undo._stack


def test_the_newest_answer_and_its_code(loaded: Stage) -> None:
    assert loaded.messages.last_answer() is None
    assert loaded.messages.last_code() == ""
    loaded.messages.regenerate_last()
    loaded.messages.continue_last()
    loaded.talk("Show me", "```python\nprint(1)\n```")
    loaded.talk("```\nmine\n```", "No code here")
    answer = loaded.messages.last_answer()
    assert answer is not None
    assert answer.text == "No code here"
    assert loaded.messages.last_code() == "print(1)"


def test_settings_go_with_the_request(stage: Stage) -> None:
    stage.load(THINKER)
    stage.chat.set_budget(512)
    stage.chat.set_settings(ChatSettings(system="Be brief.", temperature=0.25))
    stage.messages.send("Why?")
    request = stage.request
    assert (request.mode, request.thinking_budget) == ("thinking", 512)
    assert request.messages[0].content == "Be brief."
    assert request.sampling.temperature == 0.25
    stage.finish()
    stage.chat.set_mode("instruct")
    stage.messages.send("Why?")
    assert (stage.request.mode, stage.request.thinking_budget) == ("instruct", None)


def test_a_temporary_question_is_sent_at_once_and_shown_as_being_read(loaded: Stage) -> None:
    loaded.chat.new_temporary()
    loaded.relay.holding = True
    loaded.messages.send("Secret?")
    assert loaded.asked == ["Secret?"]
    assert loaded.last("presenter.status_changed") == (loaded.view.last.id, "Reading", -1.0)


def test_versions_of_a_message_keep_their_thoughts_apart(stage: Stage) -> None:
    load_id = stage.load(THINKER)
    stage.event(Loaded(load_id, THINKER, 1.0))
    stage.messages.send("Why?")
    stage.say("first", "reasoning")
    stage.say("1")
    stage.finish()
    first = stage.view.last.id
    stage.chat.set_thought_open(first, True)
    stage.messages.regenerate_last()
    assert stage.view.last.thought_open is None
    stage.messages.act("previous", stage.view.last.id)
    assert (stage.view.last.reasoning, stage.view.last.thought_open) == ("first", True)
    part = next(p for p in stage.conversation.messages[first].parts if isinstance(p, ReasoningPart))
    assert part.text == "first"
