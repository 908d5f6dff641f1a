"""What has to be in the database, by the log of a driver that was killed."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.chat.library import Saved
from app.chat.parts import ReasoningPart, TextPart
from app.store.store import Store

#: What may be missing: what happened so shortly before the end, in seconds.
GRACE_S = 0.25
#: Stands for whatever is there, where what was there before is known to nobody.
_ANY = object()


@dataclass
class Ledger:
    """Everything that was promised so far, over any number of killed processes."""

    questions: dict[str, tuple[str, str | None, str]] = field(default_factory=dict)
    streams: dict[str, tuple[str, int, int]] = field(default_factory=dict)
    titles: dict[str, list[str]] = field(default_factory=dict)
    drafts: dict[str, list[str]] = field(default_factory=dict)
    pins: dict[str, list[bool]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def take(self, log: Path, killed: float) -> int:
        """Take a log in; how many of its lines were old enough to count."""
        counted = 0
        for line in log.read_bytes().split(b"\n")[:-1]:
            at, what, *values = json.loads(line)
            due = at < killed - GRACE_S
            counted += due
            self._take(what, values, due)
        return counted

    def _take(self, what: str, values: list[Any], due: bool) -> None:
        if what == "question" and due:
            self.questions[values[1]] = (values[0], values[2], values[3])
        elif what == "stream" and due:
            conversation, message, answer, reasoning = values
            self.streams[message] = (conversation, answer, reasoning)
        elif what == "title":
            self._settle(self.titles, values, due, _ANY)
        elif what == "draft":
            self._settle(self.drafts, values, due, "")
        elif what == "pinned":
            self._settle(self.pins, values, due, False)

    @staticmethod
    def _settle(known: dict[str, list[Any]], values: list[Any], due: bool, first: object) -> None:
        """The last due value must be there, or one that came after it; `first` was there before any."""
        key, value = values
        known[key] = [value] if due else [*known.get(key, [first]), value]

    def check(self, folder: Path) -> None:
        """Compare with the database; every difference goes to `faults`."""
        store = Store.open(folder)
        try:
            if store.report.recovered:
                self.faults.append("the database was found damaged")
            here = {entry.id: entry for entry in (*store.entries(), *store.deleted())}
            saved = {key: store.load(key) for key in here}
            self._check_questions(saved)
            self._check_streams(saved)
            for key, titles in self.titles.items():
                if key in here and not {here[key].title, _ANY} & {*titles}:
                    self.faults.append(f"title {here[key].title!r} is none of {titles}")
                # What is found now is what must be found from now on.
                self.titles[key] = [here[key].title] if key in here else titles
            for key, drafts in self.drafts.items():
                found = store.draft(key)
                if found not in drafts:
                    self.faults.append(f"draft of {key or 'the new chat'}: {found!r} is none of {drafts}")
                self.drafts[key] = [found]
            for key, pins in self.pins.items():
                if key in here and here[key].pinned not in pins:
                    self.faults.append(f"{key} pinned: {here[key].pinned}")
                self.pins[key] = [here[key].pinned] if key in here else pins
        finally:
            store.close()

    def _check_questions(self, saved: dict[str, Saved]) -> None:
        for message, (conversation, parent, text) in self.questions.items():
            found = saved.get(conversation)
            if found is None or message not in found.conversation.messages:
                self.faults.append(f"question {text!r} is lost")
            elif found.conversation.messages[message].text != text:
                self.faults.append(f"question {text!r} has another text")
            elif found.conversation.parents[message] != parent:
                self.faults.append(f"question {text!r} is on another branch")

    def _check_streams(self, saved: dict[str, Saved]) -> None:
        for message, (conversation, answer, reasoning) in self.streams.items():
            found = saved.get(conversation)
            if found is None or message not in found.conversation.messages:
                self.faults.append(f"answer {message} is lost")
                continue
            parts = found.conversation.messages[message].parts
            texts = sum(len(part.text) for part in parts if isinstance(part, TextPart))
            thoughts = sum(len(part.text) for part in parts if isinstance(part, ReasoningPart))
            if texts + thoughts < answer + reasoning:
                missing = answer + reasoning - texts - thoughts
                self.faults.append(f"answer {message} lacks {missing} of {answer + reasoning} characters")
