from __future__ import annotations

import logging

import pytest

from app.engine.protocol import Devices, Failed, Finished, Loaded, Ready, Unloaded
from app.engine.session_events import EngineStopped, Retrying, SaferSettings
from app.engine.values import Device, Timings, Usage
from app.errors import DiskFullError
from app.store.opening import OpenReport
from tests.engine.scripted_engine import info
from ui.control.chronicle import Chronicle


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO, "cascade")
    return caplog


def test_kinds_and_numbers_are_written(said: pytest.LogCaptureFixture) -> None:
    chronicle = Chronicle()
    for event in (
        Ready("llama.cpp", "1", (), system_info="AVX"),
        Loaded(1, info("/x/gossamer.gguf"), 0.5),
        Finished(2, "stop", Usage(9, 4, 5, 7), Timings(0.25, 100.0, 50.0)),
        Failed(3, "bug", "marmalade", "marmalade"),
        EngineStopped(0, "The engine stopped unexpectedly (signal SIGSEGV).", ("marmalade",), True),
        Retrying("on the CPU"),
        SaferSettings("on the CPU"),
        SaferSettings(""),
    ):
        chronicle.on_event(event)
    assert said.messages == [
        "ready: llama-cpp-python 1, AVX",
        "loaded in 0.50 s: llama, F32, 0 MB, context of 1,024 tokens, 1 layers",
        "answered: stop, 4 tokens read, 5 kept, 7 written, first after 0.25 s, 50.0 tokens/s",
        "failed: bug",
        "the engine ended (signal SIGSEGV), starts again",
        "loading again on the CPU",
        "safer settings: on the CPU",
    ]


def test_the_same_failure_again_and_again_is_written_once(said: pytest.LogCaptureFixture) -> None:
    chronicle = Chronicle()
    chronicle.on_event(Failed(1, "request", ""))  # no engine yet
    chronicle.on_event(Ready("llama.cpp", "1", ()))
    for _ in range(50):
        chronicle.on_event(Failed(1, "request", ""))
    assert said.messages[1:] == ["failed: request"]


def test_what_is_known_of_the_engine_is_kept_and_forgotten() -> None:
    chronicle = Chronicle()
    chronicle.on_event(Ready("llama.cpp", "1", (), True, "AVX"))
    chronicle.on_event(Devices(1, (Device("CPU", "x", "cpu", 1, 2),)))
    chronicle.on_event(Loaded(1, info("/m"), 0.5))
    assert chronicle.facts.model is not None
    assert chronicle.facts.devices[0].name == "CPU"
    chronicle.on_event(Unloaded(2))
    assert chronicle.facts.model is None
    chronicle.on_event(EngineStopped(0, "It stopped.", (), False))
    assert chronicle.facts.version == ""


def test_trouble_with_the_store_is_written(said: pytest.LogCaptureFixture) -> None:
    chronicle = Chronicle()
    chronicle.on_store_opened(OpenReport(recovered=True, lost="marmalade"))
    chronicle.on_store_opened(OpenReport())
    chronicle.on_store_trouble(None)
    chronicle.on_store_trouble(DiskFullError("marmalade"))
    assert said.messages == ["opened, recovered", "opened", "not saved"]
