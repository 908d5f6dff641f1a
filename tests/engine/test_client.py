"""The parent's side of the pipe: starting, dying, closing."""

from __future__ import annotations

import errno
import os
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from app import wire
from app.engine.client import EngineClient, EngineDied
from app.engine.protocol import (
    EVENTS,
    CountTokens,
    Failed,
    Load,
    Ready,
    TokenCount,
)
from tests.engine.support import Driver, child_environment, wait_gone

TEN_S = 10.0


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


SAYS = (
    "import sys; from app.engine.protocol import *; out = sys.stdout.buffer;"
    "out.write(EVENTS.encode(TokenCount(1, 2))); out.flush();"
)


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", child_environment()["PYTHONPATH"])


@pytest.fixture
def driver() -> Iterator[Driver]:
    made = Driver()
    yield made
    made.client.close()


def died(client: EngineClient) -> EngineDied:
    event = client.next_event(TEN_S)
    assert isinstance(event, EngineDied), event
    return event


@pytest.mark.parametrize(
    ("code", "how"),
    [
        ("import sys; sys.exit(3)", "exit code 3"),
        ("", "exit code 0"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "signal SIGSEGV"),
        ("import os; os.abort()", "signal SIGABRT"),
    ],
)
def test_how_it_died(code: str, how: str) -> None:
    client = EngineClient(command=python(code))
    client.start()
    event = died(client)
    assert (event.generation, event.how) == (1, how)
    client.close()


def test_its_last_lines_come_with_its_death() -> None:
    client = EngineClient(command=python("import sys\nfor n in range(99): print(n, file=sys.stderr)\nboom"))
    client.start()
    lines = died(client).last_lines
    assert len(lines) == 60
    assert lines[-1].startswith("NameError: name 'boom' is not defined")
    assert "98" in lines
    client.close()


def test_lines_that_are_no_text_or_without_end_are_cut() -> None:
    code = "import os; os.write(2, b'\\xff\\xfe' + b'x' * 100000 + b'\\n'); os.write(2, b'no newline')"
    client = EngineClient(command=python(code))
    client.start()
    lines = died(client).last_lines
    assert len(lines[0]) == 2000
    assert lines[0].startswith("\ufffd\ufffdx")
    assert lines[1] == "no newline"
    client.close()


@pytest.mark.usefixtures("environment")
def test_events_before_a_death_are_delivered_first() -> None:
    client = EngineClient(command=python(SAYS * 1 + "import os; os.abort()"))
    client.start()
    assert client.next_event(TEN_S) == TokenCount(1, 2)
    assert died(client).how == "signal SIGABRT"
    client.close()


@pytest.mark.usefixtures("environment")
def test_what_is_out_of_step_is_killed_and_told() -> None:
    code = SAYS + "out.write(b'oh, a stray line of text'); out.flush(); sys.stdin.read()"
    client = EngineClient(command=python(code))
    client.start()
    assert client.next_event(TEN_S) == TokenCount(1, 2)
    assert died(client).how == "signal SIGKILL (the stream is out of step)"
    client.close()


def test_it_is_started_again_after_a_death(driver: Driver) -> None:
    driver.start()
    first = driver.client.pid
    driver.client.kill()
    event = driver.until(lambda e: isinstance(e, EngineDied), TEN_S)
    assert isinstance(event, EngineDied)
    assert event.how == "signal SIGKILL"
    driver.start()
    assert driver.client.generation == 2
    assert driver.client.pid != first


def test_commands_to_a_dead_process_are_dropped(driver: Driver) -> None:
    driver.send(Load(1, "before the start"))
    driver.start()
    driver.client.kill()
    driver.until(lambda e: isinstance(e, EngineDied), TEN_S)
    for _ in range(100):
        driver.send(Load(1, "x" * 10_000))


def test_closing_is_no_death_and_can_be_done_twice(driver: Driver) -> None:
    driver.start()
    assert driver.client.pid is not None
    process = psutil.Process(driver.client.pid)
    driver.client.close()
    driver.client.close()
    assert not wait_gone([process], 0.0)
    assert driver.client.pid is None
    assert driver.client.next_event(0.0) is None


def test_closing_before_the_start() -> None:
    EngineClient().close()


def test_a_process_that_does_not_end_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.engine.client._EXIT_S", 0.3)
    client = EngineClient(command=python("import signal\nwhile True: signal.pause()"))
    client.start()
    assert client.pid is not None
    process = psutil.Process(client.pid)
    client.close()
    assert not wait_gone([process], 0.0)


def test_events_can_be_delivered_elsewhere() -> None:
    seen: list[object] = []
    ready = threading.Event()

    def deliver(event: object) -> None:
        seen.append((type(event), threading.current_thread().name))
        ready.set()

    client = EngineClient(deliver)
    client.start()
    assert ready.wait(60)
    client.close()
    assert seen == [(Ready, "engine-events")]


def test_ctrl_c_is_the_parents_matter(driver: Driver) -> None:
    driver.start()
    assert driver.client.pid is not None
    os.kill(driver.client.pid, signal.SIGINT)
    loaded = driver.load(Path("/nowhere.gguf"))
    assert not isinstance(loaded, EngineDied)


def test_a_frame_is_what_the_registry_says() -> None:
    assert EVENTS.encode(TokenCount(1, 2))[:2] == b"CD"


def test_what_is_too_long_to_be_sent_fails_and_nothing_else_does(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver.start()
    with monkeypatch.context() as patch:
        patch.setattr(wire, "MAX_LONG_BYTES", 10_000)
        driver.client.send(CountTokens(7, "x" * 20_000))
    failed = driver.client.next_event(TEN_S)
    assert isinstance(failed, Failed)
    assert (failed.request_id, failed.kind) == (7, "request")
    driver.client.send(CountTokens(8, "x"))
    failed = driver.client.next_event(TEN_S)
    assert isinstance(failed, Failed)
    assert (failed.request_id, failed.message) == (8, "No model is loaded.")


def test_a_program_that_is_gone_is_told_of_as_a_death(tmp_path: Path) -> None:
    client = EngineClient(command=[str(tmp_path / "gone")])
    client.start()
    event = died(client)
    assert (event.generation, event.how) == (1, os.strerror(errno.ENOENT))
    assert client.pid is None
    client.close()
