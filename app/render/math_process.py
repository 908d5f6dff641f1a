"""The process that draws formulas, one after the other.

A formula is a stranger's: reading it is bounded (math_tokens, math_text); for time and memory see
app.render.serving.
"""

from __future__ import annotations

import traceback

from app.language import tr
from app.render.math_layout import set_formula
from app.render.math_nodes import FormulaError
from app.render.math_source import read_formula
from app.render.math_values import (
    MESSAGES,
    MOST_SVG_CHARS,
    FormulaRefused,
    FormulaSet,
    MathDrawn,
    MathRefused,
    MathRequest,
    SetFormula,
)
from app.render.serving import serve_standard

_SIZES = (4.0, 400.0)


def main() -> int:
    """Serve on the standard streams."""
    return serve_standard(MESSAGES, SetFormula, _answer)


def _answer(asked: SetFormula) -> FormulaSet | FormulaRefused:
    result = draw_formula(asked.request)
    if isinstance(result, MathDrawn):
        return FormulaSet(asked.request_id, result)
    return FormulaRefused(asked.request_id, result.reason)


def draw_formula(request: MathRequest) -> MathDrawn | MathRefused:
    """One formula. Never raises."""
    if not _SIZES[0] <= request.size <= _SIZES[1]:
        return MathRefused(tr("Its size is out of bounds."))
    try:
        row = read_formula(request.source, request.display)
        drawn = MathDrawn(*set_formula(row, request.display, request.size))
    except FormulaError as error:
        return MathRefused(str(error))
    except MemoryError:
        return MathRefused(tr("It needs too much memory."))
    except Exception:
        # What nobody thought of is shown as source; the trace is for whoever looks.
        traceback.print_exc()
        return MathRefused(tr("It cannot be drawn."))
    if len(drawn.svg) > MOST_SVG_CHARS:
        return MathRefused(tr("It is too large."))
    return drawn
