"""Where the commands of the palette come from. GUI thread; each answers out of what is in memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from heapq import nlargest
from itertools import count
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtGui import QAction

from app.chat.library import Entry
from app.language import mark, tr
from app.models.starter import starter_path
from ui.palette.values import Command
from ui.shortcuts import ACTIONS, key_caps
from ui.words import shown_line, shown_title

if TYPE_CHECKING:
    from ui.workers.hub import LocalFound

_MOST_CHATS: Final = 100
_LATEST: Final = 5  # chats that are listed before anything is typed
_updated = attrgetter("updated")
_NAME: Final = 120  # characters
_QUERY: Final = 60  # characters
#: What other words people have for an action.
_SOUGHT: Final = {
    "new_chat": mark("conversation start"),
    "search": mark("find all conversations"),
    "delete_chat": mark("remove conversation"),
    "settings": mark("options preferences configuration"),
    "switch_theme": mark("theme appearance"),
    "shortcuts": mark("keys help"),
    "zoom_in": mark("zoom bigger font size"),
    "zoom_out": mark("zoom font size"),
    "zoom_reset": mark("zoom font size reset"),
    "regenerate": mark("retry regenerate"),
    "attach_files": mark("documents pdf upload"),
    "models": mark("download load"),
    "quit": mark("exit close"),
}
#: What is about an open chat, and idle without one.
_NEEDS_CHAT: Final = frozenset(
    (
        *("rename_chat", "archive_chat", "delete_chat", "regenerate", "continue_answer"),
        *("copy_answer", "copy_code", "copy_conversation"),
    )
)
#: Pages of the settings: what a person may call what is on them.
PAGES: Final = {
    "mode": (mark("Mode"), mark("thinking sampling temperature")),
    "engine": (mark("Engine"), mark("gpu layers context threads cache")),
    "appearance": (mark("Appearance"), mark("theme font size spacing width motion")),
    "storage": (mark("Storage"), mark("folder disk memory documents")),
    "network": (mark("Network"), mark("proxy offline token mirror")),
    "model": (mark("Model"), mark("context memory quantization")),
    "about": (mark("About"), mark("version licences diagnostics log help")),
}
_THEMES: Final = {
    "auto": mark("Colours as the system has them"),
    "light": mark("Light colours"),
    "dark": mark("Dark colours"),
    "contrast": mark("High contrast"),
}


class ActionSource:
    """The window's actions."""

    kind = "action"

    def __init__(self, actions: Mapping[str, QAction], in_chat: Callable[[], bool]) -> None:
        self._actions, self._in_chat = actions, in_chat

    def find(self, query: str) -> Sequence[Command]:  # noqa: ARG002
        in_chat = self._in_chat()
        return [
            Command(
                f"action:{one.id}",
                one.spoken,
                tr(one.group),
                tuple(key_caps(one.sequence)),
                tr(_SOUGHT.get(one.id, "")),
                self._actions[one.id].isEnabled() and (in_chat or one.id not in _NEEDS_CHAT),
            )
            for one in ACTIONS
            if one.id != "palette"
        ]

    def run(self, name: str) -> None:
        if name in self._actions:
            self._actions[name].trigger()


class ChoiceSource:
    """A few things of one kind: id, words, other words. `enabled` is asked for each of them."""

    def __init__(
        self,
        kind: str,
        group: str,
        choices: Mapping[str, tuple[str, str]],
        run: Callable[[str], object],
        enabled: Callable[[str], bool] = lambda _name: True,
    ) -> None:
        self.kind, self._group, self._choices = kind, group, choices
        self._run, self._enabled = run, enabled

    def find(self, query: str) -> Sequence[Command]:  # noqa: ARG002
        return [
            Command(f"{self.kind}:{name}", words, self._group, (), sought, self._enabled(name))
            for name, (words, sought) in self._choices.items()
        ]

    def run(self, name: str) -> None:
        if name in self._choices:
            self._run(name)


def theme_source(run: Callable[[str], object]) -> ChoiceSource:
    """The palettes of colours."""
    choices = {name: (tr(words), tr("theme appearance mode")) for name, words in _THEMES.items()}
    return ChoiceSource("theme", tr("Colours"), choices, run)


def page_source(run: Callable[[str], object]) -> ChoiceSource:
    """The pages of the settings."""
    choices = {
        name: (tr("Settings: {title}", title=tr(title)), tr(sought))
        for name, (title, sought) in PAGES.items()
    }
    return ChoiceSource("page", tr("Settings"), choices, run)


def mode_source(run: Callable[[str], object], enabled: Callable[[str], bool]) -> ChoiceSource:
    """How the model answers."""
    choices = {
        "thinking": (tr("Thinking mode: think, then answer"), tr("reasoning")),
        "instruct": (tr("Instruct mode: answer at once"), tr("no thinking fast")),
    }
    return ChoiceSource("mode", tr("Answers"), choices, run, enabled)


class ChatSource(QObject):
    """Conversations by their titles."""

    kind = "chat"

    def __init__(self, run: Callable[[str], object], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("palette_chats")
        self._run = run
        self._entries: list[Entry] = []
        self._titles: list[str] | None = None

    @Slot(object, object)
    def set_entries(self, entries: list[Entry], _folders: object) -> None:
        self._entries, self._titles = entries, None

    def find(self, query: str) -> Sequence[Command]:
        words = query.split()
        if not words:
            return [_chat(entry) for entry in nlargest(_LATEST, self._entries, key=_updated)]
        if self._titles is None:
            self._titles = [entry.title.casefold() for entry in self._entries]
        first, *others = words
        hits = [
            (title.startswith(query), entry.updated, number)
            for number, (title, entry) in enumerate(zip(self._titles, self._entries, strict=True))
            if first in title and all(word in title for word in others)
        ]
        # the latest of those that begin so, then the latest of all
        return [_chat(self._entries[number]) for _, _, number in nlargest(_MOST_CHATS, hits)]

    def run(self, name: str) -> None:
        if any(entry.id == name for entry in self._entries):
            self._run(name)


def _chat(entry: Entry) -> Command:
    group = tr("Archived chats") if entry.archived else tr("Chats")
    return Command(f"chat:{entry.id}", shown_title(entry.title) or tr("Untitled"), group, loose=False)


class SearchSource:
    """The search in all chats, for what is typed: always the last thing that fits."""

    kind = "search"

    def __init__(self, run: Callable[[str], object]) -> None:
        self._run = run

    def find(self, query: str) -> Sequence[Command]:
        if not query:
            return []
        words = tr("Search in all chats for “{query}”", query=shown_line(query, _QUERY))
        # found by what is typed, not by its own words: those would put it above what is meant
        return [Command(f"search:{query}", words, tr("Chats"), sought=query, loose=False, last=True)]

    def run(self, name: str) -> None:
        self._run(name)


class ModelSource(QObject):
    """Models on this machine; they are looked for each time the palette opens.

    Signals:
        scan_wanted: request id, and the places to look at (list of str).
        changed: there are others than before.
    """

    kind = "model"
    scan_wanted = Signal(int, object)
    changed = Signal()

    def __init__(
        self,
        run: Callable[[str], object],
        places: Callable[[], Sequence[str]],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("palette_models")
        self._run, self._places = run, places
        # all other requests of the worker have ids above 0
        self._ids = count(-1, -1)
        self._asked = 0
        self._found: tuple[LocalFound, ...] = ()

    @Slot()
    def look(self) -> None:
        """Look at the disk again, on the worker's thread."""
        starter = starter_path()
        self._asked = next(self._ids)
        places = [*self._places(), *([str(starter)] if starter is not None else [])]
        self.scan_wanted.emit(self._asked, places)

    @Slot(int, object)
    def on_scanned(self, request_id: int, found: tuple[LocalFound, ...]) -> None:
        if request_id == self._asked and found != self._found:
            self._found = found
            self.changed.emit()

    def find(self, query: str) -> Sequence[Command]:  # noqa: ARG002
        return [
            Command(
                f"model:{one.model.files[0]}",
                tr(
                    "Load {model}",
                    model=shown_line(f"{one.model.name} {one.model.quantization}".strip(), _NAME),
                ),
                tr("Models"),
                sought=tr("open model"),
                enabled=not one.problem,
            )
            for one in self._found
        ]

    def run(self, name: str) -> None:
        if any(str(one.model.files[0]) == name for one in self._found):
            self._run(name)
