from __future__ import annotations

import pytest

from app.chat.library import Folder
from tests.ui.sidebar.conftest import FOLDERS, HITS, NOW, ago, entry, some
from ui.sidebar.contents import ARCHIVE, CHATS, DELETED, SEARCH, Contents, Section, key_of
from ui.sidebar.dates import Calendar

CALENDAR = Calendar(NOW.timestamp())


def shown(contents: Contents) -> list[str]:
    rows = contents.rows(CALENDAR)
    return [
        f"{row.name} {row.count}" if isinstance(row, Section) else key_of(row).split(":")[1] for row in rows
    ]


def test_pinned_then_folders_then_days() -> None:
    assert shown(Contents(some(), FOLDERS)) == [
        *("Pinned 1", "lakes", "Work 1", "cache", "Home & garden 0"),
        *("Today 2", "rust", "letter", "October 2026 1", "old"),
    ]


def test_the_latest_comes_first_in_each_section() -> None:
    entries = [entry("a", when=ago(hours=3)), entry("b", when=ago(hours=1)), entry("c", when=ago(hours=2))]
    assert shown(Contents(entries)) == ["Today 3", "b", "c", "a"]


def test_a_folder_that_is_gone_holds_nothing() -> None:
    assert shown(Contents([entry("a", folder="lost")], [Folder("f", "F")])) == ["F 0", "Today 1", "a"]


def test_what_is_pinned_is_not_in_its_folder() -> None:
    rows = shown(Contents([entry("a", folder="work", pinned=True)], FOLDERS))
    assert rows == ["Pinned 1", "a", "Work 0", "Home & garden 0"]


def test_folded_sections_keep_their_count() -> None:
    contents = Contents(some(), FOLDERS, folded={"folder:work", "today"})
    assert shown(contents)[2:5] == ["Work 1", "Home & garden 0", "Today 2"]
    contents.view = ARCHIVE
    assert shown(contents) == ["Today 1", "stored"], "the archive folds by itself"


def test_the_other_views() -> None:
    deleted = [entry("a", deleted=ago(days=2)), entry("b", deleted=ago(days=1))]
    contents = Contents(some(), FOLDERS, deleted, view=DELETED)
    assert shown(contents) == ["b", "a"]
    contents.query, contents.hits = "cache", HITS
    assert contents.mode == SEARCH
    assert shown(contents) == ["cache", "rust"]


@pytest.mark.parametrize(
    ("contents", "text"),
    [
        (Contents(), "No conversations yet."),
        (Contents(folders=FOLDERS), "No conversations yet."),
        (Contents([entry("a", archived=True)]), "All conversations are in the archive."),
        (Contents([entry("a")], folded={"today"}), ""),
        (Contents([entry("a")], view=ARCHIVE), "The archive is empty."),
        (Contents([entry("a", archived=True)], view=ARCHIVE), ""),
        (Contents(view=DELETED), "Nothing was deleted in the last 30 days."),
        (Contents(query="x"), "Nothing found for “x”."),
        (Contents(query="x", hits=HITS), ""),
    ],
)
def test_what_is_said_in_place_of_rows(contents: Contents, text: str) -> None:
    assert contents.emptiness() == text


def test_a_long_search_is_not_repeated_whole() -> None:
    assert len(Contents(query="long " * 100).emptiness()) < 50


def test_where_an_entry_stands() -> None:
    contents = Contents(some(), FOLDERS)
    found = {one.id: contents.section_of(one, CALENDAR) for one in contents.entries}
    assert found == {
        "old": "2026-10",
        "rust": "today",
        "lakes": "pinned",
        "cache": "folder:work",
        "letter": "today",
        "stored": "archive:today",
    }
    assert contents.view == CHATS
    for one in contents.entries:
        contents.view = ARCHIVE if one.archived else CHATS
        contents.folded = {found[one.id]}
        assert one not in contents.rows(CALENDAR)
