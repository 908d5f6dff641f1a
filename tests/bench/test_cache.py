"""The pure parts of the cache's benchmark."""

from __future__ import annotations

import pytest

from app.engine.values import ChatMessage
from tests import miniatures
from tests.bench.cache import ModeResult, case_rows, speedup
from tests.bench.cache_cases import SLACK, Figure, Session
from tests.bench.cache_growth import spread
from tests.bench.cache_ids import UNKNOWN, Decoded, ids_of, question
from tests.bench.cache_runner import Answer, Request
from tests.bench.cache_state import recurrent_bytes


def test_what_is_behind_the_first_difference_is_counted_from_the_best_sequence() -> None:
    decoded = Decoded()
    prompt = [1, 2, 3, 4, 5]
    assert decoded.behind("one", prompt) == 5
    decoded.add("one", [1, 9])
    decoded.add("one", [1, 2, 3, UNKNOWN, UNKNOWN])
    assert decoded.behind("one", prompt) == 2
    assert decoded.behind("other", prompt) == 5
    decoded.add("one", [*prompt, 6])
    assert decoded.behind("one", prompt) == 0
    decoded.replace("one", [[1, 2]])
    assert decoded.behind("one", prompt) == 3


@pytest.mark.parametrize(
    ("spent", "part"),
    [
        ([5.0, 5.0, 5.0], 0.0),
        ([5.0, 25.0], 1.0),
        ([5.0, 27.0], 1.1),
        ([100.0, 130.0], 1.0),
        ([100.0, 145.0, 120.0], 1.5),
    ],
)
def test_growth_may_be_a_third_or_twenty_milliseconds(spent: list[float], part: float) -> None:
    assert spread(spent) == pytest.approx(part)


def test_restoring_is_compared_with_reading() -> None:
    cold = Answer(read=1000, first_s=2.1, reading_s=2.0)
    restored = [Answer(read=9, first_s=1.0, found_s=found, reused=1000) for found in (0.1, 0.2, 0.4)]
    assert speedup(cold, restored) == pytest.approx(10.0)


def test_a_row_has_the_worse_mode_and_all_three_engines() -> None:
    def result(mode: str, over: int) -> ModeResult:
        figures = {
            "ours": {"next": Figure(over, 12, 0.02)},
            "server": {"next": Figure(0, 40, 0.1)},
            "Llama": {},
        }
        return ModeResult(mode, figures, 20.0 + over, "")  # type: ignore[arg-type]

    case, restored = case_rows("plain", [result("thinking", 3), result("instruct", -8)])
    assert (case.name, case.value, case.holds) == ("cache.next.plain.read_over_limit", 3, False)
    assert "thinking: 12 | 40 | - tokens, 20 | 100 | - ms; instruct: 12" in case.peer
    assert (restored.value, restored.holds) == (12.0, True)


class _Forgetful:
    """Reads everything every time, but for a slack that may be read anyhow."""

    name, keeps_turns = "forgetful", True

    def __init__(self) -> None:
        self.asked: list[Request] = []
        self.done: list[str] = []

    def ask(self, request: Request) -> Answer:
        self.asked.append(request)
        return Answer(read=100, first_s=0.1, text="so", behind=100 - SLACK - len(self.asked))

    def stop_and_ask(self, request: Request) -> tuple[Answer, int]:
        return self.ask(request), 600

    def go_on(self, request: Request, answer: Answer) -> Answer:
        return Answer(read=3, first_s=0.1)

    def save(self, conversation: str) -> None:
        self.done.append(f"save {conversation}")

    def restart(self) -> None:
        self.done.append("restart")

    def resize(self, n_ctx: int) -> None:
        self.done.append(f"resize {n_ctx}")

    def kill(self, request: Request) -> None:
        self.done.append("kill")

    def close(self) -> None: ...


def test_every_case_is_asked_and_can_fail() -> None:
    runner = _Forgetful()
    session = Session(runner, "instruct", "thinking", lambda number: f"Document {number}", 9000)
    session.run()
    assert len(session.figures) == 13
    assert all(figure.over > 0 for case, figure in session.figures.items() if case != "edit_early")
    assert runner.done.count("restart") == 3
    assert {"resize 9000", "kill"} <= set(runner.done)
    early = runner.asked[-1].messages
    assert len(early) == 5
    assert early[0].documents
    assert early[:4] == runner.asked[-3].messages[:4]
    assert len({request.conversation for request in runner.asked}) == 8


def test_ids_are_those_of_the_answer_as_it_came() -> None:
    with ids_of(miniatures.hybrid()) as ids:
        assert ids.modes == ("thinking", "instruct")
        asked = (ChatMessage("user", question(1)),)
        prompt = ids.prompt(asked, "instruct").tokens
        answer = ids.answer(["r", "i", "v", "er"])
        ids.remember(prompt, answer, thought=False)
        after = ids.prompt((*asked, ChatMessage("assistant", "river"), *asked), "instruct").tokens
        assert after[: len(prompt) + len(answer)] == prompt + answer


def test_the_recurrent_state_is_that_of_its_blocks() -> None:
    assert recurrent_bytes(miniatures.PLAIN) == 0
    assert recurrent_bytes(miniatures.HYBRID) == 31_488
