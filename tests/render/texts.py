"""Markdown of all kinds, put together by chance."""

from __future__ import annotations

import random

WORDS = (
    "word", "Ünï", "école", "e\u0301te", "ﬁne", "漢字", "שלום", "🎉", "x_1", "snake_case", "5*3", "a<b",
    "&amp;", "**bold**", "un**believ**able", "*it*", "`code`", "~~gone~~", "[a link](https://example.org/a)",
    "$x^2$", "\\(y\\)",
    "<https://example.org/%C3%A9>", "https://example.org/a_b", "\\*", "![pic](http://x.y/z)", "$5",
    "||", "\u2028", "tab\there", "nb\u00a0sp", "&", "ß", "İ",
)  # fmt: skip
_STARTS = ("", "", "", "# ", "- ", "1. ", "> ", "- [ ] ", "  - ", "### ", "> - ")


def line(rng: random.Random) -> str:
    return " ".join(rng.choice(WORDS) for _ in range(rng.randrange(1, 9)))


def block(rng: random.Random) -> str:
    kind = rng.randrange(8)
    if kind == 0:
        return "```py\n" + "\n".join(line(rng) for _ in range(rng.randrange(4))) + "\n```"
    if kind == 1:
        rows = [f"| {line(rng)} | {line(rng)} |" for _ in range(rng.randrange(1, 4))]
        return "| a | b |\n|---|:-:|\n" + "\n".join(rows)
    if kind == 2:
        return f"$$\n{line(rng)}\n$$"
    if kind == 3:
        return "---"
    lines = [line(rng) for _ in range(rng.randrange(1, 4))]
    return rng.choice(_STARTS) + rng.choice(("\n", "  \n", "\\\n", "\n ")).join(lines)


def text(rng: random.Random) -> str:
    return "\n\n".join(block(rng) for _ in range(rng.randrange(1, 12)))
