"""How wide the window's parts are, px; the first frame needs no more of their layout."""

from __future__ import annotations

from typing import Final

SIDEBAR_WIDTH: Final = 260
#: The settings of a conversation.
PANEL_WIDTH: Final = 376
#: The conversation keeps so much: in a narrower window the sidebar gives way, and settings lie over it.
LEAST: Final = 460
