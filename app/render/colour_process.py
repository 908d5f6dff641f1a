"""The process that colours code, one piece after the other.

Code is a stranger's, and one regular expression of a lexer may take any time on it: app.render.serving says
what bounds it.
"""

from __future__ import annotations

import traceback

from app.language import tr
from app.render.colour_values import (
    MESSAGES,
    MOST_CHARS,
    MOST_RUNS,
    CodeColoured,
    CodeRefused,
    ColourCode,
    Coloured,
    ColourRefused,
    ColourRequest,
    packed,
)
from app.render.highlight import code_runs
from app.render.serving import serve_standard


def main() -> int:
    """Serve on the standard streams."""
    return serve_standard(MESSAGES, ColourCode, _answer)


def _answer(asked: ColourCode) -> CodeColoured | CodeRefused:
    result = colour_code(asked.request)
    if isinstance(result, Coloured):
        return packed(asked.request_id, result)
    return CodeRefused(asked.request_id, result.reason)


def colour_code(request: ColourRequest) -> Coloured | ColourRefused:
    """The colours of some lines. Never raises."""
    if len(request.text) > MOST_CHARS:
        return ColourRefused(tr("It is too long."))
    if not request.state:
        return ColourRefused(tr("It has no state to begin with."))
    try:
        found = list(code_runs(request.text, request.language, request.state))
        count = request.text.count("\n") + 1
        # a lexer that leaves something out
        found = (found + [((), request.state)] * (count - len(found)))[:count]
    except MemoryError:
        return ColourRefused(tr("It needs too much memory."))
    except Exception:
        # A lexer that fails leaves its code plain; the trace is for whoever looks.
        traceback.print_exc()
        return ColourRefused(tr("It cannot be coloured."))
    if sum(len(runs) for runs, _ in found) > MOST_RUNS:
        return ColourRefused(tr("It has too many colours."))
    return Coloured(tuple(runs for runs, _ in found), found[-1][1])
