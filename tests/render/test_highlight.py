import subprocess
import sys

import pytest

from app.render.highlight import MAX_LINE, START, STYLES, Run, code_runs, is_known, line_runs, warm

PYTHON = 'def f(x):\n    """doc\n    for if\n    """\n    return "a" + str(1)  # end'


def words(line: str, runs: tuple[Run, ...]) -> dict[str, str]:
    return {line[r.start : r.start + r.length]: r.style for r in runs}


def test_line_by_line_carries_the_state() -> None:
    state = START
    seen = []
    for line in PYTHON.split("\n"):
        runs, state = line_runs(line, "python", state)
        seen.append(words(line, runs))
    assert seen[0]["def"] == "keyword"
    assert seen[0]["f"] == "function"
    assert set(seen[2].values()) == {"string"}
    assert seen[4]["return"] == "keyword"
    assert seen[4]["# end"] == "comment"
    assert state == START


def test_the_whole_gives_as_many_lines_as_the_code() -> None:
    for language in ("python", "json", "yaml", "html", "cpp", "no such language", ""):
        for code in (PYTHON, "", "\n", "a\n\nb\n", "a: 1\n"):
            assert len(list(code_runs(code, language))) == code.count("\n") + 1, (language, code)


def test_the_whole_sees_constructs_over_several_lines() -> None:
    lines = list(code_runs("/* a\n b */ let x = 1", "js"))
    assert lines[0][0] == (Run(0, 4, "comment"),)
    assert lines[1][0][0] == Run(0, 5, "comment")


def test_whole_and_lines_agree_on_simple_code() -> None:
    state = START
    by_line = []
    for line in PYTHON.split("\n"):
        runs, state = line_runs(line, "python", state)
        by_line.append(words(line, runs))
    whole = [
        words(line, runs)
        for line, (runs, _) in zip(PYTHON.split("\n"), code_runs(PYTHON, "python"), strict=True)
    ]
    assert whole[4] == by_line[4]


@pytest.mark.parametrize(
    "language", ["python", "js", "cpp", "yaml", "json", "html", "php", "bash", "diff", "ruby"]
)
def test_runs_are_ordered_and_inside_their_line(language: str) -> None:
    code = "x = 'a'  # b\n/* c\n<?php echo 1 ?> $a `b`\n- y: \"ä🎉\"\n+ <<EOF\n"
    lines = code.split("\n")
    for line, (runs, _) in zip(lines, code_runs(code, language), strict=True):
        end = 0
        for run in runs:
            assert run.start >= end
            assert run.style in STYLES
            end = run.start + run.length
        assert end <= len(line)


def test_unknown_languages_and_endless_lines_stay_plain() -> None:
    assert not is_known("klingon")
    assert line_runs("if x", "klingon") == ((), START)
    assert line_runs("x = 1;" * MAX_LINE, "js") == ((), START)


def test_no_qt() -> None:
    modules = "app.render.stream, app.render.highlight, app.render.inline"
    code = f"import sys, {modules}; print('PySide6' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_warming_goes_one_at_a_time() -> None:
    assert list(warm(("python", "klingon"))) == [True, False]
