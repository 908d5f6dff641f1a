"""An export as PDF, read by another program: text in its order, code as it was, formulas as LaTeX."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QApplication

from app.chat.conversation import Conversation
from app.chat.parts import TextPart
from app.errors import UserError
from app.export.formulas import SetFormulas
from app.export.values import Options, head_of, nodes_of
from tests.export.samples import CODE, told
from ui.export.pdf import write_pdf
from ui.export.pdf_mending import is_whole, mend_characters

pytestmark = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils is not installed")


@pytest.fixture
def formulas() -> Iterator[SetFormulas]:
    with SetFormulas() as made:
        yield made


def written(path: Path, conversation: Conversation, formulas: SetFormulas) -> Path:
    nodes = nodes_of(conversation, whole=False)
    options = Options("pdf", thoughts=True, documents=True)
    write_pdf(str(path), head_of(conversation, 1000.0), nodes, options, lambda _: None, formulas=formulas)
    return path


def text_of(path: Path, *options: str) -> str:
    done = subprocess.run(["pdftotext", *options, str(path), "-"], capture_output=True, check=True)
    assert not done.stderr
    return done.stdout.decode()


def words_of(path: Path) -> list[tuple[float, float, str]]:
    """Left and right ends of each word in points, and the word."""
    word = re.compile(r'<word xMin="([\d.]+)" yMin="[\d.]+" xMax="([\d.]+)" yMax="[\d.]+">(.*)</word>')
    return [(float(begin), float(end), said) for begin, end, said in word.findall(text_of(path, "-bbox"))]


def answer(text: str) -> Conversation:
    made = Conversation(title="One")
    made.append("assistant", TextPart(text))
    return made


def test_a_pdf_that_lost_bytes_is_told_from_a_whole_one(
    tmp_path: Path, qapp: QApplication, formulas: SetFormulas
) -> None:
    path = written(tmp_path / "a.pdf", told(), formulas)
    data = path.read_bytes()
    assert is_whole(path)
    middle = len(data) // 2
    for lost in (data[:-5], data[:middle], data[:middle] + data[middle + 1 :], b"", b"%%EOF"):
        path.write_bytes(lost)
        assert not is_whole(path)


def test_what_does_not_fit_on_the_disk_is_no_file(
    tmp_path: Path, qapp: QApplication, formulas: SetFormulas
) -> None:
    resource = pytest.importorskip("resource")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(UserError, match=r"cannot be written|no room"):
            written(tmp_path / "a.pdf", answer("Some words. " * 20_000), formulas)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_another_program_reads_all_of_it(tmp_path: Path, qapp: QApplication, formulas: SetFormulas) -> None:
    path = written(tmp_path / "a.pdf", told(), formulas)
    laid = text_of(path, "-layout")
    plain = " ".join(text_of(path).split())
    lines = [line.strip() for line in laid.split("\n")]
    begin = lines.index("def f(x):")
    rows = laid.split("\n")[begin : begin + 5]
    margin = len(rows[0]) - len(rows[0].lstrip())
    assert [line[margin:] for line in rows[:4]] == CODE.split("\n")[:4]
    assert 'return "<b>&amp;</b>"' in rows[4]
    assert len(rows[4]) - len(rows[4].lstrip()) == margin + 8
    for source in ("$x^2 + \\frac{1}{2}$ and \\(\\alpha_i\\).", "$\\sqrt{2}$", "$y_1$", "e^{-x^2}\\,dx"):
        assert source in plain, source
    # Letters that no font of this machine has are boxes, and read as nothing.
    has_letters = QFontDatabase.families(QFontDatabase.WritingSystem.Japanese)
    japanese = ["日本語のテキスト"] if has_letters else []
    order = ["Export <test> & *more*", "What is *this* & <that>?", "Thought for 12 s", "Result", "1. first",
             "deeper", "Value", *japanese, "Stopped", "Behind it"]  # fmt: skip
    places = [plain.index(one) for one in order]
    assert places == sorted(places)
    assert "first" in plain
    assert "<script>alert(1)</script>" in plain
    assert "a link (https://example.org/?a=1&b=2)" in plain
    assert "Secret" not in plain
    assert re.search(r"Export <test> & \*more\*\s+1\n", laid)


def test_footnotes_and_what_a_text_hides(tmp_path: Path, qapp: QApplication, formulas: SetFormulas) -> None:
    path = written(
        tmp_path / "a.pdf", answer("A[^1] `b\u202ec`.\n\n[^1]: The note.\n\n```\nd\u202ee\n```"), formulas
    )
    plain = text_of(path)
    assert plain.count("U+202E") == 2
    assert re.search(r"1\s+The note\.", plain)


def test_a_text_that_runs_backward_begins_at_the_right(
    tmp_path: Path, qapp: QApplication, formulas: SetFormulas
) -> None:
    path = written(tmp_path / "a.pdf", answer("left\n\nאבג דהו English זחט\n\n- יכל"), formulas)
    # what reads it splits these letters, and tells where each one is
    begins = {word: begin for begin, _, word in words_of(path)}
    first, latin, last = (begins[word] for word in ("א", "English", "ט"))
    assert begins["left"] < 100
    assert 350 < last < latin < first
    assert begins["י"] > 400
    assert begins["•"] > begins["י"]


def test_a_formula_behind_emoji_stands_where_its_room_is(
    tmp_path: Path, qapp: QApplication, formulas: SetFormulas
) -> None:
    path = written(tmp_path / "a.pdf", answer("\U0001f600" * 8 + " before $xyz+1$ after"), formulas)
    places = {word: (begin, end) for begin, end, word in words_of(path)}
    assert places["before"][1] < places["$xyz+1$"][0] < places["$xyz+1$"][1] < places["after"][0]


def test_pages_break_between_lines_and_lose_none(
    tmp_path: Path, qapp: QApplication, formulas: SetFormulas
) -> None:
    code = "\n".join(f"line_{number} = {number}  # {'x' * (number % 150)}" for number in range(300))
    rows = "\n".join(f"| row{number} | value {number} {'word ' * (number % 30)}|" for number in range(120))
    words = " ".join(f"word{number}" for number in range(3000))
    path = written(
        tmp_path / "a.pdf",
        answer(f"{words}\n\n```python\n{code}\n```\n\n| A | B |\n|--|--|\n{rows}\n"),
        formulas,
    )
    plain = text_of(path)
    assert [f"word{number}" for number in range(3000)] == re.findall(r"\bword\d+\b", plain)
    assert [str(number) for number in range(300)] == re.findall(r"line_(\d+)", plain)
    assert [str(number) for number in range(120)] == re.findall(r"\brow(\d+)", plain)
    pages = plain.count("\f")
    assert pages > 10
    assert re.findall(r"(?m)^One\n+(\d+)$|(\d+)\n*\f", plain)


@pytest.mark.parametrize(
    "text",
    ["", "|a|\n|-|\n", "> " * 60 + "x", "- " * 30 + "x", "#" * 6 + " h", "$$\n" + "x+" * 800 + "x\n$$",
     "$" + "x+" * 400 + "x$", "x" * 20_000, "\u202eabc\u202c \u200b\u0301", "😀" * 500,
     "|" + "a|" * 40 + "\n|" + "-|" * 40, "$$\n\\begin{matrix}" + "1\\\\" * 90 + "\\end{matrix}\n$$"],
)  # fmt: skip
def test_nothing_is_too_wide_deep_or_odd(
    text: str, tmp_path: Path, qapp: QApplication, formulas: SetFormulas
) -> None:
    path = written(tmp_path / "a.pdf", answer(text), formulas)
    assert text_of(path).startswith("One\n")


def test_names_of_shapes_become_those_of_characters(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"<2F47> begincmap <0001> <0002> [<2F47> <FE8E> <0041> <FEFB>] endcmap <2F47>")
    mend_characters(path)
    assert path.read_bytes() == b"<2F47> begincmap <0001> <0002> [<65E5> <0627> <0041> <FEFB>] endcmap <2F47>"
