"""Pictures of the window's states, in every palette of colours: to be looked at.

    python -m tests.pictures [FOLDER] [--only NAME] [--scale 2] [--modes light,dark]

Drives the real window over a scripted engine, without a screen. FOLDER is build/pictures by default.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ui.application import Application

MODES: Final = ("light", "dark", "contrast", "contrast_dark")
_SIZE: Final = (1180, 800)
_WAIT_S: Final = 10.0

_RICH: Final = r"""Here is **what** matters, with `inline code`, a [link](https://example.org) and *emphasis*.

## The quadratic formula

For $ax^2 + bx + c = 0$ with $a \neq 0$ the solutions are

$$x = \frac{-b \pm \sqrt{b^2 - 4ac}}{2a}$$

1. First, compute the discriminant $b^2 - 4ac$.
2. Then decide:
   - positive: two solutions
   - zero: one
3. Done.

> A quote that goes on over more than a single line, so that its bar can be seen beside all of it, from
> its first line down to the last one.

```python
from math import sqrt


def solve(a: float, b: float, c: float) -> tuple[float, float]:
    '''Both solutions; raises ValueError.'''
    root = sqrt(b * b - 4 * a * c)  # the discriminant
    return (-b + root) / (2 * a), (-b - root) / (2 * a)
```

| case | discriminant | solutions |
|:-----|:------------:|----------:|
| two real | > 0 | 2 |
| double | = 0 | 1 |
| complex | < 0 | 0 |

- [x] tested
- [ ] proven
"""
_THOUGHT: Final = (
    "The person asks for the formula. I should give it with a short derivation.\n\nLet me check.\n"
)
_SCRIPTS: Final = """中文段落：滑动窗口的大小取决于上下文长度，而不是显存的大小。
日本語の文章も同じように折り返されます。한국어 문장도 마찬가지입니다.

مرحبا بالعالم. هذه فقرة عربية طويلة بما يكفي لتلتف على أكثر من سطر واحد،
وفيها كلمة English ورقم 123 في وسطها حتى يظهر الاتجاه المختلط بوضوح.

- عنصر أول في القائمة
- عنصر ثان مع `code`
  1. متداخل

> اقتباس قصير من كتاب قديم.

שלום עולם: זו פסקה בעברית עם **הדגשה** וקישור [לאתר](https://example.org).

हिन्दी में एक वाक्य, தமிழில் ஒரு வாக்கியம், ภาษาไทยไม่มีช่องว่าง, বাংলা বাক্য।

Emoji: 👩‍👩‍👧‍👦 🏳️‍🌈 👍🏽 🇩🇪 e\u0301 n\u0303 a\u0308 Z̷a̴l̵g̸o̶

```python
name = "שלום"  # 中文注释 👩‍👩‍👧‍👦
```

| 語 | لغة |
|---|---|
| 中文 | العربية |
"""


class Stage:
    """The window, and what is put before the camera."""

    def __init__(self, folder: Path, mode: str, home: Path, only: str) -> None:
        from PySide6.QtWidgets import QApplication

        from app.paths import Paths
        from tests.engine import scripted_engine
        from ui.application import Application
        from ui.speaking import choose_saved, speak

        self.folder, self.mode, self.only = folder, mode, only
        self.app = QApplication.instance() or QApplication([])
        choose_saved(home / "settings.json")
        speak(self.app)
        (home / "plan.json").write_text('[{"generate": "wait"}]', encoding="utf-8")
        model = home / "small-Q8_0.gguf"
        model.write_bytes(b"GGUF" + bytes(64))
        command = [sys.executable, scripted_engine.__file__, str(home)]
        self.desk: Application = Application(self.app, Paths.default(home / "data"), command)  # type: ignore[arg-type]
        if mode == "contrast_dark":
            self.desk.theme._system_dark = lambda: True  # type: ignore[method-assign]
        self.desk.start(str(model))
        self.until(lambda: self.desk.models.info is not None and self.desk.settings.ready)
        self.desk.settings.change("appearance", theme=mode.removesuffix("_dark"))
        self.desk.settings.change("network", offline=True)
        self.window = self.desk.window
        self.window.resize(*_SIZE)
        self.settle()

    def until(self, condition: Callable[[], bool]) -> bool:
        from PySide6.QtCore import QDeadlineTimer, QEventLoop

        end = QDeadlineTimer(int(_WAIT_S * 1000))
        while not condition() and not end.hasExpired():
            self.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        return condition()

    def settle(self) -> None:
        """Let layouts, frames, formulas and colours come."""
        view = self.window.view if hasattr(self, "window") else None
        for _ in range(10):
            self.app.processEvents()
        if view is not None and view.isVisible():
            view.visible_plain_text()
            self.until(lambda: not view.placer.missing())
            self.until(lambda: not any(placed.item.lacking for placed in view.placer.rows))
            self.until(
                lambda: not view.background._timer.isActive() if hasattr(view.background, "_timer") else True
            )

    def shoot(self, name: str, widget: QWidget | None = None) -> None:
        """A picture of a state."""
        if self.only and self.only not in name:
            return
        self.settle()
        widget = widget or self.window
        widget.grab().save(str(self.folder / f"{name}-{self.mode}.png"))

    def wants(self, *names: str) -> bool:
        return not self.only or any(self.only in name for name in names)

    def close(self) -> None:
        self.window.close()
        self.desk.close()
        self.window.deleteLater()


def _chat(stage: Stage) -> None:
    from app.chat.library import Place
    from ui.chat.shown import Shown, ShownDocument

    window, actions = stage.window, ("copy", "edit", "regenerate", "delete")
    stage.shoot("welcome")
    question = Shown(
        "u",
        "user",
        "Derive the quadratic formula, and show it as code.",
        actions=actions,
        version=2,
        versions=3,
    )
    documents = (
        ShownDocument("report.pdf", "312 pages", "pdf"),
        ShownDocument("data.csv", "5 columns", "csv"),
    )
    answer = Shown(
        "a",
        "assistant",
        _RICH,
        _THOUGHT,
        12.3,
        900,
        footer="small · 420 tokens · 31 tokens/s",
        actions=actions,
    )
    window.show_conversation([question, answer], Place("u"))
    stage.shoot("answer_top")
    window.view.scroll_to_end()
    stage.shoot("answer_end")
    window.view.select_all()
    stage.shoot("selected")
    window.view.selection.clear()
    opened = Shown("o", "assistant", "So it is.", _THOUGHT * 3, 12.3, 900, thought_open=True, actions=actions)
    stopped = Shown(
        "s", "assistant", "Half an ans", mark="Stopped", mark_tone="muted", mark_action="Continue"
    )
    lengthy = Shown(
        "l", "assistant", "Half", mark="The engine stopped.", mark_action="Ask again", actions=actions
    )
    with_documents = Shown("d", "user", "What do these say?", attachments=documents, actions=actions)
    window.show_conversation([with_documents, opened, question, stopped, lengthy], None)
    window.view.setFocus()
    window.view.scroll_to_message("d")
    stage.shoot("documents_in_a_question")
    window.view.scroll_to_end()
    stage.shoot("thought_marks_documents")
    _streaming(stage)
    mixed = [Shown("q", "user", "مرحبا، كيف حالك؟ 中文 👩‍👩‍👧"), Shown("m", "assistant", _SCRIPTS)]
    window.show_conversation(mixed, Place("q"))
    stage.shoot("scripts_top")
    window.view.scroll_to_end()
    stage.shoot("scripts_end")
    window.show_conversation([question, answer], Place("u"))
    for reading in (
        {"text_percent": 200},
        {"line_width": "full", "spacing": "roomy"},
        {"line_width": "narrow", "text_percent": 80, "spacing": "compact"},
    ):
        stage.desk.settings.change("appearance", **reading)
        stage.shoot("reading_" + "_".join(str(value) for value in reading.values()))
        stage.desk.settings.change("appearance", text_percent=100, line_width="normal", spacing="normal")


def _streaming(stage: Stage) -> None:
    from ui.chat.shown import Shown

    window = stage.window
    window.show_conversation([Shown("q", "user", "Think about it.")], None)
    window.add_message(Shown("t", "assistant", finished=False))
    window.set_status("t", "Reading your question", 0.4)
    window.composer.set_busy(True)
    stage.shoot("reading")
    window.view.set_thought("t", True, 3.2, 80)
    window.view.append_text("t", "reasoning", _THOUGHT * 2)
    stage.shoot("thinking")
    window.view.append_text("t", "answer", "An answer that is\n\n```py\ndef half(")
    stage.shoot("streaming")
    window.composer.set_busy(False)


def _composer(stage: Stage) -> None:
    from tests.ui.composer.test_chip_bar import ALL
    from ui.composer.gauge_value import GaugeValue
    from ui.composer.room_offer import Choice, RoomOffer
    from ui.notices import Notice

    window = stage.window
    window.composer.chips.set_attachments(ALL)
    window.composer.edit.set_text("A question of\ntwo lines, שלום 你好 👩‍👩‍👧")
    window.composer.gauge.set_value(GaugeValue(3900, 4096, True))
    choices = (Choice("raise", "Use 16,384 tokens"), Choice("leave", "Leave out report.pdf"))
    window.room.set_offer(RoomOffer("This is 9,000 tokens, and the context holds 4,096.", "error", choices))
    stage.shoot("documents_and_room")
    window.room.set_offer(None)
    window.composer.chips.set_attachments([])
    window.composer.edit.clear()
    for level, text in (
        ("info", "“Sorting a list” was deleted."),
        ("warning", "The disk is almost full. What you write is safe."),
        ("error", "The engine stopped. Your conversation is safe."),
    ):
        window.notices.show_notice(
            Notice(level, text, level, "act", "Do it", "last words" if level == "error" else "")
        )  # type: ignore[arg-type]
    stage.shoot("notices")
    for level in ("info", "warning", "error"):
        window.notices.remove(level)
    window.toggle_settings()
    stage.shoot("chat_settings")
    window.toggle_settings()
    if "find" in window.actions_by_id:
        window.actions_by_id["find"].trigger()
        stage.shoot("find")
        window.setFocus()


def _sidebar(stage: Stage) -> None:
    import time

    from app.chat.library import Entry, Folder

    now, day = time.time(), 86_400
    stage.shoot("sidebar_empty", stage.window.sidebar)
    entries = [
        Entry("1", "Sorting a list in place", now, now, pinned=True),
        Entry("2", "The quadratic formula", now, now),
        Entry("3", "مرحبا بالعالم، كيف حالك اليوم؟", now, now - day),
        Entry("4", "滑动窗口的大小取决于模型的上下文长度", now, now - 2 * day),
        Entry(
            "5",
            "A very long title that can never fit into the sidebar whatever its width",
            now,
            now - 9 * day,
        ),
        Entry("6", "👩‍👩‍👧‍👦 Family plans", now, now - 40 * day, folder="f"),
    ]
    sidebar = stage.window.sidebar
    stage.desk.library.entries_changed.emit(entries, [Folder("f", "Home")])
    sidebar.set_current("2")
    sidebar.set_working(frozenset({"1"}))
    stage.shoot("sidebar", sidebar)
    sidebar.focus_list()
    stage.shoot("sidebar_focus", sidebar)


def _dialogs(stage: Stage) -> None:
    desk, window = stage.desk, stage.window
    desk.palette.overlay.open_palette()
    stage.shoot("palette")
    desk.palette.overlay.field.setText("chat")
    stage.shoot("palette_found")
    desk.palette.overlay.field.setText("zzzz")
    stage.shoot("palette_none")
    desk.palette.overlay.close_palette()
    dialog = desk.settings_dialog
    for page in ("model", "mode", "engine", "appearance", "storage", "network"):
        dialog.open_page(page)
        stage.shoot(f"settings_{page}", dialog)
    dialog.open_page("appearance")
    stage.desk.settings.change("appearance", text_percent=200, spacing="roomy")
    stage.shoot("settings_appearance_large", dialog)
    stage.desk.settings.change("appearance", text_percent=100, spacing="normal")
    dialog.search.setText("text")
    stage.shoot("settings_search", dialog)
    dialog.hide()
    window.shortcuts.open_list()
    stage.shoot("shortcuts", window.shortcuts)
    window.shortcuts.hide()
    _models(stage)
    from ui.documents.viewer import DocumentViewer

    viewer = DocumentViewer(desk.theme, window)
    viewer.show_document("report.pdf", "PDF · 312 pages · 184,201 tokens", _SCRIPTS * 3)
    viewer.open_find()
    viewer.find.field.setText("word")
    stage.shoot("viewer", viewer)
    viewer.close()


def _models(stage: Stage) -> None:
    dialog = stage.desk.models_dialog
    dialog.show()
    stage.until(lambda: bool(stage.desk.catalogue.shelf.local))
    stage.shoot("models", dialog)
    dialog.hide()


STATES: Final = (_chat, _composer, _sidebar, _dialogs)


def _folders(folder: Path) -> Iterator[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(prefix="pictures-"))
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def take(folder: Path, mode: str, only: str = "") -> None:
    """All states in one palette."""
    for home in _folders(folder):
        stage = Stage(folder, mode, home, only)
        try:
            for state in STATES:
                state(stage)
        finally:
            stage.close()


def main() -> int:
    """Take all pictures."""
    parser = argparse.ArgumentParser(description="Pictures of the window's states.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("build/pictures"))
    parser.add_argument("--only", default="", help="states whose name has this")
    parser.add_argument("--scale", default="", help="of the screen, as 1.5")
    parser.add_argument("--modes", default=",".join(MODES))
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if given.scale:
        os.environ["QT_SCALE_FACTOR"] = given.scale
    for mode in given.modes.split(","):
        take(given.folder, mode, given.only)
    print(f"{len(list(given.folder.glob('*.png')))} pictures in {given.folder}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
