"""Questions beside the answers: what a request would cost, and what the devices hold.

Each gets its answer or a Failed, also where the engine dies or the model rests.
"""

from __future__ import annotations

from collections.abc import Callable

from app.engine.protocol import Command, Devices, Failed, GetDevices, Predict, Predicted
from app.language import mark, tr

#: Unanswered questions for the devices, beyond which no further one is sent.
_MOST_ASKED = 4
_NO_MODEL = (mark("No model is loaded."), mark("Open a model first."))


def no_model() -> tuple[str, str, str]:
    """Kind, message and hint of what fails without a model."""
    message, hint = _NO_MODEL
    return "request", tr(message), tr(hint)


class Questions:
    """Those of one session that are not answered yet. On the session's thread."""

    def __init__(self, send: Callable[[Command], None], report: Callable[[Failed], None]) -> None:
        self._send, self._report = send, report
        self._predictions: dict[int, Predict] = {}
        self._asked: set[int] = set()

    @property
    def predicting(self) -> bool:
        """Whether a prediction is under way, or waits for a model."""
        return bool(self._predictions)

    def predict(self, command: Predict, *, now: bool) -> None:
        """Send it now, or with `send_predictions`."""
        self._predictions[command.request_id] = command
        if now:
            self._send(command)

    def send_predictions(self) -> None:
        """The model that they waited for is there."""
        for command in self._predictions.values():
            self._send(command)

    def refuse_prediction(self, request_id: int) -> None:
        self._report(Failed(request_id, "request", tr("The engine has no time for a prediction.")))

    def ask_devices(self, request_id: int, *, up: bool) -> None:
        """Ask an engine that is `up` and answers; else the Failed comes at once."""
        if up and len(self._asked) < _MOST_ASKED:
            self._asked.add(request_id)
            self._send(GetDevices(request_id))
        else:
            self._refuse_devices(request_id)

    def answered(self, event: object) -> None:
        """Take an event; others than the engine's answers change nothing."""
        if isinstance(event, Predicted | Devices | Failed):
            self._predictions.pop(event.request_id, None)
            self._asked.discard(event.request_id)

    def drop_predictions(self) -> None:
        """Nobody will answer them."""
        dropped, self._predictions = self._predictions, {}
        for request_id in dropped:
            self.refuse_prediction(request_id)

    def drop_devices(self) -> None:
        """The engine that was asked is gone."""
        dropped, self._asked = self._asked, set()
        for request_id in dropped:
            self._refuse_devices(request_id)

    def _refuse_devices(self, request_id: int) -> None:
        self._report(Failed(request_id, "request", tr("The engine can't be asked now.")))
