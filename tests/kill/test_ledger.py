"""What a log promises of the database: the value that is old enough, or one that came after it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.chat.conversation import Conversation
from app.chat.library import NEW
from app.store.store import Store
from tests.kill.ledger import GRACE_S, Ledger

_KILLED = 100.0
_OLD, _YOUNG = _KILLED - 2 * GRACE_S, _KILLED - GRACE_S / 2


@pytest.fixture
def conversation(tmp_path: Path) -> Conversation:
    """Saved, and as it was made: without a draft, not pinned."""
    made = Conversation(title="as it began")
    store = Store.open(tmp_path)
    store.create(made)
    store.close()
    return made


def _faults(folder: Path, *lines: tuple[float, str, str, object]) -> list[str]:
    log = folder / "log"
    log.write_text("".join(json.dumps(line) + "\n" for line in lines))
    ledger = Ledger()
    ledger.take(log, _KILLED)
    ledger.check(folder)
    return ledger.faults


@pytest.mark.parametrize(("what", "value"), [("draft", "quiet "), ("pinned", True), ("title", "seven")])
def test_the_first_value_may_be_missing_while_it_is_young(
    tmp_path: Path, conversation: Conversation, what: str, value: object
) -> None:
    assert _faults(tmp_path, (_YOUNG, what, conversation.id, value)) == []
    assert len(_faults(tmp_path, (_OLD, what, conversation.id, value))) == 1


def test_a_young_value_may_be_there_and_the_one_before_it_too(
    tmp_path: Path, conversation: Conversation
) -> None:
    lines = (_OLD, "draft", conversation.id, "quiet "), (_YOUNG, "draft", conversation.id, "quiet maple ")
    for found, faults in (("quiet ", 0), ("quiet maple ", 0), ("", 1), ("quiet map", 1)):
        store = Store.open(tmp_path)
        store.set_draft(conversation.id, found)
        store.close()
        assert len(_faults(tmp_path, *lines)) == faults, found


def test_a_draft_of_the_new_chat_that_nobody_wrote_is_a_fault(
    tmp_path: Path, conversation: Conversation
) -> None:
    store = Store.open(tmp_path)
    store.set_draft(NEW, "stone ")
    store.close()
    assert len(_faults(tmp_path, (_YOUNG, "draft", NEW, "quiet "))) == 1


def test_what_was_found_once_is_what_has_to_be_there_from_then_on(
    tmp_path: Path, conversation: Conversation
) -> None:
    ledger = Ledger()
    (tmp_path / "log").write_text(json.dumps((_YOUNG, "pinned", conversation.id, True)) + "\n")
    ledger.take(tmp_path / "log", _KILLED)
    ledger.check(tmp_path)
    store = Store.open(tmp_path)
    store.set_pinned([conversation.id], True)
    store.close()
    assert ledger.faults == []
    ledger.check(tmp_path)
    assert len(ledger.faults) == 1
