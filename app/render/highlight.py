"""Pygments tokens as runs of a few named styles. Pure functions; about 0.25 ms a line.

Regex lexers are driven line by line with their state stack carried over, so a growing fence costs the same at
its end as at its start. Other lexers (JSON, the templated ones) begin anew at each chunk.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from pygments.lexer import ExtendedRegexLexer, Lexer, RegexLexer
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import Token, _TokenType

MAX_CODE: Final = 20_000  # characters lexed as a whole; views hand over pieces far below
MAX_LINE: Final = 2000  # characters; a longer line (minified code) stays plain
STYLES: Final = ("keyword", "type", "function", "string", "number", "comment", "operator", "tag", "meta")

_STYLE_OF: Final[tuple[tuple[Any, str], ...]] = (
    (Token.Comment.Preproc, "meta"),
    (Token.Comment, "comment"),
    (Token.Keyword.Type, "type"),
    (Token.Keyword.Constant, "number"),
    (Token.Keyword, "keyword"),
    (Token.Operator.Word, "keyword"),
    (Token.Operator, "operator"),
    (Token.Literal.Number, "number"),
    (Token.Literal, "string"),
    (Token.Name.Function, "function"),
    (Token.Name.Class, "type"),
    (Token.Name.Exception, "type"),
    (Token.Name.Builtin, "function"),
    (Token.Name.Decorator, "meta"),
    (Token.Name.Tag, "tag"),
    (Token.Name.Attribute, "function"),
    (Token.Generic.Inserted, "string"),
    (Token.Generic.Deleted, "keyword"),
    (Token.Generic.Heading, "tag"),
    (Token.Generic.Prompt, "comment"),
)


@dataclass(frozen=True, slots=True)
class Run:
    """`length` characters from `start` in one of STYLES."""

    start: int
    length: int
    style: str


@lru_cache(maxsize=256)
def _style(token: _TokenType) -> str:
    return next((style for kind, style in _STYLE_OF if token in kind), "")


#: Whose lexers are safe on a short line, whatever stands in it: no other lexer begins inside, and none of
#: their expressions takes long. Each is loaded by `warm`.
QUICK: Final = (
    "python", "bash", "json", "javascript", "typescript", "c", "cpp", "java", "rust", "go", "sql", "toml",
    "diff", "csharp", "css",
)  # fmt: skip
_loaded: set[str] = set()  # names of the lexers of QUICK that are


@lru_cache(maxsize=1)
def _aliases() -> dict[str, str]:
    """Names of lexers by what their languages are called."""
    return {alias: name for name, aliases, _, _ in get_all_lexers(plugins=False) for alias in aliases}


@lru_cache(maxsize=64)
def _lexer(language: str) -> Lexer | None:
    alias = language.lower()
    # asking Pygments for an unknown name would search all installed packages for plugins
    return get_lexer_by_name(alias) if alias in _aliases() else None


def is_known(language: str) -> bool:
    """True if code in this language gets colours. Loads nothing."""
    return language.lower() in _aliases()


def is_quick(language: str) -> bool:
    """True if a short line of it takes no time worth mentioning: its lexer is a safe one, and loaded."""
    return _aliases().get(language.lower()) in _loaded


def warm(languages: tuple[str, ...] = QUICK) -> Iterator[bool]:
    """Load lexers one by one, in any thread: the first use of one takes 5 to 90 ms."""
    for language in languages:
        line_runs("x", language)
        if language in QUICK:
            _loaded.add(_aliases()[language])
        yield is_known(language)


State = tuple[str, ...]
START: Final[State] = ("root",)


def line_runs(line: str, language: str, state: State = START) -> tuple[tuple[Run, ...], State]:
    """Runs of one line (without its newline), and the state in which the next one begins."""
    lexer = _lexer(language)
    if lexer is None or len(line) > MAX_LINE:
        return (), state
    runs: list[Run] = []
    stack = list(state)
    for start, token, value in _tokens(lexer, line + "\n", stack):
        style = _style(token)
        length = min(len(value), len(line) - start)
        if not style or length <= 0 or value.isspace():
            continue
        _append(runs, Run(start, length, style))
    return tuple(runs), tuple(stack)


def _append(runs: list[Run], run: Run) -> None:
    last = runs[-1] if runs else None
    if last and last.style == run.style and last.start + last.length == run.start:
        runs[-1] = Run(last.start, last.length + run.length, run.style)
    else:
        runs.append(run)


def code_runs(code: str, language: str, state: State = START) -> Iterator[tuple[tuple[Run, ...], State]]:
    """Runs line by line of code lexed as a whole, so that constructs over several lines are right too.

    An iterator: the caller decides how much to do at a time. The state is the one after the last token seen.
    """
    lexer = _lexer(language)
    if lexer is None or len(code) > MAX_CODE or any(len(line) > MAX_LINE for line in code.split("\n")):
        yield from ((line_runs(line, language, state)) for line in code.split("\n"))
        return
    stack = list(state)
    runs: list[Run] = []
    line_start = 0
    for at, token, value in _tokens(lexer, code + "\n", stack):
        start = at
        style = _style(token)
        for part in value.splitlines(keepends=True):
            body = part.removesuffix("\n")
            if style and body.strip() and start + len(body) <= len(code):
                _append(runs, Run(start - line_start, len(body), style))
            start += len(part)
            if part != body:
                yield tuple(runs), tuple(stack)
                runs, line_start = [], start


def _tokens(lexer: Lexer, text: str, stack: list[str]) -> Iterator[tuple[int, _TokenType, str]]:
    """(start, token, value); leaves the lexer's state after the text in `stack`."""
    tables = getattr(lexer, "_tokens", None)
    if isinstance(lexer, ExtendedRegexLexer) or not isinstance(lexer, RegexLexer) or not tables:
        yield from lexer.get_tokens_unprocessed(text)
        return
    pos = 0
    if stack[-1] not in tables:
        stack[:] = START
    while pos < len(text):
        found = next(((m, a, c) for f, a, c in tables[stack[-1]] if (m := f(text, pos))), None)
        if found is None:
            if text[pos] == "\n":
                # as Pygments does: a line break gets an unmatched state out of trouble
                stack[:] = START
                yield pos, Token.Text, "\n"
            else:
                yield pos, Token.Error, text[pos]
            pos += 1
            continue
        match, action, change = found
        if action is not None:
            if isinstance(action, _TokenType):
                yield pos, action, match.group()
            else:
                yield from action(lexer, match)
        pos = match.end()
        if change is not None:
            _change_state(stack, change)


def _change_state(stack: list[str], change: object) -> None:
    """Pygments' own rules: a tuple pushes names, a number pops, "#push" repeats."""
    if isinstance(change, tuple):
        for name in change:
            if name == "#pop":
                if len(stack) > 1:
                    stack.pop()
            elif name == "#push":
                stack.append(stack[-1])
            else:
                stack.append(name)
    elif isinstance(change, int):
        # never the root state
        del stack[max(1, len(stack) + change) :]
    elif change == "#push":
        stack.append(stack[-1])
