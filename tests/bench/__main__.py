"""`make bench`: measure, print a table, write build/bench.json. Exit status 1 where a limit is missed."""

from __future__ import annotations

import argparse
import importlib
import json
from pathlib import Path

from tests.bench.rows import Row, table

#: Areas in the order they run: the timing of the engine wants the quietest machine.
AREAS = ("engine", "start", "cache", "reading", "library", "memory", "documents")
OUTPUT = Path("build/bench.json")


def main() -> int:
    parser = argparse.ArgumentParser(prog="tests.bench")
    parser.add_argument("--area", choices=AREAS, help="measure one area only")
    parser.add_argument("--rounds", type=int, default=5, help="alternating rounds of each comparison")
    options = parser.parse_args()
    rows: list[Row] = []
    for area in [options.area] if options.area else AREAS:
        rows += importlib.import_module(f"tests.bench.{area}").measure(options.rounds)
    print(table(rows))
    OUTPUT.parent.mkdir(exist_ok=True)
    OUTPUT.write_text(json.dumps([row.plain() for row in rows], indent=1) + "\n", encoding="utf-8")
    missed = [row.name for row in rows if not row.holds]
    print(f"{len(rows)} figures, written to {OUTPUT}; limits missed: {', '.join(missed) or 'none'}")
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
