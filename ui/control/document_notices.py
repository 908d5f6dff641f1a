"""What is said about attaching, where no chip can say it."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from app.language import mark, ntr, tr
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


def spoken(notice: Notice) -> Notice:
    """One whose text is marked, in the language of the window."""
    return replace(notice, text=tr(notice.text))


def pasted(item: Item) -> Notice:
    """A long text was pasted; the button's action ends in the document's id."""
    said = tr("The long text was attached as “{name}”.", name=item.name)
    return Notice("pasted", said, "info", f"{UNPASTE}{item.id}", tr("Put it into the message instead"))


def given_back(documents: bool) -> str:
    """A question, maybe with documents, that is in the text field again."""
    if documents:
        return tr("Your question and its documents are in the text field again.")
    return tr("Your question is in the text field again.")


def given_back_to(title: str, documents: bool) -> str:
    """The same in the text field of a chat that is not open."""
    if documents:
        return tr("Your question and its documents are in the text field of “{title}” again.", title=title)
    return tr("Your question is in the text field of “{title}” again.", title=title)


def left_out(again: list[str], full: bool) -> Notice | None:
    """Files that are attached already, by name, and too many of them."""
    said = []
    if len(again) == 1:
        said.append(tr("“{name}” is attached already.", name=say.short(again[0])))
    elif again:
        said.append(
            ntr("{count} of these is attached already.", "{count} of these are attached already.", len(again))
        )
    if full:
        said.append(
            tr(
                "At most {number} documents go with one question: attach the folder that they are in.",
                number=MOST,
            )
        )
    return Notice("attached", " ".join(said), "warning") if said else None
