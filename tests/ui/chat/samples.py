"""Messages that the chat's tests show."""

from ui.chat.shown import Shown

ALL = ("copy", "edit", "regenerate", "delete")
QUESTION = Shown("u", "user", "Why?", actions=("copy", "edit", "delete"), version=2, versions=3)
REPLY = Shown(
    "a", "assistant", "So.\n\n```py\nx = 1\n```", footer="m · 3 tokens", actions=ALL, version=2, versions=3
)
STOPPED = Shown(
    "b", "assistant", "Half", mark="Stopped", mark_action="Continue", mark_action_name="continue",
    mark_action2="Ask again", actions=("copy",),
)  # fmt: skip


def pairs(count: int, branch: str = "") -> list[Shown]:
    found = []
    for n in range(count):
        found.append(Shown(f"u{n}{branch}", "user", f"Question {n}", actions=ALL))
        found.append(
            Shown(f"a{n}{branch}", "assistant", f"Answer {n}{branch}.\n\n" + "word " * 90, actions=ALL)
        )
    return found
