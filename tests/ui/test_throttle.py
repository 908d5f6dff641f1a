from ui.throttle import Throttle


def test_many_requests_give_one_due(qtbot) -> None:
    throttle = Throttle(16)
    seen: list[int] = []
    throttle.due.connect(lambda: seen.append(1))
    with qtbot.waitSignal(throttle.due, timeout=1000):
        for _ in range(1000):
            throttle.request()
    assert seen == [1]
    with qtbot.waitSignal(throttle.due, timeout=1000):
        throttle.request()


def test_flush_and_cancel(qtbot) -> None:
    throttle = Throttle(16)
    seen: list[int] = []
    throttle.due.connect(lambda: seen.append(1))
    throttle.flush()
    assert seen == []
    throttle.request()
    throttle.flush()
    assert seen == [1]
    throttle.request()
    throttle.cancel()
    with qtbot.assertNotEmitted(throttle.due, wait=40):
        pass
