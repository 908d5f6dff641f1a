"""Footnotes: `[^1]` in a text, and `[^1]: …` with what is indented by four columns under it.

A note stands where it was written: to move it to the end of a growing text would touch closed blocks. For the
same reason a reference is one whether or not its note has come; a number is shown alone, a word as written,
so that a "[^aeiou]" that was never meant as a reference still says what it says.
"""

from __future__ import annotations

import re
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_inline import StateInline
from mdit_py_plugins.footnote.index import footnote_def

OPEN: Final = "footnote_reference_open"
CLOSE: Final = "footnote_reference_close"
REFERENCE: Final = "note_reference"
#: Columns that what belongs to a note is indented by.
INDENT: Final = 4
#: The opening of a note, up to where its own text or first container begins.
OPENER: Final = re.compile(r" *\[\^([\w.*-]{1,64})\]:")
_REFERENCE: Final = re.compile(r"\[\^(?:(\d{1,4})\^?|[^\W\d][\w-]{0,63})\](?![(:])")


def install(md: MarkdownIt) -> None:
    """Add both rules to a parser."""
    md.block.ruler.before("reference", "footnote", _note, {"alt": ["paragraph", "reference"]})
    md.inline.ruler.before("link", "footnote", _reference)


def _note(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    begin = state.bMarks[start] + state.tShift[start]
    if not OPENER.match(state.src, begin, state.eMarks[start]):
        return False
    return bool(footnote_def(state, start, end, silent))


def _reference(state: StateInline, silent: bool) -> bool:
    found = _REFERENCE.match(state.src, state.pos, state.posMax)
    if found is None:
        return False
    if not silent:
        token = state.push(REFERENCE, "", 0)
        token.content = found[1] or found[0]
        token.info = found[1] or found[0][2:-1]
    state.pos = found.end()
    return True
