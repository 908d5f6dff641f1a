"""What the models page shows: values that its controllers make and its widgets draw. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from app.models.cards import ModelCard
from ui.models.fit_column import Tone


@dataclass(frozen=True)
class Row:
    """A model in the list.

    Attributes:
        key: unique in the list.
        detail: a second, quieter line.
        mark: a short word behind the name, as "Loaded".
        size: in words.
        note: a sentence over all columns in place of a model; it cannot be chosen.
        tone: of the note, or of the fit.
    """

    key: str
    name: str = ""
    detail: str = ""
    mark: str = ""
    quantization: str = ""
    size: str = ""
    fits: str = ""
    longest: str = ""
    note: bool = False
    tone: Tone = ""


@dataclass(frozen=True)
class Group:
    """Rows under a heading. `detail` stands beside the title; `open` is how it is shown at first."""

    key: str
    title: str
    rows: tuple[Row, ...]
    detail: str = ""
    open: bool = True


@dataclass(frozen=True)
class Fact:
    """One line about a file."""

    label: str
    value: str


@dataclass(frozen=True)
class Action:
    """A button of the card."""

    id: str
    words: str
    enabled: bool = True
    tip: str = ""


@dataclass(frozen=True)
class Card:
    """Everything about the chosen model.

    Attributes:
        why: the sentence that recommends it, or an empty string.
        fit: how it fits here, in words.
        about: what is published of it, None for models of which nothing is known.
        problem: why something of it cannot be said.
        primary: what Enter and a double click do.
    """

    key: str
    title: str
    subtitle: str
    why: str = ""
    fit: str = ""
    tone: Tone = ""
    about: ModelCard | None = None
    facts: tuple[Fact, ...] = ()
    problem: str = ""
    primary: Action | None = None
    others: tuple[Action, ...] = ()


@dataclass(frozen=True)
class DownloadRow:
    """A download.

    Attributes:
        percent: of what is there, 0 to 100.
        words: what it is doing, with speed and time left.
        buttons: ids of what can be done: "pause", "resume", "cancel".
    """

    id: str
    name: str
    percent: int
    words: str
    tone: Tone = ""
    buttons: tuple[str, ...] = ()


@dataclass(frozen=True)
class LicenceAsk:
    """A licence to be accepted before a download.

    Attributes:
        model: what is to be downloaded.
        text: of the licence; empty while it is read, or where only the link is known.
        state: "reading" its text, "there", or why it could not be read.
    """

    name: str
    model: str
    repo: str
    text: str = ""
    link: str = ""
    state: str = ""
    problem: Literal["", "text"] = ""
