"""Imports that are nothing but imports.

Behind its own import PySide reads the source of each module that follows, to see whether that may ask for
its `__feature__`, and `linecache` keeps all those sources: 10 MB for the window. Nothing here asks for one.
A frozen program has no sources to be read, and does without.
"""

from __future__ import annotations

import sys


def read_no_sources() -> None:
    """From here on; before anything else is imported. A PySide that looks in another way is left alone."""
    import shiboken6  # noqa: F401 - brings what looks

    looks = sys.modules.get("shibokensupport.feature")
    if hasattr(looks, "_mod_uses_pyside"):
        setattr(looks, "_mod_uses_pyside", _uses_no_feature)  # noqa: B010 - not for others to know


def _uses_no_feature(_module: object) -> bool:
    return False
