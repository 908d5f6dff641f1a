"""Tries the frozen program out, as a person who has no Python: it starts, loads, answers, and quits.

    python packaging/smoke.py dist/cascade-desk

First each of its own processes is asked something by the app's own clients, then the command line and the
window. Linux: the window is driven by keys on a screen of its own (Xvfb, xdotool).
"""

from __future__ import annotations

import contextlib
import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_START_S, _ANSWER_S, _QUIT_S = 60.0, 120.0, 10.0
_QUESTION = "Say hello."
_ANSWERS = (
    "SELECT count(*) FROM message JOIN part ON part.message = message.number"
    " WHERE message.role = 'assistant' AND message.opened IS NULL AND length(part.text) > 0"
)


class SmokeError(Exception):
    """What did not happen."""


def environment(home: Path, display: str = "") -> dict[str, str]:
    """Nothing of this machine: no PATH, no Python, no settings of the person who runs it."""
    given = {"HOME": str(home), "PATH": "", "LANG": "C.UTF-8"}
    return given | ({"DISPLAY": display} if display else {})


def until(what: str, seconds: float, happened: Callable[[], bool]) -> None:
    """Wait for something; SmokeError if it does not happen."""
    end = time.monotonic() + seconds
    while not happened():
        if time.monotonic() > end:
            raise SmokeError(f"not within {seconds:.0f} s: {what}")
        time.sleep(0.1)


def said(program: Path, home: Path, *words: str) -> str:
    """What a command of the program prints."""
    done = subprocess.run(
        [str(program), *words], env=environment(home), capture_output=True, text=True, timeout=_ANSWER_S,
        check=False,
    )  # fmt: skip
    if done.returncode or not done.stdout.strip():
        raise SmokeError(f"{words[0]} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
    return done.stdout.strip()


def doctor(program: Path, home: Path) -> str:
    """What the program knows of itself: it was frozen with the versions of its parts."""
    report = said(program, home, "doctor")
    _expect("frozen" in report and "not known" not in report, f"doctor: {report}")
    return report.splitlines()[-1]


@contextlib.contextmanager
def in_its_place(program: Path, home: Path) -> Iterator[None]:
    """The app's clients start the frozen program, with nothing of this machine around it."""
    kept, executable = dict(os.environ), sys.executable
    sys.path.insert(0, str(ROOT))
    try:
        os.environ.clear()
        os.environ.update(environment(home))
        sys.executable = str(program)
        sys.frozen = True  # type: ignore[attr-defined]
        yield
    finally:
        sys.executable = executable
        del sys.frozen  # type: ignore[attr-defined]
        os.environ.clear()
        os.environ.update(kept)
        sys.path.remove(str(ROOT))


def processes(home: Path) -> Iterator[str]:
    """Ask each process of the program something; what it did. SmokeError if it didn't."""
    from app.errors import UserError

    for tried in (formula, colours, document, template, memory, exports):
        try:
            yield tried(home)
        except (UserError, LookupError) as error:
            raise SmokeError(f"{tried.__name__}: {error}") from error


def _expect(right: bool, what: str) -> None:
    if not right:
        raise SmokeError(what)


def formula(_home: Path) -> str:
    from app.render.math_client import MathRenderer
    from app.render.math_values import MathDrawn, MathRequest

    results: list[object] = []
    with MathRenderer() as renderer:
        asked = MathRequest(r"\frac{a}{b}", display=True, size=16)
        renderer.render([asked], lambda _index, one: results.append(one))
    _expect(isinstance(results[0], MathDrawn), f"a formula was not drawn: {results[0]}")
    return "a formula is drawn"


def colours(_home: Path) -> str:
    from app.render.colour_client import Colourer
    from app.render.colour_values import Coloured, request_for
    from app.render.highlight import START

    with Colourer() as colourer:
        found = colourer.colour(request_for("rust", START, ["fn main() {}"]))
    _expect(isinstance(found, Coloured) and bool(found.lines[0]), f"code was not coloured: {found}")
    return "code is coloured"


def document(home: Path) -> str:
    from app.documents.client import DocumentReader

    path = home / "page.html"
    path.write_text("<h1>Oak</h1><p>A tree.</p>", encoding="utf-8")
    with DocumentReader() as reader:
        found = reader.extract(path)
    _expect("Oak" in found.text and "<" not in found.text, f"a page was read as {found.text!r}")
    return "a document is read"


def template(_home: Path) -> str:
    from app.engine.template_client import TemplateRenderer

    client = TemplateRenderer()
    try:
        said = client.render("{{ a }}!", {"a": "yes"})
    finally:
        client.close()
    _expect(said == ("yes!",), f"a template gave {said}")
    return "a template is rendered"


def memory(_home: Path) -> str:
    from app.engine.dry_run_client import measure
    from app.engine.values import LoadOptions
    from app.models.starter import starter_path

    path = starter_path()
    _expect(path is not None, "the starter model is not here")
    buffers = measure(Path(str(path)), LoadOptions())
    _expect(sum(buffers.values()) > 0, f"a load was measured as {buffers}")
    return "the memory of a load is measured"


def exports(home: Path) -> str:
    """Every format in one process; what was written as JSON is taken in again, a PDF is read again."""
    from app.chat.conversation import Conversation
    from app.chat.parts import TextPart
    from app.documents.client import DocumentReader
    from app.export.reading import Importer
    from app.export.values import SUFFIXES, Options, Taken, head_of, nodes_of
    from app.export.writing import Exporter

    conversation = Conversation(title="Trees")
    conversation.append("user", TextPart("What is a tree?"))
    conversation.append("assistant", TextPart("An oak: $\\frac{a}{b}$\n\n```python\noak = 1\n```\n"))
    exporter = Exporter()
    try:
        for kind, suffix in SUFFIXES.items():
            head, nodes = head_of(conversation), nodes_of(conversation, whole=True)
            exporter.write(home / f"chat{suffix}", head, nodes, Options(kind), lambda _done: None)
    finally:
        exporter.close()
    _expect("<svg" in (home / "chat.html").read_text(encoding="utf-8"), "the page has no formula")
    with DocumentReader() as reader:
        _expect("An oak" in reader.extract(home / "chat.pdf").text, "the PDF has no text")
    taken = list(Importer().conversations(home / "chat.json", lambda _progress: None))
    _expect(len(taken) == 1 and isinstance(taken[0], Taken), f"the JSON was read as {taken}")
    return "a chat is written as " + ", ".join(SUFFIXES) + ", and taken in again"


@contextlib.contextmanager
def screen() -> Iterator[str]:
    """A screen that nobody sees."""
    command = ["Xvfb", "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as server:
        assert server.stdout is not None
        try:
            yield f":{server.stdout.readline().strip()}"
        finally:
            server.terminate()


def xdotool(display: str, *words: str) -> str:
    """What xdotool prints; empty where it found nothing."""
    env = {**os.environ, "DISPLAY": display}
    return subprocess.run(
        ["xdotool", *words], env=env, capture_output=True, text=True, check=False
    ).stdout.strip()


def answers(data: Path) -> int:
    """How many answers are kept in the folder."""
    files = list((data / "conversations").glob("*.sqlite3")) + list((data / "conversations").glob("*.db"))
    if not files:
        return 0
    with contextlib.closing(sqlite3.connect(f"file:{files[0]}?mode=ro", uri=True)) as base:
        try:
            return int(base.execute(_ANSWERS).fetchone()[0])
        except sqlite3.OperationalError:
            return 0  # not made yet, or being written


def children(group: int) -> list[int]:
    """Processes of a session that still run."""
    listed = subprocess.run(
        ["ps", "-o", "pid=", "-s", str(group)], capture_output=True, text=True, check=False
    )
    return [int(pid) for pid in listed.stdout.split()]


def window(program: Path, home: Path) -> float:
    """A question in the window, and its answer; returns the seconds to the window."""
    data = home / "data"
    with screen() as display, (home / "window.log").open("wb") as log:
        begun = time.monotonic()
        child = subprocess.Popen(
            [str(program), "--data-dir", str(data)], env=environment(home, display), stdout=log, stderr=log,
            start_new_session=True,
        )  # fmt: skip
        try:
            until("a window", _START_S, lambda: bool(_window(display)) or child.poll() is not None)
            if child.poll() is not None:
                raise SmokeError(f"no window: {(home / 'window.log').read_text()}")
            shown = time.monotonic() - begun
            xdotool(display, "windowfocus", "--sync", _window(display))
            xdotool(display, "type", "--delay", "20", _QUESTION)
            xdotool(display, "key", "Return")
            until("an answer in the store", _ANSWER_S, lambda: answers(data) > 0)
            child.send_signal(signal.SIGTERM)
            until("the end after SIGTERM", _QUIT_S, lambda: child.poll() is not None)
            if child.returncode:
                raise SmokeError(
                    f"the window ended with {child.returncode}: {(home / 'window.log').read_text()}"
                )
            until("the end of its processes", _QUIT_S, lambda: not children(child.pid))
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)
                child.wait()
    return shown


def _window(display: str) -> str:
    return xdotool(display, "search", "--onlyvisible", "--name", "Cascade Desk").partition("\n")[0]


def main(folder: str) -> int:
    program = Path(folder).resolve() / "cascade-desk"
    with tempfile.TemporaryDirectory() as home:
        try:
            with in_its_place(program, Path(home)):
                for done in processes(Path(home)):
                    print(done)
            print(f"ask: {said(program, Path(home), 'ask', _QUESTION)!r}")
            print(f"doctor: {doctor(program, Path(home))}")
            print(f"the window stood after {window(program, Path(home)):.1f} s, answered and quit")
        except SmokeError as error:
            print(f"The frozen program failed: {error}", file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(*sys.argv[1:]))
