"""The engine's process: who it ends with, what it answers meanwhile, and what gets on its pipe."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app.engine.process import CAPABILITIES
from app.engine.protocol import (
    COMMANDS,
    EVENTS,
    Cancel,
    CountTokens,
    Delta,
    Devices,
    Failed,
    Finished,
    Forget,
    Forgotten,
    Generate,
    GetDevices,
    GetState,
    Loaded,
    Predict,
    Predicted,
    Ready,
    SetBudgets,
    State,
    TokenCount,
    Unload,
    Unloaded,
)
from app.engine.values import Budgets
from app.paths import self_command
from tests import miniatures
from tests.engine.here import PROSE
from tests.engine.support import (
    Driver,
    Reply,
    ask,
    child_environment,
    descendants,
    engine,
    wait_for,
    wait_gone,
)

#: A parent that does as the window does, and says when it has got where it is to be killed.
PARENT = """
import sys
from app.engine.client import EngineClient
from app.engine.protocol import *
path, where = sys.argv[1:]
client = EngineClient()
client.start()
client.send(Load(1, path, LoadOptions(n_ctx=8192, n_threads=1)))
client.send(Generate(2, messages=(ChatMessage("user", "word " * int(sys.argv[2] == "ReadProgress") * 4000),)
    if where == "ReadProgress" else (ChatMessage("user", "Tell me a story."),)))
while True:
    event = client.next_event(60)
    if type(event).__name__ == where:
        print(where, flush=True)
"""


@pytest.mark.parametrize("where", ["LoadProgress", "ReadProgress", "Delta"])
def test_a_killed_parent_leaves_no_process(where: str, starter: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(starter), where]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=child_environment(), text=True) as parent:
        assert parent.stdout is not None
        assert parent.stdout.readline().strip() == where
        below = descendants(parent.pid)
        # The engine, and the process that renders its templates.
        assert len(below) == 2, below
        parent.send_signal(signal.SIGKILL)
        parent.stdout.close()
    assert not wait_gone(below, 10)


def test_a_killed_engine_leaves_no_template_process() -> None:
    with engine() as driver:
        assert driver.client.pid is not None
        below = descendants(driver.client.pid)
        assert len(below) == 1
        driver.client.kill()
        assert not wait_gone(below, 10)


def test_closing_ends_it_in_the_middle_of_an_answer(hybrid: Path) -> None:
    with engine(hybrid, n_ctx=8192) as driver:
        assert driver.client.pid is not None
        processes = [psutil.Process(driver.client.pid), *descendants(driver.client.pid)]
        driver.until(lambda event: isinstance(event, Delta), into=driver.begin(**ask("Hello")))
        driver.client.close()
        assert not wait_gone(processes, 10)


def test_closing_saves_what_was_read(hybrid: Path, tmp_path: Path) -> None:
    with engine(hybrid, state_folder=str(tmp_path)) as driver:
        reply = driver.begin(**ask(PROSE, max_tokens=500, conversation="one"))
        driver.until(lambda event: isinstance(event, Delta), into=reply)
        assert list(tmp_path.iterdir()) == []
    assert list(tmp_path.glob("*.state"))
    assert not list(tmp_path.glob("*.part"))
    with engine(hybrid, state_folder=str(tmp_path)) as driver:
        usage = driver.generate(**ask(PROSE, max_tokens=4, conversation="one")).finished.usage
        assert usage.read_tokens <= 8 < usage.reused_tokens


def test_an_idle_engine_saves(hybrid: Path, tmp_path: Path) -> None:
    with engine(hybrid, state_folder=str(tmp_path), idle_s=0.05) as driver:
        driver.generate(**ask(PROSE, max_tokens=4, conversation="one"))
        wait_for(lambda: list(tmp_path.glob("*.state")))


def test_what_would_be_read_is_told_and_a_question_goes_first(hybrid: Path) -> None:
    with engine(hybrid) as driver:
        driver.generate(**ask(PROSE, max_tokens=4))
        question = Generate(0, **ask(PROSE, max_tokens=4))
        driver.send(Predict(driver.new_id(), question))
        event = driver.until(lambda event: isinstance(event, Predicted))
        assert isinstance(event, Predicted)
        assert event.read_tokens <= 8 < event.prompt_tokens
        assert event.seconds is not None
        assert 0 < event.seconds < 10
        # One that is in a question's way is given up.
        first = driver.begin(**ask("word " * 300, max_tokens=1))
        driver.send(Predict(predicted := driver.new_id(), question))
        second = driver.begin(**ask("Hello?", max_tokens=1))
        driver.finish(first)
        given_up = driver.until(lambda event: getattr(event, "request_id", 0) == predicted)
        assert isinstance(given_up, Failed)
        assert given_up.kind == "cancelled"
        driver.finish(second)


def test_a_conversation_is_forgotten(hybrid: Path, tmp_path: Path) -> None:
    with engine(hybrid, state_folder=str(tmp_path), idle_s=0.05) as driver:
        driver.generate(**ask(PROSE, max_tokens=4, conversation="one"))
        wait_for(lambda: list(tmp_path.glob("*.state")))
        driver.send(Forget(number := driver.new_id(), "one"))
        assert driver.until(lambda event: isinstance(event, Forgotten)) == Forgotten(number, whole=True)
        assert list(tmp_path.iterdir()) == []
        assert driver.generate(**ask(PROSE, max_tokens=4)).finished.usage.reused_tokens < 30


def test_a_conversation_that_is_deleted_right_before_the_end_is_not_saved(
    hybrid: Path, tmp_path: Path
) -> None:
    with engine(hybrid, state_folder=str(tmp_path)) as driver:
        reply = driver.begin(**ask(PROSE, conversation="one"))
        driver.until(lambda event: isinstance(event, Delta))
        driver.send(Cancel(driver.new_id(), reply.request_id))
        driver.send(Forget(driver.new_id(), "one"))
    assert list(tmp_path.iterdir()) == []


def test_a_smaller_budget_holds_at_once(hybrid: Path, tmp_path: Path) -> None:
    with engine(hybrid, state_folder=str(tmp_path), idle_s=0.05) as driver:
        driver.generate(**ask(PROSE, max_tokens=4, conversation="one"))
        wait_for(lambda: list(tmp_path.glob("*.state")))
        driver.send(SetBudgets(driver.new_id(), Budgets(disk_bytes=1)))
        wait_for(lambda: not list(tmp_path.glob("*.state")))


def test_it_ends_quietly_at_the_end_of_its_input() -> None:
    command = self_command("engine-process")
    done = subprocess.run(command, input=b"", capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert b"Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"hello, engine, how are you", "out of step"), (COMMANDS.encode(GetState(1))[:-3], "inside a frame")],
)
def test_it_ends_when_it_is_talked_to_in_another_protocol(data: bytes, words: str) -> None:
    command = self_command("engine-process")
    done = subprocess.run(command, input=data, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0
    assert words in done.stderr.decode()


NOISY = """
import ctypes, os, sys
from app.engine.process import claim_pipes
from app.engine.protocol import EVENTS, TokenCount
commands, events = claim_pipes()
libc = ctypes.CDLL(None)
libc.puts(b"native noise"); libc.fflush(None)
os.write(1, b"raw noise\\n")
print("python noise", flush=True)
os.system("echo noise of a child")
assert sys.stdin.read() == "" and os.read(0, 10) == b""
events.write(EVENTS.encode(TokenCount(1, 2))); events.flush()
assert commands.read() == b"for the engine only"
os.write(1, b"end\\n")
"""


def test_native_output_stays_off_the_protocol() -> None:
    command = [sys.executable, "-c", NOISY]
    done = subprocess.run(
        command,
        input=b"for the engine only",
        capture_output=True,
        env=child_environment(),
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout == EVENTS.encode(TokenCount(1, 2)), done.stdout
    noise = done.stderr.decode().split("\n")
    wanted = {"native noise", "raw noise", "python noise", "noise of a child", "end"}
    assert wanted <= set(noise), noise


def test_it_states_what_it_can() -> None:
    driver = Driver()
    try:
        ready = driver.start()
    finally:
        driver.client.close()
    assert isinstance(ready, Ready)
    assert ready.engine == "llama.cpp"
    assert ready.version[0].isdigit()
    assert ready.capabilities == CAPABILITIES
    assert {"messages", "raw_prompt", "grammar", "thinking_budget", "count_tokens"} <= set(ready.capabilities)
    assert "CPU" in ready.system_info


@pytest.fixture(scope="module")
def running(hybrid: Path) -> Iterator[Driver]:
    with engine(hybrid, n_ctx=8192) as driver:
        yield driver


def test_queries_are_answered_while_it_decodes(running: Driver) -> None:
    reply = running.begin(**ask("Hello", mode="thinking"))
    running.until(lambda event: isinstance(event, Delta), into=reply)
    running.send(CountTokens(101, "one two three \U0001f600 \ud800 <|im_end|>"))
    running.send(GetDevices(102))
    running.send(GetState(103))
    found: list[object] = []
    while len(found) < 3:
        event = running.until(lambda e: isinstance(e, TokenCount | Devices | State | Finished), into=reply)
        assert not isinstance(event, Finished), "the answers came after the last token"
        found.append(event)
    # Counted is on a thread of its own.
    (count,) = (event for event in found if isinstance(event, TokenCount))
    devices, state = (event for event in found if not isinstance(event, TokenCount))
    assert (count.request_id, 5 < count.tokens < 40) == (101, True)
    assert isinstance(devices, Devices)
    assert [device.kind for device in devices.devices][-1] == "cpu"
    assert devices.devices[-1].total_bytes >= devices.devices[-1].free_bytes > 0
    assert isinstance(state, State)
    assert (state.request_id, state.phase) == (103, "answering")
    assert state.model is not None
    assert state.cached_tokens > 0
    running.send(Cancel(104, reply.request_id))
    assert running.finish(reply).finished.reason == "cancelled"


def test_the_state_of_an_idle_engine(running: Driver) -> None:
    running.send(GetState(1))
    state = running.until(lambda event: isinstance(event, State))
    assert isinstance(state, State)
    assert state.phase == "idle"
    assert state.model is not None
    assert state.model.architecture == "nemotron_h_moe"
    assert state.model.memory == "hybrid"
    assert state.last_log


def test_counting_without_a_model() -> None:
    with engine() as driver:
        driver.send(CountTokens(1, "hello"))
        failed = driver.until(lambda event: isinstance(event, Failed))
        assert isinstance(failed, Failed)
        assert (failed.request_id, failed.message) == (1, "No model is loaded.")


def test_a_count_under_way_survives_the_unloading_of_its_model(hybrid: Path) -> None:
    """The vocabulary is freed with the model: not before the side thread is through with it."""
    with engine(hybrid) as driver:
        text = "The capital of the table is the end of the user. " * 60_000
        driver.send(CountTokens(11, text))
        driver.send(Unload(12))
        # Either may be first: the count that was under way, or the unloading that it then misses.
        seen = Reply(0)
        driver.until(lambda event: isinstance(event, TokenCount | Failed | Unloaded), into=seen)
        driver.until(lambda event: isinstance(event, TokenCount | Failed | Unloaded), into=seen)
        (count,) = (event for event in seen.events if not isinstance(event, Unloaded))
        assert isinstance(count, TokenCount) or count.message in (  # type: ignore[union-attr]
            "No model is loaded.",
            "The model was unloaded.",
        )
        assert isinstance(driver.load(hybrid), Loaded)
        assert driver.generate(**ask("Hello", max_tokens=3)).finished.reason == "length"


def test_tools_that_the_template_cannot_take_are_refused_and_it_goes_on(running: Driver) -> None:
    reply = running.generate(**ask("Hello", tools=({"function": {"name": "x"}}, {"nothing": 1})))
    assert reply.failed.kind == "template"
    assert running.generate(**ask("Hello", max_tokens=2)).finished.reason == "length"


def test_standard_error_is_kept(tmp_path: Path) -> None:
    """llama.cpp's own words on a damaged file are among the last lines when the engine dies."""
    damaged = tmp_path / "damaged.gguf"
    damaged.write_bytes(miniatures.sliding().read_bytes()[:20_000])
    with engine() as driver:
        assert isinstance(driver.load(damaged), Failed)
        assert driver.client.pid is not None
        os.kill(driver.client.pid, signal.SIGABRT)
        died = driver.until(lambda event: type(event).__name__ == "EngineDied")
        lines = "\n".join(died.last_lines)  # type: ignore[union-attr]
        assert "Fatal Python error: Aborted" in lines
        assert "failed to load model" in lines
        assert died.how == "signal SIGABRT"  # type: ignore[union-attr]
