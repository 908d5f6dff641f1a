"""Texts that the reading surface is measured with: all made here, the same ones each time."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace

from app.chat.conversation import Conversation
from app.chat.parts import AnswerInfo, Message, Part, ReasoningPart, TextPart

_SECTION = """\
## Section {n}

The **river** runs past the *old* mill, and `turns({n})` a wheel that nobody has looked at for years, \
since the road was moved to the other side of the valley and the miller's children went to the city.

- first point of the list, with a [link](https://example.org/{n})
- second point, which is a little longer than the first one

```python
def step_{n}(values):
    return [value * {n} for value in values if value > 0]
```

| a | b |
|---|---|
| {n} | two |

"""
_WORDS = (
    "the of and to in is that it was for on are with as be at one have this from or had by but some "
    "what there we can out other were all your when up use word how said each which do their time if "
    "will way about many then them would write like so these her long make thing see look more day "
    "could go come did number sound most people over know water than call first who may down side "
    "been now find any new work part take get place made live where after back little only round year "
    "came show every good give our under name through function value bound sequence limit integer "
    "prime proof lemma assume therefore contradiction converges "
)
_MARKS = ("**{}**", "*{}*", "`{}`")
_EACH_WORD = _WORDS.split()
_FORMULAS = (
    r"\frac{{a_{{{n}}}}}{{b + {n}}}",
    r"\sum_{{k=1}}^{{{n}}} \frac{{1}}{{k^2}}",
    r"x_{{{n}}} \le \sqrt{{x^2 + {n}}}",
    r"\int_0^{{{n}}} e^{{-t}}\,dt",
    r"\alpha^{{{n}}} + \beta_{{{n}}} = \gamma",
)
_CODE = """\
def step_{n}(values, limit={n}):
    \"\"\"What is left of the values.\"\"\"
    found = {{}}
    for at, value in enumerate(values):
        if value > limit:  # too large to keep
            continue
        found[at] = value * {n} + len("of {n}")
    return found
"""


def document(size: int) -> str:
    """Mixed Markdown of about `size` characters."""
    parts, length = [], 0
    for number in itertools.count():
        part = _SECTION.format(n=number)
        parts.append(part)
        length += len(part)
        if length >= size:
            return "".join(parts)
    raise AssertionError


class Writer:
    """Writes as a model would; every formula of it is another one."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)
        self._numbers = itertools.count(1)
        self._marks: tuple[str, ...] = _MARKS

    def words(self, count: int) -> str:
        """So many words, some of them marked."""
        found = self._chance.choices(_EACH_WORD, k=count)
        for at in range(self._chance.randrange(9), count, 23):
            found[at] = self._chance.choice(self._marks).format(found[at])
        return " ".join(found).capitalize() + "."

    def formula(self) -> str:
        """The next formula, without marks."""
        return self._chance.choice(_FORMULAS).format(n=next(self._numbers))

    def paragraph(self, words: int, formulas: int = 0) -> str:
        """Words with so many formulas between them."""
        pieces = [self.words(max(3, words // (formulas + 1))) for _ in range(formulas + 1)]
        return "".join(
            piece + (f" ${self.formula()}$ " if piece is not pieces[-1] else "") for piece in pieces
        )

    def code(self) -> str:
        """A fence of ten lines."""
        return f"```python\n{_CODE.format(n=next(self._numbers))}```"

    def block(self, formulas: int) -> str:
        """A paragraph, now and then something else."""
        kind = self._chance.random()
        if kind < 0.12:
            return self.code()
        if kind < 0.2:
            return "\n".join(f"- {self.words(self._chance.randrange(5, 20))}" for _ in range(4))
        if kind < 0.25:
            return f"## {self.words(4)}"
        if kind < 0.28:
            rows = "\n".join(f"| {self.words(2)} | {next(self._numbers)} |" for _ in range(4))
            return f"| a | b |\n|---|---|\n{rows}"
        if formulas and kind < 0.36:
            return f"$$\n{self.formula()}\n$$"
        return self.paragraph(self._chance.randrange(30, 90), formulas)

    def answer(self, size: int) -> str:
        """About `size` characters; every fourth answer has formulas, every third one typographic quotes."""
        self._marks = _MARKS if self._chance.random() < 2 / 3 else (*_MARKS, "“{}”")
        formulas = self._chance.choice((0, 0, 0, 2))
        found, length = [], 0
        while length < size:
            found.append(self.block(formulas))
            length += len(found[-1])
        return "\n\n".join(found)

    def size(self) -> int:
        """How long an answer is, in characters: most are short, some are very long."""
        return min(30_000, round(self._chance.lognormvariate(7.3, 0.9)))


def conversation(count: int, seed: int = 11, identity: str = "long") -> Conversation:
    """A conversation of `count` messages, questions and answers in turn, about 1.2 KB each."""
    writer, chance = Writer(seed), random.Random(seed)
    made = Conversation(id=identity, title=f"{count} messages", titled=True)
    for number in range(count // 2):
        made.append("user", TextPart(writer.words(chance.randrange(4, 60))), id=f"q{identity}{number}")
        parts: list[Part] = [TextPart(writer.answer(writer.size()))]
        if number % 5 == 0:
            parts.insert(0, ReasoningPart(writer.answer(writer.size()), 4.0, 900))
        answer = made.append("assistant", *parts, id=f"a{identity}{number}")
        made.messages[answer.id] = _with_info(answer)
    return made


def _with_info(answer: Message) -> Message:
    return replace(answer, info=AnswerInfo("A model", "Q4_K_M", "instruct", 400, 41.5, 0.3, 3000, 2600, 120))


def stream(seed: int = 5, formula_every: int = 400) -> Iterator[str]:
    """Endless Markdown and code with one formula in about `formula_every` characters."""
    writer, since = Writer(seed), 0
    for number in itertools.count():
        if number % 5 == 4:
            piece = writer.code()
        else:
            piece = writer.paragraph(70, since // formula_every)
            since %= formula_every
        since += len(piece)
        yield f"{piece}\n\n"
