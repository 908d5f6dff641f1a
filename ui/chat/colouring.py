"""Which colours the lines of a piece of code get, a few at a time.

Only short pieces and lines whose lexers are known to be safe and loaded are lexed here, in the GUI thread;
everything else is asked for (Colours) and stays as it is until the answer has come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from time import perf_counter
from typing import Final

from app.render.blocks import Block
from app.render.colour_values import MOST_CHARS, Coloured, ColourRequest, request_for
from app.render.highlight import START, Run, State, code_runs, is_known, is_quick, line_runs
from app.render.unseen import shown
from ui.chat.colours import Colours
from ui.chat.message import CodeGroup, Row

QUICK_LINE: Final = 300  # characters that the GUI thread takes on
QUICK_PIECE: Final = 1500
_BACK: Final = 40  # pieces further up are not looked at to know how one begins

Paint = Callable[[int, tuple[Run, ...]], None]
_Steps = Iterator[tuple[tuple[Run, ...], State]]


def shown_code(block: Block) -> str:
    """A piece's text as it is shown and coloured."""
    return shown(block.text.removesuffix("\n"), code=True)


class Colouring:
    """Goes on where the piece above ended: a string or a comment may reach over many pieces.

    `lacking` is what has to be asked for before it can go on.
    """

    def __init__(self, row: Row, group: CodeGroup, colours: Colours) -> None:
        self._row, self._group, self._colours = row, group, colours
        self.lacking: tuple[ColourRequest, ...] = ()
        self._was_open = row.open
        self._again()

    def _before(self) -> State:
        """How the piece begins, as far as anybody knows."""
        piece, group = self._row.block.piece - 1, self._group
        return group.states.get(piece) or group.guesses.get(piece, START)

    def changed(self, kept: int) -> None:
        """The text is another one from line `kept` on."""
        closes = self._was_open and not self._row.open
        if closes and kept >= self._done:
            self._group.guesses[self._row.block.piece] = self._state
        if kept < max(self._until, self._covered) or closes:
            self._again()  # constructs over several lines look different from the end
        self._was_open = self._row.open

    def _again(self) -> None:
        """Begin anew; what has colours keeps them until others come."""
        # lines that have their colours, those whose colours are there, and those that were asked for
        self._done = self._until = self._covered = 0
        self._steps: _Steps | None = None
        self._asked: ColourRequest | None = None
        self._begun = self._state = self._before()

    def work(self, lines: Sequence[str], seconds: float, paint: Paint) -> bool:
        """Go on for about so long; True while there is more that can be done now."""
        block, self.lacking = self._row.block, ()
        if not is_known(block.language):
            return False
        end = perf_counter() + seconds
        self._look_back()
        if self._begun != self._before():
            self._again()
        # the last line of an open fence is not complete: it keeps its plain look
        closed = not self._row.open
        last = len(lines) if closed or block.text.endswith("\n") else len(lines) - 1
        while self._done < last:
            if self._done == self._until:
                if not self._next(lines[self._done : last]):
                    return False
                continue
            runs, self._state = next(self._steps or iter(()), ((), self._state))
            paint(self._done, runs)
            self._done += 1
            if perf_counter() > end:
                return True
        if closed:
            self._group.states[block.piece] = self._state
        return False

    def _next(self, lines: Sequence[str]) -> bool:
        """Get the colours of some more lines; False if they have to be asked for."""
        if self._asked is None:
            taken = self._quick(lines)
            if taken:
                self._until += taken
                return True
            self._asked = request_for(self._row.block.language, self._state, lines)
            self._covered = self._done + len(lines)
        found = self._colours.get(self._asked)
        if found is None:
            self.lacking = (self._asked, *self.lacking)
            return False
        count = self._asked.text.count("\n") + 1
        self._asked = None
        if isinstance(found, Coloured):
            self._steps = _steps(found, self._state)
            self._until += count
            return True
        # nobody can colour these: they look as they did
        self._done = self._until = self._until + count
        return True

    def _quick(self, lines: Sequence[str]) -> int:
        """Lex what takes no time here and now; how many lines that is."""
        language = self._row.block.language
        if self._row.open:
            if not _is_quick(language, lines[:1]):
                return 0
            self._steps = iter((line_runs(lines[0], language, self._state),))
            return 1
        if not _is_quick(language, lines):
            return 0
        self._steps = code_runs("\n".join(lines), language, self._state)
        return len(lines)

    def _look_back(self) -> None:
        """Find out how the piece above ends, if nobody has seen it."""
        piece, states = self._row.block.piece, self._group.states
        if not piece or piece - 1 in states:
            return
        for block in self._above():
            state = states.get(block.piece - 1, START)
            if len(block.text) > MOST_CHARS:
                states[block.piece] = state  # hardly code: most of it stays plain
                continue
            request = request_for(block.language, state, shown_code(block).split("\n"))
            found = self._colours.get(request)
            if found is None:
                self.lacking = (request,)
                return
            states[block.piece] = found.state if isinstance(found, Coloured) else state

    def _above(self) -> list[Block]:
        """The pieces above whose end is not known, the first one first."""
        rows = self._row.message.sections[self._row.section].rows
        at = rows.index(self._row) - 1 if self._row in rows else -1
        found: list[Block] = []
        while at >= 0 and len(found) < _BACK and rows[at].group is self._group:
            if rows[at].block.piece in self._group.states:
                break
            found.append(rows[at].block)
            at -= 1
        return found[::-1]


def requests_within(rows: Iterable[Row], seconds: float) -> Iterator[ColourRequest]:
    """What closed code in rows will ask for, as far as that many seconds reach."""
    end = perf_counter() + seconds
    for row in rows:
        block, group = row.block, row.group
        if group is not None and not row.open and _is_code(block):
            lines = shown_code(block).split("\n")
            if not _is_quick(block.language, lines):
                yield request_for(block.language, group.states.get(block.piece - 1, START), lines)
        if perf_counter() > end:
            return


def _is_code(block: Block) -> bool:
    return block.kind == "code" and len(block.text) <= MOST_CHARS and is_known(block.language)


def _is_quick(language: str, lines: Sequence[str]) -> bool:
    """Whether a closed piece may be lexed in the GUI thread."""
    return (
        is_quick(language)
        and sum(map(len, lines)) + len(lines) <= QUICK_PIECE
        and max(map(len, lines)) <= QUICK_LINE
    )


def _steps(found: Coloured, begun: State) -> _Steps:
    """Line by line; the state is known at the end only."""
    for number, runs in enumerate(found.lines, start=1):
        yield runs, found.state if number == len(found.lines) else begun
