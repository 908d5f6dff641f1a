import random
import time

import pytest

from app.render import math_nodes as n
from app.render.math_nodes import FormulaError
from app.render.math_process import draw_formula
from app.render.math_source import read_formula
from app.render.math_symbols import SYMBOLS
from app.render.math_symbols import words as _words
from app.render.math_tokens import MOST_CHARS, tokens_of
from app.render.math_values import MathRefused, MathRequest
from tests.render.formulas import DISPLAY, INLINE, REFUSED


def texts(row: n.Row) -> str:
    """The characters of a row, in order, one level deep."""
    return "".join(node.text for node in row if isinstance(node, n.Glyphs | n.Words))


@pytest.mark.parametrize(("source", "reason"), REFUSED, ids=lambda value: value[:20])
def test_refused_with_a_reason(source: str, reason: str) -> None:
    result = draw_formula(MathRequest(source, True, 20))
    assert isinstance(result, MathRefused)
    assert reason in result.reason
    assert 5 < len(result.reason) < 120


def test_the_sheet_is_wide_enough() -> None:
    formulas = [*DISPLAY, *INLINE, *(source for source, _ in REFUSED)]
    assert len(formulas) >= 150
    assert len(set(DISPLAY)) == len(DISPLAY)


def test_scripts_bind_as_in_latex() -> None:
    assert read_formula("x_1^2", True) == read_formula("x^2_1", True)
    assert read_formula(r"x^\frac12", True) == read_formula(r"x^{\frac{1}{2}}", True)
    [primed] = read_formula("f'^2", True)
    assert isinstance(primed, n.Scripts)
    assert texts(primed.sup or ()) == "′2"


def test_fonts_and_old_style_commands() -> None:
    assert read_formula(r"\mathbb R", True) == (n.Glyphs("R", "ord", "double"),)
    assert read_formula(r"{\bf x} y", True)[0] == n.Group((n.Glyphs("x", "ord", "bold"),))
    assert read_formula(r"{a \over b}", True) == (n.Group(read_formula(r"\frac{a}{b}", True)),)


def test_dots_look_at_what_follows() -> None:
    assert texts(read_formula(r"1 + \dots + n", True)) == "1+⋯+n"
    assert texts(read_formula(r"1, \dots, n", True)) == "1,…,n"


def test_macros() -> None:
    assert read_formula(r"\newcommand{\R}{\mathbb{R}} \R", True) == read_formula(r"\mathbb{R}", True)
    assert read_formula(r"\def\f#1#2{\frac{#1}{#2}}\f{a}b", True) == read_formula(r"\frac{a}{b}", True)
    assert read_formula(r"\DeclareMathOperator*{\am}{arg\,max}\am", True)
    assert read_formula(r"\newcommand*\x[1]{#1#1}\x y", True) == read_formula("yy", True)


def test_rows_columns_lines_and_tags() -> None:
    [array] = read_formula(
        r"\begin{array}{|c||l@{}r} \hline a & b & c \\[2pt] \hline\hline d \\ \hline \end{array}", True
    )
    assert isinstance(array, n.Array)
    assert (array.aligns, array.bars, array.rules_below) == ("clr", (1, 2, 0, 0), 1)
    assert [(len(row.cells), row.rules, row.gap) for row in array.rows] == [(3, 1, 0.2), (1, 2, 0.0)]
    assert array.gaps[2] == 0
    [tagged] = read_formula(r"x = 1 \tag{7}", True)
    assert isinstance(tagged, n.Array)
    assert texts(tagged.rows[0].tag) == "(7)"
    [lines] = read_formula(r"[x] \\ [y]", True)
    assert isinstance(lines, n.Array)
    assert texts(lines.rows[1].cells[0]) == "[y]", "a bracket behind a line break is no length"


def test_text_with_mathematics_in_it() -> None:
    [group] = read_formula(r"\text{if $x$ is 5\% -- ``so''}", True)
    assert isinstance(group, n.Group)
    assert texts(group.row) == "if  is 5% – “so”"
    assert group.row[1] == n.Group((n.Style(-1), n.Glyphs("x")))


def test_comments_and_blanks_are_nothing() -> None:
    assert read_formula("x % note }\n + y", True) == read_formula("x+y", True)
    assert tokens_of("a  \n b") == ["a", " ", "b"]
    assert tokens_of("a %") == ["a", " "]


def test_a_percent_sign_behind_a_number_is_one() -> None:
    assert read_formula("50% + x", True) == read_formula(r"50\% + x", True)
    assert read_formula(r"\%5% % note" + "\n y", True) == read_formula(r"\%5\% y", True)
    assert read_formula(r"\text{5% of it}", True) == read_formula(r"\text{5\% of it}", True)


HOSTILE = [
    "x" * (MOST_CHARS + 1), "{" * 3000, r"\sqrt" * 1500 + "x", r"\hat" * 1900 + "x", r"\frac" * 1500,
    r"\left(" * 1200, r"\begin{matrix}" * 500, r"\text{" * 1300, "x^" * 3000, r"x\over " * 1300,
    r"\newcommand{\a}{\a\a}\a", r"\def\a#1{#1#1}" + r"\a" * 40 + "{x}",
    r"\newcommand{\a}[9]{" + "#1" * 1500 + r"}\a{" + "x" * 1500 + "}" + "{}" * 8,
    "".join(rf"\newcommand{{\a{chr(97 + i)}}}{{\a{chr(98 + i)}\a{chr(98 + i)}}}" for i in range(25)) + r"\aa",
    r"\begin{array}{*{9}{" + "c" * 60 + r"}} x \end{array}",
    r"\begin{matrix}" + r"\\" * 3000 + r"\end{matrix}",
]  # fmt: skip


@pytest.mark.parametrize("source", HOSTILE, ids=lambda source: source[:12])
def test_hostile_formulas_are_refused_soon(source: str) -> None:
    begun = time.perf_counter()
    with pytest.raises(FormulaError):
        read_formula(source, True)
    assert time.perf_counter() - begun < 1


def test_any_soup_is_read_or_refused() -> None:
    rnd = random.Random(19)
    refused = 0
    words = [
        *SYMBOLS,
        *_words(r"{ } { } ^ _ & \\ $ x 1 + ( ) [ ] \left \right \middle \frac \sqrt \text"),
    ]
    words += _words(r"\begin{matrix} \end{matrix} \hline \tag \limits \not \big \overline \hat \mathbb")
    words += _words(r"\pmod \over ' ~ | \, \hspace {1em}")
    for _ in range(3000):
        source = " ".join(
            rnd.choice(words[-45:] if rnd.random() < 0.8 else words) for _ in range(rnd.randrange(1, 15))
        )
        try:
            row = read_formula(source, rnd.random() < 0.5)
        except FormulaError:
            refused += 1
        else:
            assert row, source
    assert 100 < refused < 2900
