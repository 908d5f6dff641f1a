"""The parser of both lines and blocks: CommonMark with what GFM adds, formulas and footnotes."""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock, table

from app.render import bare_links, footnotes, math_find

TABLE_COLUMNS: Final = 100  # a wider table is text
DEEPEST: Final = 60  # tokens in tokens; a list is two
_MARGIN: Final = 4
_ESCAPED = re.compile(r"[\\`*_\[\]()<>~!&$:#|]")


def make_parser() -> MarkdownIt:
    """A CommonMark parser with GFM tables, strikethrough, bare links and formulas; raw HTML stays text."""
    md = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST})
    md.enable(["table", "strikethrough"])
    md.disable(["reference", "html_block", "html_inline"])
    for part in (math_find, bare_links, footnotes):
        part.install(md)
    md.block.ruler.before("table", "deep", _deep_rule)
    md.block.ruler.at("table", _table_rule, {"alt": ["paragraph", "reference"]})
    return md


def _table_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A table, unless nobody could read it and thousands of cells would have to be laid out."""
    begin, last = state.bMarks[start], state.eMarks[start]
    return state.src.count("|", begin, last) <= TABLE_COLUMNS and table(state, start, end, silent)


def _deep_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """What is nested too deep is a paragraph with its marks: the parser itself would leave it out."""
    if silent or state.level < DEEPEST - _MARGIN:
        return False
    line = start + 1
    while line < end and not state.isEmpty(line) and state.sCount[line] >= state.blkIndent:
        line += 1
    token = state.push("paragraph_open", "p", 1)
    token.map = [start, line]
    text = state.push("inline", "", 0)
    text.content = escape_markdown(state.getLines(start, line, state.blkIndent, False).strip())
    state.push("paragraph_close", "p", -1)
    state.line = line
    return True


def escape_markdown(text: str) -> str:
    """Inline Markdown that reads as this very text."""
    return _ESCAPED.sub(r"\\\g<0>", text)
