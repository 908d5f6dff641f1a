"""Lexers that are loaded on a thread."""

import threading
import time

from app.render import lexers
from app.render.highlight import is_known


def wait_for(language: str) -> None:
    end = time.monotonic() + 20
    while not lexers.is_ready(language):
        assert time.monotonic() < end
        time.sleep(0.005)


def test_none_is_loaded_on_the_thread_that_asks() -> None:
    asked = threading.current_thread()
    used: list[threading.Thread] = []
    was = lexers.line_runs

    def seen(line: str, language: str) -> object:
        used.append(threading.current_thread())
        return was(line, language)

    lexers.line_runs = seen  # type: ignore[assignment]
    try:
        assert not lexers.is_ready("ocaml")
        wait_for("ocaml")
    finally:
        lexers.line_runs = was
    assert used
    assert asked not in used
    assert is_known("ocaml")


def test_a_name_that_is_none_is_ready_before_long() -> None:
    wait_for("no such language")
    assert not is_known("no such language")
    assert lexers.is_ready("x" * 10_000)
