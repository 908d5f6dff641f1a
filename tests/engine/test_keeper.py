"""What has been read stays read: over restarts, other conversations, other context sizes and crashes."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.engine import keeper as keepers
from app.engine.keeper import StateKeeper
from app.engine.pace import ReadingPace
from app.engine.protocol import Event, Generate
from app.engine.requests import predict
from app.engine.values import ChatMessage, Mode, Sampling, Usage
from tests import miniatures
from tests.engine.here import PROSE, SHAPES, Engine, finished, text

GREEDY = Sampling(temperature=0.0)
LONG = " ".join(f"Wheel {number} turns the mill of the river." for number in range(40))
OTHER = " ".join(f"The table {number} stands in a house by the sea." for number in range(40))
N_CTX = 2560
#: An end of turn, a short question and a generation prompt.
SHORT = 60


class Chat:
    """A conversation with an engine; its answers become part of it."""

    def __init__(self, engine: Engine, name: str, mode: Mode = "instruct") -> None:
        self.engine, self.name, self.mode = engine, name, mode
        self.messages: tuple[ChatMessage, ...] = ()

    def ask(self, words: str, count: int = 12) -> Usage:
        self.messages = (*self.messages, ChatMessage("user", words))
        events = self.answer(count)
        said = ChatMessage("assistant", text(events), text(events, "reasoning"))
        self.messages = (*self.messages, said)
        return finished(events).usage

    def answer(self, count: int = 12) -> list[Event]:
        return self.engine.run(
            messages=self.messages, mode=self.mode, sampling=GREEDY, max_tokens=count, conversation=self.name
        )


def keeper(engine: Engine) -> StateKeeper:
    assert engine.host.keeper is not None
    return engine.host.keeper


def files(engine: Engine) -> set[Path]:
    """The states on the disk, once all that was begun is written."""
    keeper(engine).wait()
    return set(Path(engine.options.state_folder).glob("*.state"))


@pytest.fixture(params=["hybrid", "plain", "sliding"])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    yield from _engine(request.param, tmp_path)


@pytest.fixture
def hybrid(tmp_path: Path) -> Iterator[Engine]:
    yield from _engine("hybrid", tmp_path)


def _engine(name: str, folder: Path) -> Iterator[Engine]:
    states = str(folder / "states")
    engine = Engine(miniatures.build(SHAPES[name]), n_ctx=N_CTX, n_batch=128, state_folder=states)
    yield engine
    engine.close()
    assert not [thread for thread in threading.enumerate() if thread.name == "states" and _lasts(thread)]


def _lasts(thread: threading.Thread) -> bool:
    thread.join(10)
    return thread.is_alive()


# ---- coming back ---------------------------------------------------------------------------


def test_a_restart_reads_what_is_new_and_answers_the_same(engine: Engine) -> None:
    for mode in engine.host.prompts.traits.modes:
        chat = Chat(engine, mode, mode)
        chat.ask(LONG)
        chat.ask("And the table?")
        question = ChatMessage("user", "Where were we?")
        chat.messages = (*chat.messages, question)
        warm = chat.answer(24)
        chat.messages = chat.messages[:-1]
        engine.load()
        assert engine.host.cache.tokens == []
        chat.messages = (*chat.messages, question)
        cold = chat.answer(24)
        usage = finished(cold).usage
        assert usage.reused_tokens > 350
        assert usage.read_tokens < SHORT
        assert [text(cold, channel) for channel in ("reasoning", "answer")] == [
            text(warm, channel) for channel in ("reasoning", "answer")
        ]


def test_checkpoints_come_back_too(hybrid: Engine) -> None:
    chat = Chat(hybrid, "one")
    chat.ask(LONG)
    chat.ask("And the table?")
    hybrid.load()
    chat.messages = chat.messages[:-2]
    assert chat.ask("And the chair, what of it?").read_tokens < SHORT


@pytest.mark.parametrize("n_ctx", [1280, 8192])
def test_another_context_size(engine: Engine, n_ctx: int) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    engine.load(n_ctx=n_ctx)
    assert engine.host.n_ctx >= n_ctx
    assert chat.ask("Where were we?").read_tokens < SHORT


def test_no_state_moves_to_where_positions_are_turned_otherwise(tmp_path: Path) -> None:
    states, path = str(tmp_path / "states"), miniatures.build(miniatures.LONG_ROPE)
    engine = Engine(path, n_ctx=1024, n_batch=128, state_folder=states)
    chat = Chat(engine, "one")
    chat.ask(LONG)
    engine.load(n_ctx=2048)
    assert chat.ask("Where were we?").read_tokens < SHORT
    engine.load(n_ctx=4096)
    assert chat.ask("And now?").reused_tokens == 0
    engine.load(n_ctx=8192)
    assert chat.ask("And here?").read_tokens < SHORT
    engine.close()


def test_a_context_too_small_for_a_state_reads_what_fits(
    engine: Engine, capfd: pytest.CaptureFixture[str]
) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    assert files(engine) == set()
    engine.load(n_ctx=256)
    chat.messages = chat.messages[:-1]
    short = Chat(engine, "one")
    assert short.ask("Hello?").reused_tokens < SHORT
    engine.load(n_ctx=N_CTX)
    assert chat.ask("Where were we?").read_tokens < SHORT


def test_a_killed_engine_knows_what_was_on_the_disk(engine: Engine) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    keeper(engine).save()
    assert len(files(engine)) == 1
    chat.ask("And the table?")
    engine.killed()
    usage = chat.ask("Where were we?")
    assert usage.reused_tokens > 350


def test_what_was_never_saved_is_read_again(engine: Engine) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    engine.killed()
    assert chat.ask("Where were we?").reused_tokens == 0


# ---- when it is saved ----------------------------------------------------------------------


def test_a_conversation_that_is_left_is_saved_from_ram(engine: Engine) -> None:
    first, second = Chat(engine, "one"), Chat(engine, "two")
    first.ask(LONG)
    assert files(engine) == set()
    second.ask(OTHER)
    assert len(files(engine)) == 1
    engine.killed()
    assert first.ask("Where were we?").read_tokens < SHORT


def test_one_too_large_for_ram_is_saved_from_the_context(engine: Engine) -> None:
    engine.host.cache.aside_bytes = 1
    first, second = Chat(engine, "one"), Chat(engine, "two")
    first.ask(LONG)
    second.ask(OTHER)
    assert engine.host.cache.aside == ()
    assert len(files(engine)) == 1
    assert first.ask("Where were we?").read_tokens < SHORT
    assert second.ask("And here?").read_tokens < SHORT


def test_after_a_long_reading(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG, count=1)
    assert files(engine) == set()
    engine.host.cache.clear()
    monkeypatch.setattr(keepers, "LONG_READING_S", 0.0)
    Chat(engine, "two").ask(OTHER, count=1)
    assert len(files(engine)) == 1


def test_nothing_is_written_twice(engine: Engine) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    keeper(engine).save()
    (before,) = files(engine)
    stamp = before.stat().st_mtime_ns
    keeper(engine).save()
    engine.load()
    (after,) = files(engine)
    assert (after, after.stat().st_mtime_ns) == (before, stamp)


def test_what_is_read_faster_than_moved_is_not_saved(engine: Engine) -> None:
    Chat(engine, "one").ask("Hello?")
    keeper(engine).save()
    assert files(engine) == set()


def test_an_idle_moment_saves_what_is_worth_it(engine: Engine) -> None:
    chat, pace = Chat(engine, "one"), ReadingPace()
    pace.add(0, 100, 0.01)
    chat.ask(LONG)
    keeper(engine).save_idle(pace, 20.0, lambda: False)
    first = files(engine)
    assert len(first) == 1
    chat.ask("And the table?")
    keeper(engine).save_idle(pace, 20.0, lambda: False)
    assert files(engine) == first
    slow = ReadingPace()
    slow.add(0, 100, 100.0)
    keeper(engine).save_idle(slow, 20.0, lambda: False)
    assert len(files(engine)) == 1
    assert files(engine) != first


@pytest.mark.parametrize("mode", ["instruct", "thinking"])
def test_a_conversation_has_one_file_however_often_it_is_saved(hybrid: Engine, mode: Mode) -> None:
    chat = Chat(hybrid, "one", mode)
    chat.ask(LONG)
    for question in ("And the table?", "And the chair?", "And the end?"):
        keeper(hybrid).save()
        chat.ask(question)
    hybrid.load()
    chat.ask("And now?")
    hybrid.load()
    assert len(files(hybrid)) == 1
    assert chat.ask("Where were we?").read_tokens < SHORT


def test_the_first_version_of_an_answer_is_kept(engine: Engine) -> None:
    question = ChatMessage("user", LONG)
    versions = []
    for seed in (1, 2):
        events = engine.run(
            messages=(question,),
            sampling=Sampling(temperature=1.0, seed=seed),
            grammar="root ::= [a-z]+",
            max_tokens=110,
            conversation="one",
        )
        versions.append(ChatMessage("assistant", text(events)))
    chat = Chat(engine, "one")
    for version in versions:
        chat.messages = (question, version)
        assert chat.ask("Where were we?").read_tokens < 100  # of the version alone there are 110


def test_who_reads_slowly_moves_more(engine: Engine) -> None:
    cache = engine.host.cache
    assert not cache.worth_moving(1_000, 10 << 30)
    cache.set_pace(0.05)
    assert cache.worth_moving(1_000, 10 << 30)
    cache.set_pace(None)
    assert not cache.worth_moving(1_000, 10 << 30)


def test_both_branches_of_an_edit_are_kept(hybrid: Engine) -> None:
    chat = Chat(hybrid, "one")
    chat.ask(PROSE)
    fork = chat.messages
    chat.ask(LONG)
    first = chat.messages
    chat.messages = fork
    chat.ask(OTHER)
    second = chat.messages
    hybrid.load()
    assert len(files(hybrid)) == 2
    for messages in (first, second):
        chat.messages = messages
        assert chat.ask("Where were we?").read_tokens < SHORT


def test_a_branch_that_came_from_the_disk_is_kept_when_it_is_left(engine: Engine) -> None:
    chat = Chat(engine, "one")
    for question in (LONG, OTHER, "And the end?"):
        chat.ask(question)
    first = chat.messages
    engine.load()
    chat.messages = first[:2]
    chat.ask("And the mill, what of it, and of the river, and of the sea?")
    engine.load()
    assert len(files(engine)) == 2
    chat.messages = first
    assert chat.ask("Where were we?").read_tokens < SHORT


def test_a_long_reading_without_an_answer_is_saved(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keepers, "LONG_READING_S", 0.0)
    monkeypatch.setattr(engine.host.vocab, "is_end", lambda _token: True)
    Chat(engine, "one").ask(LONG)
    assert len(files(engine)) == 1


def test_where_ram_is_short_what_is_aside_is_saved_at_the_end(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Chat(engine, "one"), Chat(engine, "two")
    first.ask(LONG)
    monkeypatch.setattr(StateKeeper, "_room", lambda _keeper, _size: False)
    second.ask(OTHER)
    assert len(engine.host.cache.aside) == 1
    engine.load()
    assert len(files(engine)) == 2
    assert first.ask("Where were we?").read_tokens < SHORT


def test_checkpoints_that_the_disk_has_no_room_for_are_left_out(hybrid: Engine) -> None:
    chat, cache = Chat(hybrid, "one"), hybrid.host.cache
    chat.ask(LONG)
    chat.ask(OTHER)
    some = sum(mark.size for mark in cache.checkpoints) // 2
    keeper(hybrid)._vault.budget = budget = cache.memory.state_size() + 4 * len(cache.tokens) + some
    keeper(hybrid).save()
    (saved,) = files(hybrid)
    assert budget - some < saved.stat().st_size <= budget + 4096
    hybrid.killed()
    assert chat.ask("Where were we?").read_tokens < SHORT


def test_more_checkpoints_than_a_file_holds(hybrid: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.statefile.MOST_CHECKPOINTS", 4)
    chat = Chat(hybrid, "one")
    chat.ask(LONG)
    chat.ask(OTHER)
    assert len(hybrid.host.cache.checkpoints) > 4
    hybrid.load()
    assert chat.ask("Where were we?").read_tokens < SHORT


def test_one_that_ram_has_no_room_for_goes_through_the_file(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StateKeeper, "_room", lambda _keeper, _size: False)
    chat = Chat(engine, "one")
    chat.ask(LONG)
    keeper(engine).save()
    assert len(files(engine)) == 1
    engine.killed()
    assert chat.ask("Where were we?").read_tokens < SHORT


def test_there_it_gives_way_to_a_question(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(StateKeeper, "_room", lambda _keeper, _size: False)
    chat, go = Chat(engine, "one"), threading.Event()
    chat.ask(LONG)
    keeper(engine)._put(keepers._Job(lambda: go.wait(10)))  # the disk is slow
    keeper(engine).save(give_way=lambda: True)
    go.set()
    assert files(engine) == set()
    assert list(Path(engine.options.state_folder).iterdir()) == []
    keeper(engine).save()
    assert len(files(engine)) == 1


# ---- what is not on the disk ---------------------------------------------------------------


def test_a_temporary_conversation_leaves_nothing(engine: Engine) -> None:
    chat = Chat(engine, "")
    chat.ask(LONG)
    keeper(engine).save()
    Chat(engine, "two").ask("Hello?")
    engine.load()
    assert files(engine) == set()
    assert chat.ask("Where were we?").reused_tokens == 0


def test_a_temporary_one_that_goes_on_from_a_saved_one_is_its_own(engine: Engine) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    engine.load()
    (saved,) = files(engine)
    before = saved.read_bytes()
    temporary = Chat(engine, "")
    temporary.messages = chat.messages
    assert temporary.ask("Nobody knows this. " * 40).reused_tokens > 350
    engine.load()
    assert files(engine) == {saved}
    assert saved.read_bytes() == before


def test_a_deleted_conversation_is_gone_from_ram_and_disk(engine: Engine) -> None:
    chat, other = Chat(engine, "one"), Chat(engine, "two")
    chat.ask(LONG)
    other.ask(OTHER)
    assert len(files(engine)) == 1
    assert keeper(engine).forget("one")
    assert files(engine) == set()
    assert all(saved.line.owner != "one" for saved in engine.host.cache.aside)
    assert chat.ask("Where were we?").reused_tokens < SHORT
    assert keeper(engine).forget("one")
    engine.load()
    assert len(files(engine)) == 1
    assert other.ask("And here?").read_tokens < SHORT


def test_a_state_under_way_dies_with_its_conversation(engine: Engine) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    held, go = threading.Event(), threading.Event()
    keeper(engine)._put(keepers._Job(lambda: (held.set(), go.wait(10))))
    assert held.wait(10)
    keeper(engine).save()
    keeper(engine).forget("one")
    go.set()
    assert files(engine) == set()
    assert list(Path(engine.options.state_folder).iterdir()) == []


def test_a_conversation_that_was_brought_back_is_saved_again(engine: Engine) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    keeper(engine).forget("one")
    chat.ask("Where were we?")
    keeper(engine).save()
    assert len(files(engine)) == 1


# ---- what can go wrong ---------------------------------------------------------------------


def test_a_damaged_file_is_read_again_and_removed(engine: Engine, capfd: pytest.CaptureFixture[str]) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    engine.load()
    (path,) = files(engine)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    assert chat.ask("Where were we?").reused_tokens == 0
    assert not path.exists()
    assert "the state is altered" in capfd.readouterr().err


def test_a_folder_that_cannot_be_made_is_no_matter(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "states").write_text("a file")
    for engine in _engine("plain", tmp_path):
        assert engine.host.keeper is None
        assert Chat(engine, "one").ask(PROSE).read_tokens > 0
    assert "States are not saved" in capfd.readouterr().err


def test_a_full_disk_is_no_matter(
    hybrid: Engine, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("app.engine.statewriter._allocate", full)
    chat = Chat(hybrid, "one")
    chat.ask(LONG)
    keeper(hybrid).save()
    assert files(hybrid) == set()
    assert "No space left on device" in capfd.readouterr().err
    assert hybrid.host.cache.line.unsaved
    assert chat.ask("And the table?").read_tokens < SHORT
    keeper(hybrid).save()
    keeper(hybrid).wait()
    monkeypatch.undo()
    hybrid.load()  # now there is room
    assert chat.ask("And the chair?").read_tokens < SHORT


def test_a_stop_does_not_wait_for_a_save_through_the_file(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(StateKeeper, "_room", lambda _keeper, _size: False)
    Chat(engine, "one").ask(LONG)
    go = threading.Event()
    keeper(engine)._put(keepers._Job(lambda: go.wait(10)))
    engine.host.cancel.set()
    keeper(engine).save()
    engine.host.cancel.clear()
    assert not go.is_set()
    go.set()
    assert files(engine) == set()


def test_what_was_loaded_before_leaves_no_ram_taken(engine: Engine) -> None:
    Chat(engine, "one").ask(LONG)
    Chat(engine, "two").ask(OTHER)
    before = [
        weakref.ref(engine.host.cache),
        weakref.ref(engine.host.cache.line),
        weakref.ref(keeper(engine)),
    ]
    engine.load()
    gc.collect()
    assert [there() for there in before] == [None, None, None]


def test_a_cancelled_request_does_not_wait_for_the_disk(hybrid: Engine) -> None:
    go = threading.Event()
    keeper(hybrid)._put(keepers._Job(lambda: go.wait(10)))
    hybrid.host.cancel.set()
    keeper(hybrid).wait()
    hybrid.host.cancel.clear()
    assert not go.is_set()
    go.set()


# ---- what it would cost --------------------------------------------------------------------


def test_a_prediction_is_what_is_read_then(engine: Engine) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    chat.ask("And the table?")
    later = (ChatMessage("user", "And now?"),)
    for messages in ((*chat.messages, *later), (*chat.messages[:2], *later), (ChatMessage("user", OTHER),)):
        request = Generate(1, messages, sampling=GREEDY, max_tokens=1, conversation="one")
        said = predict(engine.host, 7, request, lambda: False)
        usage = finished(
            engine.run(messages=messages, sampling=GREEDY, max_tokens=1, conversation="one")
        ).usage
        assert (said.request_id, said.prompt_tokens) == (7, usage.prompt_tokens)
        assert abs(said.read_tokens - usage.read_tokens) <= 8
        assert said.seconds is not None
        assert said.seconds > 0


def test_a_prediction_counts_nothing_that_would_not_be_moved(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    Chat(engine, "two").ask(OTHER)
    monkeypatch.setattr("app.engine.cache._MOVED_A_TOKEN", 1)
    monkeypatch.setattr("app.engine.cache._MOVED_A_SECOND", 0)
    request = Generate(1, (*chat.messages, ChatMessage("user", "And now?")), conversation="one")
    said = predict(engine.host, 1, request, lambda: False)
    assert chat.ask("And now?", count=1).read_tokens == said.read_tokens > 350


def test_a_prediction_counts_what_is_on_the_disk(engine: Engine) -> None:
    chat = Chat(engine, "one")
    chat.ask(LONG)
    engine.load()
    request = Generate(1, (*chat.messages, ChatMessage("user", "And now?")), conversation="one")
    said = predict(engine.host, 1, request, lambda: False)
    assert said.read_tokens < SHORT
    assert said.seconds is None  # nothing was read yet
