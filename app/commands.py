"""The names of the subcommands, apart from what they import: the window's start only looks at them."""

from __future__ import annotations

#: Subcommands that app.cli handles; everything else opens the window.
COMMANDS = (
    "ask", "doctor", "engine-process", "template-process", "dry-run", "document-process", "math-process",
    "colour-process", "import-process",
)  # fmt: skip
