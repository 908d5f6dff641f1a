import random
import time

import pytest

from app.render.blocks import parse_blocks
from app.render.inline import parse_inline, plain_text
from app.render.math_find import guard_pipes


def found(text: str) -> list[str]:
    """The formulas of an inline text, display ones marked."""
    return [f"D {span.math}" if span.display else span.math for span in parse_inline(text) if span.math]


@pytest.mark.parametrize(
    "text",
    [
        "$5 and $10", "costs $3-$4", "US$ 20", "US$20 and US$30", "$HOME", "$HOME/bin:$PATH",
        "$1,000.00 or 5$",
        "5$-10$ or 5$ to 10$", "I have $5, she has 3$.", "($5), ($6)",
        "$ 5 and $ 10", "$100M–$200M",
        "$", "$$", "$$$", "$$$$",
        "a$x$b", "$100 (about 90€), or 100$", "from $10k to $20k", "A costs $5/kg and B costs $6/kg",
        r"\$5 and 6\$", "`$x$`", "``$x$ ` $y$``", r"`\(x\)`", r"\\(x\\)", r"\\[x\\]", "$x", "$$x",
        r"\(x", r"\[x",
        r"\begin{document} x \end{document}", r"\begin{align} x", "$$5 and $$10", "|$5|$6|", r"\(\)", "$ $",
        r"as in \[1\] and \[2, 3\]", r"\(see the notes\)", r"\[to be done\]",
        "$echo and $date", "the $PATH or the home$",
    ],
)  # fmt: skip
def test_no_formula(text: str) -> None:
    assert found(text) == []
    assert "".join(span.text for span in parse_inline(text)) == plain_text(text)


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("$x$ and $n$th $k$s, 1$\\pi$", ["x", "n", "k", "\\pi"]),
        (r"\(a\) \[b\] $$c$$", ["a", "D b", "D c"]),
        ("$20$, $-5$, $x=1$, $ x $, $ a + b $", ["20", "-5", "x=1", "x", "a + b"]),
        ("I paid $5 for $x$ and $6 for $y$.", ["x", "y"]),
        (r"paid \$5, $\$5$", [r"\$5"]),
        ("$a*b$ *c $d*e$* **$x$** [a $y$](https://b.c)", ["a*b", "d*e", "x", "y"]),
        ("设$x$为", ["x"]),
        ("a\n$x\n+ y$ b", ["x\n+ y"]),
        ("$`x`$", ["`x`"]),
        (r"$x \text{ if $n$ is even}$ so", [r"x \text{ if $n$ is even}"]),
        (r"so \begin{cases} a & b \end{cases} holds", [r"D \begin{cases} a & b \end{cases}"]),
        (r"\[x \\[2pt] y\] \(\{1\}\)", [r"D x \\[2pt] y", r"\{1\}"]),
        (r"\boxed{1} is $\boxed{42}$", [r"\boxed{42}"]),
        ("$_a_$ $a_1$_", ["_a_", "a_1"]),
    ],
)
def test_formulas_in_a_text(text: str, formulas: list[str]) -> None:
    assert found(text) == formulas


def test_the_span_of_a_formula_keeps_its_source_and_style() -> None:
    before, formula, _ = parse_inline("**so $$x$$ holds**")
    assert (before.bold, formula.bold, formula.text, formula.math, formula.display) == (
        True,
        True,
        "$$x$$",
        "x",
        True,
    )
    assert plain_text("a $x_1$ b") == "a $x_1$ b"


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        ("$$x$$", [("math", "x")]),
        ("\\[\nx\n= 1\n+ 2\n\\].\nso", [("math", "x\n= 1\n+ 2."), ("paragraph", "so")]),
        ("so\n$$ x $$\nand", [("paragraph", "so"), ("math", "x"), ("paragraph", "and")]),
        ("$$x$$ is", [("paragraph", "$$x$$ is")]),
        ("$$\nx\n\ny\n$$", [("paragraph", "$$\nx"), ("paragraph", "y\n$$")]),
        ("\\[ x", [("paragraph", "\\[ x")]),
        ("$$\n$$", [("paragraph", "$$\n$$")]),
        ("\\begin{align*}\na\n\\end{align*}.", [("math", "\\begin{align*}\na.\\end{align*}")]),
        ("\\begin{foo}\na\n\\end{foo}", [("paragraph", "\\begin{foo}\na\n\\end{foo}")]),
        ("    $$\n    x\n    $$", [("code", "$$\nx\n$$\n")]),
        ("```\n$$\nx\n$$\n```", [("code", "$$\nx\n$$\n")]),
        (
            "1. a\n   \\[\n   x\n   - y\n   \\]\n2. b",
            [("paragraph", "a"), ("math", "x\n- y"), ("paragraph", "b")],
        ),
        ("> $$\n> x\n> $$", [("math", "x")]),
        ("> $$\n> x\n$$", [("paragraph", "$$\nx\n$$")]),
        ("# $x$\n", [("heading", "$x$")]),
        ("\\[see the notes\\]", [("paragraph", "\\[see the notes\\]")]),
        ("\\[ 42 \\]", [("math", "42")]),
    ],
)
def test_blocks(text: str, blocks: list[tuple[str, str]]) -> None:
    assert [(b.kind, b.text) for b in parse_blocks(text)] == blocks


def test_the_source_of_a_block_has_its_marks() -> None:
    text = "so\n\n\\[\nx\n\\].\n\nand"
    block = parse_blocks(text)[1]
    assert block.source == "\\[\nx\n\\]."
    assert text[block.start :].startswith(block.source)


def test_a_bar_in_a_formula_parts_no_cells() -> None:
    text = "| $|x|$ | b |\n|---|---|\n| $a|b$ | \\(|y|\\) |\n| $5 | $6 |\n| `$|$` |\n"
    assert parse_blocks(text)[0].rows == (
        ("$|x|$", "b"),
        ("$a|b$", "\\(|y|\\)"),
        ("$5", "$6"),
        ("`$", "$`"),
    )
    assert len(guard_pipes(text)) == len(text)


@pytest.mark.parametrize(
    "text",
    [
        "$" * 4000,
        "$a " * 1300,
        "\\(" * 2000,
        "\\[" * 2000,
        "\\(" + "\\\\)" * 1300,
        "`$" * 2000,
        "\\begin{align}" * 300,
    ],
)
def test_a_text_of_openers_costs_little(text: str) -> None:
    begun = time.perf_counter()
    parse_inline(text)
    guard_pipes(text + "|")
    assert time.perf_counter() - begun < 0.5


def test_any_text_is_kept_whole() -> None:
    rnd = random.Random(17)
    parts = [
        "$",
        "$$",
        "\\(",
        "\\)",
        "\\[",
        "\\]",
        "x",
        " ",
        "5",
        "\\",
        "`",
        "*",
        "{",
        "}",
        "\\begin{align}",
        "|",
        "\n",
    ]
    for _ in range(400):
        text = "".join(rnd.choice(parts) for _ in range(rnd.randrange(1, 20)))
        for span in parse_inline(text):
            assert not span.math or (span.text in text and span.math in span.text), text
