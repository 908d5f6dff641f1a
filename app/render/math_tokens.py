r"""LaTeX as tokens, macros expanded, within bounds: a stranger's formula may be of any size.

A token is a command (`\frac`, `\\`, `\{`), a character, or " " for any blank.
"""

from __future__ import annotations

import re
from typing import Final

from app.language import mark, tr
from app.render.math_nodes import FormulaError

MOST_CHARS: Final = 8000
MOST_TOKENS: Final = 6000  # after macros
_MOST_MACROS: Final = 64
_TOKEN = re.compile(r"\\[a-zA-Z]+|\\.|\s+|.", re.DOTALL)
_PERCENT = re.compile(r"\\.|%", re.DOTALL)
_DEFINE: Final = frozenset(
    ("\\newcommand", "\\renewcommand", "\\providecommand", "\\DeclareMathOperator", "\\def")
)
_MISSING = mark("A brace is missing.")
#: What no LaTeX has by itself but models write, and means the same everywhere.
_KNOWN: Final = {
    **{f"\\{letter}": (0, f"\\mathbb {letter}") for letter in "RNZQC"},
    "\\bra": (1, r"\left\langle #1\right|"),
    "\\ket": (1, r"\left| #1\right\rangle"),
    "\\braket": (1, r"\left\langle #1\right\rangle"),
    "\\abs": (1, r"\left| #1\right|"),
    "\\norm": (1, r"\left\| #1\right\|"),
    "\\nicefrac": (2, r"{}^{#1}\!/\!_{#2}"),
    "\\ensuremath": (1, "#1"),
}


def tokens_of(source: str) -> list[str]:
    """Tokens of a formula, its own macros expanded. Raises FormulaError."""
    if len(source) > MOST_CHARS:
        raise FormulaError(tr("It is longer than {count} characters.", count=MOST_CHARS))
    source = _without_comments(source)
    found = [" " if token.isspace() else token for token in _TOKEN.findall(source)]
    if any(token in _DEFINE or token in _KNOWN for token in found):
        found = _Expander(found).run()
    if len(found) > MOST_TOKENS:
        raise FormulaError(tr("It is too long."))
    return found


def _without_comments(source: str) -> str:
    """Comments end with their line. Models mean "50%" as it reads: it is no comment behind a number."""
    parts: list[str] = []
    done = pos = 0
    while sign := _PERCENT.search(source, pos):
        pos = sign.end()
        if sign[0] != "%":
            continue
        at = sign.start()
        parts.append(source[done:at])
        done = pos
        if at and (source[at - 1].isdigit() or source[at - 1] == "}"):
            parts.append("\\%")
            continue
        end = source.find("\n", at)
        if end < 0 and source[pos:].strip():
            raise FormulaError(tr("There is a % where a comment would be."))
        done = pos = len(source) if end < 0 else end
    return "".join([*parts, source[done:]])


def group_at(tokens: list[str], i: int) -> tuple[list[str], int]:
    """(tokens of the argument at i, without its braces, and the index behind it)."""
    while i < len(tokens) and tokens[i] == " ":
        i += 1
    if i >= len(tokens):
        raise FormulaError(tr("Something is missing at its end."))
    if tokens[i] == "}":
        raise FormulaError(tr(_MISSING))
    if tokens[i] != "{":
        return [tokens[i]], i + 1
    depth = 0
    for at in range(i, len(tokens)):
        if tokens[at] == "{":
            depth += 1
        elif tokens[at] == "}":
            depth -= 1
            if not depth:
                return tokens[i + 1 : at], at + 1
    raise FormulaError(tr(_MISSING))


def bracket_at(tokens: list[str], i: int) -> tuple[list[str] | None, int]:
    """(tokens of the optional argument at i, or None where there is none, and the index behind it)."""
    at = i
    while at < len(tokens) and tokens[at] == " ":
        at += 1
    if at >= len(tokens) or tokens[at] != "[":
        return None, i
    depth = 0
    for end in range(at + 1, len(tokens)):
        if tokens[end] == "]" and not depth:
            return tokens[at + 1 : end], end + 1
        depth += {"{": 1, "}": -1}.get(tokens[end], 0)
        if depth < 0:
            break
    return None, i


class _Expander:
    """Takes \\newcommand and its kin out, and puts what they mean in. One use."""

    def __init__(self, tokens: list[str]) -> None:
        self._todo = tokens[::-1]
        self._done: list[str] = []
        self._macros = {name: (count, _TOKEN.findall(body)) for name, (count, body) in _KNOWN.items()}
        self._budget = 4 * MOST_TOKENS

    def run(self) -> list[str]:
        while self._todo:
            token = self._todo.pop()
            self._budget -= 1
            if self._budget < 0 or len(self._done) > MOST_TOKENS:
                raise FormulaError(tr("Its macros expand to too much."))
            if token in _DEFINE:
                self._define(token)
            elif token in self._macros:
                self._expand(token)
            else:
                self._done.append(token)
        return self._done

    def _argument(self) -> list[str]:
        # from the end, as the tokens lie: the whole rest is turned around once for each argument at most
        depth, taken = 0, []
        while self._todo and self._todo[-1] == " ":
            self._todo.pop()
        while self._todo:
            self._budget -= 1
            token = self._todo.pop()
            taken.append(token)
            depth += {"{": 1, "}": -1}.get(token, 0)
            if depth <= 0:
                break
        if not taken or depth != 0 or taken[0] == "}":
            raise FormulaError(tr(_MISSING))
        return taken[1:-1] if taken[0] == "{" else taken

    def _define(self, command: str) -> None:
        if len(self._macros) >= _MOST_MACROS + len(_KNOWN):
            raise FormulaError(tr("It defines too many macros."))
        if self._todo and self._todo[-1] == "*":
            self._todo.pop()
        name = "".join(self._argument()).strip()
        count = 0
        if command != "\\DeclareMathOperator":
            count = self._count(command == "\\def")
        body = self._argument()
        if command == "\\DeclareMathOperator":
            body = ["\\operatorname", "{", *body, "}"]
        if not re.fullmatch(r"\\[a-zA-Z]+", name):
            raise FormulaError(tr("It defines a macro in a way that is not known here."))
        self._macros[name] = (count, body)

    def _count(self, plain: bool) -> int:
        head: list[str] = []
        while self._todo and self._todo[-1] != "{" and len(head) < 40:
            head.append(self._todo.pop())
        text = "".join(head).replace(" ", "")
        if plain and re.fullmatch(r"(#[1-9])*", text):
            return len(text) // 2
        found = re.fullmatch(r"(?:\[([0-9])\])?", text)
        if found is None or plain:
            raise FormulaError(tr("It defines a macro in a way that is not known here."))
        return int(found[1] or 0)

    def _expand(self, name: str) -> None:
        count, body = self._macros[name]
        arguments = [self._argument() for _ in range(count)]
        result: list[str] = []
        i = 0
        while i < len(body):
            if len(result) > self._budget:
                raise FormulaError(tr("Its macros expand to too much."))
            if body[i] == "#" and i + 1 < len(body) and body[i + 1].isdigit():
                number = int(body[i + 1])
                if not 1 <= number <= count:
                    raise FormulaError(tr("A macro asks for more than it is given."))
                result += arguments[number - 1]
                i += 2
            else:
                result.append(body[i])
                i += 1
        self._budget -= len(result)
        if self._budget < 0:
            raise FormulaError(tr("Its macros expand to too much."))
        self._todo += result[::-1]
