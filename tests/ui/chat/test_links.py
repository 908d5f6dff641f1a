"""Links and footnotes in the conversation: where they lead is seen, and only what is safe opens."""

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt, QUrl
from PySide6.QtGui import QDesktopServices

from tests.ui.chat.conftest import Hands
from ui import wiring
from ui.chat.links import link_tip, note_tip, said
from ui.chat.view import ChatView


def hover(hands: Hands, at: QPoint) -> None:
    hands.mouse(QEvent.Type.MouseMove, at)


def test_the_target_shows_while_the_pointer_is_on_a_link(view: ChatView, hands: Hands) -> None:
    hands.answer("A [link](https://example.org/a) and text.")
    label = view.link_target
    assert not label.isVisible()
    hover(hands, hands.spots("link")[0][2])
    assert label.isVisible()
    assert label.text() == "https://example.org/a"
    assert label.geometry().bottomLeft() == QPoint(0, view.viewport().height() - 1)
    hover(hands, QPoint(view.viewport().width() - 2, 2))
    assert not label.isVisible()


def test_the_keyboard_shows_it_too_and_says_it(view: ChatView, hands: Hands, qtbot) -> None:
    hands.answer("A [link](https://example.org/a).")
    view.setFocus(Qt.FocusReason.OtherFocusReason)
    qtbot.waitUntil(view.hasFocus)
    qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert view.link_target.text() == "https://example.org/a"
    assert view.accessibleDescription() == "Link: link, https://example.org/a"
    while view.navigator.spot() and view.navigator.spot().kind == "link":
        qtbot.keyClick(view, Qt.Key.Key_Tab)
    assert not view.link_target.isVisible()


def test_a_text_that_names_another_address_is_told(view: ChatView, hands: Hands) -> None:
    hands.answer("[https://bank.example](https://evil.example/) <https://a.b>")
    spot, at = hands.spots("link")[0][1:]
    hover(hands, at)
    assert view.link_target.text() == "Goes to evil.example, not to bank.example · https://evil.example/"
    assert view.link_target.property("warning") is True
    assert "not to bank.example" in link_tip(spot)
    assert "not to bank.example" in said(spot)
    hover(hands, hands.spots("link")[1][2])
    assert view.link_target.property("warning") is False


def test_a_long_address_fits_and_is_plain_text(view: ChatView, hands: Hands) -> None:
    hands.answer("[x](https://example.org/%3Cb%3E" + "a" * 3000 + ")")
    hover(hands, hands.spots("link")[0][2])
    assert view.link_target.width() <= view.viewport().width()
    assert view.link_target.text().endswith("…")
    assert view.link_target.textFormat() == Qt.TextFormat.PlainText
    assert len(link_tip(hands.spots("link")[0][1])) < 1000


def test_links_in_tables_can_be_clicked(view: ChatView, hands: Hands, qtbot) -> None:
    hands.answer("| a | b |\n|---|--:|\n| x | [l](https://example.org/t) |\n| www.example.org | y |")
    spots = hands.spots("link")
    assert [spot.value for _, spot, _ in spots] == ["https://example.org/t", "http://www.example.org"]
    for _, spot, at in spots:
        with qtbot.waitSignal(view.link_activated) as clicked:
            hands.click(at)
        assert clicked.args == [spot.value]
    with qtbot.waitSignal(view.link_activated):
        view.setFocus(Qt.FocusReason.OtherFocusReason)
        qtbot.keyClick(view, Qt.Key.Key_Tab)
        qtbot.keyClick(view, Qt.Key.Key_Return)


@pytest.mark.parametrize(
    ("address", "opens"),
    [
        ("https://example.org/a", True),
        ("mailto:a@b.org", True),
        ("javascript:alert(1)", False),
        ("file:///etc/passwd", False),
        ("https:", False),
        ("https:///x", False),
        ("//host/share", False),
        ("\\\\host\\share", False),
        ("https://a.b/\nfile:x", False),
    ],
)
def test_only_what_is_safe_opens(monkeypatch, address: str, opens: bool) -> None:
    opened: list[QUrl] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", opened.append)
    wiring._open_link(address)
    assert [url.toString() for url in opened] == ([address] if opens else [])


NOTES = "First[^1] and later[^b].\n\n" + "Words.\n\n" * 60 + "Again[^1].\n\n[^1]: The note.\n[^b]: Another."


def test_a_footnote_is_gone_to_and_back_from(view: ChatView, hands: Hands, qtbot) -> None:
    hands.answer(NOTES)
    view.verticalScrollBar().setValue(0)
    ref, spot, at = hands.spots("note")[0]
    assert (spot.value, spot.name) == ("1", "Footnote 1")
    hands.click(at)
    assert "The note." in view.visible_plain_text()
    assert view.navigator.spot().name == "Back to the text of footnote 1"
    view.setFocus(Qt.FocusReason.OtherFocusReason)
    qtbot.keyClick(view, Qt.Key.Key_Return)
    assert "First1 and" in view.visible_plain_text()
    assert view.navigator.place[0] == ref


def test_the_tooltip_of_a_reference_is_its_note(view: ChatView, hands: Hands) -> None:
    hands.answer("A[^1] b[^2] c[^3].\n\n[^1]: The *first* <b>.\n\n    More.\n\n[^2]: Second.\n\nEnd.")
    tips = [note_tip(view, ref, spot) for ref, spot, _ in hands.spots("note")]
    assert tips == [
        "<div>The first &lt;b&gt;.</div><div>More.</div>", "<div>Second.</div>", "<div>Footnote 3</div>",
    ]  # fmt: skip


def test_back_leads_to_the_reference_that_was_used(view: ChatView, hands: Hands) -> None:
    hands.answer(NOTES)
    again = [(ref, at) for ref, spot, at in hands.spots("note") if spot.value == "1"][-1]
    hands.click(again[1])
    view.activate(*next(found[:2] for found in hands.spots("note_back") if found[1].value == "1"))
    assert view.navigator.place[0] == again[0]


def test_back_without_having_come_leads_to_the_first(view: ChatView, hands: Hands) -> None:
    hands.answer(NOTES)
    view.activate(*next(found[:2] for found in hands.spots("note_back") if found[1].value == "b"))
    assert "First1 and later[^b]." in view.visible_plain_text()


def test_a_reference_without_a_note_leads_nowhere(view: ChatView, hands: Hands) -> None:
    hands.answer("Words[^7].")
    before = view.visible_plain_text()
    hands.click(hands.spots("note")[0][2])
    assert view.visible_plain_text() == before
