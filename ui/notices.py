"""What the app has to say outside of the conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from app.language import mark

Level = Literal["info", "warning", "error"]
#: What a screen reader says of them.
LEVELS: Final[dict[Level, str]] = {"info": mark("info"), "warning": mark("warning"), "error": mark("error")}


@dataclass(frozen=True)
class Notice:
    """One notice: what happened, what is safe, what to do.

    Attributes:
        key: a newer notice of the same key takes the place of an older one.
        action: stable name of what the button does, empty for no button.
        details: more lines to read or copy, such as the engine's last words.
    """

    key: str
    text: str
    level: Level = "info"
    action: str = ""
    action_label: str = ""
    details: str = ""
