"""What an answer that is under way looks like."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from app.engine.protocol import Reclassified
from tests.ui.control.conftest import Stage
from tests.ui.models import THINKER


def status(stage: Stage) -> tuple[str, float]:
    _id, text, fraction = stage.last("presenter.status_changed")
    return text, fraction


def states(stage: Stage) -> list[str]:
    return [values[0] for values in stage.said["presenter.state_changed"]]


def test_reading_shows_how_far_it_is(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    assert status(loaded) == ("Reading", -1.0)
    loaded.read(1204, 4000)
    text, fraction = status(loaded)
    assert text == "Reading 1,204 of 4,000 tokens"
    assert fraction == pytest.approx(0.301)
    loaded.read(4000, 4000)
    assert status(loaded) == ("", -1.0)
    assert loaded.last("presenter.status_changed")[0] == loaded.view.last.id


def test_what_is_known_already_is_told(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    loaded.read(3000, 4000, reused=2900)
    assert status(loaded)[0] == "Reading 3,000 of 4,000 tokens, 2,900 known already"


def test_the_time_that_is_left_is_told_where_reading_takes_long(
    loaded: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [100.0]
    monkeypatch.setattr("ui.control.presenter.monotonic", lambda: now[0])
    loaded.messages.send("Why?")
    loaded.read(0, 4000)
    assert status(loaded)[0] == "Reading 0 of 4,000 tokens"  # the engine does not know it yet
    loaded.read(500, 4000, left_s=2.9)
    assert status(loaded)[0] == "Reading 500 of 4,000 tokens"  # all of it takes a moment only
    now[0] = 101.0
    loaded.read(1000, 4000, left_s=7.4)
    assert status(loaded)[0] == "Reading 1,000 of 4,000 tokens · 1,000 tokens/s · about 7 s left"
    now[0] = 103.5
    loaded.read(3900, 4000, left_s=0.5)
    assert status(loaded)[0] == "Reading 3,900 of 4,000 tokens · 1,114 tokens/s · nearly done"
    loaded.read(3950, 4000)
    assert status(loaded)[0] == "Reading 3,950 of 4,000 tokens"


def test_each_reading_is_timed_by_itself(loaded: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("ui.control.presenter.monotonic", lambda: now[0])
    loaded.messages.send("Why?")
    loaded.read(0, 4000, left_s=9.0)
    loaded.finish()
    now[0] = 160.0
    loaded.messages.send("And?")
    loaded.read(100, 4000, left_s=1.0)
    assert status(loaded)[0] == "Reading 100 of 4,000 tokens"


def test_states_are_said_in_words(stage: Stage) -> None:
    stage.load(THINKER)
    stage.messages.send("Why?")
    stage.read()
    stage.say("hm", "reasoning", 12)
    stage.say("Yes")
    stage.finish()
    assert states(stage) == ["Reading", "Thinking", "Answering", "Ready"]
    stage.chat.set_mode("instruct")
    stage.messages.send("More?")
    stage.read()
    assert states(stage)[4:] == ["Reading", "Answering"]


def test_a_thought_is_counted_and_closes_when_the_answer_starts(stage: Stage) -> None:
    stage.load(THINKER)
    stage.messages.send("Why?")
    stage.read()
    assert stage.last("presenter.thought_changed")[1] is True
    stage.say("hm", "reasoning", 12)
    stage.say("Yes")
    answer, active, seconds, tokens = stage.last("presenter.thought_changed")
    assert (answer, active, tokens) == (stage.view.last.id, False, 12)
    assert seconds >= 0
    assert (stage.view.last.reasoning, stage.view.last.text) == ("hm", "Yes")


def test_a_missing_opener_moves_the_answer_to_the_thought(stage: Stage) -> None:
    stage.load(THINKER)
    stage.messages.send("Why?")
    stage.say("so I think")
    stage.event(Reclassified(stage.request.request_id))
    assert stage.said["presenter.reclassified"] == [(stage.view.last.id,)]
    stage.say("Yes")
    stage.finish()
    assert (stage.view.last.reasoning, stage.view.last.text) == ("so I think", "Yes")
    branch = stage.saved().conversation.branch()
    assert (branch[-1].reasoning, branch[-1].text) == ("so I think", "Yes")


def test_the_speed_is_told_while_it_answers_and_at_the_end(loaded: Stage, qtbot: QtBot) -> None:
    loaded.messages.send("Why?")
    loaded.read()
    loaded.say("a", tokens=3)
    loaded.presenter._tick.timeout.emit()
    assert not loaded.said["presenter.rate_changed"]
    loaded.say("b", tokens=4)
    with qtbot.waitSignal(loaded.presenter.rate_changed):
        pass
    assert loaded.last("presenter.rate_changed") > 0
    loaded.finish()
    assert loaded.last("presenter.rate_changed") == 50.0
    assert not loaded.presenter._tick.isActive()


def test_a_thought_is_timed_while_it_lasts(stage: Stage, qtbot: QtBot) -> None:
    stage.load(THINKER)
    stage.messages.send("Why?")
    stage.read()
    with qtbot.waitSignal(stage.presenter.thought_changed):
        pass
    assert stage.last("presenter.thought_changed")[2] > 0


def test_a_call_of_a_tool_is_not_shown_as_text(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    loaded.say("{}", "tool_call")
    assert not loaded.said["presenter.text_appended"]


def test_a_death_leaves_the_state_to_the_model(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    loaded.read()
    loaded.say("half")
    loaded.die()
    assert states(loaded)[-1] == "Answering"
    assert loaded.last("models.state_changed") == "Starting the engine again"
    assert not loaded.presenter._tick.isActive()
    assert loaded.view.last.mark == "The engine stopped while answering; what it wrote is kept"
