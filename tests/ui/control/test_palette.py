from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from app.chat.library import Entry
from app.models.local import LocalModel
from ui.control.palette import PaletteControl
from ui.control.palette_sources import (
    PAGES,
    ActionSource,
    ChatSource,
    ModelSource,
    SearchSource,
    mode_source,
    page_source,
    theme_source,
)
from ui.palette.values import Command, Match
from ui.shortcuts import ACTIONS
from ui.theme import MODES
from ui.workers.hub import LocalFound


class Three:
    """A source of three commands."""

    kind = "x"

    def __init__(self) -> None:
        self.ran: list[str] = []

    def find(self, query: str) -> Sequence[Command]:
        return [Command(f"x:{name}", name, "X") for name in ("one", "two", "three")]

    def run(self, name: str) -> None:
        self.ran.append(name)


class Talk:
    def __init__(self) -> None:
        self.control = PaletteControl()
        self.source = Three()
        self.control.add_source(self.source)
        self.found: list[str] = []
        self.kept: list[list[str]] = []
        self.control.found.connect(self._on_found)
        self.control.recent_changed.connect(self.kept.append)

    def _on_found(self, matches: list[Match], _most: int) -> None:
        self.found = [match.command.id for match in matches]


@pytest.fixture
def talk(qapp: QApplication) -> Talk:
    return Talk()


def test_what_was_run_comes_first_the_next_time(talk: Talk) -> None:
    talk.control.find("")
    assert talk.found == ["x:one", "x:two", "x:three"]
    for name in ("two", "three", "two"):
        talk.control.run(f"x:{name}")
    assert talk.source.ran == ["two", "three", "two"]
    assert talk.kept[-1] == ["x:two", "x:three"]
    talk.control.find("")
    assert talk.found == ["x:two", "x:three", "x:one"]
    talk.control.find("t")
    assert talk.found == ["x:two", "x:three"]


def test_what_nobody_runs_is_not_remembered(talk: Talk) -> None:
    talk.control.run("y:one")
    talk.control.run("")
    assert not talk.control.recent
    assert not talk.kept


def test_a_stranger_s_memory_is_looked_through(talk: Talk) -> None:
    talk.control.set_recent(["x:one", 7, None, "x:one", "y" * 10_000, *(f"x:{n}" for n in range(100))])
    assert talk.control.recent[:2] == ("x:one", "x:0")
    assert len(talk.control.recent) == 20


def test_actions_of_a_chat_need_one(qapp: QApplication) -> None:
    actions = {one.id: QAction(one.words) for one in ACTIONS}
    open_chat = [False]
    source = ActionSource(actions, lambda: open_chat[0])
    enabled = {one.id for one in source.find("") if one.enabled}
    assert "action:new_chat" in enabled
    assert "action:regenerate" not in enabled
    open_chat[0] = True
    assert all(one.enabled for one in source.find(""))
    assert len(source.find("")) == len(ACTIONS) - 1  # all but the palette itself
    assert next(one.keys for one in source.find("") if one.id == "action:new_chat") == ("Ctrl", "N")
    ran: list[bool] = []
    actions["new_chat"].triggered.connect(lambda: ran.append(True))
    source.run("new_chat")
    source.run("gone")
    assert len(ran) == 1


def test_chats_are_found_by_all_words_of_their_title(qapp: QApplication) -> None:
    opened: list[str] = []
    source = ChatSource(opened.append)
    source.set_entries(
        [
            Entry("1", "Sorting a list", 0, 1),
            Entry("2", "A list of LISTS", 0, 2, archived=True),
            Entry("3", "List the sorting", 0, 3),
            Entry("4", "", 0, 4),
        ],
        [],
    )
    assert [one.id for one in source.find("list")] == ["chat:3", "chat:2", "chat:1"]
    assert [one.id for one in source.find("sort list")] == ["chat:3", "chat:1"]
    assert next(one.group for one in source.find("lists")) == "Archived chats"
    assert [one.id for one in source.find("")] == ["chat:4", "chat:3", "chat:2", "chat:1"]
    source.run("2")
    source.run("gone")
    assert opened == ["2"]


def test_ten_thousand_chats_are_found_at_once(qapp: QApplication) -> None:
    source = ChatSource(lambda _one: None)
    source.set_entries([Entry(str(n), f"Chat {n}", 0, n) for n in range(10_000)], [])
    assert len(source.find("chat")) == 100
    assert [one.id for one in source.find("9999")] == ["chat:9999"]


def test_models_are_looked_for_and_loaded_by_their_path(qapp: QApplication) -> None:
    loaded: list[str] = []
    source = ModelSource(loaded.append, lambda: ["models"])
    wanted: list[tuple[int, list[str]]] = []
    changed: list[bool] = []
    source.scan_wanted.connect(lambda number, places: wanted.append((number, places)))
    source.changed.connect(lambda: changed.append(True))
    source.look()
    number, places = wanted[0]
    assert number < 0
    assert places[0] == "models"
    good = LocalFound(LocalModel("small", "Q8_0", (Path("models/small.gguf"),), 5))
    bad = LocalFound(LocalModel("broken", "", (Path("models/broken.gguf"),), 5), problem="It is cut off.")
    source.on_scanned(number - 1, (bad,))
    assert not changed
    source.on_scanned(number, (good, bad))
    assert len(changed) == 1
    words = {one.words: one.enabled for one in source.find("load")}
    assert words == {"Load small Q8_0": True, "Load broken": False}
    path = str(Path("models/small.gguf"))
    source.run(path)
    source.run("elsewhere")
    assert loaded == [path]


def test_the_search_in_all_chats_comes_last_and_is_not_remembered(talk: Talk) -> None:
    ran: list[str] = []
    talk.control.add_source(SearchSource(ran.append), remembered=False)
    talk.control.find(" T ")
    assert talk.found == ["x:two", "x:three", "search:t"]
    talk.control.find("no such thing")
    assert talk.found == ["search:no such thing"]
    talk.control.find("")
    assert talk.found == ["x:one", "x:two", "x:three"]
    talk.control.run("search:a:b c")
    assert ran == ["a:b c"]
    assert not talk.control.recent


def test_themes_pages_and_modes_have_their_commands() -> None:
    ran: list[str] = []
    assert {one.id for one in theme_source(ran.append).find("c")} == {f"theme:{mode}" for mode in MODES}
    pages = page_source(ran.append)
    assert [one.words for one in pages.find("x")] == [f"Settings: {title}" for title, _ in PAGES.values()]
    modes = mode_source(ran.append, lambda mode: mode == "thinking")
    assert [one.id for one in modes.find("t") if one.enabled] == ["mode:thinking"]
    pages.run("engine")
    pages.run("gone")
    assert ran == ["engine"]
