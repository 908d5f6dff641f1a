"""Who is answered and who waits."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from app.chat.conversation import ChatSettings
from app.engine.protocol import (
    Delta,
    Failed,
    Finished,
    Loaded,
)
from app.engine.values import Timings, Usage
from app.settings.model import ModeSettings, SamplingSettings
from app.store.store import Store
from tests.ui.control.conftest import Stage
from tests.ui.models import PLAIN, THINKER


def ask_in_two(stage: Stage) -> tuple[str, str]:
    """A running question in one conversation and a waiting one in another, which is open."""
    stage.messages.send("First question")
    first = stage.conversation.id
    stage.chat.new()
    stage.messages.send("Second question")
    return first, stage.conversation.id


def queue(stage: Stage) -> list[tuple[str, bool]]:
    return [(waiting.question, waiting.running) for waiting in stage.last("turns.queue_changed")]


def test_a_question_is_saved_before_it_is_sent(loaded: Stage) -> None:
    found: list[str] = []

    def on_request(_request: object) -> None:
        with_own_connection = Store.open(loaded.folder)
        entry = with_own_connection.entries()[0]
        branch = with_own_connection.load(entry.id).conversation.branch()
        found.extend(f"{message.role}: {message.text}" for message in branch)
        with_own_connection.close()

    loaded.turns.generate_wanted.connect(on_request)
    loaded.relay.holding = True
    loaded.messages.send("Is this safe?")
    assert loaded.view.texts == ["Is this safe?", ""]
    assert not found
    while loaded.relay.held and not loaded.requests:
        loaded.relay.step()
    assert found == ["user: Is this safe?", "assistant: "]
    assert loaded.asked == ["Is this safe?"]
    loaded.relay.let_go()
    assert len(loaded.requests) == 1


def test_a_later_question_is_saved_before_it_is_sent_too(loaded: Stage) -> None:
    loaded.talk()
    loaded.relay.holding = True
    loaded.messages.send("And this?")
    assert len(loaded.requests) == 1
    assert loaded.saved_texts_now() == ["Why is the sky blue?", "Because."]
    loaded.relay.let_go()
    assert len(loaded.requests) == 2
    assert loaded.saved_texts() == ["Why is the sky blue?", "Because.", "And this?", ""]


def test_the_stream_is_saved_by_the_timer(stages: Callable[[], Stage]) -> None:
    stage = stages()
    stage.load(THINKER)
    stage.messages.send("Why?")
    assert stage.turns._save.isActive()
    assert stage.turns._save.interval() <= 250
    stage.say("Hm", "reasoning", 2)
    stage.say("Bec")
    stage.run_save_timer()
    stage.say("ause")
    stage.run_save_timer()
    stage.say(" this is lost")
    conversation = stage.conversation.id
    again = stages()
    answer = again.saved(conversation).conversation.branch()[-1]
    assert (answer.reasoning, answer.text, answer.mark) == ("Hm", "Because", "interrupted")
    again.chat.open(conversation)
    shown = again.view.last
    assert shown.mark == "The app was closed before this answer was finished"
    assert shown.mark_buttons == [("Continue", "continue"), ("Ask again", "regenerate")]


def test_closing_saves_what_has_come_so_far(stages: Callable[[], Stage]) -> None:
    stage = stages()
    stage.load()
    stage.messages.send("Why?")
    stage.say("Half of")
    stage.turns.save_now()
    conversation = stage.conversation.id
    assert stages().saved_texts(conversation) == ["Why?", "Half of"]


def test_the_timer_rests_when_nothing_is_answered(loaded: Stage) -> None:
    assert not loaded.turns._save.isActive()
    loaded.messages.send("Why?")
    loaded.finish()
    assert not loaded.turns._save.isActive()


def test_two_conversations_are_answered_one_after_the_other(loaded: Stage) -> None:
    first, second = ask_in_two(loaded)
    assert len(loaded.requests) == 1
    assert queue(loaded) == [("First question", True), ("Second question", False)]
    assert loaded.last("turns.working_changed") == {first, second}
    assert loaded.last("messages.status_changed")[1] == "Waiting for the answer before it"
    loaded.finish()
    assert loaded.asked == ["Second question"]
    assert queue(loaded) == [("Second question", True)]
    loaded.finish()
    assert queue(loaded) == []
    assert loaded.last("turns.working_changed") == frozenset()


def test_two_questions_in_one_conversation_keep_their_order(loaded: Stage) -> None:
    loaded.messages.send("One?")
    loaded.messages.send("Two?")
    assert len(loaded.requests) == 1
    second = loaded.turns.exchanges(loaded.conversation.id)[1]
    loaded.turns.move(second.request_id, -1)
    assert [text for text, _ in queue(loaded)] == ["One?", "Two?"]
    loaded.say("1")
    loaded.finish()
    assert loaded.asked == ["One?", "1", "Two?"]
    loaded.say("2")
    loaded.finish()
    assert loaded.view.texts == ["One?", "1", "Two?", "2"]
    assert loaded.saved_texts() == ["One?", "1", "Two?", "2"]


def test_what_waits_can_be_moved_but_not_past_its_own_conversation(loaded: Stage) -> None:
    loaded.messages.send("Running")
    loaded.chat.new()
    loaded.messages.send("A1")
    loaded.messages.send("A2")
    loaded.chat.new()
    loaded.messages.send("B")
    last = loaded.turns.exchanges(loaded.conversation.id)[0].request_id
    loaded.turns.move(last, 1)
    loaded.turns.move(last, -1)
    assert [text for text, _ in queue(loaded)] == ["Running", "A1", "B", "A2"]
    loaded.turns.move(last, -1)
    loaded.turns.move(last, -1)
    assert [text for text, _ in queue(loaded)] == ["Running", "B", "A1", "A2"]
    a2 = next(one.request for one in loaded.last("turns.queue_changed") if one.question == "A2")
    loaded.turns.move(a2, -1)
    loaded.turns.move(999, 1)
    assert [text for text, _ in queue(loaded)] == ["Running", "B", "A1", "A2"]
    assert loaded.last("messages.status_changed")[1] == "Waiting for the answer before it"


def test_the_last_of_three_says_how_many_come_before_it(loaded: Stage) -> None:
    ask_in_two(loaded)
    loaded.messages.send("Third question")
    said = [text for _id, text, _fraction in loaded.said["messages.status_changed"]]
    assert said[-2:] == ["Waiting for the answer before it", "Waiting for 2 answers before it"]


def test_a_waiting_question_can_be_dropped(loaded: Stage) -> None:
    ask_in_two(loaded)
    waiting = loaded.last("turns.queue_changed")[1].request
    loaded.turns.drop(waiting)
    assert [text for text, _ in queue(loaded)] == ["First question"]
    assert (loaded.view.last.mark, loaded.view.last.finished) == ("Stopped", True)
    assert loaded.last("chat.busy_changed") is False
    assert loaded.saved().conversation.branch()[-1].mark == "cancelled"
    assert not loaded.said["turns.cancel_wanted"]
    loaded.finish()
    assert len(loaded.requests) == 1


def test_dropping_the_running_one_stops_it(loaded: Stage) -> None:
    ask_in_two(loaded)
    running = loaded.last("turns.queue_changed")[0].request
    loaded.turns.drop(running)
    assert loaded.said["turns.cancel_wanted"] == [(running,)]
    loaded.finish("cancelled")
    assert loaded.asked == ["Second question"]


def test_stop_ends_the_answer_of_the_open_conversation_only(loaded: Stage) -> None:
    ask_in_two(loaded)
    loaded.messages.stop()
    assert not loaded.said["turns.cancel_wanted"]
    assert queue(loaded) == [("First question", True)]
    loaded.chat.new()
    loaded.messages.stop()
    assert queue(loaded) == [("First question", True)]


def test_stop_cancels_the_running_request(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    loaded.say("Half")
    loaded.messages.stop()
    assert loaded.said["turns.cancel_wanted"] == [(loaded.request.request_id,)]
    loaded.finish("cancelled")
    assert loaded.view.last.mark == "Stopped"
    assert loaded.view.last.mark_buttons == [("Continue", "continue"), ("Ask again", "regenerate")]


def test_a_question_during_loading_is_sent_once_the_model_is_there(stage: Stage) -> None:
    stage.models.open_model(THINKER.path)
    stage.messages.send("Too early?")
    assert not stage.requests
    assert stage.last("messages.status_changed")[1] == "Waiting for the model"
    stage.event(Loaded(stage.last("models.load_wanted")[0], THINKER, 1.0))
    assert stage.asked == ["Too early?"]
    assert stage.request.mode == "thinking"


@pytest.mark.parametrize(("kind", "mark"), [("model_file", "No model is loaded."), ("cancelled", "Stopped")])
def test_questions_that_wait_end_when_the_load_fails(stage: Stage, kind: str, mark: str) -> None:
    stage.models.open_model("broken.gguf")
    first, _second = ask_in_two(stage)
    stage.event(Failed(stage.last("models.load_wanted")[0], kind, "broken.gguf is empty.", ""))
    assert queue(stage) == []
    assert stage.last("chat.busy_changed") is False
    assert stage.view.last.mark == mark
    assert stage.view.texts == ["Second question", ""]
    stage.chat.open(first)
    assert stage.view.last.mark == mark
    assert stage.view.last.mark_buttons == [("Ask again", "regenerate")]
    stage.messages.send("Nobody there")
    assert stage.last("messages.text_refused") == "Nobody there"


def test_a_waiting_question_can_be_stopped(stage: Stage) -> None:
    stage.models.open_model(THINKER.path)
    stage.messages.send("Too early?")
    stage.messages.stop()
    assert stage.view.last.mark == "Stopped"
    stage.event(Loaded(stage.last("models.load_wanted")[0], THINKER, 1.0))
    assert not stage.requests


def test_an_engine_that_dies_keeps_the_answer_and_goes_on_with_the_next(loaded: Stage) -> None:
    load_id = loaded.last("models.load_wanted")[0]
    first, _second = ask_in_two(loaded)
    loaded.say("half of")
    loaded.die()
    assert loaded.saved(first).conversation.branch()[-1].text == "half of"
    assert len(loaded.requests) == 1
    assert loaded.last("messages.status_changed")[1] == "Waiting for the model"
    loaded.event(Loaded(load_id, PLAIN, 1.0))
    assert loaded.asked == ["Second question"]
    loaded.finish()
    loaded.chat.open(first)
    assert loaded.view.last.mark == "The engine stopped while answering; what it wrote is kept"
    loaded.messages.send("Still there?")
    assert loaded.asked == ["First question", "half of", "Still there?"]


def test_an_engine_that_stays_down_ends_what_runs_and_what_waits(loaded: Stage) -> None:
    first, _second = ask_in_two(loaded)
    loaded.say("half of")
    loaded.die(recovering=False)
    assert queue(loaded) == []
    assert loaded.view.last.mark == "No model is loaded."
    assert loaded.saved_texts(first) == ["First question", "half of"]
    assert loaded.turns.running is None


def test_opening_another_model_stops_the_answer_and_asks_it_what_waits(loaded: Stage) -> None:
    ask_in_two(loaded)
    running = loaded.request.request_id
    loaded.models.open_model(THINKER.path)
    assert loaded.said["turns.cancel_wanted"] == [(running,)]
    loaded.finish("cancelled")
    assert len(loaded.requests) == 1
    loaded.event(Loaded(loaded.last("models.load_wanted")[0], THINKER, 1.0))
    assert loaded.request.mode == "thinking"


def test_events_of_requests_that_are_over_are_dropped(loaded: Stage) -> None:
    loaded.talk("One?", "Two")
    over = loaded.request.request_id
    loaded.event(Delta(over, "answer", "late", 1))
    loaded.messages.send("More?")
    loaded.event(Delta(over, "answer", "late", 1))
    loaded.event(Finished(over, "stop", Usage(), Timings()))
    loaded.event(Failed(over, "bug", "Late."))
    assert loaded.view.texts == ["One?", "Two", "More?", ""]
    assert loaded.turns.running is not None


def test_without_room_a_question_waits_and_can_be_asked_without_saving(loaded: Stage) -> None:
    loaded.relay.full = True
    loaded.messages.send("Is there room?")
    assert not loaded.requests
    notice = loaded.notices[-1]
    assert (notice.key, notice.action_label) == ("store_full", "Ask without saving")
    assert notice.text == (
        "The disk is full. Make some room. "
        "What you wrote is kept in the window and is saved as soon as that works."
    )
    loaded.act(notice.action)
    assert loaded.asked == ["Is there room?"]
    loaded.say("No")
    loaded.finish()
    loaded.messages.send("And now?")
    assert loaded.asked == ["Is there room?", "No", "And now?"]
    assert loaded.entries == []
    loaded.relay.full = False
    loaded.worker.retry()
    assert ("store_full",) in loaded.said["store.notice_gone"]
    assert loaded.saved_texts() == ["Is there room?", "No", "And now?", ""]
    loaded.finish()
    loaded.relay.full = True
    loaded.messages.send("Full again?")
    assert loaded.asked == ["Is there room?", "No", "And now?"]


def test_a_question_that_waited_for_room_is_sent_when_it_is_saved(loaded: Stage) -> None:
    loaded.relay.full = True
    loaded.messages.send("Is there room?")
    loaded.relay.full = False
    loaded.worker.retry()
    assert loaded.asked == ["Is there room?"]
    assert loaded.saved_texts() == ["Is there room?", ""]


def test_what_was_never_saved_is_not_asked_again_without_room(loaded: Stage) -> None:
    loaded.relay.full = True
    loaded.messages.send("Is there room?")
    loaded.messages.stop()
    loaded.messages.regenerate_last()
    assert not loaded.requests
    loaded.relay.full = False
    loaded.worker.retry()
    assert loaded.asked == ["Is there room?"]
    assert loaded.saved_texts() == ["Is there room?", ""]


def test_dropping_one_that_waits_for_room_lets_the_next_go(loaded: Stage) -> None:
    loaded.relay.full = True
    loaded.messages.send("Not saved")
    waiting = loaded.last("turns.queue_changed")[0].request
    loaded.chat.new_temporary()
    loaded.messages.send("Never to be saved")
    assert not loaded.requests
    loaded.turns.drop(waiting)
    assert loaded.asked == ["Never to be saved"]


def test_a_deleted_conversation_asks_nothing_more(loaded: Stage) -> None:
    loaded.messages.send("Elsewhere")
    elsewhere = loaded.request.request_id
    loaded.chat.new()
    loaded.messages.send("One?")
    loaded.messages.send("Two?")
    loaded.library.delete([loaded.conversation.id])
    assert queue(loaded) == [("Elsewhere", True)]
    assert not loaded.said["turns.cancel_wanted"]
    loaded.finish()
    assert loaded.request.request_id == elsewhere


def test_the_settings_sampling_holds_where_the_conversation_sets_none(loaded: Stage) -> None:
    loaded.turns.preferred = ModeSettings(instruct=SamplingSettings(temperature=0.25, top_k=9))
    loaded.talk()
    assert (loaded.request.sampling.temperature, loaded.request.sampling.top_k) == (0.25, 9)
    loaded.chat.set_settings(ChatSettings(temperature=0.75))
    loaded.talk()
    assert (loaded.request.sampling.temperature, loaded.request.sampling.top_k) == (0.75, 9)
