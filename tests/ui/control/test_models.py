"""Which model is loaded, and what is said of it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from app.engine.libraries import LibrariesRefused
from app.engine.protocol import Failed, Loaded, LoadProgress
from app.engine.session_events import EngineStopped, Resting, Retrying, SaferSettings, Waking
from app.engine.values import Budgets, LoadOptions
from tests.ui.control.conftest import Stage
from tests.ui.models import PLAIN, THINKER
from ui.control.models import ModelControl


def test_a_model_is_loaded_and_then_ready(stage: Stage) -> None:
    stage.models.open_model(PLAIN.path)
    load_id, path, options = stage.last("models.load_wanted")
    assert (path, options) == (PLAIN.path, LoadOptions())
    assert stage.models.usable
    stage.event(LoadProgress(load_id, 0.5))
    assert stage.last("models.loading_changed") == ("small.gguf", 0.5)
    stage.event(Loaded(load_id, PLAIN, 1.0))
    assert stage.last("models.model_changed") == PLAIN
    assert stage.last("models.state_changed") == "Ready"
    assert stage.last("models.usable_changed") is True
    assert stage.last("chat.context_used") == (0, PLAIN.n_ctx)


def test_a_model_on_a_gpu_says_so(stage: Stage) -> None:
    stage.load(replace(PLAIN, backend="CPU"))
    assert stage.last("models.state_changed") == "Ready"
    stage.load(replace(PLAIN, backend="Vulkan"))
    assert stage.last("models.state_changed") == "Ready, on Vulkan"


def test_a_build_of_llama_cpp_that_cannot_be_used_is_told_with_what_to_do(loaded: Stage) -> None:
    loaded.event(
        LibrariesRefused("/somewhere/llama/cuda", "load", "the system can't load it (x)", ("a", "b"))
    )
    notice = loaded.notices[-1]
    assert (notice.level, notice.details) == ("warning", "a\nb")
    for part in ("/somewhere/llama/cuda", "can't load it (x)", "nothing is lost", "remove the folder"):
        assert part in notice.text


def test_events_of_an_older_load_are_dropped(loaded: Stage) -> None:
    old = loaded.last("models.load_wanted")[0]
    loaded.models.open_model("other.gguf")
    loaded.event(Loaded(old, PLAIN, 1.0))
    loaded.event(LoadProgress(old, 0.5))
    loaded.event(Failed(old, "model_file", "Not this one."))
    assert loaded.last("models.model_changed") is None
    assert loaded.last("models.loading_changed") == ("other.gguf", 0.0)
    assert loaded.models.loading
    assert not loaded.notices


def test_a_failed_load_says_why_and_offers_to_try_again(stage: Stage) -> None:
    stage.models.open_model("broken.gguf")
    load_id = stage.last("models.load_wanted")[0]
    stage.event(Failed(load_id, "model_file", "broken.gguf is empty.", "Download it again.\nline one\ntwo"))
    notice = stage.last("models.notice")
    assert (notice.text, notice.level) == ("broken.gguf is empty. Download it again.", "error")
    assert notice.details == "line one\ntwo"
    assert stage.last("models.unavailable") == "model_file"
    assert not stage.models.usable
    stage.act(notice.action)
    assert stage.last("models.load_wanted")[1] == "broken.gguf"
    assert ("model",) in stage.said["models.notice_gone"]


def test_a_load_can_be_stopped(stage: Stage) -> None:
    stage.models.cancel_load()
    assert not stage.said["models.cancel_wanted"]
    stage.models.open_model(PLAIN.path)
    load_id = stage.last("models.load_wanted")[0]
    stage.act("stop_loading")
    assert stage.said["models.cancel_wanted"] == [(load_id,)]
    stage.event(Failed(load_id, "cancelled", "Cancelled"))
    assert (stage.notices[-1].text, stage.notices[-1].level) == ("Loading was stopped.", "info")


def test_a_file_that_is_refused_leaves_the_model_that_was_loaded(loaded: Stage) -> None:
    old = loaded.last("models.load_wanted")[0]
    loaded.models.open_model("notes.txt")
    refused = loaded.last("models.load_wanted")[0]
    loaded.models.on_load_refused(Failed(old, "model_file", "Another load.", ""))
    assert loaded.models.loading
    loaded.models.on_load_refused(Failed(refused, "model_file", "It is not a GGUF.", "Choose another."))
    assert loaded.models.info == PLAIN
    assert loaded.last("models.model_changed") == PLAIN
    assert loaded.notices[-1].text == "It is not a GGUF. Choose another. The model that was loaded still is."
    loaded.messages.send("Still there?")
    assert loaded.asked == ["Still there?"]


def test_a_file_that_is_refused_without_a_model_is_a_failed_load(stage: Stage) -> None:
    stage.models.open_model("notes.txt")
    stage.models.on_load_refused(Failed(stage.last("models.load_wanted")[0], "model_file", "No GGUF.", ""))
    assert stage.last("models.unavailable") == "model_file"
    assert stage.notices[-1].action == "reload"


def test_options_that_cannot_be_had_leave_the_model_as_it_was(loaded: Stage) -> None:
    before = loaded.models.options
    loaded.models.apply(LoadOptions(n_ctx=1_048_576))
    load_id, path, options = loaded.last("models.load_wanted")
    assert (path, options.n_ctx) == (PLAIN.path, 1_048_576)
    assert options.state_folder == loaded.models.state_folder
    loaded.event(Failed(load_id, "out_of_memory", "There is not enough memory.", "Less.", kept=PLAIN))
    assert loaded.models.info == PLAIN
    assert loaded.models.options == before
    assert loaded.last("models.usable_changed") is True
    assert loaded.last("models.state_changed") == "Ready"
    notice = loaded.notices[-1]
    stays = f"The model is still there, with its context of {PLAIN.n_ctx:,} tokens."
    assert (notice.text, notice.level) == (f"There is not enough memory. Less. {stays}", "error")
    loaded.messages.send("Still there?")
    assert loaded.asked == ["Still there?"]
    # The model's own load counts again, as after a crash.
    loaded.models.apply(LoadOptions(n_ctx=2048))
    loaded.event(
        Failed(loaded.last("models.load_wanted")[0], "cancelled", "Loading was stopped.", kept=PLAIN)
    )
    assert loaded.notices[-1].text == f"The change was stopped. {stays}"


def test_options_that_hold_are_those_of_the_next_model(loaded: Stage) -> None:
    loaded.models.apply(LoadOptions(n_ctx=2048))
    loaded.event(Loaded(loaded.last("models.load_wanted")[0], replace(PLAIN, n_ctx=2048), 0.1))
    assert loaded.models.info is not None
    assert loaded.models.info.n_ctx == 2048
    loaded.models.open_model("other.gguf")
    assert loaded.last("models.load_wanted")[2].n_ctx == 2048


def test_without_a_model_options_wait_for_one(stage: Stage) -> None:
    stage.models.apply(LoadOptions(n_ctx=2048))
    assert not stage.models.loading
    stage.models.open_model("other.gguf")
    assert stage.last("models.load_wanted")[2].n_ctx == 2048


def test_a_model_that_rests_can_be_asked(loaded: Stage) -> None:
    load_id = loaded.last("models.load_wanted")[0]
    loaded.event(Resting(PLAIN))
    words = "Unloaded to free memory; comes back with your next question"
    assert loaded.last("models.state_changed") == words
    assert loaded.models.usable
    loaded.messages.send("Still there?")
    assert loaded.asked == ["Still there?"]
    loaded.event(Waking())
    assert loaded.last("models.state_changed") == "Loading the model"
    loaded.event(Loaded(load_id, PLAIN, 0.1))
    assert loaded.last("models.state_changed") == "Ready"


def test_a_death_is_told_twice(loaded: Stage) -> None:
    load_id = loaded.last("models.load_wanted")[0]
    lines = ("ggml_abort: assertion failed",)
    loaded.event(EngineStopped(0, "The engine stopped (signal SIGABRT).", lines, True))
    notice = loaded.notices[-1]
    assert notice.text == (
        "The engine stopped (signal SIGABRT). What was written is kept, and the engine is starting again."
    )
    assert "assertion failed" in notice.details
    assert loaded.models.usable
    assert loaded.last("models.state_changed") == "Starting the engine again"
    loaded.event(Loaded(load_id, PLAIN, 1.0))
    assert (notice.key, notice.level) == ("engine_stopped", "error")
    again = loaded.notices[-1]
    assert (again.key, again.level) == ("engine_stopped", "warning")
    assert again.text.endswith("What was written is kept, and the engine is running again.")


def test_an_engine_that_stays_down_offers_to_load_again(loaded: Stage) -> None:
    loaded.event(EngineStopped(0, "The engine cannot be started.", (), False))
    assert loaded.notices[-1].action == "reload"
    assert loaded.last("models.usable_changed") is False
    assert loaded.last("models.model_changed") is None
    loaded.act("reload")
    assert loaded.last("models.load_wanted")[1] == PLAIN.path


def test_an_engine_that_dies_without_a_model_is_not_waited_for(stage: Stage) -> None:
    stage.event(EngineStopped(0, "The engine stopped (signal SIGKILL).", (), False))
    assert stage.last("models.usable_changed") is False
    assert stage.notices[-1].action == ""
    stage.act("reload")
    assert not stage.said["models.load_wanted"]


def test_safer_settings_are_shown_in_words_with_a_way_back(loaded: Stage) -> None:
    load_id = loaded.last("models.load_wanted")[0]
    loaded.event(SaferSettings("without repacked weights"))
    notice = loaded.notices[-1]
    assert "without repacked weights" in notice.text
    loaded.act(notice.action)
    assert loaded.said["models.full_speed_wanted"] == [(PLAIN.path,)]
    assert loaded.last("models.load_wanted")[0] != load_id
    loaded.event(SaferSettings(""))
    assert ("safer",) in loaded.said["models.notice_gone"]
    loaded.event(Retrying("without flash attention"))
    assert loaded.last("models.state_changed").endswith("trying again without flash attention")
    loaded.event(Retrying(""))
    assert loaded.last("models.state_changed").endswith("trying again")


def test_a_broken_template_offers_chatml(loaded: Stage) -> None:
    loaded.messages.send("Why?")
    loaded.fail("template", "The model's chat template is broken.")
    notice = loaded.last("models.notice")
    assert notice.action == "chatml"
    loaded.act("chatml")
    assert loaded.last("models.load_wanted")[2] == LoadOptions(chatml=True)
    loaded.event(Loaded(loaded.last("models.load_wanted")[0], replace(PLAIN, template="chatml"), 1.0))
    assert ("template",) in loaded.said["models.notice_gone"]
    loaded.act("reload")
    assert loaded.last("models.load_wanted")[2] == LoadOptions(chatml=True)


@pytest.mark.parametrize(("template", "action"), [("model", "chatml"), ("chatml", "")])
def test_a_template_problem_is_told_when_the_model_is_there(stage: Stage, template: str, action: str) -> None:
    stage.load(replace(THINKER, template=template, template_problem="It cannot be used."))
    assert stage.notices[-1].text.startswith("It cannot be used.")
    assert stage.notices[-1].action == action


def test_each_load_says_what_may_be_kept_and_where(qapp: object) -> None:
    models = ModelControl(itertools.count(1), state_folder="states")
    wanted: list[LoadOptions] = []
    models.load_wanted.connect(lambda _id, _path, options: wanted.append(options))
    models.open_model("a.gguf")
    models.budgets = Budgets(1, 2, 3)
    models.act("chatml")
    assert wanted == [
        LoadOptions(state_folder="states"),
        LoadOptions(state_folder="states", budgets=Budgets(1, 2, 3), chatml=True),
    ]
