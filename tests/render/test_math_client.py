import subprocess
import sys
import threading
import time

import pytest

from app.cli import COMMANDS
from app.render.math_client import MathRenderer
from app.render.math_values import MathDrawn, MathRefused, MathRequest

HEAD = """
import sys, time
from app.render.math_values import *
out = sys.stdout.buffer
def say(value): out.write(MESSAGES.encode(value)); out.flush()
say(Ready())
while (asked := MESSAGES.read(sys.stdin.buffer)) is not None:
    number, source = asked.request_id, asked.request.source
"""


def scripted(body: str, head: str = HEAD) -> list[str]:
    """A process that answers as a test wants it to."""
    return [sys.executable, "-c", head + body]


def request(source: str) -> MathRequest:
    return MathRequest(source, True, 20)


def render(renderer: MathRenderer, *sources: str) -> list[MathDrawn | MathRefused]:
    found: list[MathDrawn | MathRefused] = []

    def keep(index: int, result: MathDrawn | MathRefused) -> None:
        assert index == len(found)
        found.append(result)

    renderer.render([request(source) for source in sources], keep)
    return found


def test_the_window_does_not_load_the_font() -> None:
    code = "import sys, app.render.stream, app.render.math_client; print('ziamath' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_the_real_process_draws_and_refuses() -> None:
    assert "math-process" in COMMANDS
    with MathRenderer() as renderer:
        assert renderer._child is None, "it starts with the first formula"
        one, two, three = render(renderer, r"\frac{1}{2}", r"\nonsense", "x" * 30_000)
        assert isinstance(one, MathDrawn)
        assert two == MathRefused(r"\nonsense is not known here.")
        assert isinstance(three, MathRefused)
        child = renderer._child
        assert isinstance(render(renderer, "y")[0], MathDrawn)
        assert renderer._child is child
    assert child is not None
    assert child.poll() is not None


def test_one_that_takes_too_long_is_killed_and_the_next_is_drawn() -> None:
    body = "    time.sleep(60 if source == 'slow' else 0)\n    say(FormulaRefused(number, source))\n"
    with MathRenderer(scripted(body), deadline_s=0.3) as renderer:
        begun = time.monotonic()
        first, slow, last = render(renderer, "a", "slow", "b")
        assert (first, last) == (MathRefused("a"), MathRefused("b"))
        assert slow == MathRefused("It takes too long to draw.")
        assert time.monotonic() - begun < 20


@pytest.mark.parametrize(
    "answer",
    [
        "sys.exit(3)",
        "out.write(b'nonsense'); out.flush()",
        "say(FormulaSet(number, MathDrawn('<svg><script/></svg>', 1.0, 1.0, 1.0)))",
        "say(SetFormula(number, asked.request))",
    ],
)
def test_what_is_no_formula_is_refused_and_the_process_started_again(answer: str) -> None:
    body = f"    if source == 'bad': {answer}\n    else: say(FormulaRefused(number, 'ok'))\n"
    with MathRenderer(scripted(body)) as renderer:
        bad, good = render(renderer, "bad", "good")
        assert bad == MathRefused("It ended the process that draws formulas.")
        assert good == MathRefused("ok")


def test_stale_answers_are_dropped() -> None:
    body = "    say(FormulaRefused(number - 1, 'old'))\n    say(FormulaRefused(number, 'new'))\n"
    with MathRenderer(scripted(body)) as renderer:
        assert render(renderer, "a", "b") == [MathRefused("new")] * 2


def test_a_process_that_does_not_start_is_given_up() -> None:
    with MathRenderer(scripted("", head="raise SystemExit(1)")) as renderer:
        results = render(renderer, *"abcdef")
    assert {type(result) for result in results} == {MathRefused}
    with MathRenderer(["/no/such/program"]) as renderer:
        assert isinstance(render(renderer, "x")[0], MathRefused)


def test_cancelling_returns_at_once() -> None:
    stop = threading.Event()
    found: list[int] = []
    with MathRenderer(scripted("    time.sleep(60)\n"), deadline_s=30) as renderer:
        timer = threading.Timer(0.5, stop.set)
        timer.start()
        begun = time.monotonic()
        renderer.render([request("a"), request("b")], lambda index, _: found.append(index), stop.is_set)
        assert time.monotonic() - begun < 15
        timer.join()
        stop.clear()
    assert found == []


def test_the_process_ends_with_its_input() -> None:
    renderer = MathRenderer()
    render(renderer, "x")
    child = renderer._child
    assert child is not None
    assert child.stdin is not None
    child.stdin.close()
    assert child.wait(timeout=20) == 0
    renderer.close()
