from __future__ import annotations

import random
import time

import pytest

from ui.palette.matching import MOST, rank
from ui.palette.values import Command
from ui.shortcuts import ACTIONS

COMMANDS = [Command(f"action:{one.id}", one.words, one.group) for one in ACTIONS]
SEED = 20_261_122


def first(query: str, recent: tuple[str, ...] = ()) -> str:
    found = rank(query, COMMANDS, recent)
    return found[0].command.id.removeprefix("action:") if found else ""


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("new chat", "new_chat"),
        ("NEW", "new_chat"),
        ("temporary", "new_temporary"),
        ("ntc", "new_temporary"),  # initials
        ("copy code", "copy_code"),
        ("code copy", "copy_code"),  # in any order
        ("settings", "settings"),
        ("sett chat", "chat_settings"),
        ("sidebar", "toggle_sidebar"),
        ("lrger", "zoom_in"),  # letters that follow each other
        ("folder…", "attach_folder"),
        ("zzz", ""),
    ],
)
def test_what_is_meant_comes_first(query: str, wanted: str) -> None:
    assert first(query) == wanted


def test_without_a_query_all_come_in_their_order_and_the_recent_ones_first() -> None:
    ids = [match.command.id for match in rank("", COMMANDS, ("action:quit", "action:search"))]
    assert ids[:2] == ["action:quit", "action:search"]
    rest = [one.id for one in COMMANDS if one.id not in ids[:2]]
    assert ids[2:] == rest


def test_what_was_used_last_wins_among_those_that_fit_alike() -> None:
    assert first("copy the last") == "copy_answer"
    assert first("copy the last", ("action:copy_code", "action:copy_answer")) == "copy_code"
    # but not over what fits far better
    assert first("new chat", ("action:new_temporary",)) == "new_chat"


def test_marks_are_the_letters_that_were_asked_for() -> None:
    match = rank("code copy", COMMANDS)[0]
    assert "".join(match.command.words[at] for at in match.marks).casefold() == "copycode"
    match = rank("ntc", COMMANDS)[0]
    assert [match.command.words[at] for at in match.marks] == ["N", "t", "c"]


def test_what_always_fits_stands_behind_all_and_is_never_cut_off() -> None:
    many = [Command(f"a:{n}", f"Chat {n}", "Chats") for n in range(2 * MOST)]
    found = rank("chat", [Command("s:chat", "Search", "Chats", last=True), *many], ("s:chat",))
    assert len(found) == MOST
    assert found[-1].command.id == "s:chat"


def test_what_cannot_be_run_is_left_out() -> None:
    assert not rank("new", [Command("a:1", "New chat", "Chats", enabled=False)])


def test_a_title_is_not_found_by_scattered_letters() -> None:
    title = Command("chat:1", "Sorting numbers", "Chats", loose=False)
    assert not rank("sgnm", [title])
    assert rank("numb", [title])
    assert rank("sn", [title])  # initials are


def test_other_words_find_it_behind_its_own() -> None:
    named = Command("a:1", "Zoom", "Window")
    meant = Command("a:2", "Larger text", "Window", sought="zoom")
    assert [match.command.id for match in rank("zoom", [meant, named])] == ["a:1", "a:2"]


def test_any_text_can_be_asked_for_and_marks_stay_inside() -> None:
    print(f"seed {SEED}")
    chance = random.Random(SEED)
    letters = "abc İßﬃ\u0301\U0001f600\u05d0 é(*[\\"
    for _ in range(300):
        words = "".join(chance.choices(letters, k=chance.randrange(1, 12)))
        query = "".join(chance.choices(letters, k=chance.randrange(0, 5)))
        for match in rank(query, [Command("a:1", words, "G")]):
            assert all(0 <= at < len(words) for at in match.marks)
        assert rank(words, [Command("a:1", words, "G")]) or not words.strip()


def test_many_titles_are_ranked_in_a_frame() -> None:
    many = [Command(f"chat:{n}", f"Chat number {n} about sorting", "Chats", loose=False) for n in range(500)]
    best = min(_seconds(many) for _ in range(5))
    assert len(rank("sort", many)) == MOST
    assert best < 0.05


def _seconds(many: list[Command]) -> float:
    began = time.perf_counter()
    rank("sort num", many)
    return time.perf_counter() - began
