r"""Finds formulas in Markdown: `$…$`, `$$…$$`, `\(…\)`, `\[…\]` and bare environments such as `align`.

A display formula that begins a line is a block: its lines are nobody else's ("+ b" is no list item), up to a
closer that ends a line. It has no blank line in it, as in LaTeX, and a bounded length; what doesn't close is
text. In a stream the end of the lines decides nothing: there the formula is `pending` until it does.

A dollar opens a formula only where it can't be money: see `dollar_formula`. Code spans and fences come first.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline

MATH_LINES: Final = 100  # a block that is longer is text
MATH_CHARS: Final = 8000
_LAZY: Final = 3  # columns that a line may be indented by without being code
BLOCK: Final = "math_block"
PENDING: Final = "math_pending"
INLINE: Final = "math_inline"
#: Set in the parser's env while more lines may come.
OPEN_END: Final = "math_open_end"
#: Stands for a | inside a formula while lines are parsed, so that no table is split there. Private use.
PIPE: Final = "\uf8fd"

_STARRED = ("equation", "align", "alignat", "flalign", "gather", "multline", "eqnarray")
ENVIRONMENTS: Final = frozenset(
    (
        *_STARRED, *(name + "*" for name in _STARRED),
        "displaymath", "math", "split", "aligned", "alignedat", "gathered", "array", "cases", "dcases",
        "rcases", "matrix", "pmatrix", "bmatrix", "Bmatrix", "vmatrix", "Vmatrix", "smallmatrix",
        "subequations",
    )
)  # fmt: skip
_OPENER = re.compile(r"\$\$(?!\$)|\\\[|\\begin\{([a-zA-Z]+\*?)\}")
_TAIL = re.compile(r"[ \t]*[.,;:]?[ \t]*")
_COMMAND = re.compile(r"\\[a-zA-Z]+\*?(?:\{[^{}]*\})?|\\.")
_WORD = re.compile(r"(?:^|(?<=[\s,;(]))[A-Za-z]{2,}(?=[\s,;.)]|$)")
_MATHY = re.compile(r"[\\^_=<>{}+]")
_IN_TEXT = re.compile(r"\\(?:text|textrm|textbf|textit|mbox)\{[^{}]*\Z")
_MOST_NESTED: Final = 8
_NUMBERS = re.compile(r"[\d\s,;–-]+")
_SUFFIX = re.compile(r"(?:st|nd|rd|th|s|D)\b")


@dataclass(frozen=True, slots=True)
class Found:
    """A formula in a text: `end` is the offset behind it, `latex` what stands between its marks."""

    end: int
    latex: str
    display: bool


def formula_at(text: str, pos: int, limit: int | None = None, dead: set[str] | None = None) -> Found | None:
    """The formula that begins at `pos` of an inline text, or None.

    `dead` gathers closers that don't come any more, so that a text of openers alone costs no more than once.
    """
    limit = len(text) if limit is None else limit
    if text.startswith("$", pos) and not text.startswith("$$", pos):
        return dollar_formula(text, pos, limit)
    begin, closer = pos + 2, "\\)"
    opener = None
    if not text.startswith("\\(", pos):
        opener = _OPENER.match(text, pos, limit)
        if opener is None or (opener[1] is not None and opener[1] not in ENVIRONMENTS):
            return None
        begin, closer = opener.end(), _closer(opener)
    if dead is not None and closer in dead:
        return None
    end = find_closer(text, begin, closer, min(limit, begin + MATH_CHARS))
    if end < 0:
        if dead is not None:
            dead.add(closer)
        return None
    latex = text[begin:end].strip()
    if not latex or (closer == "$$" and _is_money(latex)) or _is_prose(latex):
        return None
    if closer == "\\]" and _NUMBERS.fullmatch(latex):
        return None  # as in "shown by \\[1, 2\\]": brackets that someone has escaped
    end += len(closer)
    if opener is not None and opener[1]:
        return Found(end, text[pos:end], opener[1] != "math")
    return Found(end, latex, opener is not None)


def _closer(opener: re.Match[str]) -> str:
    if opener[1]:
        return f"\\end{{{opener[1]}}}"
    return "$$" if opener[0] == "$$" else "\\]"


def find_closer(text: str, pos: int, closer: str, limit: int) -> int:
    r"""Offset of the first `closer` that no backslash takes away (`\\]` breaks a line), or -1."""
    at = text.find(closer, pos, limit)
    while at >= 0:
        slash = text.find("\\", pos, at)
        if slash < 0:
            return at
        pos = slash + 2
        if pos > at:
            at = text.find(closer, pos, limit)
    return -1


def dollar_formula(text: str, pos: int, limit: int) -> Found | None:
    """`$…$` from `pos`, unless it is money or a variable of a shell.

    The next dollar must close: no blank before it and no letter or digit behind it ("$5 and $10", "$3-$4",
    "$HOME/x:$PATH"), nor a Latin letter or digit before the first ("US$20 or 5$-10$"); and what is between
    must not read as an amount with words behind it ("$1,000.00 or 5$").
    """
    before = text[pos - 1] if pos else " "
    most = min(limit, pos + 1 + MATH_CHARS)
    end = find_closer(text, pos + 1, "$", most)
    for _ in range(_MOST_NESTED):
        if end < 0 or not _IN_TEXT.search(text[pos:end]):
            break
        # the dollars of $x \text{ for $n$ even}$
        inner = find_closer(text, end + 1, "$", most)
        end = find_closer(text, inner + 1, "$", most) if inner >= 0 else -1
    if end < 0 or before in "$\\" or text.startswith("$$", end):
        return None
    latex = text[pos + 1 : end]
    behind = text[end + 1] if end + 1 < limit else " "
    if not latex.strip() or "\n\n" in latex or behind.isdigit():
        return None
    if _is_latin(behind) and not _SUFFIX.match(text, end + 1):
        return None
    if _is_latin(before) and not (before.isdigit() and "\\" in latex):
        return None
    if latex[0].isspace() or latex[-1].isspace():
        whole = latex[0].isspace() and latex[-1].isspace()
        if not whole or not (_MATHY.search(latex) or len(latex.strip()) == 1) or latex.strip()[0].isdigit():
            return None
    return None if _is_money(latex.strip()) else Found(end + 1, latex.strip(), False)


def _is_latin(char: str) -> bool:
    return char.isalnum() and char.isascii()


def _is_money(latex: str) -> bool:
    """Whether it reads as prose that begins with an amount, or as prose alone."""
    if latex[0].isdigit():
        words = _WORD.search(_COMMAND.sub(" ", latex))
        return words is not None or re.match(r"[\d.,]+\s*[|*]", latex) is not None
    return _is_prose(latex)


def _is_prose(latex: str) -> bool:
    return not _MATHY.search(latex) and len(_WORD.findall(latex)) > 1


def guard_pipes(line: str) -> str:
    """The line with each bare | inside a formula replaced by PIPE; of the same length."""
    if "|" not in line or ("$" not in line and "\\(" not in line):
        return line
    parts: list[str] = []
    pos = done = 0
    while pos < len(line):
        char = line[pos]
        if char == "`":
            run = len(line) - pos - len(line[pos:].lstrip("`"))
            end = re.compile(rf"(?<!`)`{{{run}}}(?!`)").search(line, pos + run)
            pos = end.end() if end else pos + run
            continue
        found = formula_at(line, pos) if char in "$\\" else None
        if found is None:
            pos += 2 if char == "\\" else 1
            continue
        parts += [line[done:pos], re.sub(r"(?<!\\)\|", PIPE, line[pos : found.end])]
        pos = done = found.end
    return "".join([*parts, line[done:]])


def install(md: MarkdownIt) -> None:
    """Add both rules to a parser."""
    alt = ["paragraph", "reference", "blockquote", "list"]
    md.block.ruler.before("table", "math", _block_rule, {"alt": alt})
    md.inline.ruler.before("escape", "math", _inline_rule)


def _inline_rule(state: StateInline, silent: bool) -> bool:
    if state.src[state.pos] not in "$\\":
        return False
    dead = state.env.setdefault(f"{INLINE} {state.posMax}", set())
    found = formula_at(state.src, state.pos, state.posMax, dead)
    if found is None:
        return False
    if not silent:
        token = state.push(INLINE, "math", 0)
        token.content = found.latex
        token.info = state.src[state.pos : found.end]
        token.meta = {"display": found.display}
    state.pos = found.end
    return True


def _block_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    begin, last = state.bMarks[start] + state.tShift[start], state.eMarks[start]
    opener = _OPENER.match(state.src, begin, last)
    if opener is None or state.is_code_block(start):
        return False
    if _LAZY < state.sCount[start] < state.blkIndent:
        return False  # the text of an item goes on; what it would be outside of it cannot be told from here
    name = opener[1]
    if name is not None and name not in ENVIRONMENTS:
        return False
    closer = _closer(opener)
    lines, pending = _scan(state, start, end, (opener.end() - begin, closer))
    latex = "\n".join(lines)
    if lines and not pending:
        latex = _without_marks(latex, closer, bool(name))
    if not lines or (not pending and not name and _is_prose(latex)):
        return False
    if silent:
        return True
    token = state.push(PENDING if pending else BLOCK, "math", 0)
    state.line = start + len(lines)
    token.map = [start, state.line]
    token.block = True
    token.content = latex
    return True


def _without_marks(text: str, closer: str, environment: bool) -> str:
    """A block between its marks; a full stop behind it is set inside, as in print."""
    body, _, tail = text.rpartition(closer)
    if environment:
        return (body.rstrip() + tail.strip() + closer).strip() if tail.strip() else text.strip()
    return (body[2:].strip() + tail.strip()).strip()


def _scan(state: StateBlock, start: int, end: int, opened: tuple[int, str]) -> tuple[list[str], bool]:
    """(lines of the formula, whether it is pending); no lines where there is none."""
    skip, closer = opened
    begin, total = state.bMarks[start], len(state.bMarks) - 1
    more = bool(state.env.get(OPEN_END)) and total - start < MATH_LINES
    if not more and state.src.find(closer, begin + skip, begin + 2 * MATH_CHARS) < 0:
        return [], False
    lines: list[str] = []
    size, filled = 0, False
    indent = min(state.blkIndent, state.sCount[start])
    for line in range(start, min(end, start + MATH_LINES)):
        if line > start and (state.isEmpty(line) or state.sCount[line] < indent):
            return [], False
        text = state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]
        size += len(text) + 1
        if size > MATH_CHARS:
            return [], False
        lines.append(text)
        at = find_closer(text, skip, closer, len(text))
        filled = filled or bool(text[skip : at if at >= 0 else None].strip())
        if at >= 0:
            whole = filled and _TAIL.fullmatch(text, at + len(closer)) is not None
            return (lines if whole else []), False
        skip = 0
    # a container that has ended, or a block over its limit, can't be closed by what comes
    return (lines, True) if more and start + len(lines) >= total else ([], False)
