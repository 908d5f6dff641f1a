"""Blocks of Markdown as HTML. All text is escaped; nothing is ever fetched."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape
from typing import Final

from app.export.formulas import EM, SetFormulas
from app.language import tr
from app.render.blocks import Block
from app.render.highlight import START, State, code_runs
from app.render.inline import Span, parse_inline
from app.render.math_values import MathDrawn
from app.render.unseen import shown

_CLASSES: Final = {
    "keyword": "k", "type": "t", "function": "f", "string": "s", "number": "n", "comment": "c",
    "operator": "o", "tag": "g", "meta": "m",
}  # fmt: skip
_NUMBER: Final = re.compile(r"(\d{1,9})([.)])")
_HEAD: Final = re.compile(r'<svg xmlns="[^"]*" width="[^"]*" height="[^"]*"')
_TASKS: Final = ("todo", "done")
_ENDS: Final = {"q": "</blockquote>\n", "f": "</aside>\n"}


@dataclass
class _Container:
    """An open list item, quote or footnote. `list` is "ul" or "ol" with the mark behind its numbers."""

    kind: str
    list: str = ""
    number: int = 0


class HtmlBlocks:
    """Writes the blocks of one text; one use."""

    def __init__(self, formulas: SetFormulas) -> None:
        self._formulas = formulas
        self._open: list[_Container] = []
        self._leaf = ""  # what ends the leaf whose pieces may go on
        self._state: State = START

    def write(self, blocks: Iterable[Block]) -> Iterator[str]:
        for block in blocks:
            if block.piece and self._leaf:
                yield from self._more(block)
                continue
            yield self._end_leaf()
            yield from self._containers(block)
            yield from self._begin(block)
        yield self._end_leaf()
        yield from self._close(0)

    # ---- containers -----------------------------------------------------------------------

    def _containers(self, block: Block) -> Iterator[str]:
        depth = 0
        for kind, marker in zip(block.nest, block.markers, strict=False):
            if depth >= len(self._open) or self._open[depth].kind != kind or marker:
                break
            depth += 1
        fresh = block.markers[depth] if depth < len(block.nest) else ""
        beside = self._open[depth] if depth < len(self._open) else None
        if fresh and beside is not None and beside.kind == "l" and _follows(beside, fresh):
            yield from self._close(depth + 1)
            yield "</li>\n" + self._item(beside, fresh)
            depth += 1
        else:
            yield from self._close(depth)
        for level in range(depth, len(block.nest)):
            marker = block.markers[level] if level < len(block.markers) else ""
            kind = block.nest[level]
            if kind == "q":
                self._open.append(_Container("q"))
                yield "<blockquote>\n"
            elif kind == "f":
                self._open.append(_Container("f"))
                yield f'<aside class="footnote"><sup>{escape(marker)}</sup>\n'
            else:
                made = _Container("l", _list_of(marker))
                self._open.append(made)
                yield _list_start(marker) + self._item(made, marker)

    def _item(self, container: _Container, marker: str) -> str:
        found = _NUMBER.fullmatch(marker)
        container.number = int(found[1]) if found else container.number + 1
        if marker in _TASKS:
            checked = " checked" if marker == "done" else ""
            name = escape(tr("done") if checked else tr("to do"))
            return f'<li class="task"><input type="checkbox" disabled{checked} aria-label="{name}"> '
        return "<li>"

    def _close(self, depth: int) -> Iterator[str]:
        while len(self._open) > depth:
            one = self._open.pop()
            yield _ENDS.get(one.kind) or f"</li></{one.list[:2]}>\n"

    # ---- leaves ---------------------------------------------------------------------------

    def _end_leaf(self) -> str:
        ended, self._leaf = self._leaf, ""
        return ended

    def _begin(self, block: Block) -> Iterator[str]:
        if block.kind == "heading":
            level = min(6, max(1, block.level))
            yield f"<h{level}>{self.inline(block.text)}"
            self._leaf = f"</h{level}>\n"
        elif block.kind == "code":
            self._state = START
            name = f' class="language-{escape(block.language[:40])}"' if block.language else ""
            yield f"<pre><code{name}>"
            yield from self._code(block)
            self._leaf = "</code></pre>\n"
        elif block.kind == "table":
            yield '<div class="wide"><table>\n<thead>'
            yield self._row("th", block.rows[0] if block.rows else (), block.aligns) + "</thead>\n<tbody>\n"
            yield from self._rows(block)
            self._leaf = "</tbody></table></div>\n"
        elif block.kind == "rule":
            yield "<hr>\n"
        elif block.kind == "math":
            yield self._display(block.text, block.source)
        elif block.kind == "plain":
            yield f'<div class="plain">{escape(block.text)}</div>\n'
        else:
            yield f"<p>{self.inline(block.text or ('' if block.kind == 'paragraph' else block.source))}"
            self._leaf = "</p>\n"

    def _more(self, block: Block) -> Iterator[str]:
        """A piece of the leaf that is open."""
        if block.kind == "code":
            yield from self._code(block)
        elif block.kind == "table":
            yield from self._rows(block)
        else:
            yield "\n" + self.inline(block.text)

    def _code(self, block: Block) -> Iterator[str]:
        code = shown(block.text.removesuffix("\n"), code=True)
        lines = code.split("\n")
        runs = code_runs(code, block.language, self._state)
        for line in lines:
            found, self._state = next(runs, ((), self._state))
            at, parts = 0, []
            for run in found:
                parts.append(escape(line[at : run.start]))
                at = run.start + run.length
                parts.append(f'<span class="{_CLASSES[run.style]}">{escape(line[run.start : at])}</span>')
            yield "".join(parts) + escape(line[at:]) + "\n"

    def _rows(self, block: Block) -> Iterator[str]:
        for row in block.rows[1:]:
            yield self._row("td", row, block.aligns) + "\n"

    def _row(self, tag: str, cells: tuple[str, ...], aligns: tuple[str, ...]) -> str:
        made = []
        for number, cell in enumerate(cells):
            align = aligns[number] if number < len(aligns) else ""
            style = f' style="text-align: {align}"' if align in ("left", "center", "right") else ""
            made.append(f"<{tag}{style}>{self.inline(cell)}</{tag}>")
        return f"<tr>{''.join(made)}</tr>"

    # ---- inline ---------------------------------------------------------------------------

    def inline(self, text: str) -> str:
        """Inline Markdown."""
        return "".join(self._span(span) for span in parse_inline(text))

    def _span(self, span: Span) -> str:
        if span.math:
            return self._formula(span.math, span.text, display=span.display)
        made = escape(span.text)
        if span.note:
            return f"<sup>{made}</sup>"
        made = f"<code>{made}</code>" if span.code else made.replace("\n", "<br>\n")
        for style, tag in ((span.strike, "del"), (span.italic, "em"), (span.bold, "strong")):
            if style:
                made = f"<{tag}>{made}</{tag}>"
        if span.href:
            made = f'<a href="{escape(span.href)}" rel="noopener noreferrer nofollow">{made}</a>'
        return made

    def _display(self, latex: str, source: str) -> str:
        source = shown(source, code=True) if source.strip() else f"$$\n{latex}\n$$"
        return f'<div class="display">{self._formula(latex, source, display=True)}</div>\n'

    def _formula(self, latex: str, source: str, *, display: bool) -> str:
        drawn = self._formulas.get(latex, display)
        tex = escape(shown(latex, code=True))
        if not isinstance(drawn, MathDrawn):
            return f'<code class="tex-source" data-tex="{tex}">{escape(source)}</code>'
        size = f"width:{drawn.width / EM:.3f}em;height:{drawn.height / EM:.3f}em"
        drop = (drawn.height - drawn.baseline) / EM
        begin = f'<svg style="{size};vertical-align:{-drop:.3f}em" role="img" aria-label="{tex}"'
        svg = _HEAD.sub(lambda _: begin, drawn.svg, count=1)
        hidden = f'<span class="tex" aria-hidden="true">{escape(source)}</span>'
        return f'<span class="math" data-tex="{tex}">{svg}{hidden}</span>'


def _list_of(marker: str) -> str:
    found = _NUMBER.fullmatch(marker)
    return f"ol{found[2]}" if found else "ul"


def _list_start(marker: str) -> str:
    found = _NUMBER.fullmatch(marker)
    if not found:
        return "<ul>\n"
    return "<ol>\n" if found[1] == "1" else f'<ol start="{int(found[1])}">\n'


def _follows(container: _Container, marker: str) -> bool:
    """Whether an item goes on with the list that is open beside it."""
    found = _NUMBER.fullmatch(marker)
    return _list_of(marker) == container.list and (not found or int(found[1]) == container.number + 1)
