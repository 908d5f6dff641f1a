"""How long reading takes: t(n) = a·n + b·n², fitted while prompts are read.

Attention looks at all tokens before, so a step of the same length takes longer the further it
stands behind: between n and m tokens a·(m - n) + b·(m² - n²) seconds. Pure; any one thread.
"""

from __future__ import annotations

#: What a step says counts half as much this many steps later (other programs come and go).
_HALF_LIFE = 64.0
_FADE = 0.5 ** (1 / _HALF_LIFE)
#: How attention grows is believed from steps of so many tokens that stood so far behind. What short ones
#: near the start say of it is noise, and that times the square of a long context is hours.
_TELLING_STEP = 64
_TELLING_END = 1024


class ReadingPace:
    """Least squares for a and b over the steps so far, the later ones counting for more."""

    def __init__(self) -> None:
        self._xx = self._xy = self._yy = self._xt = self._yt = 0.0
        self._grows = False

    def add(self, start: int, end: int, seconds: float) -> None:
        """Tokens `start` to `end` of a prompt were read in `seconds`."""
        self._grows |= end - start >= _TELLING_STEP and end >= _TELLING_END
        x, y = _terms(start, end)
        self._xx = self._xx * _FADE + x * x
        self._xy = self._xy * _FADE + x * y
        self._yy = self._yy * _FADE + y * y
        self._xt = self._xt * _FADE + x * seconds
        self._yt = self._yt * _FADE + y * seconds

    def seconds(self, start: int, end: int) -> float | None:
        """How long tokens `start` to `end` will take; None before anything was read."""
        if self._xx <= 0.0:
            return None
        a, b = self._fit()
        x, y = _terms(start, end)
        return max(0.0, a * x + b * y)

    @property
    def coefficients(self) -> tuple[float, ...]:
        """a and b; empty before anything was read."""
        return self._fit() if self._xx > 0.0 else ()

    def _fit(self) -> tuple[float, float]:
        """a and b, neither below 0: seconds a token, and what each token before it adds."""
        determinant = self._xx * self._yy - self._xy * self._xy
        flat = self._xt / self._xx
        # Steps that all stand at one place say nothing about growth either.
        if not self._grows or determinant <= 1e-9 * self._xx * self._yy:
            return flat, 0.0
        a = (self._xt * self._yy - self._yt * self._xy) / determinant
        b = (self._yt * self._xx - self._xt * self._xy) / determinant
        if b < 0.0:
            return flat, 0.0
        return (a, b) if a >= 0.0 else (0.0, self._yt / self._yy)


def _terms(start: int, end: int) -> tuple[float, float]:
    return float(end - start), float(end * end - start * start)
