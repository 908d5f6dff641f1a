"""Prefix sums of row heights (a Fenwick tree): append, change and look-up in O(log n)."""

from __future__ import annotations

from collections.abc import Iterable


class HeightTree:
    """Heights in whole pixels; row i begins at prefix(i)."""

    def __init__(self, heights: Iterable[int] = ()) -> None:
        self._values = list(heights)
        self._tree = [0, *self._values]
        self.total = sum(self._values)
        for i in range(1, len(self._tree)):
            above = i + (i & -i)
            if above < len(self._tree):
                self._tree[above] += self._tree[i]

    def __len__(self) -> int:
        return len(self._values)

    def __getitem__(self, index: int) -> int:
        return self._values[index]

    def append(self, height: int) -> None:
        """Add a row at the end."""
        self._values.append(height)
        i = len(self._values)
        value = height
        step = 1
        while step < (i & -i):
            value += self._tree[i - step]
            step <<= 1
        self._tree.append(value)
        self.total += height

    def pop(self) -> None:
        """Drop the last row."""
        self.total -= self._values.pop()
        self._tree.pop()

    def set(self, index: int, height: int) -> None:
        """Change one row's height."""
        delta = height - self._values[index]
        if not delta:
            return
        self._values[index] = height
        self.total += delta
        i = index + 1
        while i < len(self._tree):
            self._tree[i] += delta
            i += i & -i

    def prefix(self, index: int) -> int:
        """The sum of the heights before row `index`."""
        total = 0
        i = index
        while i:
            total += self._tree[i]
            i &= i - 1
        return total

    def find(self, y: int) -> int:
        """The row that covers pixel `y`, clipped to the first and last one; rows of height 0 are passed."""
        i, rest = 0, y
        step = 1 << (len(self._values).bit_length())
        while step:
            after = i + step
            if after < len(self._tree) and self._tree[after] <= rest:
                i = after
                rest -= self._tree[after]
            step >>= 1
        return max(0, min(i, len(self._values) - 1))
