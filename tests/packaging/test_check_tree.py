"""The rules for files: found where they are broken, silent where they are kept."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

# Put together here, or the check would find them in this very file.
HOME = "/" + "home/" + "someone"
REGISTRY = "py" + "pi.org"


@pytest.mark.parametrize(
    "line",
    [
        f"see {HOME}/notes",
        "cache = '" + "/" + "root/.cache'",
        "/" + "Users/" + "someone",
        "C:" + "\\Users\\" + "someone",
        f"https://{REGISTRY}/" + "simple",
        "pip install --index" + "-url x",
    ],
)
def test_a_machine_or_a_registry_is_found_with_its_line(check_tree, line):
    assert [number for number, _ in check_tree.forbidden(f"fine\n{line}\nfine")] == [2]


@pytest.mark.parametrize(
    "line", ["~/.cache", "the square /rooted/ one", "a/home/b", "Path.home()", "pypistats"]
)
def test_what_only_resembles_one_is_let_be(check_tree, line):
    assert list(check_tree.forbidden(line)) == []


def test_a_function_may_have_forty_lines_and_no_more(check_tree):
    def function(lines: int) -> str:
        return "def f():\n" + "    pass\n" * (lines - 1)

    assert list(check_tree.too_long(function(40))) == []
    assert [what for _, what in check_tree.too_long(function(41))] == ["f() has 41 lines, 40 are the limit"]


def test_a_file_may_have_four_hundred_lines_and_no_more(check_tree):
    assert list(check_tree.too_long("x = 1\n" * 400)) == []
    assert len(list(check_tree.too_long("x = 1\n" * 401))) == 1


def test_length_counts_for_sources_only_and_binary_files_are_skipped(check_tree, tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "app").mkdir()
    long = "x = 1\n" * 401
    for name in ("tests/a.py", "app/a.py"):
        (tmp_path / name).write_text(long)
    (tmp_path / "image").write_bytes(HOME.encode() + b"\xff\0")
    found = [
        line
        for path in tmp_path.rglob("*")
        if path.is_file()
        for line in check_tree.complaints(tmp_path, path)
    ]
    assert found == ["app/a.py:1: 401 lines, 400 are the limit: split the file"]


def test_the_check_does_not_find_itself(check_tree):
    for path in (ROOT / "packaging").glob("*.py"):
        assert list(check_tree.complaints(ROOT, path)) == []
