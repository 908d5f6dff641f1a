"""What a benchmark gives back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Literal


@dataclass(frozen=True)
class Row:
    """One figure. `limit` None is for information; `peer` says what it is measured against."""

    name: str
    value: float
    unit: str
    limit: float | None
    better: Literal["lower", "higher"]
    peer: str = ""

    @property
    def holds(self) -> bool:
        """Whether the figure keeps its limit."""
        if self.limit is None:
            return True
        return self.value >= self.limit if self.better == "higher" else self.value <= self.limit

    def plain(self) -> dict[str, object]:
        return asdict(self)


def table(rows: list[Row]) -> str:
    """The rows as text, one a line."""
    lines = [f"{'name':<44} {'value':>12} {'unit':<10} {'limit':>10}  {'':<5} peer"]
    for row in rows:
        sign = "≥" if row.better == "higher" else "≤"
        limit = f"{sign} {row.limit:g}" if row.limit is not None else ""
        verdict = "" if row.limit is None else "ok" if row.holds else "MISS"
        lines.append(f"{row.name:<44} {row.value:>12.3f} {row.unit:<10} {limit:>10}  {verdict:<5} {row.peer}")
    return "\n".join(lines)
