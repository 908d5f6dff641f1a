"""What the sidebar was told, and the rows that each of its views makes of it. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Final

from app.chat.library import Entry, Folder, Hit
from app.language import mark, tr
from ui.sidebar.dates import Calendar
from ui.words import shown_title

CHATS: Final = "chats"
ARCHIVE: Final = "archive"
DELETED: Final = "deleted"
SEARCH: Final = "search"
UNTITLED: Final = mark("Untitled")
_LONGEST_QUERY: Final = 24
#: A search gives so many hits at most.
MOST_HITS: Final = 50


@dataclass(frozen=True, slots=True)
class Section:
    """A heading above rows. `folder` is the id of the folder that it stands for, empty for none."""

    key: str
    name: str
    count: int
    folded: bool = False
    folder: str = ""


Row = Section | Entry | Hit


def key_of(row: Row) -> str:
    """What tells a row from the others, also after the list was made anew."""
    if isinstance(row, Entry):
        return f"c:{row.id}"
    if isinstance(row, Section):
        return f"s:{row.key}"
    return f"h:{row.conversation_id}:{row.message_id}"


def conversation_of(row: Row | None) -> str:
    """The id of a row's conversation, empty for a heading."""
    if isinstance(row, Entry):
        return row.id
    return row.conversation_id if isinstance(row, Hit) else ""


def one_line(text: str) -> str:
    """A title as it stands in a row."""
    return shown_title(text) or tr(UNTITLED)


def entry_key(conversation_id: str) -> str:
    """key_of() of the entry with this id."""
    return f"c:{conversation_id}"


@dataclass
class Contents:
    """The latest that each setter gave. `rows()` is cheap enough to be called after every change."""

    entries: list[Entry] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    deleted: list[Entry] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    folded: set[str] = field(default_factory=set)
    view: str = CHATS
    query: str = ""  # what the hits were found for; empty while no hits are shown

    @property
    def mode(self) -> str:
        """The view in front: search covers the one that was open."""
        return SEARCH if self.query else self.view

    def entry(self, conversation_id: str) -> Entry | None:
        """The entry with this id, also one that was deleted."""
        both = (*self.entries, *self.deleted)
        return next((entry for entry in both if entry.id == conversation_id), None)

    def folder_ids(self) -> frozenset[str]:
        return frozenset(folder.id for folder in self.folders)

    def rows(self, calendar: Calendar) -> list[Row]:
        """The rows of the view in front."""
        if self.mode == SEARCH:
            return list(self.hits)
        if self.mode == DELETED:
            return [*sorted(self.deleted, key=lambda entry: -(entry.deleted or 0.0))]
        latest = sorted(self.entries, key=attrgetter("updated"), reverse=True)
        rows: list[Row] = []
        if self.mode == ARCHIVE:
            archived = (entry for entry in latest if entry.archived and entry.deleted is None)
            self._add_days(rows, archived, calendar, "archive:")
        else:
            self._add_chats(rows, latest, calendar)
        return rows

    def order(self, calendar: Calendar) -> list[str]:
        """Ids of the conversations in the list, from top to bottom; those in folded sections left out."""
        rows: list[Row] = []
        latest = sorted(self.entries, key=attrgetter("updated"), reverse=True)
        self._add_chats(rows, latest, calendar)
        return [row.id for row in rows if isinstance(row, Entry)]

    def _add_chats(self, rows: list[Row], latest: list[Entry], calendar: Calendar) -> None:
        pinned: list[Entry] = []
        loose: list[Entry] = []
        inside: dict[str, list[Entry]] = {folder.id: [] for folder in self.folders}
        for entry in latest:
            if entry.archived or entry.deleted is not None:
                continue
            (pinned if entry.pinned else inside.get(entry.folder, loose)).append(entry)
        if pinned:
            self._add(rows, "pinned", tr("Pinned"), pinned)
        for folder in self.folders:
            self._add(rows, f"folder:{folder.id}", folder.name, inside[folder.id], folder.id)
        self._add_days(rows, loose, calendar)

    def _add_days(
        self, rows: list[Row], latest: Iterable[Entry], calendar: Calendar, prefix: str = ""
    ) -> None:
        days: dict[tuple[str, str], list[Entry]] = {}
        for entry in latest:
            days.setdefault(calendar.section(entry.updated), []).append(entry)
        for (key, name), entries in days.items():
            self._add(rows, f"{prefix}{key}", name, entries)

    def _add(self, rows: list[Row], key: str, name: str, entries: list[Entry], folder: str = "") -> None:
        folded = key in self.folded
        rows.append(Section(key, name, len(entries), folded, folder))
        if not folded:
            rows.extend(entries)

    def section_of(self, entry: Entry, calendar: Calendar) -> str:
        """Key of the section that an entry stands in."""
        if entry.archived:
            return f"archive:{calendar.section(entry.updated)[0]}"
        if entry.pinned:
            return "pinned"
        inside = entry.folder in self.folder_ids()
        return f"folder:{entry.folder}" if inside else calendar.section(entry.updated)[0]

    def ending(self) -> str:
        """What to say below the rows, empty for nothing."""
        full = self.mode == SEARCH and len(self.hits) >= MOST_HITS
        return tr("The first {number} are shown", number=MOST_HITS) if full else ""

    def emptiness(self) -> str:
        """What to say in place of rows, empty where there are some."""
        if self.mode == SEARCH:
            return "" if self.hits else tr("Nothing found for “{query}”.", query=_cut(self.query))
        if self.mode == DELETED:
            return "" if self.deleted else tr("Nothing was deleted in the last 30 days.")
        kept = [entry for entry in self.entries if entry.deleted is None]
        archived = any(entry.archived for entry in kept)
        if self.mode == ARCHIVE:
            return "" if archived else tr("The archive is empty.")
        if any(not entry.archived for entry in kept):
            return ""
        return tr("All conversations are in the archive.") if archived else tr("No conversations yet.")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_QUERY else f"{text[: _LONGEST_QUERY - 1].rstrip()}…"
