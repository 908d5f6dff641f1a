from app.render.search import Wanted


def test_x(qtbot, view, hands):
    hands.answer("One **two** three\n\n```py\ntwo = 2\n```\n\n| a | two |\n|--|--|\n| Two | c |\n\n$$two$$")
    view.finder.search(Wanted("two"))
    qtbot.waitUntil(lambda: not view.finder.busy)
    assert view.finder.total == 5
    assert view.finder.number == 1
    assert view.finder.whole
    view.grab()
    view.finder.step(False)
    qtbot.waitUntil(lambda: not view.finder.busy)
    assert view.finder.number == 5
