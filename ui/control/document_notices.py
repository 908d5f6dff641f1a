"""What is said about attaching, where no chip can say it."""

from __future__ import annotations

from typing import Final

from app.language import mark, tr
from ui.control import document_words as say
from ui.control.attachment_item import Item
from ui.notices import Notice

#: More than that go with one question only as a folder.
MOST: Final = 100
UNPASTE: Final = "unpaste:"

IMAGE: Final = Notice("image", mark("An image cannot be attached: this model reads text only."), "warning")
LINKS: Final = Notice(
    "links",
    mark("Links are not followed: nothing is fetched from the web. Save the page and drop its file."),
    "warning",
)


def pasted(item: Item) -> Notice:
    """A long text was pasted; the button's action ends in the document's id."""
    said = tr("The long text was attached as “{name}”.", name=item.name)
    return Notice("pasted", said, "info", f"{UNPASTE}{item.id}", tr("Put it into the message instead"))


def left_out(again: list[str], full: bool) -> Notice | None:
    """Files that are attached already, by name, and too many of them."""
    said = []
    if len(again) == 1:
        said.append(tr("“{again}” is attached already.", again=say.short(again[0])))
    elif again:
        said.append(tr("{again} of these are attached already.", again=len(again)))
    if full:
        said.append(
            tr(
                "At most {most} documents go with one question: attach the folder that they are in.",
                most=MOST,
            )
        )
    return Notice("attached", " ".join(said), "warning") if said else None
