from __future__ import annotations

from PySide6.QtWidgets import QApplication

from ui.composer.composer import Composer
from ui.composer.editing_line import QUESTION, WAITING

COST = "Sending this reads about 12,300 tokens again, about 40 s"


def test_the_cost_of_an_edit_stands_below_what_is_edited(composer: Composer) -> None:
    line = composer.editing_line
    composer.begin_edit("1", "A question", False)
    assert line.isVisible()
    assert not line.cost.isVisible()
    line.set_cost(COST)
    QApplication.processEvents()
    assert line.cost.text() == line.accessibleDescription() == COST
    assert line.cost.isVisible()
    assert line.cost.geometry().top() > line.label.geometry().top()
    assert line.cost.geometry().left() == line.label.geometry().left()
    line.set_cost("")
    assert not line.cost.isVisible()


def test_documents_added_meanwhile_are_said_to_wait(composer: Composer) -> None:
    line = composer.editing_line
    composer.begin_edit("1", "A question", False)
    line.on_documents_added(["a.txt"])
    assert line.label.text() == line.accessibleName() == WAITING
    composer.cancel_edit()
    assert line.isHidden()
    composer.begin_edit("2", "Another", False)
    assert line.label.text() == QUESTION


def test_the_cost_goes_with_its_edit(composer: Composer) -> None:
    line = composer.editing_line
    composer.begin_edit("1", "A question", False)
    line.set_cost(COST)
    composer.begin_edit("2", "Another", False)
    assert line.cost.text() == line.accessibleDescription() == ""
    line.set_cost(COST)
    composer.cancel_edit()
    assert not line.cost.isVisible()
