"""131,072 tokens and more are really read in one go: told how long it takes, stopped, and resumed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from app.chat.conversation import Conversation
from app.chat.parts import AttachmentPart, TextPart
from app.chat.turn import TurnSettings, request_for
from app.engine.protocol import Failed, Finished, ReadProgress
from app.engine.session_events import EngineStopped, SessionEvent
from app.engine.values import LoadOptions
from tests import miniatures
from tests.engine.long_context import LONG_CONTEXT, N_CTX
from tests.engine.owner import Owner
from tests.engine.support import GREEDY

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]

LEAST = 131_072
#: The last part of a reading: two or three steps, each of which takes a fifth more or less by chance.
END = 0.05
OFF = 0.2
#: What other programs take of the processor can't be foretold: of so many readings one is enough.
READINGS = 3
STOP_S = 1.0


class Reading:
    """One request, with the time at which each of its events came."""

    def __init__(self, owner: Owner, document: str) -> None:
        conversation = Conversation()
        conversation.append("user", AttachmentPart("book.txt", document), TextPart("What runs?"))
        request = request_for(conversation.branch(), TurnSettings(sampling=GREEDY, max_tokens=2))
        self._owner = owner
        self.number = owner.session.generate(request)
        self.progress: list[tuple[float, ReadProgress]] = []

    def until(self, read: int = 1 << 40) -> SessionEvent:
        """Take events until so many tokens are read, or the end."""
        while True:
            event = self._owner.client.next_event(120.0)
            assert event is not None
            self._owner.session.handle(event)
            last = self._owner.events[-1]
            if isinstance(event, ReadProgress):
                self.progress.append((time.monotonic(), event))
                if event.read >= read:
                    return event
            elif isinstance(last, Finished | Failed | EngineStopped) and last.request_id == self.number:
                return last

    def errors(self) -> list[float]:
        """How far `left_s` was off, as a part of what the rest took; each report behind the first tenth."""
        (began, first), (ended, last) = self.progress[0], self.progress[-1]
        tenth = first.read + (last.total - first.read) / 10
        print(f"read {last.total - first.read:,} tokens in {ended - began:.1f} s")
        found = []
        for when, event in self.progress:
            left = ended - when
            if event.read >= tenth and left > END * (ended - began):
                assert event.left_s is not None
                found.append(abs(event.left_s - left) / left)
        middle = sorted(found)[len(found) // 2]
        print(f"off by {found[0]:.1%} at first, {middle:.1%} in the median, {max(found):.1%} at most")
        return found


@pytest.fixture
def owner(tmp_path: Path):  # type: ignore[no-untyped-def]
    made = Owner(tmp_path / "ladder.json")
    options = LoadOptions(n_ctx=N_CTX, n_threads=1)
    loaded = made.loaded(made.load(miniatures.build(LONG_CONTEXT), options))
    assert not isinstance(loaded, Failed), loaded
    assert made.session.info is not None
    assert made.session.info.n_ctx == N_CTX
    yield made
    made.session.close()


def book(name: str) -> str:
    return "".join(f"{name} {number} says that the river runs to the sea.\n" for number in range(9_000))


def test_what_is_left_is_told_within_a_fifth(owner: Owner) -> None:
    """At the first report behind the first tenth, and in the median from there to the last twentieth.

    At single reports it can be off by more: other programs make some steps take twice as long.
    """
    found: list[tuple[float, float]] = []
    for name in ("Line", "Row", "Verse")[:READINGS]:
        whole = Reading(owner, book(name))
        finished = whole.until()
        assert isinstance(finished, Finished), finished
        assert finished.usage.prompt_tokens >= LEAST
        assert finished.usage.read_tokens >= LEAST
        errors = whole.errors()
        found.append((errors[0], sorted(errors)[len(errors) // 2]))
        if max(found[-1]) <= OFF:
            return
    raise AssertionError(f"off by {found}")


def test_stopped_and_resumed(owner: Owner) -> None:
    stopped = Reading(owner, book("Row"))
    stopped.until(LEAST // 2)
    asked = time.monotonic()
    owner.session.cancel(stopped.number)
    ended = stopped.until()
    took = time.monotonic() - asked
    assert isinstance(ended, Finished), ended
    assert ended.reason == "cancelled"
    print(f"stopped after {took:.3f} s, {ended.usage.read_tokens:,} tokens were read")
    assert took < STOP_S

    resumed = Reading(owner, book("Row"))
    again = resumed.until()
    assert isinstance(again, Finished), again
    assert again.usage.prompt_tokens >= LEAST
    print(f"resumed: {again.usage.reused_tokens:,} known, {again.usage.read_tokens:,} read")
    known = ended.usage.read_tokens + ended.usage.reused_tokens
    assert again.usage.reused_tokens >= known - 512  # at most the step that was stopped is read again
    assert again.usage.read_tokens <= again.usage.prompt_tokens - known + 512
    resumed.errors()
