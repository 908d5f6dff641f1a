"""How much of a prompt is read again, by kind of memory; and that no failure is believed.

Prompts are built of token ids here, so that what is read is the cache's doing alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import llama_cpp.llama_cpp as llama
import numpy as np
import pytest

from app.engine.cache import Line, Saved, SequenceCache, default_budget
from app.engine.checkpoints import common_prefix
from app.engine.protocol import Finished
from app.engine.values import Device, Usage
from tests.engine.chats import ASSISTANT, NO_THOUGHT, Chat
from tests.engine.walks import SHAPES, Traced, logits_of

N_CTX, N_BATCH = 4096, 128
#: How many tokens each case may read beyond those after the first difference.
SLACK = 8
DOCUMENT = 900
NAMES = list(SHAPES)
#: Both modes in `make soak`: what differs between them is which tokens are dropped, and that is one case.
MODES = ["instruct", pytest.param("thinking", marks=pytest.mark.soak)]


@pytest.fixture(scope="module")
def traced() -> Iterator[dict[str, Traced]]:
    engines = {name: Traced(name, n_ctx=N_CTX, n_batch=N_BATCH) for name in NAMES}
    for engine in engines.values():
        # The miniature's own end token may come at any time; here every answer has its length.
        engine.host.vocab.is_end = lambda _token: False  # type: ignore[method-assign]
    yield engines
    for engine in engines.values():
        engine.close()


@pytest.fixture(params=NAMES)
def engine(request: pytest.FixtureRequest, traced: dict[str, Traced]) -> Traced:
    made = traced[request.param]
    made.host.cache.clear()
    return made


@pytest.fixture(params=MODES)
def chat(request: pytest.FixtureRequest, engine: Traced) -> Chat:
    """A document and three turns."""
    made = Chat(engine, request.param)
    made.ask(made.words(DOCUMENT))
    made.ask(made.words(40))
    made.ask(made.words(30))
    return made


def difference(chat: Chat, tokens: list[int]) -> int:
    """How many of `tokens` stand behind the first that is not in the context."""
    return len(tokens) - common_prefix(chat.engine.host.cache.tokens, tokens)


def prompt(chat: Chat, user: list[int]) -> list[int]:
    return [*chat.history(), *user, chat.ender, *chat.generation()]


def check(case: str, chat: Chat, user: list[int], slack: int = SLACK) -> Usage:
    limit = max(difference(chat, prompt(chat, user)), 1) + slack
    usage = chat.ask(user)
    print(f"{case}: read {usage.read_tokens} of {usage.prompt_tokens}, limit {limit}")
    assert usage.read_tokens <= limit
    return usage


def test_the_next_turn(chat: Chat) -> None:
    for _ in range(3):
        check("next", chat, chat.words(20))


def test_regenerate(chat: Chat) -> None:
    for _ in range(2):
        user, _answer = chat.turns.pop()
        check("regenerate", chat, user)


def test_the_last_question_is_edited(chat: Chat) -> None:
    chat.turns.pop()
    check("edit_last", chat, chat.words(35))


def test_back_to_the_other_branch(chat: Chat) -> None:
    turns = list(chat.turns)
    chat.turns.pop()
    chat.ask(chat.words(35))
    chat.ask(chat.words(20))
    chat.turns = turns
    check("other_branch_back", chat, chat.words(20))


def test_the_mode_changes(chat: Chat) -> None:
    for _ in range(2):
        chat.mode = "thinking" if chat.mode == "instruct" else "instruct"
        check("mode_change", chat, chat.words(20))


@pytest.mark.parametrize("mode", MODES)
def test_the_question_behind_a_document_is_edited(engine: Traced, mode: str) -> None:
    chat = Chat(engine, mode)
    document = chat.words(DOCUMENT)
    at = len(chat.head) + len(document)
    for length in (20, 35, 10):
        chat.turns = []
        user = [*document, *chat.words(length)]
        chat.documents = [len(chat.head), at, len(chat.head) + len(user) + 1]
        if length == 20:
            chat.ask(user)
        else:
            check("edit_after_document", chat, user)


@pytest.mark.parametrize("mode", MODES)
def test_an_early_question_is_edited(engine: Traced, mode: str) -> None:
    """Turn 3 of 40, with RAM for 64 checkpoints."""
    chat = Chat(engine, mode)
    chat.ask(chat.words(20))
    cache = engine.host.cache
    size = max((mark.size for mark in cache.checkpoints), default=1)
    cache.checkpoint_bytes, before = 64 * size, cache.checkpoint_bytes
    try:
        for _ in range(39):
            chat.ask(chat.words(12), count=6)
        assert sum(mark.size for mark in cache.checkpoints) <= cache.checkpoint_bytes
        old = list(chat.turns)
        del chat.turns[2:]
        check("edit_early", chat, chat.words(25), slack=64)
        # And back again: the long branch was kept aside.
        chat.turns = old
        usage = chat.ask(chat.words(20))
        print(f"edit_early, back: read {usage.read_tokens} of {usage.prompt_tokens}")
        assert usage.read_tokens <= 20 + 12 + 2 * SLACK
    finally:
        cache.checkpoint_bytes = before


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("system", [30, 400])
def test_back_after_five_other_conversations(engine: Traced, mode: str, system: int) -> None:
    """They share the system prompt, so that something is in place for each."""
    chats = [Chat(engine, mode, seed=7, system=system) for _ in range(6)]
    for number, chat in enumerate(chats):
        chat.random.seed(number)
        chat.ask(chat.words(300))
        chat.ask(chat.words(50))
    for chat in chats:
        # In thinking mode the last answer is new, too: its thought is gone.
        new = 20 + 1 + len(chat.generation()) + 1
        answer = len(NO_THOUGHT) + len(chat.turns[-1][1]) if mode == "thinking" else 0
        usage = chat.ask(chat.words(20))
        print(f"other_conversations_back: read {usage.read_tokens} of {usage.prompt_tokens}")
        assert usage.read_tokens <= new + answer + SLACK


@pytest.mark.parametrize("nodes", [0, 20, 60])
def test_a_stopped_reading_goes_on(engine: Traced, nodes: int) -> None:
    """Stopped between two steps, or somewhere in one: what was read is kept, to within a step."""
    chat = Chat(engine)
    user = chat.words(DOCUMENT)
    usage = chat.ask(user, stop_at=500, nodes=nodes)
    assert usage.generated_tokens == 0
    # At once, not only before the next prompt: a hybrid's positions lie after an abort.
    cache = engine.host.cache
    assert len(cache.tokens) == cache.memory._last() + 1 == usage.read_tokens
    assert 500 <= usage.read_tokens < DOCUMENT
    chat.turns.clear()
    again = chat.ask(user)
    print(f"prefill_stopped: read {usage.read_tokens}, kept {again.reused_tokens}")
    assert again.reused_tokens >= usage.read_tokens - N_BATCH
    assert again.generated_tokens == 12


def test_an_answer_is_continued(engine: Traced) -> None:
    chat = Chat(engine)
    usage = chat.ask(chat.words(100))
    tokens = list(engine.host.cache.tokens)
    again, _events = chat.send([*tokens, 405])
    assert (usage.generated_tokens, again.read_tokens) == (12, 1)


def test_a_stopped_answer_costs_nothing(engine: Traced) -> None:
    """The stop comes in the middle of a step: what was decoded before stays."""
    chat = Chat(engine)
    host = engine.host
    decode = host.decode
    done: list[int] = []

    def stop_in_the_eighth(tokens: Any, *, logits: bool) -> int:
        done.append(len(tokens))
        if done.count(1) == 8:
            host.cancel.set()
        return decode(tokens, logits=logits)

    host.decode = stop_in_the_eighth  # type: ignore[method-assign]
    try:
        _usage, events = chat.send([*chat.head, *chat.words(100), chat.ender, *ASSISTANT])
    finally:
        host.decode = decode  # type: ignore[method-assign]
    assert isinstance(events[-1], Finished)
    assert events[-1].reason == "cancelled"
    tokens = list(host.cache.tokens)
    assert len(tokens) >= len(chat.head) + 103 + 7
    again, _events = chat.send([*tokens, 405, 406])
    assert again.read_tokens == 2


# ---- what is kept -------------------------------------------------------------------------


def test_attention_alone_takes_no_checkpoints(traced: dict[str, Traced]) -> None:
    """One would hold the whole cache."""
    engine = traced["plain"]
    engine.host.cache.clear()
    engine.used.clear()
    chat = Chat(engine)
    chat.ask(chat.words(300))
    chat.ask(chat.words(30))
    assert engine.used["checkpoint"] == 0
    assert engine.host.cache.checkpoints == ()


def test_a_recurrent_checkpoint_is_as_large_at_any_length(traced: dict[str, Traced]) -> None:
    cache = traced["hybrid"].host.cache
    cache.clear()
    chat = Chat(traced["hybrid"])
    chat.ask(chat.words(1000))
    assert len({mark.size for mark in cache.checkpoints}) == 1
    assert cache.memory.state_size() > 5 * cache.checkpoints[0].size
    assert [mark.reason for mark in cache.checkpoints][-2:] == ["boundary", "answer"]
    assert cache.checkpoints[-1].position == len(cache.tokens)


def test_the_budgets_hold(engine: Traced) -> None:
    cache = engine.host.cache
    before = cache.checkpoint_bytes, cache.aside_bytes
    cache.checkpoint_bytes, cache.aside_bytes = 300_000, 700_000
    try:
        for seed in range(6):
            chat = Chat(engine, seed=seed)
            chat.ask(chat.words(300))
            states = [len(saved.state) for saved in cache.aside]
            marks = {id(mark): mark.size for saved in cache.aside for mark in saved.line.checkpoints}
            marks |= {id(mark): mark.size for mark in cache.checkpoints}
            assert sum(states) <= cache.aside_bytes
            assert sum(marks.values()) <= cache.checkpoint_bytes
        assert states
    finally:
        cache.checkpoint_bytes, cache.aside_bytes = before


@pytest.mark.parametrize(
    ("available", "expected"), [(1 << 30, 256 << 20), (16 << 30, 1 << 30), (1 << 40, 4 << 30)]
)
def test_the_default_budget_is_within_its_bounds(
    monkeypatch: pytest.MonkeyPatch, available: int, expected: int
) -> None:
    monkeypatch.setattr("app.engine.cache.available_bytes", lambda: available)
    assert default_budget() == expected
    # Where the system does not say, ggml's CPU device does.
    cpu = Device("CPU", "", "cpu", available, available)
    monkeypatch.setattr("app.engine.cache.available_bytes", lambda: None)
    monkeypatch.setattr("app.engine.cache.devices", lambda: (replace(cpu, kind="gpu", free_bytes=1), cpu))
    assert default_budget() == expected


# ---- what fails is not believed -----------------------------------------------------------


def fresh_answer(engine: Traced, tokens: list[int]) -> list[int]:
    engine.host.cache.clear()
    Chat(engine).send(tokens)
    return engine.host.cache.tokens[len(tokens) :]


@pytest.mark.parametrize(
    "broken", ["checkpoint", "return_to", "state", "set_state", "cut", "holds", "covers"]
)
def test_where_llama_cpp_refuses_the_tokens_are_read(engine: Traced, broken: str) -> None:
    """Each of the memory's operations fails in turn: answers stay those of a fresh context."""
    chat = Chat(engine)
    user, other, edit = chat.words(300), chat.words(200), chat.words(30)
    start = len(chat.head)
    tokens = [
        [*chat.head, *user, chat.ender, 400],
        [*other, chat.ender, 400],
        [*chat.head, *user[:250], *edit, chat.ender, 400],
    ]
    expected = [fresh_answer(engine, each) for each in tokens]
    engine.host.cache.clear()
    memory = engine.host.cache.memory
    original = getattr(memory, broken)
    setattr(memory, broken, lambda *_args: None if broken in ("checkpoint", "state") else False)
    try:
        for index in (0, 1, 0, 2):
            _usage, events = chat.send(tokens[index])
            assert isinstance(events[-1], Finished)
            got = engine.host.cache.tokens[len(tokens[index]) :]
            assert got[:4] == expected[index][:4], (index, start)
    finally:
        setattr(memory, broken, original)


@pytest.mark.parametrize("kept", [True, False])
def test_a_window_that_is_gone_is_not_believed(traced: dict[str, Traced], kept: bool) -> None:
    """llama.cpp cuts without a complaint; going on from there would be far off."""
    engine = traced["sliding"]
    cache = engine.host.cache
    cache.clear()
    chat = Chat(engine)
    tokens = chat.words(900)
    edited = [*tokens[:300], *chat.words(60)]
    chat.documents = [250]
    read: list[np.ndarray] = []
    engine.on_read = lambda _prompt, logits: read.append(logits)
    chat.send(edited)
    cache.clear()
    chat.send(tokens)
    assert not cache.memory.covers(300)
    if not kept:
        cache._line.checkpoints.clear()
    usage, _events = chat.send(edited)
    assert usage.reused_tokens == (250 if kept else 0)
    # The same without a look at the positions.
    cache.clear()
    chat.send(tokens)
    assert llama.llama_memory_seq_rm(cache.memory._memory, 0, 300, -1)
    cache._line.cut(300)
    assert engine.host.decode(edited[300:], logits=True) == 0
    wrong = logits_of(engine.host.context, engine.host.vocab.size)
    engine.on_read = lambda _prompt, _logits: None
    cache.clear()
    fresh, _whole, again, _whole = read
    off, rounding = np.abs(wrong - fresh).max(), np.abs(again - fresh).max()
    print(f"off by {off} with a window that is gone, by {rounding} as it is done")
    assert off > 0.1
    assert rounding < 0.01


@pytest.mark.parametrize("harm", ["short", "empty", "other_length"])
def test_a_damaged_state_is_not_believed(engine: Traced, harm: str) -> None:
    """llama.cpp refuses it and may leave an empty sequence; its tokens are read again."""
    chat = Chat(engine)
    tokens = [*chat.head, *chat.words(300), chat.ender, 400]
    expected = fresh_answer(engine, tokens)
    cache = engine.host.cache
    saved = cache.export()
    assert saved is not None
    line = saved.line
    if harm == "other_length":
        line = Line([*line.tokens, 405], list(line.checkpoints))
    state = {"short": saved.state[:-1000], "empty": bytearray(64), "other_length": saved.state}[harm]
    cache.clear()
    cache.keep(Saved(line, state))
    more = tokens if harm != "other_length" else [*line.tokens, 406]
    usage, _events = chat.send(more)
    assert usage.reused_tokens == 0
    if more is tokens:
        assert cache.tokens[len(tokens) :] == expected


def test_a_line_is_exported_and_kept_again(engine: Traced) -> None:
    """As it is done by what puts states on disk: another cache takes the line, checkpoints too."""
    chat = Chat(engine)
    chat.ask(chat.words(300))
    cache = engine.host.cache
    saved = cache.export()
    assert saved is not None
    assert len(saved.state) == cache.memory.state_size()
    held = list(cache.tokens)
    # What goes on behind the copy leaves it alone.
    chat.ask(chat.words(20))
    assert saved.line.tokens == held
    cache.clear()
    assert cache.export() is None
    assert cache.reusable([*held, 405]) == 0
    cache.keep(saved)
    assert cache.reusable([*held, 405]) == len(held)
    usage, _events = chat.send([*held, 405])
    assert usage.read_tokens == 1
    assert cache.checkpoints[: len(saved.line.checkpoints)] == tuple(saved.line.checkpoints)


def test_a_line_that_goes_on_from_another_takes_its_place(engine: Traced) -> None:
    cache: SequenceCache = engine.host.cache
    chat = Chat(engine)
    chat.ask(chat.words(100))
    first = cache.export()
    chat.ask(chat.words(100))
    second = cache.export()
    assert first is not None
    assert second is not None
    cache.clear()
    for saved in (first, second):
        cache.keep(saved)
    assert cache.aside == (second,)
    # One that is larger than the budget is not kept, and drives nothing out.
    cache.aside_bytes, before = len(second.state), cache.aside_bytes
    cache.keep(replace(first, state=bytearray(len(second.state) + 1)))
    assert cache.aside == (second,)
    cache.aside_bytes = before
