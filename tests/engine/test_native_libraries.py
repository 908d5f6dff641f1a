"""Real builds of llama.cpp in an engine's process: sound ones answer, all others leave the one inside."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import llama_cpp.llama_cpp as llama
import pytest

from app.engine import client as clients
from app.engine import libraries, native_libraries
from app.engine.client import EngineClient, EngineDied
from app.engine.dry_run_client import measure
from app.engine.identity import llama_build
from app.engine.ladder import LadderMemory
from app.engine.libraries import MARK, VARIABLE, Libraries, LibrariesRefused
from app.engine.protocol import Failed, Loaded, Ready
from app.engine.session import EngineSession
from app.engine.session_events import SessionEvent
from app.engine.values import LoadOptions
from tests.engine import builds
from tests.engine.support import child_environment

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="builds of Linux")


@pytest.fixture(autouse=True)
def forget(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an engine of another test runs with."""
    monkeypatch.setattr(libraries, "_in_use", "")


@contextmanager
def session(data: Path) -> Iterator[tuple[EngineSession, Callable[[type], SessionEvent], list[SessionEvent]]]:
    """A session, what waits for an event of a kind, and all that were reported."""
    client = EngineClient(libraries=Libraries(data))
    events: list[SessionEvent] = []
    made = EngineSession(client, LadderMemory(None), events.append)

    def until(*kinds: type) -> SessionEvent:
        while not events or not isinstance(events[-1], kinds):
            event = client.next_event(60)
            assert event is not None, events
            made.handle(event)
        return events[-1]

    try:
        made.start()
        yield made, until, events
    finally:
        made.close()


@linux_only
def test_a_build_in_the_data_folder_is_used_and_answers(tmp_path: Path, hybrid: Path) -> None:
    folder = builds.sound(tmp_path / "llama" / "mine")
    with session(tmp_path / "llama") as (engine, until, events):
        ready = until(Ready)
        assert isinstance(ready, Ready)
        assert ready.libraries == str(folder)
        assert ready.backends == ("CPU",)
        engine.load(str(hybrid), LoadOptions(n_ctx=512, n_threads=1))
        loaded = until(Loaded, Failed)
        assert isinstance(loaded, Loaded)
        assert loaded.info.backend == "CPU"
        assert not [one for one in events if isinstance(one, LibrariesRefused)]
    assert libraries.in_use() == str(folder)
    assert measure(hybrid, LoadOptions(n_ctx=512))["CPU"] > 0


@linux_only
def test_one_that_aborts_leaves_the_next_one(tmp_path: Path) -> None:
    bad = builds.compiled(tmp_path / "a", "libggml-base.so", builds.ABORTS)
    good = builds.sound(tmp_path / "b")
    with session(tmp_path) as (_engine, until, events):
        ready = until(Ready)
    assert isinstance(ready, Ready)
    assert ready.libraries == str(good)
    refused = [one for one in events if isinstance(one, LibrariesRefused)]
    assert [(one.folder, one.kind) for one in refused] == [(str(bad), "crash")]
    assert "SIGABRT" in refused[0].why


@linux_only
def test_those_that_hang_or_are_damaged_leave_the_one_inside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "_LIBRARIES_S", 1.0)
    builds.compiled(tmp_path / "a", "libggml-base.so", builds.HANGS)
    builds.damaged(tmp_path / "b")
    with session(tmp_path) as (_engine, until, events):
        ready = until(Ready)
    assert isinstance(ready, Ready)
    assert ready.libraries == libraries.in_use() == ""
    refused = [one for one in events if isinstance(one, LibrariesRefused)]
    assert [Path(one.folder).name for one in refused] == ["a", "b"]
    assert "SIGKILL" in refused[0].why
    assert events.index(refused[1]) < events.index(ready)


UNFIT: dict[str, tuple[Callable[[Path], Path], str]] = {
    "for another processor": (builds.of_another_machine, "load: "),
    "without ggml": (builds.without_ggml, "load: there is no ggml in it"),
    "of another version": (builds.of_another_version, "version: 0.1.2 llama-cpp-python-"),
    "without functions": (builds.without_functions, "other: "),
    "of another layout": (builds.of_another_layout, "other: n_ctx is 7"),
}


@linux_only
@pytest.mark.parametrize("case", UNFIT)
def test_one_that_does_not_fit_ends_the_process_with_the_reason(tmp_path: Path, case: str) -> None:
    make, reason = UNFIT[case]
    environment = child_environment() | {VARIABLE: str(make(tmp_path / "mine"))}
    code = "from app.engine import native_libraries as n; n.use()"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == native_libraries.REFUSED, done.stderr
    assert done.stderr.splitlines()[-1].startswith(f"{MARK}{reason}"), done.stderr


def test_an_engine_that_dies_with_the_libraries_inside_is_no_matter_of_libraries(tmp_path: Path) -> None:
    client = EngineClient(
        command=[sys.executable, "-c", "import os; os.abort()"], libraries=Libraries(tmp_path)
    )
    client.start()
    assert isinstance(client.next_event(30), EngineDied)
    client.close()


def test_the_defaults_are_those_of_the_libraries_inside() -> None:
    """They say that a build fits: with another llama.cpp these tables change, too."""
    for made, wanted in (
        (llama.llama_model_default_params(), native_libraries.MODEL_DEFAULTS),
        (llama.llama_context_default_params(), native_libraries.CONTEXT_DEFAULTS),
    ):
        assert {name: getattr(made, name) for name in wanted} == wanted


def test_the_version_of_the_libraries_inside_is_found_in_their_file() -> None:
    assert native_libraries.own_version_holds(own_version()) is True
    assert native_libraries.own_version_holds(b"999.0.0") is False


def own_version() -> bytes:
    from ctypes import c_char_p

    from app.engine.ggml import function

    version: bytes = function("ggml_version", c_char_p)()
    return version


def test_names_of_files_on_each_system(tmp_path: Path) -> None:
    for name in ("llama.dll", "libggml.dylib", "libggml.so"):
        (tmp_path / name).touch()
    assert native_libraries.library(tmp_path, "llama", "win32") == tmp_path / "llama.dll"
    assert native_libraries.library(tmp_path, "ggml", "darwin") == tmp_path / "libggml.dylib"
    assert native_libraries.library(tmp_path, "ggml", "linux") == tmp_path / "libggml.so"
    assert native_libraries.library(tmp_path, "llama", "linux") is None


@linux_only
def test_nothing_is_taken_from_where_a_person_stands(tmp_path: Path) -> None:
    """Not even by the system's own linker, which an empty place in LD_LIBRARY_PATH tells to look there."""
    for name in ("libllama.so", "libggml.so", "libggml-base.so", "libggml.so.0", "libggml-base.so.0"):
        (tmp_path / name).write_bytes(b"not a library")
    (tmp_path / "gpu").mkdir()
    (tmp_path / "gpu" / "libllama.so").write_bytes(b"not a library")
    code = "from app.engine import native_libraries as n; n.use(); print(n.backends())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=child_environment(), capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    assert done.stdout.strip() == "('CPU',)"


def test_an_engine_takes_the_c_interface_alone_of_the_binding() -> None:
    code = (
        "import sys\n"
        "from app.engine import native_libraries\n"
        "native_libraries.use()\n"
        "import app.engine.counting, app.engine.dry_run, app.engine.host, app.engine.native\n"
        "from app.engine.identity import llama_build\n"
        "print(llama_build())\n"
        "print(sorted({'numpy', 'diskcache', 'llama_cpp.llama'} & set(sys.modules)))\n"
        "print(native_libraries.own_version_holds(b'no such version'))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=child_environment(),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.splitlines() == [llama_build(), "[]", "False"], done.stderr
