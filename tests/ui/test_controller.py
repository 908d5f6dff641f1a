"""The controller between a scripted session and recorded views."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from PySide6.QtCore import SignalInstance

from app.engine.protocol import (
    Delta,
    Failed,
    Finished,
    Generate,
    Loaded,
    LoadOptions,
    LoadProgress,
    ModelInfo,
    ReadProgress,
    Reclassified,
    Timings,
    Usage,
)
from app.engine.session import EngineStopped, Retrying, SaferSettings
from tests.ui.models import PLAIN, THINKER
from ui.controller import Controller
from ui.notices import Notice

_SIGNALS = (
    *("load_wanted", "generate_wanted", "cancel_wanted", "full_speed_wanted", "conversation_cleared"),
    *("message_added", "text_appended", "reclassified", "thought_changed", "status_changed"),
    *("message_finished", "model_changed", "usable_changed", "loading_changed", "busy_changed"),
    *("state_changed", "rate_changed", "context_used", "notice", "notice_gone", "question_returned"),
)


class Stage:
    """A controller with everything it says recorded, by the name of the signal."""

    def __init__(self) -> None:
        self.controller = Controller(itertools.count(1))
        self.said: dict[str, list[tuple[Any, ...]]] = {name: [] for name in _SIGNALS}
        for name in _SIGNALS:
            signal: SignalInstance = getattr(self.controller, name)
            signal.connect(self._recorder(name))

    def _recorder(self, name: str) -> Callable[..., None]:
        return lambda *values: self.said[name].append(values)

    def load(self, info: ModelInfo = THINKER) -> int:
        """Open a model and let it be loaded; the load's id."""
        self.controller.open_model(info.path)
        request_id = int(self.said["load_wanted"][-1][0])
        self.controller.on_event(Loaded(request_id, info, 1.0))
        return request_id

    def ask(self, text: str = "Why?") -> int:
        """Send a question; its request's id."""
        self.controller.send(text)
        return self.request.request_id

    @property
    def request(self) -> Generate:
        request = self.said["generate_wanted"][-1][0]
        assert isinstance(request, Generate)
        return request

    def finish(self, request_id: int, reason: Any = "stop") -> None:
        usage = Usage(prompt_tokens=20, read_tokens=20, generated_tokens=5)
        self.controller.on_event(Finished(request_id, reason, usage, Timings(0.1, 100.0, 50.0)))

    def notices(self) -> list[Notice]:
        return [values[0] for values in self.said["notice"]]


@pytest.fixture
def stage(qapp: object) -> Stage:
    return Stage()


def test_an_answer_streams_into_its_message_and_ends_with_a_footer(stage: Stage) -> None:
    stage.load(PLAIN)
    request_id = stage.ask()
    answer = stage.said["message_added"][-1][0]
    stage.controller.on_event(ReadProgress(request_id, 0, 20, 0))
    stage.controller.on_event(ReadProgress(request_id, 20, 20, 0))
    for piece in ("Be", "cause"):
        stage.controller.on_event(Delta(request_id, "answer", piece, 1))
    assert stage.controller.busy
    stage.finish(request_id)
    assert stage.said["text_appended"] == [(answer, "answer", "Be"), (answer, "answer", "cause")]
    message_id, footer, mark, action = stage.said["message_finished"][-1]
    assert (message_id, mark, action) == (answer, "", "")
    assert "50 tokens/s" in footer
    assert stage.said["busy_changed"] == [(True,), (False,)]
    assert stage.said["context_used"][-1] == (25, PLAIN.n_ctx)
    assert stage.said["state_changed"][-1] == ("Ready",)


def test_the_next_request_carries_the_whole_branch(stage: Stage) -> None:
    stage.load(PLAIN)
    first = stage.ask("One?")
    stage.controller.on_event(Delta(first, "answer", "Two", 1))
    stage.finish(first)
    stage.ask("And then?")
    said = [(message.role, message.content) for message in stage.request.messages]
    assert said == [("user", "One?"), ("assistant", "Two"), ("user", "And then?")]


def test_a_thought_is_counted_and_closes_when_the_answer_starts(stage: Stage) -> None:
    stage.load()
    request_id = stage.ask()
    assert stage.request.mode == "thinking"
    stage.controller.on_event(ReadProgress(request_id, 20, 20, 0))
    stage.controller.on_event(Delta(request_id, "reasoning", "hm", 12))
    assert stage.said["thought_changed"][-1][1] is True
    stage.controller.on_event(Delta(request_id, "answer", "Yes", 1))
    _id, active, _seconds, tokens = stage.said["thought_changed"][-1]
    assert (active, tokens) == (False, 12)
    assert stage.said["state_changed"][-1] == ("Answering",)


def test_mode_and_budget_go_with_the_request(stage: Stage) -> None:
    stage.load()
    stage.controller.set_budget(512)
    stage.finish(stage.ask())
    assert (stage.request.mode, stage.request.thinking_budget) == ("thinking", 512)
    stage.controller.set_mode("instruct")
    stage.ask()
    assert (stage.request.mode, stage.request.thinking_budget) == ("instruct", None)


def test_reading_shows_how_far_it_is(stage: Stage) -> None:
    stage.load(PLAIN)
    request_id = stage.ask()
    stage.controller.on_event(ReadProgress(request_id, 1204, 4000, 0))
    _id, text, fraction = stage.said["status_changed"][-1]
    assert text == "Reading 1,204 of 4,000 tokens"
    assert fraction == pytest.approx(0.301)


def test_stop_cancels_the_running_request(stage: Stage) -> None:
    stage.load(PLAIN)
    request_id = stage.ask()
    stage.controller.stop()
    assert stage.said["cancel_wanted"] == [(request_id,)]
    stage.finish(request_id, "cancelled")
    assert stage.said["message_finished"][-1][2:] == ("Stopped", "Ask again")


def test_a_question_during_loading_is_sent_once_the_model_is_there(stage: Stage) -> None:
    stage.controller.open_model(THINKER.path)
    load_id = stage.said["load_wanted"][-1][0]
    stage.controller.send("Too early?")
    assert not stage.said["generate_wanted"]
    assert stage.said["status_changed"][-1][1] == "Waiting for the model"
    stage.controller.on_event(Loaded(load_id, THINKER, 1.0))
    assert stage.request.messages[-1].content == "Too early?"
    assert stage.request.mode == "thinking"


def test_a_question_that_waits_ends_when_the_load_fails(stage: Stage) -> None:
    stage.controller.open_model("broken.gguf")
    load_id = stage.said["load_wanted"][-1][0]
    stage.controller.send("Anyone?")
    stage.controller.on_event(Failed(load_id, "model_file", "broken.gguf is empty.", "Download it again."))
    assert not stage.controller.busy
    assert "No model is loaded" in stage.said["message_finished"][-1][2]
    assert stage.notices()[-1].text == "broken.gguf is empty. Download it again."
    assert stage.said["usable_changed"][-1] == (False,)


def test_a_waiting_question_can_be_stopped(stage: Stage) -> None:
    stage.controller.open_model(THINKER.path)
    stage.controller.send("Too early?")
    stage.controller.stop()
    assert not stage.controller.busy
    assert stage.said["message_finished"][-1][2] == "Stopped"


def test_nothing_is_sent_while_an_answer_is_under_way_or_without_a_model(stage: Stage) -> None:
    stage.controller.send("Nobody there")
    assert not stage.said["message_added"]
    stage.load(PLAIN)
    stage.ask()
    count = len(stage.said["generate_wanted"])
    stage.controller.send("Second")
    stage.controller.send("   ")
    assert len(stage.said["generate_wanted"]) == count


def test_events_of_an_older_request_or_load_are_dropped(stage: Stage) -> None:
    old = stage.load(PLAIN)
    request_id = stage.ask()
    stage.finish(request_id)
    stage.controller.on_event(Delta(request_id, "answer", "late", 1))
    assert not stage.said["text_appended"]
    stage.controller.open_model("other.gguf")
    stage.controller.on_event(Loaded(old, PLAIN, 1.0))
    assert stage.said["model_changed"][-1] == (None,)
    stage.controller.on_event(LoadProgress(old, 0.5))
    assert stage.said["loading_changed"][-1] == ("other.gguf", 0.0)


def test_a_crash_keeps_the_answer_and_says_so_twice(stage: Stage) -> None:
    load_id = stage.load(PLAIN)
    request_id = stage.ask()
    stage.controller.on_event(Delta(request_id, "answer", "half of", 1))
    lines = ("ggml_abort: assertion failed",)
    stage.controller.on_event(EngineStopped(request_id, "The engine stopped (signal SIGABRT).", lines, True))
    mark = stage.said["message_finished"][-1][2]
    assert "what it wrote is kept" in mark
    notice = stage.notices()[-1]
    assert "SIGABRT" in notice.text
    assert "assertion failed" in notice.details
    stage.controller.on_event(Loaded(load_id, PLAIN, 1.0))
    assert "running again" in stage.notices()[-1].text
    stage.ask("Still there?")
    assert [message.content for message in stage.request.messages] == ["Why?", "half of", "Still there?"]


def test_an_engine_that_stays_down_offers_to_load_again(stage: Stage) -> None:
    stage.load(PLAIN)
    stage.controller.on_event(EngineStopped(0, "The engine cannot be started.", (), False))
    assert stage.notices()[-1].action == "reload"
    assert stage.said["usable_changed"][-1] == (False,)
    stage.controller.act("reload")
    assert stage.said["load_wanted"][-1][1] == PLAIN.path


def test_retry_asks_the_same_question_again_as_a_branch(stage: Stage) -> None:
    stage.load(PLAIN)
    request_id = stage.ask("Once more?")
    answer = stage.said["message_added"][-1][0]
    stage.controller.on_event(Delta(request_id, "answer", "half", 1))
    stage.finish(request_id, "cancelled")
    stage.controller.retry(answer)
    assert [message.content for message in stage.request.messages] == ["Once more?"]


def test_safer_settings_are_shown_in_words_with_a_way_back(stage: Stage) -> None:
    load_id = stage.load(PLAIN)
    stage.controller.on_event(SaferSettings("without repacked weights"))
    notice = stage.notices()[-1]
    assert "without repacked weights" in notice.text
    stage.controller.act(notice.action)
    assert stage.said["full_speed_wanted"] == [(PLAIN.path,)]
    assert stage.said["load_wanted"][-1][0] != load_id
    stage.controller.on_event(Loaded(stage.said["load_wanted"][-1][0], PLAIN, 1.0))
    assert stage.said["state_changed"][-1] == ("Ready",)
    stage.controller.on_event(SaferSettings(""))
    assert ("safer",) in stage.said["notice_gone"]
    stage.controller.on_event(Retrying("without flash attention"))
    assert "without flash attention" in stage.said["state_changed"][-1][0]


def test_a_broken_template_offers_chatml(stage: Stage) -> None:
    stage.load(PLAIN)
    request_id = stage.ask()
    stage.controller.on_event(Failed(request_id, "template", "The model's chat template is broken.", "…"))
    assert stage.notices()[-1].action == "chatml"
    stage.controller.act("chatml")
    assert stage.said["load_wanted"][-1][2] == LoadOptions(chatml=True)


def test_a_refused_question_leaves_the_conversation_and_comes_back(stage: Stage) -> None:
    stage.load(PLAIN)
    first = stage.ask("One?")
    stage.controller.on_event(Delta(first, "answer", "Two", 1))
    stage.finish(first)
    request_id = stage.ask("a whole book")
    stage.controller.on_event(Failed(request_id, "prompt_too_long", "The prompt has 9 tokens too many.", ""))
    assert stage.said["question_returned"] == [("a whole book",)]
    assert stage.said["message_finished"][-1][3] == ""
    stage.ask("hi")
    assert [message.content for message in stage.request.messages] == ["One?", "Two", "hi"]


def test_an_engine_that_dies_without_a_model_is_not_waited_for(stage: Stage) -> None:
    stage.controller.on_event(EngineStopped(0, "The engine stopped (signal SIGKILL).", (), False))
    assert stage.said["usable_changed"][-1] == (False,)
    assert stage.notices()[-1].action == ""


def test_a_reply_without_an_answer_is_marked(stage: Stage) -> None:
    stage.load()
    request_id = stage.ask()
    stage.controller.on_event(Delta(request_id, "reasoning", "round and round", 3))
    stage.finish(request_id)
    assert stage.said["message_finished"][-1][2] == "The model thought but gave no answer"


def test_a_missing_opener_moves_the_answer_to_the_thought(stage: Stage) -> None:
    stage.load(PLAIN)
    request_id = stage.ask()
    stage.controller.on_event(Delta(request_id, "answer", "so I think", 3))
    stage.controller.on_event(Reclassified(request_id))
    assert stage.said["reclassified"] == [(stage.said["message_added"][-1][0],)]


def test_a_new_conversation_forgets_the_old_one(stage: Stage) -> None:
    stage.load(PLAIN)
    old = stage.ask("Old?")
    stage.controller.new_conversation()
    assert stage.said["cancel_wanted"] == [(old,)]
    assert stage.said["conversation_cleared"] == [()]
    stage.controller.on_event(Delta(old, "answer", "late", 1))
    assert not stage.said["text_appended"]
    stage.ask("New?")
    assert [message.content for message in stage.request.messages] == ["New?"]
