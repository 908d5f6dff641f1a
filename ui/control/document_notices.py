"""What is said about attaching, where no chip can say it."""

from __future__ import annotations

from typing import Final

from ui.control import document_words as say
from ui.control.attachment_item import Item
from ui.notices import Notice

#: More than that go with one question only as a folder.
MOST: Final = 100
UNPASTE: Final = "unpaste:"

IMAGE: Final = Notice("image", "An image cannot be attached: this model reads text only.", "warning")
LINKS: Final = Notice(
    "links",
    "Links are not followed: nothing is fetched from the web. Save the page and drop its file.",
    "warning",
)


def pasted(item: Item) -> Notice:
    """A long text was pasted; the button's action ends in the document's id."""
    said = f"The long text was attached as “{item.name}”."
    return Notice("pasted", said, "info", f"{UNPASTE}{item.id}", "Put it into the message instead")


def left_out(again: list[str], full: bool) -> Notice | None:
    """Files that are attached already, by name, and too many of them."""
    said = []
    if len(again) == 1:
        said.append(f"“{say.short(again[0])}” is attached already.")
    elif again:
        said.append(f"{len(again):,} of these are attached already.")
    if full:
        said.append(f"At most {MOST} documents go with one question: attach the folder that they are in.")
    return Notice("attached", " ".join(said), "warning") if said else None
