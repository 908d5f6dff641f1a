"""What an offer of more room says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.language import ntr, tr
from app.models.context_room import Room
from ui import words
from ui.composer.attached import Attached
from ui.composer.room_offer import Choice, RoomOffer

_NAME = 40  # characters
_WORTH_S = 3.0


@dataclass(frozen=True)
class Cost:
    """What a longer context would take.

    Attributes:
        n_ctx: tokens; 0 where it is not known, or there is none.
        more: bytes of memory beyond the present context's.
        missing: bytes, where it does not fit.
        why: where it goes, in a sentence; empty where there is nothing to choose between.
        longest: whether the present context is all that the model can have.
    """

    n_ctx: int = 0
    fits: bool = False
    more: int = 0
    missing: int = 0
    why: str = ""
    longest: bool = False


def offer_for(
    room: Room, cost: Cost, attached: Sequence[Attached], new: Choice | None, seconds: float | None
) -> RoomOffer:
    """The offer for a state other than "".

    Args:
        new: the offer of a new conversation; None where that is no help.
        seconds: that reading what is new would take, None where that is not known.
    """
    state = room.state
    said = [_what(room), _price(cost)]
    if seconds is not None and seconds >= _WORTH_S and (state != "over" or cost.fits):
        said.append(tr("Reading it takes about {duration}.", duration=words.duration(seconds)))
    choices = [*_raise(room, cost)]
    if state == "over" or (state == "near" and not room.answering):
        choices += _less(attached, room.used - room.size if state == "over" else 0)
    if new is not None:
        choices.append(new)
    return RoomOffer(
        " ".join(one for one in said if one), "error" if state == "over" else "warning", tuple(choices)
    )


def new_chat(attached: Sequence[Attached], *, sent: bool, only: bool = False) -> Choice:
    """The offer of a new conversation. `sent`: this one has documents; `only`: they stay behind."""
    label = tr("New chat with these documents") if attached or sent else tr("New chat")
    if only:
        label = tr("New chat without the earlier documents")
    return Choice("new_only" if only else "new", label, tr("This chat stays as it is"))


def _what(room: Room) -> str:
    if room.state == "over":
        return tr(
            "This is {used} tokens, and the context holds {size}.",
            used=words.count(room.used),
            size=words.count(room.size),
        )
    if room.state == "full":
        return tr("The answer ended because the context was full.")
    if room.answering:
        return tr(
            "This answer has room for {left} more tokens: the context is nearly full.",
            left=words.count(room.left),
        )
    return tr(
        "{left} tokens of the context are left, which may be too few for an answer.",
        left=words.count(room.left),
    )


def _price(cost: Cost) -> str:
    if not cost.n_ctx:
        return tr("It is the longest that this model can have.") if cost.longest else ""
    if not cost.fits:
        return tr(
            "A context of {context} needs {missing} more than is free here.",
            context=words.count(cost.n_ctx),
            missing=words.size(cost.missing),
        )
    context, more = words.count(cost.n_ctx), words.size(cost.more)
    if cost.more > 0:
        return tr(
            "A context of {context} takes {more} more. {why}", context=context, more=more, why=cost.why
        ).strip()
    return tr("A context of {context} takes no more memory. {why}", context=context, why=cost.why).strip()


def _raise(room: Room, cost: Cost) -> list[Choice]:
    if not (cost.n_ctx and cost.fits):
        return []
    context = words.count(cost.n_ctx)
    label = tr("Use a context of {context}", context=context)
    if room.answering or room.state == "full":
        label = tr("Use a context of {context} and go on", context=context)
    return [Choice("raise", label, tr("The model stays loaded; what was read is kept"))]


def _less(attached: Sequence[Attached], excess: int) -> list[Choice]:
    """By the largest document: to take some of its pages, or none; nothing where all were too few."""
    counted = [one for one in attached if one.state == "ready" and one.tokens]
    if not counted or sum(one.tokens or 0 for one in counted) <= excess:
        return []
    largest = max(counted, key=lambda one: one.tokens or 0)
    name = words.shown_line(largest.name, _NAME)
    found = (
        [Choice(f"pages:{largest.id}", tr("Choose pages of {name}…", name=name))] if largest.pages > 1 else []
    )
    hint = ntr("{count} token", "{count} tokens", largest.tokens or 0)
    return [*found, Choice(f"leave_out:{largest.id}", tr("Leave out {name}", name=name), hint)]
