import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest

from app.cli import COMMANDS
from app.render.colour_client import Colourer
from app.render.colour_process import colour_code
from app.render.colour_values import (
    MOST_CHARS,
    MOST_RUNS,
    CodeColoured,
    Coloured,
    ColourRefused,
    ColourRequest,
    packed,
    request_for,
    unpacked,
)
from app.render.highlight import MAX_LINE, QUICK, START, Run, code_runs, is_quick, line_runs, warm

HEAD = """
import os, sys, time
from app.render.colour_values import *
out = sys.stdout.buffer
def say(value): MESSAGES.write(out, value)
say(Ready())
while (asked := MESSAGES.read(sys.stdin.buffer)) is not None:
    number, text = asked.request_id, asked.request.text
"""
OK = "    say(CodeColoured(number, ((),), ('root',)))\n"
LATE = ColourRefused("It takes too long to colour.")
PYTHON = 'def f(x):\n    """doc\n    for if\n    """\n    return "ä🎉" + str(1)  # end'


def scripted(body: str, head: str = HEAD) -> list[str]:
    """A process that answers as a test wants it to."""
    return [sys.executable, "-c", head + body]


def python(*lines: str) -> ColourRequest:
    return request_for("python", START, lines)


def test_the_real_process_colours_as_code_runs_does() -> None:
    assert "colour-process" in COMMANDS
    lines = PYTHON.split("\n")
    with Colourer() as colourer:
        assert colourer._child is None, "it starts with the first code"
        found = colourer.colour(python(*lines))
        whole = list(code_runs(PYTHON, "python"))
        assert found == Coloured(tuple(runs for runs, _ in whole), whole[-1][1])
        first = colourer.colour(python(*lines[:2]))
        assert isinstance(first, Coloured)
        rest = colourer.colour(request_for("Python", first.state, lines[2:]))
        assert isinstance(rest, Coloured)
        assert rest.lines[0] == (Run(0, len(lines[2]), "string"),)
        child = colourer._child
        assert isinstance(colourer.colour(python("x" * MAX_LINE * 50, "if")), Coloured)
        assert isinstance(colourer.colour(ColourRequest("python", (), "x")), ColourRefused)
        assert isinstance(
            colourer.colour(ColourRequest("python", START, "x" * (MOST_CHARS + 1))), ColourRefused
        )
        # a state that no lexer has fails in the process, which lives on
        colourer.colour(ColourRequest("python", ("nonsense", "root"), '"' + "\n" * 3 + "'''"))
        assert colourer._child is child
    assert child is not None
    assert child.poll() is not None


def test_the_process_ends_with_its_input() -> None:
    colourer = Colourer()
    colourer.colour(python("x"))
    child = colourer._child
    assert child is not None
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(timeout=20) == 0
    colourer.close()


def test_a_lexer_that_hangs_is_killed_and_the_next_code_is_coloured() -> None:
    hang = "    time.sleep(60 if text == 'slow' else 0)\n"
    with Colourer(scripted(hang + OK), deadline_s=0.3) as colourer:
        assert colourer.colour(python("slow")) == LATE
        assert isinstance(colourer.colour(python("a")), Coloured)


def test_a_real_lexer_that_takes_too_long() -> None:
    with Colourer(deadline_s=0.5) as colourer:
        assert isinstance(colourer.colour(python("x")), Coloured)
        begun = time.monotonic()
        # an expression of this lexer that is quadratic: a tenth of a second for each line
        assert colourer.colour(request_for("scala", START, ["[(" * 990] * 80)) == LATE
        assert time.monotonic() - begun < 10
        assert isinstance(colourer.colour(python("y")), Coloured)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_process_killed_from_outside_comes_back() -> None:
    with Colourer() as colourer:
        colourer.colour(python("x"))
        assert colourer._child is not None
        old = colourer._child.pid
        os.kill(old, signal.SIGKILL)
        assert isinstance(colourer.colour(python("if")), Coloured)
        assert colourer._child.pid != old


@pytest.mark.parametrize(
    "answer",
    [
        "os._exit(3)",
        "out.write(b'nonsense'); out.flush()",
        "say(CodeColoured(number, ((0, 9, 0),), ('root',)))",
        "say(ColourCode(number, asked.request))",
    ],
)
def test_what_does_not_fit_is_refused_and_the_process_started_again(answer: str) -> None:
    body = f"    if text == 'bad': {answer}\n    else: say(CodeRefused(number, 'no'))\n"
    with Colourer(scripted(body)) as colourer:
        assert colourer.colour(python("bad")) == ColourRefused("It ended the process that colours code.")
        assert colourer.colour(python("good")) == ColourRefused("no")


def test_a_process_that_does_not_start_is_given_up() -> None:
    with Colourer(scripted("", head="raise SystemExit(1)")) as colourer:
        results = [colourer.colour(python(text)) for text in "abcdef"]
    assert set(results) == {ColourRefused("The process that colours code does not start.")}


def test_cancelling_returns_at_once() -> None:
    stop = threading.Event()
    with Colourer(scripted("    time.sleep(60)\n"), deadline_s=30) as colourer:
        timer = threading.Timer(0.3, stop.set)
        timer.start()
        assert colourer.colour(python("a"), stop.is_set) is None
        timer.join()


def test_what_comes_back_is_checked() -> None:
    request = python("if x:", "  pass")
    result = colour_code(request)
    assert isinstance(result, Coloured)
    assert unpacked(request, packed(1, result)) == result
    state = ("root",)
    for lines in [
        ((),),
        ((), (), ()),
        ((0, 1), ()),
        ((0, 0, 0), ()),
        ((-1, 1, 0), ()),
        ((0, 6, 0), ()),
        ((0, 2, 0, 1, 1, 0), ()),
        ((0, 1, 99), ()),
        ((0, 1, -1), ()),
    ]:
        assert unpacked(request, CodeColoured(1, lines, state)) is None, lines
    for state in [(), ("root",) * 1000, ("r" * 1000,)]:
        assert unpacked(request, CodeColoured(1, ((), ()), state)) is None


def test_code_of_nothing_but_runs_stays_plain() -> None:
    lines = ["1 + " * 400] * 12
    assert colour_code(request_for("python", START, lines)) == ColourRefused("It has too many colours.")
    runs = tuple(part for number in range(MOST_RUNS + 1) for part in (number, 1, 0))
    request = request_for("python", START, ["x" * 1000] * 9)
    assert unpacked(request, CodeColoured(1, (runs,) * 9, START)) is None


def test_requests_are_bounded() -> None:
    request = request_for("x" * 10_000, ("root",) * 1000, ["y" * 1_000_000] * 80)
    assert len(request.language) <= 100
    assert request.state == START
    assert len(request.text) <= MOST_CHARS


def test_the_window_loads_no_lexer_to_ask() -> None:
    code = (
        "import sys; from app.render.highlight import *; import app.render.colour_client;"
        "assert is_known('python') and not is_quick('python');"
        "print('pygments.lexers.python' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_quick_lexers_stay_quick_on_any_short_line() -> None:
    seed = random.randrange(10**6)
    print("seed", seed)
    rng = random.Random(seed)
    assert all(warm())
    assert is_quick("py")
    assert not is_quick("html")
    parts = [*"\"'`(){}[]<>#/*\\ \t.:;,=+-@$%&|!?0eaA_"]
    parts += ["//", "/*", "'''", '"""', "${", "$(", "<<", 'R"(', "f'"]
    for language in QUICK:
        for _ in range(25):
            unit = "".join(rng.choices(parts, k=rng.randint(1, 5)))
            begun = time.thread_time()
            line_runs((rng.choice(parts) + unit * 300)[:300], language)
            assert time.thread_time() - begun < 0.1, (language, unit)
