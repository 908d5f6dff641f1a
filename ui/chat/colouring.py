"""Which colours the lines of a piece of code get, a few at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from time import perf_counter
from typing import Final

from app.render.blocks import Block
from app.render.highlight import START, Run, State, code_runs, is_known, line_runs
from ui.chat.message import CodeGroup, Row

_BACK: Final = 40  # pieces further up are not looked at to know how one begins

Paint = Callable[[int, tuple[Run, ...]], None]


class Colouring:
    """Goes on where the piece above ended: a string or a comment may reach over many pieces."""

    def __init__(self, row: Row, group: CodeGroup) -> None:
        self._row, self._group = row, group
        self._done = 0  # lines whose colours are final for now
        self._runs: Iterator[tuple[tuple[Run, ...], State]] | None = None
        self._earlier: Iterator[None] | None = None
        self._was_open = row.open
        self._begun = self._state = self._before()

    def _before(self) -> State:
        return self._group.states.get(self._row.block.piece - 1, START)

    def changed(self, kept: int) -> None:
        """The text is another one from line `kept` on."""
        if kept < self._done:
            self._again()
        if self._was_open and not self._row.open:
            self._again()  # constructs over several lines look different from the end
        self._was_open = self._row.open

    def _again(self) -> None:
        self._done, self._runs = 0, None
        self._begun = self._state = self._before()

    def work(self, lines: Sequence[str], seconds: float, paint: Paint) -> bool:
        """Go on for about so long; True while there is more."""
        block, closed = self._row.block, not self._row.open
        if not is_known(block.language):
            return False
        end = perf_counter() + seconds
        if self._begun != self._before():
            self._again()
        # the last line of an open fence is not complete: it keeps its plain look
        last = len(lines) if closed or block.text.endswith("\n") else len(lines) - 1
        if closed and self._runs is None and self._done < last:
            self._runs = code_runs("\n".join(lines), block.language, self._state)
            self._done = 0
        while self._done < last:
            runs, self._state = self._next_runs(lines, block.language)
            paint(self._done, runs)
            self._done += 1
            if perf_counter() > end:
                return True
        if closed:  # as a whole it may end otherwise than line by line
            self._group.states[block.piece] = self._state
        return self._look_back(end)

    def _next_runs(self, lines: Sequence[str], language: str) -> tuple[tuple[Run, ...], State]:
        if self._runs is not None:
            return next(self._runs, ((), self._state))
        return line_runs(lines[self._done], language, self._state)

    def _look_back(self, end: float) -> bool:
        """Find out how the piece above ends, if nobody has seen it; True while that takes longer."""
        piece = self._row.block.piece
        if not piece or piece - 1 in self._group.states:
            return self._begun != self._before()
        self._earlier = self._earlier or self._settle()
        for _ in self._earlier:
            if perf_counter() > end:
                return True
        self._earlier = None
        return self._begun != self._before()

    def _settle(self) -> Iterator[None]:
        states = self._group.states
        for block in self._above():
            state = states.get(block.piece - 1, START)
            code = block.text.removesuffix("\n")
            for _, now in code_runs(code, block.language, state):
                state = now
                yield
            states[block.piece] = state

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
