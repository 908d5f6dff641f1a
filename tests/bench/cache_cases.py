"""The cases of the cache, as one session with an engine: what a person does, and what it reads for that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count

from app.engine.values import ChatMessage, Mode
from tests.bench.cache_ids import question
from tests.bench.cache_runner import Answer, NotOffered, Request, Runner

SLACK, SLACK_EARLY, STEP = 8, 64, 512
OTHERS, TURNS, EDITED_TURN, RESTARTS = 5, 40, 3, 3
STOPPED_AFTER = 6
#: Words where a branch is left that is to be come back to: short ones are not worth the copying.
_LONG_QUESTION = 60
#: Letters of the many answers.
_SHORT_ANSWER = 12


@dataclass(frozen=True)
class Figure:
    """What a case took; `over` is by how many tokens more was read than may be (0 or less is well)."""

    over: int
    read: int
    first_s: float


class Talk:
    """A conversation with an engine; its answers become part of it."""

    def __init__(self, runner: Runner, mode: Mode, name: str, numbers: count[int]) -> None:
        self._runner, self.mode, self.name, self._numbers = runner, mode, name, numbers
        self.messages: tuple[ChatMessage, ...] = ()

    def words(self, length: int = 6) -> str:
        """Another question."""
        return question(next(self._numbers), length)

    def request(self, words: str, document: str = "", **more: int) -> Request:
        documents = ((document,),) if document else ()
        user = ChatMessage("user", words, documents=documents)
        return Request((*self.messages, user), self.mode, self.name, **more)

    def ask(self, words: str, document: str = "", **more: int) -> Answer:
        """Ask behind what was said; question and answer become part of it."""
        request = self.request(words, document, **more)
        answer = self._runner.ask(request)
        self.add(request, answer.text)
        return answer

    def add(self, request: Request, text: str) -> None:
        self.messages = (*request.messages, ChatMessage("assistant", text))

    def undo(self, turns: int = 1) -> None:
        """Go back before the last turns."""
        self.messages = self.messages[: -2 * turns]


class Session:
    """All cases with one engine in one mode.

    Attributes:
        figures: of the cases that the engine can do, by name.
        cold: the first answer, for which everything was read.
        restored: answers after a restart.
        from_disk: cases for which a saved state was made use of.
        long: the conversation of many turns.
    """

    def __init__(
        self,
        runner: Runner,
        mode: Mode,
        other_mode: Mode | None,
        document: Callable[[int], str],
        larger: int,
    ) -> None:
        """`document`: makes one by its number; `larger`: another size of the context."""
        self._runner, self._mode, self._other_mode = runner, mode, other_mode
        self._document, self._larger = document, larger
        self._numbers = count(1)
        self.figures: dict[str, Figure] = {}
        self.restored: list[Answer] = []
        self.from_disk: set[str] = set()
        self.main = self.talk("main")

    def talk(self, name: str) -> Talk:
        return Talk(self._runner, self._mode, f"{name}-{self._mode}", self._numbers)

    def _note(self, case: str, answer: Answer, slack: int = SLACK) -> None:
        figure = Figure(answer.read - answer.behind - slack, answer.read, answer.first_s)
        known = self.figures.get(case)
        if known is None or figure.over > known.over:
            self.figures[case] = figure
        if answer.from_disk:
            self.from_disk.add(case)

    def run(self) -> None:
        self._branches()
        self._within()
        self._others()
        self._processes()
        self._stopped()
        self._early()

    def _branches(self) -> None:
        """Next, again, otherwise, and back."""
        main = self.main
        self.cold = main.ask(main.words(), self._document(0))
        words = main.words()
        self._note("next", main.ask(words))
        main.undo()
        self._note("regenerate", main.ask(words))
        main.undo()
        self._note("edit_last", main.ask(main.words()))
        for _turn in range(2):
            main.ask(main.words(_LONG_QUESTION))
        left = main.messages
        main.undo(2)
        main.ask(main.words(_LONG_QUESTION))
        main.messages = left
        self._note("other_branch_back", main.ask(main.words()))

    def _within(self) -> None:
        """In one conversation: the other mode, the same document, an answer that goes on."""
        main, left = self.main, self.main.messages
        if self._other_mode is not None:
            main.mode = self._other_mode
            self._note("mode_change", main.ask(main.words()))
            main.mode = self._mode
            main.messages = left
        main.messages = ()
        self._note("edit_after_document", main.ask(main.words(), self._document(0)))
        main.messages = left
        request = main.request(main.words(), stop_after=STOPPED_AFTER)
        answer = self._runner.ask(request)
        went_on = self._runner.go_on(request, answer)
        self.figures["answer_continued"] = Figure(went_on.read - 1, went_on.read, went_on.first_s)

    def _others(self) -> None:
        for number in range(1, OTHERS + 1):
            other = self.talk(f"other{number}")
            other.ask(other.words(), self._document(number))
        self._note("other_conversations_back", self.main.ask(self.main.words()))

    def _processes(self) -> None:
        """Another process, another context, a killed one."""
        main, runner = self.main, self._runner
        for _time in range(RESTARTS):
            runner.save(main.name)
            runner.restart()
            self.restored.append(main.ask(main.words()))
            self._note("restart", self.restored[-1])
        runner.save(main.name)
        runner.resize(self._larger)
        self._note("context_size_changed", main.ask(main.words()))
        runner.save(main.name)
        words = main.words()
        runner.kill(main.request(words, letters=0))
        self._note("engine_killed", main.ask(words))

    def _stopped(self) -> None:
        talk = self.talk("stopped")
        try:
            request = talk.request(talk.words(), self._document(OTHERS + 1))
            answer, kept = self._runner.stop_and_ask(request)
        except NotOffered:
            return
        over = kept - answer.reused - STEP
        self.figures["prefill_stopped"] = Figure(over, answer.read, answer.first_s)

    def _early(self) -> None:
        """A long conversation, edited near its beginning."""
        talk = self.talk("long")
        talk.ask(talk.words(), self._document(OTHERS + 2), letters=_SHORT_ANSWER)
        for turn in range(2, TURNS + 1):
            if self._runner.keeps_turns or turn == TURNS:
                talk.ask(talk.words(), letters=_SHORT_ANSWER)
            else:
                talk.add(talk.request(talk.words()), "itwillbeso")
        self.long = talk.name
        self._runner.save(talk.name)
        talk.messages = talk.messages[: 2 * (EDITED_TURN - 1)]
        self._note("edit_early", talk.ask(talk.words()), SLACK_EARLY)
