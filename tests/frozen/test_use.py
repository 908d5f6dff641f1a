"""From the first start to the last quit, and what goes wrong on the way."""

from __future__ import annotations

import json
from pathlib import Path

import psutil
import pytest

from tests.frozen.desk import Desk, Home

EXPORT_CODE, ATTACH_CODE = 26, 30  # E and U on an X keyboard
STORY = "Tell me a long story about a dog and a cat."


def test_a_first_day_and_the_next(home: Home) -> None:
    with home.started() as desk:
        desk.ready()
        ask_and_edit(desk)
        export(desk, home.folder / "chat.pdf")
        desk.press("New chat")
        desk.until(lambda: not desk.shown())
        attach_and_ask(desk, home.folder / "note.md")
        left = desk.shown()
        desk.open("What is the capital of")
        desk.until(lambda: desk.shown()[0] == "What is the capital of France?")
        desk.open("Which key opens the cellar")
        desk.until(lambda: desk.shown() == left)
    with home.started() as desk:
        desk.until(lambda: desk.shown() == left)
        desk.open("What is the capital of")
        desk.until(lambda: "Paris" in desk.shown()[1])
        desk.press("Next version", desk.messages()[0])
        desk.until(lambda: desk.shown()[0] == "What is the capital of Italy?")
        desk.ready()


def ask_and_edit(desk: Desk) -> None:
    """A question, the same in other words, and back to the first one."""
    desk.ask("What is the capital of France?")
    assert "Paris" in desk.answered()
    desk.press("Edit", desk.messages()[0])
    desk.find("text", "Your question's text").write("What is the capital of Italy?")
    desk.client.heard.clear()
    desk.press("Save")
    desk.answered()
    assert desk.shown()[0] == "What is the capital of Italy?"
    desk.press("Previous version", desk.messages()[0])
    desk.until(lambda: "Paris" in desk.shown()[1])


def export(desk: Desk, path: Path) -> None:
    """The chat as PDF, by the keyboard's shortcut and two dialogs."""
    desk.shortcut(EXPORT_CODE)
    dialog = desk.find("dialog", "Export")
    desk.find("radio button", "PDF", dialog).do("Toggle")
    desk.press("Export…", dialog)
    desk.choose_file("Export to a file", path, "Save")
    desk.find("panel", f"info: Exported to “{path.name}”.")
    assert path.read_bytes().startswith(b"%PDF")


def attach_and_ask(desk: Desk, path: Path) -> None:
    path.write_text("# Keys\n\nThe red key opens the cellar.\n", encoding="utf-8")
    desk.shortcut(ATTACH_CODE)
    desk.choose_file("Attach files", path, "Open")
    desk.find("push button", "note.md, 13 tokens")
    desk.ask("Which key opens the cellar?")
    assert "red" in desk.answered()


def test_a_thought_is_shown_while_it_is_thought(home: Home, hybrid: Path) -> None:
    with home.started(str(hybrid)) as desk:
        desk.ready()
        desk.ask("Prove it.")
        header = desk.button(1, "Thinking")
        if "expanded" not in header.states:
            header.do("Press")
        desk.until(lambda: "expanded" in header.states)
        desk.until(lambda: len(desk.text(desk.messages()[1])) > 10)
        desk.press("Stop")
        desk.answered("Stopped")
        assert desk.messages()[1].name == "Assistant, Stopped"
        desk.button(1, "Thought for")


def test_the_engine_is_killed_in_mid_answer(home: Home) -> None:
    with home.started() as desk:
        desk.ready()
        desk.ask(STORY)
        desk.until(lambda: desk.client.announced)  # what was not begun would be asked again
        next(one for one in desk.children() if "engine-process" in one.cmdline()).kill()
        desk.find("panel", "warning: The engine stopped unexpectedly")
        assert "what it wrote is kept" in desk.messages()[1].name
        assert len(desk.shown()[1]) > 10
        desk.ask("What is the capital of France?")
        assert "Paris" in desk.answered()


def test_a_damaged_model_is_told_and_the_window_stays(home: Home, starter: Path) -> None:
    whole = starter.read_bytes()
    (home.folder / "half.gguf").write_bytes(whole[: len(whole) // 2])
    with home.started("half.gguf") as desk:
        notice = desk.find("panel", "error: half.gguf is incomplete or damaged.")
        assert notice.name.endswith("Download it again.")
        assert "showing" in desk.find("text", "Your message").states


def test_the_command_line_answers_in_json(home: Home) -> None:
    (home.folder / "note.md").write_text("The red key opens the cellar.\n", encoding="utf-8")
    done = home.run("ask", "Which key opens the cellar?", "--attach", "note.md", "--json")
    assert done.returncode == 0, done.stderr
    assert "red" in json.loads(done.stdout)["answer"]
    assert not [one for one in home.processes() if psutil.pid_exists(one.pid)]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "bad.gguf is cut off after 4 bytes. Download it again."),
        ("de", "bad.gguf ist nach 4 Byte abgeschnitten. Noch einmal herunterladen."),
    ],
)
def test_the_command_line_tells_what_is_wrong(home: Home, language: str, words: str) -> None:
    (home.folder / "bad.gguf").write_bytes(b"GGUF")
    home.language = language
    done = home.run("ask", "Hello", "--model", "bad.gguf")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"cascade-desk: {words}\n"
