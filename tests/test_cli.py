"""`cascade-desk ask` end to end, as a person types it."""

from __future__ import annotations

import array
import fcntl
import json
import os
import signal
import subprocess
import sys
import termios
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from app.cli import main
from tests import miniatures
from tests.documents import corpus
from tests.engine.support import child_environment

ASK = [sys.executable, "-P", "-m", "app", "ask"]
FRANCE = "What is the capital of France?"
GREEDY = ["--temperature", "0", "--threads", "1"]


@pytest.fixture
def run(tmp_path: Path) -> Any:
    def call(*arguments: str, stdin: bytes = b"", **more: Any) -> subprocess.CompletedProcess[bytes]:
        environment = {**child_environment(), **more.pop("env", {})}
        command = [*ASK, "--data-dir", str(tmp_path / "data"), *arguments]
        return subprocess.run(
            command, input=stdin, capture_output=True, env=environment, timeout=120, check=False, **more
        )

    return call


def lines(data: bytes) -> list[str]:
    return data.decode().splitlines()


def test_the_starter_knows_paris(run: Any) -> None:
    done = run(*GREEDY, FRANCE)
    assert done.returncode == 0, done.stderr
    assert "Paris" in done.stdout.decode()
    assert done.stdout.endswith(b"\n")
    assert done.stderr == b""


def test_json_is_one_line_with_one_object(run: Any) -> None:
    done = run(*GREEDY, "--json", "--model", "starter", "--max-tokens", "40", FRANCE)
    assert done.returncode == 0, done.stderr
    (line,) = lines(done.stdout)
    result = json.loads(line)
    assert set(result) == {"answer", "reasoning", "finish_reason", "usage", "timings"}
    assert set(result["usage"]) == {"prompt_tokens", "read_tokens", "reused_tokens", "generated_tokens"}
    assert set(result["timings"]) == {"load_s", "first_token_s", "prefill_tps", "decode_tps"}
    assert "Paris" in result["answer"]
    assert (result["reasoning"], result["finish_reason"]) == ("", "stop")
    usage = result["usage"]
    assert usage["prompt_tokens"] == usage["read_tokens"] > 10
    assert usage["reused_tokens"] == 0
    assert 0 < usage["generated_tokens"] <= 40
    assert all(value > 0 for value in result["timings"].values())


def test_thinking_with_a_budget_ends_its_thought_and_answers(run: Any, hybrid: Path) -> None:
    done = run(
        *GREEDY, "--json", "--model", str(hybrid), "--mode", "thinking", "--thinking-budget", "20",
        "--max-tokens", "60", "Hello",
    )  # fmt: skip
    result = json.loads(done.stdout)
    assert result["reasoning"]
    assert result["answer"]
    assert result["finish_reason"] == "length"
    assert result["usage"]["generated_tokens"] == 60
    assert "think>" not in result["answer"] + result["reasoning"]


def test_only_the_answer_is_on_standard_output(run: Any, hybrid: Path) -> None:
    common = [*GREEDY, "--model", str(hybrid), "--mode", "thinking", "--thinking-budget", "5"]
    text = run(*common, "--max-tokens", "30", "Hello").stdout.decode()
    result = json.loads(run(*common, "--max-tokens", "30", "--json", "Hello").stdout)
    assert text == result["answer"] + "\n"


def test_a_seed_repeats(run: Any, hybrid: Path) -> None:
    arguments = ["--model", str(hybrid), "--seed", "-3", "--max-tokens", "20", "--mode", "instruct", "Hi"]
    assert run(*arguments).stdout == run(*arguments).stdout


def test_attached_files_and_a_system_prompt_reach_the_model(run: Any, tmp_path: Path, hybrid: Path) -> None:
    (tmp_path / "a.txt").write_text("The word is Paris. " * 20, encoding="utf-8")
    (tmp_path / "b.txt").write_text("More. " * 20, encoding="utf-8")
    base = [*GREEDY, "--json", "--model", str(hybrid), "--mode", "instruct", "--max-tokens", "1"]

    def prompt_tokens(*more: str) -> int:
        return int(json.loads(run(*base, *more, "Hi").stdout)["usage"]["prompt_tokens"])

    alone = prompt_tokens()
    one = prompt_tokens("--attach", str(tmp_path / "a.txt"))
    two = prompt_tokens("--attach", str(tmp_path / "a.txt"), "--attach", str(tmp_path / "b.txt"))
    assert alone + 80 < one < two - 30
    assert prompt_tokens("--system", "You are a very brief assistant.") > alone + 4


def test_the_question_from_standard_input(run: Any, hybrid: Path) -> None:
    base = [*GREEDY, "--json", "--model", str(hybrid), "--mode", "instruct", "--max-tokens", "1"]
    question = "Caf\u00e9 \u4e2d\u6587 \U0001f600"
    typed = json.loads(run(*base, question).stdout)["usage"]["prompt_tokens"]
    for data in (question.encode(), b"\xef\xbb\xbf" + question.encode()):
        piped = json.loads(run(*base, "-", stdin=data).stdout)["usage"]["prompt_tokens"]
        assert piped == typed


def test_a_console_that_knows_only_ascii(run: Any, tmp_path: Path) -> None:
    template = "{{ messages[0].content }}"
    model = miniatures.build(miniatures.replace(miniatures.PLAIN, template=template))
    arguments = ["--model", str(model), "--seed", "1", "--temperature", "2", "--max-tokens", "60", "x"]
    env = {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii", "LC_ALL": "C"}
    wide = json.loads(run("--json", *arguments).stdout)["answer"]
    assert not wide.isascii(), "the answer has to have something that is not ASCII"
    assert json.loads(run("--json", *arguments, env=env).stdout)["answer"] == wide
    narrow = run(*arguments, env=env)
    assert narrow.returncode == 0, narrow.stderr
    assert narrow.stdout.decode("ascii").rstrip("\n") == wide.encode("ascii", "replace").decode().rstrip("\n")


def test_documents_and_folders_are_attached(run: Any, tmp_path: Path, hybrid: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.odt").write_bytes(corpus.make_odt(corpus.content(1)))
    (folder / "b.png").write_bytes(b"\x89PNG")
    (tmp_path / "c.pdf").write_bytes(corpus.make_pdf(corpus.content(2)))
    base = [*GREEDY, "--json", "--model", str(hybrid), "--mode", "instruct", "--max-tokens", "1"]
    done = run(*base, "--attach", str(folder), "--attach", str(tmp_path / "c.pdf"), "Hi")
    assert done.returncode == 0, done.stderr
    assert lines(done.stderr) == ["cascade-desk: folder: 1 left out: not text."]
    assert json.loads(done.stdout)["usage"]["prompt_tokens"] > 400
    assert len([*(tmp_path / "data/documents").iterdir()]) == 1
    (tmp_path / "d.pdf").write_bytes(corpus.make_pdf(corpus.content(2), password="secret"))
    done = run(*base, "--attach", str(tmp_path / "d.pdf"), "Hi")
    assert (done.returncode, lines(done.stderr)) == (
        1,
        ["cascade-desk: d.pdf: It opens with a password only. Attach a copy without a password."],
    )


BAD = b"GGUF\x03\0\0\0" + bytes(100)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--model", "/nowhere/m.gguf", "x"], "There is no file /nowhere/m.gguf. Check the path."),
        (["--model", "/", "x"], "is a folder, not a model file. Choose a .gguf file."),
        (["--model", "bad.gguf", "x"], "bad.gguf"),
        (["--attach", "/nowhere/a.txt", "x"], "a.txt: There is no such file. Check the path."),
        (["--attach", "bad.gguf", "x"], "bad.gguf: It is not a text file. Attach a document or plain text."),
        ([" "], "There is no question. Write it behind the options."),
        (["-"], "There is no question."),
        ([], "the following arguments are required: QUESTION"),
        (["--mode", "sleepy", "x"], "argument --mode: invalid choice: 'sleepy'"),
        (["--threads", "0", "x"], "argument --threads: must be at least 1"),
        (["--max-tokens", "many", "x"], "argument --max-tokens: 'many' is not a whole number"),
        (["--temperature", "hot", "x"], "argument --temperature: 'hot' is not a number"),
        (["--temperature", "nan", "x"], "argument --temperature: must be 0 to 5"),
        (["--thinking-budget", "131073", "x"], "argument --thinking-budget: must be off or 0 to 131,072"),
        (["--thinking-budget", "-1", "x"], "argument --thinking-budget"),
        (["--nonesuch", "x"], "unrecognized arguments: --nonesuch"),
        (["--mode", "thinking", "x"], "has no thinking mode. Choose the other mode."),
    ],
)  # fmt: skip
def test_what_a_person_can_mend_is_one_line_and_status_1(
    arguments: list[str], words: str, run: Any, tmp_path: Path
) -> None:
    (tmp_path / "bad.gguf").write_bytes(BAD)
    for json_too in ([], ["--json"]):
        done = run(*json_too, *arguments, cwd=tmp_path)
        assert done.returncode == 1, done.stderr
        (line,) = lines(done.stderr)
        assert line.startswith("cascade-desk: ")
        assert words in line
        assert done.stdout == b""


def test_a_prompt_that_is_too_long(run: Any, hybrid: Path) -> None:
    done = run("--model", str(hybrid), "-", stdin=b"word " * 40_000)
    assert done.returncode == 1
    (line,) = lines(done.stderr)
    assert "more than the context of 32,768 holds. Make the context larger, or send less." in line


def test_standard_input_that_is_no_text(run: Any) -> None:
    done = run("-", stdin=b"\xff\xfe")
    assert done.returncode == 1
    assert lines(done.stderr) == ["cascade-desk: Standard input is not UTF-8 text (byte 0)."]


def test_a_file_without_a_template_says_so(run: Any) -> None:
    model = miniatures.build(miniatures.replace(miniatures.PLAIN, template=None))
    done = run("--model", str(model), "--max-tokens", "2", "x")
    assert done.returncode == 0
    (line,) = lines(done.stderr)
    assert line == "cascade-desk: This file has no chat template, so the ChatML format is used."


def interrupted(arguments: list[str], *, after_output: bool) -> tuple[int, bytes, bytes]:
    """The outcome of Ctrl+C (to the whole group, as a terminal sends it) after the first output."""
    with subprocess.Popen(
        [*ASK, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=child_environment(),
        start_new_session=True,
    ) as process:
        assert process.stdout is not None
        first = os.read(process.stdout.fileno(), 10) if after_output else b""
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate(timeout=60)
        return process.returncode, first + out, err


def test_ctrl_c_prints_what_there_is(tmp_path: Path, hybrid: Path) -> None:
    common = [*GREEDY, "--data-dir", str(tmp_path), "--model", str(hybrid), "--mode", "instruct"]
    status, out, err = interrupted([*common, "Hello"], after_output=True)
    assert (status, err) == (130, b"")
    assert out.strip()  # how much is out when the signal comes is chance
    assert out.endswith(b"\n")


def test_ctrl_c_with_json_is_still_one_object(tmp_path: Path, hybrid: Path) -> None:
    """The first output of --json is its end: so it is sent when the engine's process has come up."""
    command = [*ASK, *GREEDY, "--json", "--model", str(hybrid), "--mode", "instruct", "--data-dir"]
    import psutil

    with subprocess.Popen(
        [*command, str(tmp_path), "Hello"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=child_environment(),
    ) as process:
        parent = psutil.Process(process.pid)
        while process.poll() is None and not _has_worked(parent):
            pass
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, b"")
    if out:
        (line,) = lines(out)
        assert json.loads(line)["finish_reason"] in ("cancelled", "context_full")


def _has_worked(parent: Any) -> bool:
    """Whether the engine below `parent` has used a second of processor time: it answers by then."""
    import psutil

    try:
        return any(child.cpu_times().user > 1.5 for child in parent.children())
    except psutil.Error:
        return False


def test_ctrl_c_before_the_question_is_read(tmp_path: Path) -> None:
    with subprocess.Popen(
        [*ASK, "--data-dir", str(tmp_path), "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=child_environment(),
        # Whoever runs the tests in the background has it ignored, and that is inherited.
        preexec_fn=partial(signal.signal, signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 - no threads here
    ) as process:
        assert process.stdin is not None
        process.stdin.write(b"half a question")
        process.stdin.flush()
        # It is in the read of its input once nothing is left in the pipe.
        left = array.array("i", [1])
        while left[0]:
            assert process.poll() is None
            fcntl.ioctl(process.stdin, termios.FIONREAD, left)
        process.send_signal(signal.SIGINT)
        _out, err = process.communicate(timeout=60)
    assert process.returncode in (130, -signal.SIGINT)
    assert b"Traceback" not in err or process.returncode == -signal.SIGINT


def test_a_reader_that_has_seen_enough(tmp_path: Path, hybrid: Path) -> None:
    command = [*ASK, *GREEDY, "--data-dir", str(tmp_path), "--model", str(hybrid), "--mode", "instruct", "Hi"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=child_environment()
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.read(1)
        process.stdout.close()
        err = process.stderr.read()
        assert process.wait(60) == 1
    assert err == b""


def test_no_qt_and_no_llama_in_this_process(tmp_path: Path, hybrid: Path) -> None:
    code = (
        "import sys; from app.cli import main; status = main(sys.argv[1:]);"
        "print(status, sorted({m.partition('.')[0] for m in sys.modules}"
        " & {'PySide6', 'shiboken6', 'llama_cpp', 'ui', 'numpy', 'jinja2'}), file=sys.stderr)"
    )
    command = [sys.executable, "-c", code, "ask", "--data-dir", str(tmp_path), "--model", str(hybrid)]
    done = subprocess.run(
        [*command, "--max-tokens", "2", "Hi"],
        capture_output=True,
        env=child_environment(),
        timeout=60,
        check=False,
    )
    assert lines(done.stderr) == ["0 []"]


def test_help_is_for_people(run: Any) -> None:
    done = run("--help")
    assert done.returncode == 0
    for option in ("--thinking-budget", "--attach", "--json", "--data-dir"):
        assert option in done.stdout.decode()


def test_help_is_in_one_language(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("CASCADE_LANGUAGE", "de")
    for arguments in (["--help"], ["ask", "--help"]):
        with pytest.raises(SystemExit):
            main(arguments)
        said = capsys.readouterr().out
        assert said.startswith("Aufruf: cascade-desk")
        for word in ("Angaben", "Optionen", "diese Hilfe zeigen"):
            assert word in said
        assert "usage" not in said
        assert "options" not in said
