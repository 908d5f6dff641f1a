"""The pictures of README.md and docs/: `make screenshots`.

    python -m tests.screenshots [FOLDER] [--only NAME]

The real window on a data folder that this file fills, with the starter model in its engine. What is
said in the conversations was written for the pictures.
"""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from app.chat.conversation import Conversation
from app.chat.parts import AnswerInfo, ReasoningPart, TextPart

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.application import Application

ROOT: Final = Path(__file__).resolve().parent.parent
_SIZE: Final = (1180, 760)
_WAIT_MS: Final = 60_000

_QUESTION: Final = "Why is √2 irrational? Give the proof, and a test in Python that never uses floats."
_THOUGHT: Final = (
    "The classic proof is by contradiction: take a fraction in lowest terms and look at parity. For the "
    "test, `math.isqrt` decides whether a whole number is a square, so no floating point is needed."
)
_ANSWER: Final = r"""Suppose it were rational, $\sqrt 2 = \dfrac{p}{q}$ in **lowest terms**. Squaring gives

$$p^2 = 2q^2 \quad\Longrightarrow\quad p = 2k \quad\Longrightarrow\quad 4k^2 = 2q^2
\quad\Longrightarrow\quad q^2 = 2k^2,$$

so $p$ and $q$ are both even: they were not in lowest terms. $\blacksquare$

The same argument tells which roots of whole numbers are rational:

```python
from math import isqrt


def has_rational_root(n: int) -> bool:
    '''Whether the square root of n is rational.'''
    return isqrt(n) ** 2 == n  # whole numbers only


print([n for n in range(30) if has_rational_root(n)])
```

| $n$ | $\sqrt n$ | rational |
|----:|:---------:|:--------:|
| 2 | $1.41421\ldots$ | no |
| 9 | $3$ | yes |
"""
_OTHERS: Final = (
    "Sorting a list in place", "Packing for a week in the hills", "What the lease says about subletting",
    "Plan for the reading group", "Regular expressions for dates", "Why the sky is blue",
)  # fmt: skip


class Stage:
    """The window before the camera."""

    def __init__(self, folder: Path, home: Path, theme: str) -> None:
        from PySide6.QtWidgets import QApplication

        from app.paths import Paths
        from app.store import Store
        from ui.application import Application

        self._folder, self.theme = folder, theme
        self._qt = QApplication.instance() or QApplication([])
        paths = Paths.default(home)
        store = Store.open(paths.store)
        for conversation in _conversations():
            store.create(conversation)
        store.close()
        self.desk: Application = Application(self._qt, paths)  # type: ignore[arg-type]
        self.desk.start("")
        self.window = self.desk.window
        self.until(lambda: self.desk.models.info is not None and self.desk.settings.ready)
        self.desk.settings.change("appearance", theme=theme)
        self.desk.settings.change("network", offline=True)
        self.window.resize(*_SIZE)

    def until(self, condition: Callable[[], bool]) -> None:
        """Run the event loop until the condition holds."""
        from PySide6.QtCore import QDeadlineTimer, QEventLoop

        end = QDeadlineTimer(_WAIT_MS)
        while not condition():
            if end.hasExpired():
                raise TimeoutError("The window did not come to what the picture shows.")
            self._qt.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def open_chat(self, title: str) -> None:
        """Show a conversation from its start."""
        entries = self.desk.library.entries
        self.until(lambda: any(entry.title == title for entry in self.desk.library.entries))
        entry = next(entry for entry in entries or self.desk.library.entries if entry.title == title)
        self.desk.chat.open(entry.id)
        self.until(lambda: self.desk.chat.conversation.id == entry.id)
        self.window.view.scroll_to_message(next(iter(self.desk.chat.conversation.messages)))

    def shoot(self, name: str, widget: QWidget | None = None) -> None:
        """A picture, once formulas and colours are there."""
        view = self.window.view
        for _ in range(10):
            self._qt.processEvents()
        view.visible_plain_text()
        self.until(lambda: not view.placer.missing())
        self.until(lambda: not any(placed.item.lacking for placed in view.placer.rows))
        (widget or self.window).grab().save(str(self._folder / f"{name}-{self.theme}.png"))

    def close(self) -> None:
        """End it all."""
        self.window.close()
        self.desk.close()
        self.window.deleteLater()


def _conversations() -> Iterator[Conversation]:
    """The newest one last."""
    for title in reversed(_OTHERS):
        conversation = Conversation(title=title, titled=True)
        conversation.append("user", TextPart(title))
        yield conversation
    proof = Conversation(title="Is the root of two rational?", titled=True)
    proof.append("user", TextPart(_QUESTION))
    answer = proof.append("assistant", ReasoningPart(_THOUGHT, 9.4, 612), TextPart(_ANSWER))
    proof.update(replace(answer, info=AnswerInfo(mode="thinking")))
    yield proof


def _chat(stage: Stage) -> None:
    stage.open_chat("Is the root of two rational?")
    stage.shoot("chat")


def _documents(stage: Stage) -> None:
    """The program's own sources and guide, to be asked about."""
    desk = stage.desk
    desk.chat.new()
    gauge = desk.window.composer.gauge
    paths = [str(ROOT / "docs" / "user-guide.md"), str(ROOT / "app" / "render")]
    desk.attachments.add_paths(paths)
    desk.window.composer.edit.set_text("Which module decides whether a dollar sign is money?")
    stage.until(lambda: len(desk.attachments.parts()) == len(paths) and desk.attachments.tokens() is not None)
    stage.until(lambda: gauge.value.exact and gauge.value.documents > 0)
    stage.shoot("documents")


def _palette(stage: Stage) -> None:
    overlay = stage.desk.palette.overlay
    overlay.open_palette()
    overlay.field.setText("the")
    stage.shoot("palette")
    overlay.close_palette()


SCENES: Final = {"chat": _chat, "palette": _palette, "documents": _documents}


@contextmanager
def _stage(folder: Path, theme: str) -> Iterator[Stage]:
    with tempfile.TemporaryDirectory(prefix="screenshots-") as home:
        stage = Stage(folder, Path(home), theme)
        try:
            yield stage
        finally:
            stage.close()


def main() -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description="The pictures of the README and the guide.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "docs" / "pictures")
    parser.add_argument("--only", default="", help="scenes whose name has this")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["CASCADE_LANGUAGE"] = "en"
    given.folder.mkdir(parents=True, exist_ok=True)
    for theme in ("light", "dark"):
        with _stage(given.folder, theme) as stage:
            for name, scene in SCENES.items():
                if given.only in name:
                    scene(stage)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
