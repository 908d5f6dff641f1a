"""Where on the ladder of safer settings a model's load stands."""

from __future__ import annotations

from app.engine import ladder
from app.engine.ladder import FAILURES_PER_RUNG, LadderMemory, Rung
from app.engine.protocol import Ready
from app.engine.values import LoadOptions
from app.language import tr


class Descent:
    """The rung in use, how often it failed, and what is remembered of it. One session's.

    Attributes:
        proven: whether an answer has shown that the settings hold.
        forgotten: whether the next load is to try full speed again.
    """

    def __init__(self, memory: LadderMemory) -> None:
        self._memory = memory
        self._rungs: tuple[Rung, ...] = ladder.rungs_for(gpu=False)
        self._signature = ""
        self.rung = 0
        self._failures = 0
        self.proven = False
        self._recall = True
        self.forgotten = False

    def ready(self, event: Ready) -> None:
        """An engine is up: what it is decides which rungs there are."""
        self._rungs = ladder.rungs_for(gpu=event.gpu_offload)
        self._signature = ladder.machine_signature(event)

    def begin(self, *, keep: bool) -> None:
        """A load was asked for; `keep`: settings that this very model survives are kept."""
        self._recall = not keep or self.forgotten
        self._failures, self.proven, self.forgotten = 0, False, False

    def begin_anew(self) -> None:
        """The same load with another build of llama.cpp, which has a ladder of its own."""
        self.rung = 0
        self.begin(keep=False)

    def options(self, path: str, wanted: LoadOptions) -> LoadOptions:
        """What to load `path` with; at first the remembered rung decides."""
        if self._recall:
            self._recall = False
            remembered = self._memory.recall(path, self._signature)
            names = [rung.name for rung in self._rungs]
            self.rung = names.index(remembered) if remembered in names else 0
        return ladder.apply(wanted, self._rungs, self.rung)

    def failed(self) -> bool:
        """It died: unchanged again the first time, one rung safer the second; False behind the last."""
        self._failures, self.proven = self._failures + 1, False
        if self._failures >= FAILURES_PER_RUNG:
            self._failures = 0
            self.rung += 1
        return self.rung < len(self._rungs)

    def prove(self, path: str) -> None:
        """The first answer shows that the settings hold: only now is a rung remembered."""
        self.proven, self._failures = True, 0
        if self.rung:
            self._memory.remember(path, self._signature, self._rungs[self.rung].name)

    def forget(self, path: str) -> None:
        """The next load tries full speed again."""
        self._memory.remember(path, self._signature, ladder.RUNGS[0].name)
        self.forgotten = True

    def reset(self) -> None:
        """Nothing is loaded."""
        self.rung = self._failures = 0

    def return_to(self, rung: int, *, proven: bool) -> None:
        """The settings of a model before are in use again."""
        self.rung, self.proven, self._failures, self._recall = rung, proven, 0, False

    def words(self) -> str:
        """How the settings differ from full speed."""
        return ", ".join(tr(rung.words) for rung in self._rungs[1 : self.rung + 1])
