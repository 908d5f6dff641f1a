from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from app.diagnostics.traces import Trace, name, place, trace_of
from app.errors import FileReadError

SECRET = "marmalade"


def raised(action: Callable[[], object]) -> Trace:
    try:
        action()
    except Exception as error:
        return trace_of(error)
    raise AssertionError("nothing was raised")


def _fail(error: Exception) -> Callable[[], object]:
    def action() -> object:
        raise error

    return action


@pytest.mark.parametrize(
    ("action", "kind", "detail"),
    [
        (lambda: None.secret, "AttributeError", "NoneType has no secret"),  # type: ignore[attr-defined]
        (lambda: {}[SECRET], "KeyError", "a key of the type str"),
        (lambda: list[int]()[1], "IndexError", "list index out of range"),
        (lambda: 1 // 0, "ZeroDivisionError", "integer division or modulo by zero"),
        (lambda: "a" + 1, "TypeError", ""),  # type: ignore[operator]
        (lambda: Path(f"/{SECRET}").read_bytes(), "FileNotFoundError", "2 No such file or directory"),
        (lambda: b"\xff".decode("utf-8"), "UnicodeDecodeError", "utf_8 at 0"),
        (lambda: sqlite3.connect(":memory:").execute(SECRET), "sqlite3.OperationalError", "SQLITE_ERROR"),
        (_fail(FileReadError(f"{SECRET} is broken.")), "app.errors.FileReadError", "kind file_read"),
        (_fail(ValueError(SECRET)), "ValueError", ""),
        (_fail(ImportError(SECRET)), "ImportError", ""),
        (_fail(AttributeError(SECRET)), "AttributeError", ""),
        (_fail(OSError(SECRET)), "OSError", ""),
    ],
)
def test_what_is_known_is_told_without_the_message(
    action: Callable[[], object], kind: str, detail: str
) -> None:
    trace = raised(action)
    assert (trace.kind, trace.detail) == (kind, detail)
    assert SECRET not in "\n".join(trace.lines())
    assert any(frame.startswith("tests/diagnostics/test_traces.py:") for frame in trace.frames)


def test_causes_stand_before_what_they_led_to() -> None:
    def action() -> None:
        try:
            list[int]()[1]
        except IndexError as error:
            raise RuntimeError(SECRET) from error

    lines = raised(action).lines()
    assert lines.index("IndexError: list index out of range") < lines.index("which led to")
    assert lines.index("which led to") < lines.index("RuntimeError")


def test_a_chain_and_a_depth_without_end_have_one() -> None:
    def deep(left: int) -> None:
        if left == 0:
            raise ValueError
        deep(left - 1)

    assert len(raised(lambda: deep(300)).frames) == 30
    error = ValueError()
    for _ in range(50):
        after = ValueError()
        after.__cause__ = error
        error = after
    assert len(trace_of(error).lines()) < 20


def test_what_breaks_when_it_is_asked_is_told_all_the_same() -> None:
    class OddError(Exception):
        def __str__(self) -> str:
            raise RuntimeError

    assert raised(_fail(OddError())).kind.endswith("OddError")
    broken = KeyError.__new__(KeyError)
    assert trace_of(broken).lines() == ["KeyError"]


def test_places_have_no_folders_of_a_machine() -> None:
    assert place("/x/lib/python3.11/site-packages/huggingface_hub/api.py") == "huggingface_hub/api.py"
    assert place("/x/lib/python3.11/threading.py") == "threading.py"
    assert place("app/store/rows.py") == "app/store/rows.py"
    assert place("<template>") == "<template>"
    assert place(f"<{SECRET}>") == "<code>"
    assert name(f"{SECRET} two") == "?"


def test_the_same_fault_has_the_same_key() -> None:
    def action() -> None:
        raise ValueError

    assert raised(action).key == raised(action).key
    assert raised(action).key != raised(_fail(ValueError())).key
