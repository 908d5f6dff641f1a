"""What a formula is made of, between reading LaTeX and setting it. Values without positions."""

from __future__ import annotations

from dataclasses import dataclass


class FormulaError(Exception):
    """A formula that can't be set right: its source is shown instead. The text says why, for a person."""


class Node:
    """One item of a row."""

    __slots__ = ()


Row = tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Glyphs(Node):
    """Characters of a class (see math_symbols), each in the alphabet `font`."""

    text: str
    kind: str = "ord"
    font: str = ""


@dataclass(frozen=True, slots=True)
class Words(Node):
    """Text as in a sentence, or the name of an operator (`kind` op)."""

    text: str
    font: str = "upright"
    kind: str = "ord"


@dataclass(frozen=True, slots=True)
class Group(Node):
    """A row that counts as one item of class `kind`."""

    row: Row
    kind: str = "ord"


@dataclass(frozen=True, slots=True)
class Scripts(Node):
    """A nucleus with what stands below and above it; `limits` None: as the nucleus has it."""

    nucleus: Node
    sub: Row | None = None
    sup: Row | None = None
    limits: bool | None = None


@dataclass(frozen=True, slots=True)
class Fraction(Node):
    """`style` is 0 display, 1 text, -1 what fits; without a rule for binomials."""

    top: Row
    bottom: Row
    rule: bool = True
    left: str = ""
    right: str = ""
    style: int = -1
    continued: bool = False


@dataclass(frozen=True, slots=True)
class Radical(Node):
    body: Row
    degree: Row = ()


@dataclass(frozen=True, slots=True)
class Accent(Node):
    """An accent over its body. `wide` ones grow with it."""

    mark: str
    body: Row
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Line(Node):
    """A rule over or under."""

    body: Row
    below: bool = False


@dataclass(frozen=True, slots=True)
class Stretch(Node):
    """A brace or an arrow as wide as what it stands over or under."""

    mark: str
    body: Row
    below: bool = False


@dataclass(frozen=True, slots=True)
class Arrow(Node):
    """An arrow as long as what is written on it."""

    mark: str
    above: Row
    below: Row


@dataclass(frozen=True, slots=True)
class Stack(Node):
    """\\overset, \\underset, \\stackrel: of the class of its base."""

    base: Row
    above: Row = ()
    below: Row = ()
    kind: str = "ord"


@dataclass(frozen=True, slots=True)
class Fence(Node):
    """\\left … \\middle … \\right; `marks` are one more than `rows`, "" draws none."""

    marks: tuple[str, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Big(Node):
    """A delimiter of a given height in em."""

    mark: str
    height: float
    kind: str


@dataclass(frozen=True, slots=True)
class Space(Node):
    """Width in em; `mu` ones are \\mskip and shrink with the style as all do."""

    width: float


@dataclass(frozen=True, slots=True)
class Style(Node):
    """\\displaystyle and its kin for the rest of a row.

    level: 0 display, 1 text, 2 script, 3 script of a script, -1 text at most.
    """

    level: int


@dataclass(frozen=True, slots=True)
class Framed(Node):
    """notation: box | cancel | bcancel | xcancel."""

    body: Row
    notation: str = "box"


@dataclass(frozen=True, slots=True)
class Phantom(Node):
    """Room without ink; smash and the laps are ink without room."""

    body: Row
    width: bool = True
    height: bool = True
    ink: bool = False
    shift: float = 0.0  # share of the width that ink without room goes to the left


@dataclass(frozen=True, slots=True)
class Cells:
    """One line of an array; `rule` counts the lines above it, `gap` is extra room below it in em."""

    cells: tuple[Row, ...]
    rules: int = 0
    gap: float = 0.0
    tag: Row = ()


@dataclass(frozen=True, slots=True)
class Array(Node):
    """Rows and columns.

    aligns: l, c, r by column. gaps: em left of each column and right of the last. bars: rules there.
    style: of the cells. jot: extra em between rows. small: rows as close as they may be.
    """

    rows: tuple[Cells, ...]
    aligns: str
    gaps: tuple[float, ...]
    bars: tuple[int, ...] = ()
    style: int = 1
    jot: float = 0.0
    small: bool = False
    rules_below: int = 0
