"""What an edit or another answer would read again, and when the person is asked."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.engine.protocol import Failed, Generate, Loaded, Predicted
from tests.ui.control.conftest import Stage, other
from tests.ui.models import PLAIN
from ui.notices import Notice

LONG, SHORT, UNKNOWN = (12_345, 40.2), (12_345, 5.0), (4001, None)


@pytest.fixture
def talked(loaded: Stage) -> Stage:
    """A conversation with one answer, and an engine that leaves predictions to the test."""
    loaded.talk("Why is the sky blue?", "Because.")
    loaded.predicted = None
    loaded.said.clear()
    return loaded


def asked(stage: Stage) -> list[Generate]:
    return [values[0].request for values in stage.said["cost.predict_wanted"]]


def predict(stage: Stage, tokens: int, seconds: float | None, at: int = -1) -> None:
    """Answer a prediction, by default the last one."""
    stage.event(Predicted(stage.said["cost.predict_wanted"][at][0].request_id, 50_000, tokens, seconds))


def edit_line(stage: Stage) -> str:
    return str(stage.last("cost.edit_cost_changed"))


def offer(stage: Stage) -> Notice:
    notice = stage.last("cost.notice")
    assert isinstance(notice, Notice)
    return notice


# ---- another answer ---------------------------------------------------------------------------


def test_a_regenerate_is_sent_once_its_reading_is_known_to_be_short(talked: Stage) -> None:
    talked.messages.regenerate_last()
    assert not talked.requests
    assert [message.content for message in asked(talked)[0].messages] == ["Why is the sky blue?"]
    predict(talked, *SHORT)
    (request,) = talked.requests
    assert request.messages == asked(talked)[0].messages
    assert request.conversation == asked(talked)[0].conversation == talked.conversation.id
    assert not talked.said["cost.notice"]


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        (LONG, "Regenerating reads about 12,300 tokens again, about 40 s."),
        (UNKNOWN, "Regenerating reads about 4,000 tokens again."),
        ((100, 5.1), "Regenerating reads about 100 tokens again, about 5 s."),
    ],
)
def test_a_long_reading_is_asked_about_first(
    talked: Stage, cost: tuple[int, float | None], text: str
) -> None:
    talked.messages.regenerate_last()
    predict(talked, *cost)
    assert not talked.requests
    notice = offer(talked)
    assert (notice.text, notice.level, notice.action_label) == (text, "info", "Regenerate")
    talked.act(notice.action)
    assert len(talked.requests) == 1
    assert talked.asked == ["Why is the sky blue?"]
    assert talked.said["cost.notice_gone"] == [(notice.key,)]
    talked.act(notice.action)
    assert len(talked.requests) == 1


@pytest.mark.parametrize("cost", [SHORT, (4000, None)])
def test_at_the_threshold_nobody_is_asked(talked: Stage, cost: tuple[int, float | None]) -> None:
    talked.messages.regenerate_last()
    predict(talked, *cost)
    assert len(talked.requests) == 1


def test_to_ask_again_is_to_agree(talked: Stage) -> None:
    talked.messages.regenerate_last()
    predict(talked, *LONG)
    talked.messages.regenerate_last()
    assert len(talked.requests) == 1
    assert len(asked(talked)) == 1
    assert talked.said["cost.notice_gone"] == [(offer(talked).key,)]


def test_a_question_whose_reading_was_stopped_is_asked_again_at_once(loaded: Stage) -> None:
    loaded.messages.send("Why is the sky blue?")
    loaded.messages.stop()
    loaded.finish("cancelled")
    loaded.predicted = None
    loaded.said.clear()
    before = len(loaded.requests)
    loaded.messages.regenerate_last()
    assert not asked(loaded)
    assert len(loaded.requests) == before + 1


def test_a_notice_that_was_closed_is_no_offer_any_more(talked: Stage) -> None:
    talked.messages.regenerate_last()
    predict(talked, *LONG)
    talked.cost.on_dismissed("another")
    talked.cost.on_dismissed(offer(talked).key)
    talked.messages.regenerate_last()
    assert not talked.requests
    assert len(asked(talked)) == 2


def test_a_click_is_not_lost_where_no_prediction_comes(talked: Stage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(talked.cost.agreed, timeout=5000):
        talked.messages.regenerate_last()
        assert not talked.requests
    assert len(talked.requests) == 1
    predict(talked, *LONG)  # too late
    assert not talked.said["cost.notice"]
    assert len(talked.requests) == 1


def test_a_prediction_that_fails_is_none(talked: Stage) -> None:
    talked.messages.regenerate_last()
    number = talked.said["cost.predict_wanted"][0][0].request_id
    talked.event(Failed(number + 100, "bug", "Another request."))
    assert not talked.requests
    talked.event(Failed(number, "bug", "It failed."))
    assert len(talked.requests) == 1


def test_two_clicks_are_one_answer(talked: Stage) -> None:
    talked.messages.regenerate_last()
    talked.messages.act("regenerate", talked.view.last.id)
    assert len(talked.requests) == 1
    assert len(talked.turns.waiting()) == 1


def test_while_the_engine_is_busy_nothing_is_predicted(talked: Stage) -> None:
    answer = talked.view.last.id
    talked.messages.send("And the sea?")
    talked.messages.act("regenerate", answer)
    assert not talked.said["cost.predict_wanted"]
    assert [item.question for item in talked.turns.waiting()] == ["And the sea?", "Why is the sky blue?"]


def test_while_the_model_loads_nothing_is_predicted(talked: Stage) -> None:
    talked.models.open_model(PLAIN.path)
    talked.messages.regenerate_last()
    assert not talked.said["cost.predict_wanted"]
    talked.event(Loaded(talked.last("models.load_wanted")[0], PLAIN, 1.0))
    assert len(talked.requests) == 1


def test_what_comes_behind_a_click_stays_behind_it(talked: Stage) -> None:
    talked.messages.regenerate_last()
    talked.messages.send("And the sea?")
    assert [item.question for item in talked.turns.waiting()] == ["Why is the sky blue?", "And the sea?"]
    assert len(talked.turns.waiting()) == 2


def test_leaving_the_conversation_sends_the_click(talked: Stage) -> None:
    here = talked.conversation.id
    talked.messages.regenerate_last()
    talked.chat.new()
    assert [item.conversation_id for item in talked.turns.waiting()] == [here]
    assert talked.view.texts == []


def test_leaving_the_conversation_takes_the_notice_down(talked: Stage) -> None:
    talked.messages.regenerate_last()
    predict(talked, *LONG)
    notice = offer(talked)
    talked.chat.open(other(talked))
    assert talked.said["cost.notice_gone"] == [(notice.key,)]
    talked.act(notice.action)
    assert not talked.requests


def test_stop_takes_a_click_back(talked: Stage) -> None:
    talked.messages.regenerate_last()
    talked.messages.stop()
    predict(talked, *SHORT)
    assert not talked.requests


def test_a_conversation_that_is_deleted_is_not_answered(talked: Stage) -> None:
    here = talked.conversation.id
    talked.messages.regenerate_last()
    talked.library.delete([other(talked)])
    assert not talked.requests
    talked.library.delete([here])
    predict(talked, *SHORT)
    assert not talked.requests
    assert talked.turns.idle


def test_an_engine_that_dies_meanwhile_leaves_the_click(talked: Stage, qtbot: QtBot) -> None:
    with qtbot.waitSignal(talked.cost.agreed, timeout=5000):
        talked.messages.regenerate_last()
        talked.die()
    talked.event(Loaded(0, PLAIN, 1.0))
    talked.load()
    assert len(talked.requests) == 1


# ---- an edit ----------------------------------------------------------------------------------


def test_an_edit_says_what_sending_it_reads(talked: Stage) -> None:
    talked.messages.edit_last()
    assert [message.content for message in asked(talked)[0].messages] == ["Why is the sky blue?"]
    predict(talked, *LONG)
    assert edit_line(talked) == "Sending this reads about 12,300 tokens again, about 40 s"
    talked.cost.end_edit()
    assert edit_line(talked) == ""


def test_a_cheap_edit_says_nothing(talked: Stage) -> None:
    talked.messages.edit_last()
    predict(talked, *SHORT)
    assert edit_line(talked) == ""


def test_the_answer_to_an_older_edit_is_dropped(talked: Stage) -> None:
    talked.talk("And the sea?", "Also.")
    talked.said.clear()
    for text in ("Why is the sky blue?", "And the sea?"):
        talked.messages.act("edit", talked.id_of(text))
    first, second = asked(talked)
    assert [len(request.messages) for request in (first, second)] == [1, 3]
    predict(talked, *LONG, at=0)
    assert edit_line(talked) == ""
    predict(talked, *UNKNOWN, at=1)
    assert edit_line(talked) == "Sending this reads about 4,000 tokens again"
    talked.cost.end_edit()
    predict(talked, *LONG, at=1)
    assert edit_line(talked) == ""


def test_an_edited_answer_is_not_sent_and_costs_nothing(talked: Stage) -> None:
    talked.messages.act("edit", talked.view.last.id)
    assert not asked(talked)


def test_an_edit_that_begins_while_the_engine_is_busy_is_predicted_later(talked: Stage) -> None:
    question = talked.id_of("Why is the sky blue?")
    talked.messages.send("And the sea?")
    talked.messages.act("edit", question)
    assert not asked(talked)
    talked.say("Also")
    talked.finish()
    assert len(asked(talked)) == 1
    predict(talked, *LONG)
    assert edit_line(talked) != ""


def test_an_edit_that_waits_for_the_model_is_predicted_when_it_is_there(talked: Stage) -> None:
    talked.models.open_model(PLAIN.path)
    talked.messages.edit_last()
    assert not asked(talked)
    talked.event(Loaded(talked.last("models.load_wanted")[0], PLAIN, 1.0))
    assert len(asked(talked)) == 1


def test_an_edit_is_left_with_its_conversation_and_predicted_again_with_it(talked: Stage) -> None:
    here, question = talked.conversation.id, talked.id_of("Why is the sky blue?")
    talked.messages.edit_last()
    talked.chat.set_edit(question, "Why is the sky grey?")
    talked.chat.new()
    predict(talked, *LONG)
    assert edit_line(talked) == ""
    talked.chat.open(here)
    assert len(asked(talked)) == 2
    predict(talked, *LONG)
    assert edit_line(talked) != ""


def test_a_temporary_conversation_is_not_named(talked: Stage) -> None:
    talked.chat.new_temporary()
    talked.talk("A secret?", "Yes.")
    talked.messages.edit_last()
    assert asked(talked)[-1].conversation == ""
