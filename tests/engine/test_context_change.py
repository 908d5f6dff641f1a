"""Another context for the weights that are loaded: what was read goes on, and nothing is lost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from app.engine.host import Host, LoadCancelled
from app.engine.protocol import Load, Loaded, LoadProgress
from app.engine.values import Budgets, ChatMessage, LoadOptions, Usage
from app.errors import OutOfMemoryError, RequestError
from tests import miniatures
from tests.engine.here import SHAPES, Engine, finished, text
from tests.engine.support import GREEDY, Reply, ask, engine

LONG = " ".join(f"Wheel {number} turns the mill of the river." for number in range(40))
N_CTX, OTHER_CTX = 2560, 5120
#: An end of turn, a short question, a generation prompt, and what may be read twice.
SHORT = 60
#: With steps so large its compute buffer alone is larger than the machine.
TOO_LARGE = {"n_ctx": 4 * 1024 * 1024, "n_batch": 65_536}


class Talk:
    """A conversation with an engine, an empty name for a temporary one."""

    def __init__(self, made: Engine, name: str = "one") -> None:
        self.engine, self.name = made, name
        self.messages: tuple[ChatMessage, ...] = ()

    def ask(self, words: str) -> Usage:
        self.messages = (*self.messages, ChatMessage("user", words))
        events = self.engine.run(
            messages=self.messages, sampling=GREEDY, max_tokens=12, conversation=self.name
        )
        said = ChatMessage("assistant", text(events), text(events, "reasoning"))
        self.messages = (*self.messages, said)
        return finished(events).usage


@pytest.fixture(params=["hybrid", "plain", "sliding"])
def made(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    found = Engine(
        miniatures.build(SHAPES[request.param]), n_ctx=N_CTX, state_folder=str(tmp_path / "states")
    )
    yield found
    found.close()


@pytest.fixture
def hybrid_here(tmp_path: Path) -> Iterator[Engine]:
    found = Engine(miniatures.hybrid(), n_ctx=N_CTX, state_folder=str(tmp_path / "states"))
    yield found
    found.close()


def weights(host: Host) -> object:
    return host._model


def test_only_the_context_is_made_anew(made: Engine) -> None:
    talk = Talk(made)
    talk.ask(LONG)
    before, progress = weights(made.host), list[float]()
    info = made.host.load(str(made.path), replace(made.options, n_ctx=OTHER_CTX), progress.append)
    assert (info.n_ctx, made.host.n_ctx) == (OTHER_CTX, OTHER_CTX)
    assert weights(made.host) is before
    assert not progress
    assert talk.ask("And now?").read_tokens < SHORT
    fresh = Engine(made.path, n_ctx=OTHER_CTX)
    try:
        other = Talk(fresh)
        other.messages = talk.messages[:-2]
        other.ask("And now?")
    finally:
        fresh.close()
    assert talk.messages == other.messages


@pytest.mark.parametrize("aside", [0, 1], ids=["ram", "disk"])
def test_what_was_read_comes_back_from_ram_or_disk(made: Engine, aside: int) -> None:
    made.load(budgets=Budgets(aside_bytes=aside))
    talk = Talk(made)
    talk.ask(LONG)
    made.change(n_ctx=OTHER_CTX)
    assert bool(made.host.cache.aside) is not bool(aside)
    assert talk.ask("And now?").read_tokens < SHORT
    made.change(n_ctx=N_CTX)
    assert talk.ask("And then?").read_tokens < SHORT


def test_a_temporary_conversation_goes_on(made: Engine, tmp_path: Path) -> None:
    talk = Talk(made, "")
    talk.ask(LONG)
    made.change(n_ctx=OTHER_CTX, n_batch=256)
    assert talk.ask("And now?").read_tokens < SHORT
    assert not list((tmp_path / "states").glob("*"))


def test_a_state_of_another_kind_is_not_taken_over(made: Engine) -> None:
    talk = Talk(made)
    talk.ask(LONG)
    made.change(cache_type="f32")
    assert not made.host.cache.aside
    assert talk.ask("And now?").reused_tokens == 0


def test_a_context_smaller_than_what_was_read(hybrid_here: Engine) -> None:
    talk = Talk(hybrid_here)
    talk.ask(LONG)
    hybrid_here.change(n_ctx=256)
    assert finished(hybrid_here.run(**ask("Hello", max_tokens=5))).usage.reused_tokens == 0
    hybrid_here.change(n_ctx=N_CTX)
    assert talk.ask("And now?").read_tokens < SHORT


def test_a_context_that_cannot_be_had_leaves_the_former_one(made: Engine) -> None:
    talk = Talk(made)
    talk.ask(LONG)
    before = weights(made.host)
    with pytest.raises(OutOfMemoryError, match="context"):
        made.host.load(str(made.path), replace(made.options, **TOO_LARGE), lambda _fraction: None)
    assert made.host.info is not None
    assert (made.host.info.n_ctx, made.host.n_ctx) == (N_CTX, N_CTX)
    assert weights(made.host) is before
    assert talk.ask("And now?").read_tokens < SHORT


def test_options_without_sense_touch_nothing(hybrid_here: Engine) -> None:
    talk = Talk(hybrid_here)
    talk.ask(LONG)
    context = hybrid_here.host.context
    with pytest.raises(RequestError):
        hybrid_here.host.load(
            str(hybrid_here.path), replace(hybrid_here.options, cache_type="q3"), lambda _fraction: None
        )
    assert hybrid_here.host.context is context
    assert talk.ask("And now?").read_tokens < SHORT


def test_a_cancelled_change_leaves_the_former_one(
    hybrid_here: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    host, talk = hybrid_here.host, Talk(hybrid_here)
    talk.ask(LONG)
    options = replace(hybrid_here.options, n_ctx=OTHER_CTX)
    host.cancel.set()  # before anything was touched
    context = host.context
    with pytest.raises(LoadCancelled):
        host.load(str(hybrid_here.path), options, lambda _fraction: None)
    assert host.context is context
    host.cancel.clear()
    make = Host._make_context

    def cancelled(self: Host, options: LoadOptions) -> None:
        make(self, options)
        if options.n_ctx == OTHER_CTX:
            self.cancel.set()

    monkeypatch.setattr(Host, "_make_context", cancelled)
    with pytest.raises(LoadCancelled):
        host.load(str(hybrid_here.path), options, lambda _fraction: None)
    assert host.n_ctx == N_CTX
    assert talk.ask("And now?").read_tokens < SHORT


def test_if_the_former_one_is_gone_too_nothing_is_loaded(
    hybrid_here: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_self: Host, _options: LoadOptions) -> None:
        raise OutOfMemoryError("There is no memory.")

    monkeypatch.setattr(Host, "_make_context", refused)
    with pytest.raises(OutOfMemoryError):
        hybrid_here.change(n_ctx=OTHER_CTX)
    assert hybrid_here.host.info is None
    assert weights(hybrid_here.host) is None
    monkeypatch.undo()
    hybrid_here.change(n_ctx=N_CTX)
    assert finished(hybrid_here.run(**ask("Hello", max_tokens=5))).usage.generated_tokens == 5


def test_other_weights_are_loaded_again(hybrid_here: Engine) -> None:
    host = hybrid_here.host
    for changes in ({"extra_buffers": False}, {"cpu_experts": 2}, {"n_gpu_layers": 3}, {"cpu_only": True}):
        progress = list[float]()
        hybrid_here.options = replace(hybrid_here.options, **changes)
        host.load(str(hybrid_here.path), hybrid_here.options, progress.append)
        assert progress, changes


def test_a_file_that_was_replaced_is_loaded_again(tmp_path: Path, hybrid: Path, plain: Path) -> None:
    path = tmp_path / "model.gguf"
    path.write_bytes(hybrid.read_bytes())
    found = Engine(path)
    try:
        other = tmp_path / "other.gguf"
        other.write_bytes(plain.read_bytes())
        other.replace(path)
        found.change()
        assert found.host.info is not None
        assert found.host.info.architecture == "llama"
    finally:
        found.close()


def test_another_template_with_the_same_weights(hybrid_here: Engine) -> None:
    before = weights(hybrid_here.host)
    for chatml, name in ((True, "chatml"), (False, "model")):
        hybrid_here.change(chatml=chatml)
        assert hybrid_here.host.info is not None
        assert hybrid_here.host.info.template == name
    assert weights(hybrid_here.host) is before


def test_over_the_protocol(hybrid: Path, tmp_path: Path) -> None:
    options = {"n_ctx": N_CTX, "state_folder": str(tmp_path)}
    with engine(hybrid, **options) as driver:
        first = driver.generate(**ask(LONG, max_tokens=5, conversation="one"))
        reply = Reply(driver.new_id())
        driver.send(Load(reply.request_id, str(hybrid), LoadOptions(n_ctx=OTHER_CTX, n_threads=1)))
        driver.until(lambda event: isinstance(event, Loaded), into=reply)
        assert not [event for event in reply.events if isinstance(event, LoadProgress)]
        failed = driver.load(hybrid, **TOO_LARGE)
        assert failed.kind == "out_of_memory"
        assert failed.kept is not None
        assert failed.kept.n_ctx == OTHER_CTX
        again = driver.generate(**ask(LONG, max_tokens=5, conversation="one"))
        assert again.text() == first.text()
        assert again.finished.usage.read_tokens < SHORT
        # A model that could not be loaded at all keeps nothing.
        broken = tmp_path / "broken.gguf"
        broken.write_bytes(hybrid.read_bytes()[:3000])
        assert driver.load(broken).kept is None
