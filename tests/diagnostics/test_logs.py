from __future__ import annotations

import logging
import os
import random
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.diagnostics.logs import MOST_FILES, NAME, Log, log_files, tail

OURS = logging.getLogger("cascade.test")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log(tmp_path / "logs", most_bytes=4000, most_files=3)
    made.start()
    yield made
    made.stop()


def text(log: Log) -> str:
    assert log.flush()
    return (log.folder / NAME).read_text(encoding="utf-8")


def test_a_line_has_time_level_and_who_said_it(log: Log) -> None:
    OURS.warning("%d tokens\nread", 3)
    line = text(log)
    assert line[24:] == "WARNING cascade.test: 3 tokens read\n"


def test_an_error_is_told_without_what_it_says(log: Log) -> None:
    try:
        raise ValueError("marmalade")
    except ValueError as error:
        OURS.error("failed", exc_info=error)
    assert "marmalade" not in text(log)
    assert "    ValueError\n      tests/diagnostics/test_logs.py:" in text(log)


def test_of_libraries_only_who_and_where_is_told(log: Log) -> None:
    logging.getLogger("httpx").warning("GET %s", "marmalade")
    logging.getLogger("httpx").info("GET %s", "marmalade")
    lines = text(log).splitlines()
    assert len(lines) == 1
    assert "WARNING httpx: test_logs.py:" in lines[0]
    assert "marmalade" not in lines[0]


def test_what_cannot_be_formatted_fails_nobody(log: Log) -> None:
    # To the handler alone: pytest's own would fail.
    log._handler.handle(
        logging.makeLogRecord({"name": "cascade.x", "msg": "%d", "args": ("marmalade",), "levelno": 20})
    )
    assert "(cannot be written)" in text(log)
    assert "marmalade" not in text(log)


def test_the_files_follow_one_another_and_stay_few(tmp_path: Path) -> None:
    made = Log(tmp_path, most_bytes=2000, most_files=3)
    made.start()
    for number in range(20):
        for part in range(10):
            logging.getLogger(f"cascade.part{part}{number}").info("%s", "x" * 100)
    assert made.flush()
    made.stop()
    files = sorted(tmp_path.iterdir())
    assert [path.name for path in files] == [NAME, f"{NAME}.1", f"{NAME}.2"]
    assert sum(path.stat().st_size for path in files) <= 3 * 2000
    assert log_files(tmp_path) == [files[2], files[1], files[0]]
    assert len(tail(tmp_path, 12)) == 12


def test_a_storm_is_cut_short_and_told_of(log: Log) -> None:
    for _ in range(5000):
        OURS.info("storm")
    logging.getLogger("cascade.other").info("heard")
    assert log.flush()
    written = "".join(path.read_text("utf-8") for path in log_files(log.folder))
    assert written.count("storm") <= 121
    assert "heard" in written


def test_threads_may_log_at_once(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.start()
    threads = [
        threading.Thread(
            target=lambda n=number: [logging.getLogger(f"cascade.t{n}").info("%d", i) for i in range(50)]
        )
        for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(text(log).splitlines()) == 200
    log.stop()


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_only_its_owner_can_read_it(log: Log) -> None:
    OURS.info("x")
    text(log)
    assert stat.S_IMODE((log.folder / NAME).stat().st_mode) == 0o600


@pytest.mark.parametrize("trouble", ["file", "folder", "pipe"])
def test_a_log_that_cannot_be_written_is_no_fault(tmp_path: Path, trouble: str) -> None:
    folder = tmp_path / "logs"
    if trouble == "file":
        folder.write_text("", encoding="utf-8")
    else:
        folder.mkdir()
        if trouble == "folder":
            (folder / NAME).mkdir()
        elif hasattr(os, "mkfifo"):
            os.mkfifo(folder / NAME)
    log = Log(folder)
    log.start()
    OURS.error("x")
    assert log.flush()
    log.stop()
    assert log_files(folder) == []
    assert tail(folder) == []


@pytest.mark.skipif(sys.platform == "win32", reason="limits of POSIX")
def test_a_disk_that_is_full_to_the_end_is_no_fault(tmp_path: Path) -> None:
    """A process of its own has the limit: no file of it can grow, as on a full disk."""
    program = (
        "import logging, pathlib, resource, sys\n"
        "from app.diagnostics.logs import Log\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))\n"
        "log = Log(pathlib.Path(sys.argv[1]))\n"
        "log.start()\n"
        "logging.getLogger('cascade.x').error('something')\n"
        "log.stop()\n"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / NAME).stat().st_size == 0


def test_after_it_nothing_is_taken(tmp_path: Path) -> None:
    log = Log(tmp_path)
    log.start()
    log.stop()
    OURS.error("late")
    assert log_files(tmp_path) == []
    assert OURS.parent is not None
    assert OURS.parent.level == logging.NOTSET


def test_the_tail_of_a_stranger_s_file_is_harmless(tmp_path: Path) -> None:
    seed = random.randrange(2**32)
    print("seed", seed)
    (tmp_path / NAME).write_bytes(random.Random(seed).randbytes(300_000) + b"\ntoken=abc\n")
    lines = tail(tmp_path, 20)
    assert len(lines) <= 20
    assert lines[-1] == "token=(hidden)"
    assert all((len(line) <= 2000 and line.isprintable()) or "\ufffd" in line for line in lines)


def test_what_is_grave_comes_with_what_belongs_to_it(log: Log) -> None:
    OURS.info("quiet")
    OURS.error("loud", exc_info=ValueError())
    OURS.info("quiet")
    text(log)
    lines = tail(log.folder, least="WARNING")
    assert [line.strip().split(": ")[-1] for line in lines] == ["loud", "ValueError"]


def test_so_many_files_are_looked_for_as_are_kept(tmp_path: Path) -> None:
    for number in range(1, 9):
        (tmp_path / f"{NAME}.{number}").write_text("x", encoding="utf-8")
    assert len(log_files(tmp_path)) == MOST_FILES
