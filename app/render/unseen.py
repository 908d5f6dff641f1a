"""Makes seen what a text hides: controls of direction, control characters, invisible ones in code.

A right-to-left text needs none of what is marked here: U+200E, U+200F and the joiners stay as they are in
prose, where they can't turn anything around. In code and in the text of a link nothing may hide.
"""

from __future__ import annotations

import re
from typing import Final

#: Marks that stack on one letter; more go on on the next place, so that no line is buried under another's.
STACKED: Final = 5

_ISOLATES: Final = "\u202a-\u202e\u2066-\u2069"
_TAGS: Final = "\U000e0000-\U000e007f"
_PROSE: Final = re.compile(
    rf"[\x00-\x08\x0b-\x1f\x7f-\x9f{_ISOLATES}\u206a-\u206f\ufff9-\ufffc\ufffe\uffff]|(?<![\U0001f3f4{_TAGS}])[{_TAGS}]"
)
_CODE: Final = re.compile(
    rf"{_PROSE.pattern}|[\u00ad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u2028\u2029\u2060-\u2065\u3164\ufeff\uffa0]"
    r"|(?<![^\x00-\x7f])[\u200c\u200d]|[\u200c\u200d](?![^\x00-\x7f])"
)
_COMBINING: Final = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u06d6-\u06dc\u0900-\u0902\u093c\u094d"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0f71-\u0f84\u135d-\u135f\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u20d0-\u20f0\u302a-\u302d\u3099\u309a\ua66f-\ua67d\ufe00-\ufe0f\ufe20-\ufe2f"
)
_STACK: Final = re.compile(rf"[{_COMBINING}]{{{STACKED}}}(?=[{_COMBINING}])")
_DOTTED: Final = "\u25cc"
_PICTURES: Final = 0x2400  # the block with a picture for each control character
_PLAIN: Final = re.compile(r"[\t\n\x20-\x7e]*")


def shown(text: str, code: bool = False) -> str:
    """The text with a visible mark for each thing that would be hidden: "␛" or "‹U+202E›"."""
    if _PLAIN.fullmatch(text):
        return text
    text = (_CODE if code else _PROSE).sub(_mark, text)
    return text if text.isascii() else _STACK.sub(rf"\g<0>{_DOTTED}", text)


def _mark(found: re.Match[str]) -> str:
    number = ord(found[0])
    if number < 0x20:
        return chr(_PICTURES + number)
    return "\u2421" if number == 0x7F else f"‹U+{number:04X}›"
