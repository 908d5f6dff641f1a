"""Examples of the specifications in the real view: a stream shows what the finished message shows."""

import pytest

from tests.render.spec import Example, examples
from tests.ui.chat.conftest import Hands
from ui.chat.shown import Shown
from ui.chat.view import ChatView

SAMPLE = [*examples("commonmark.txt")[::25], *examples("gfm.txt")[198:206], *examples("gfm.txt")[622:632]]


@pytest.mark.parametrize("example", SAMPLE, ids=lambda example: f"{example.section} {example.number}")
def test_streamed_and_finished_look_the_same(view: ChatView, hands: Hands, example: Example) -> None:
    view.add_message("a", "assistant")
    hands.stream("a", example.markdown, step=1)
    view.finish_message("a")
    streamed = view.visible_plain_text()
    picture = view.grab().toImage()
    view.show_messages([Shown("a", "assistant", example.markdown)])
    assert view.visible_plain_text() == streamed
    assert view.grab().toImage() == picture
