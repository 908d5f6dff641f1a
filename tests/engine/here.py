"""The engine's own loop in the test's process, where its token ids can be seen."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from app.engine.generate import generate
from app.engine.host import Host
from app.engine.native import CancelFlag
from app.engine.protocol import (
    Delta,
    Event,
    Finished,
    Generate,
)
from app.engine.values import Budgets, LoadOptions
from tests import miniatures
from tests.engine.plain_llama import log

COUNT = 200
N_CTX = 1024
SHAPES = {
    "hybrid": miniatures.HYBRID,
    "hybrid-f16": replace(miniatures.HYBRID, f16=True),
    "plain": miniatures.PLAIN,
    "sliding": miniatures.SLIDING,
}
#: Ordinary prose, longer than one step of the prompt reading that is asked for below.
PROSE = "The capital of the table is the end of the user. " * 12


class Engine:
    """The engine's own loop in this process, where its token ids can be seen."""

    def __init__(self, path: Path, **options: Any) -> None:
        self.path, self.host = path, Host(log(), CancelFlag())
        budgets = {field.name: options.pop(field.name, 0) for field in fields(Budgets)}
        settings: dict[str, Any] = {"n_ctx": N_CTX, "n_threads": 1, "budgets": Budgets(**budgets), **options}
        self.options = LoadOptions(**settings)
        self.load()

    def load(self, **changes: Any) -> None:
        """Load it from the file again, with other options where they are given.

        What is unsaved is saved before.
        """
        self.host.unload()
        self.change(**changes)

    def change(self, **changes: Any) -> None:
        """Load it with other options, as the engine does: weights that stay aren't read again."""
        self.options = replace(self.options, **changes)
        self.host.load(str(self.path), self.options, lambda _fraction: None)

    def killed(self) -> None:
        """Load it again as after a crash: nothing is saved before."""
        if self.host.keeper is not None:
            self.host.keeper.close(save=False)
            self.host.keeper = None
        self.load()

    def close(self) -> None:
        self.host.unload()
        self.host.renderer.close()

    def run(self, **request: Any) -> list[Event]:
        events: list[Event] = []
        generate(self.host, Generate(1, **request), events.append)
        return events

    def tokens(self, prompt: int) -> list[int]:
        """The ids that were generated and decoded: all but the last one."""
        return self.host.cache.tokens[prompt:]


def text(events: list[Event], channel: str = "answer") -> str:
    return "".join(e.text for e in events if isinstance(e, Delta) and e.channel == channel)


def finished(events: list[Event]) -> Finished:
    assert isinstance(events[-1], Finished)
    return events[-1]
