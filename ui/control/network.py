"""How the hub is reached: the network's settings, with the token that only the keyring has. GUI thread."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot

from app.errors import UserError
from app.language import mark, tr
from app.models.hub_settings import HubSettings
from app.settings.hub import hub_settings
from app.settings.model import NetworkSettings
from app.settings.tokens import is_token
from ui.control.settings import SettingsControl

_NO_TOKEN = mark("That is no token: it has letters and digits only, and begins with hf_ as a rule.")


class NetworkControl(QObject):
    """Knows the token while the app runs.

    Attributes:
        token_state: what `token_changed` said last.

    Signals:
        hub_changed: HubSettings as they hold from now on.
        token_changed: "none", "waiting", "kept" (in the keyring) or "held" (until the app is closed),
            and what is to be said of it.
    """

    fetch_wanted = Signal()  # to the worker
    keep_wanted = Signal(str)
    hub_changed = Signal(object)
    token_changed = Signal(str, str)

    def __init__(self, settings: SettingsControl, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("network_control")
        self._settings = settings
        self._token = ""
        self._asked = False
        self.token_state = ("none", "")
        settings.restored.connect(self._on_restored)
        settings.changed.connect(self._on_changed)

    def hub_settings(self) -> HubSettings:
        """How the hub is reached now."""
        return hub_settings(self._settings.settings.network, self._token)

    @Slot(object)
    def _on_restored(self, _settings: object) -> None:
        self._ask()
        self.hub_changed.emit(self.hub_settings())

    @Slot(str, object, object)
    def _on_changed(self, group: str, before: NetworkSettings, after: NetworkSettings) -> None:
        if group == "network":
            self._ask()
            told = hub_settings(before, self._token), hub_settings(after, self._token)
            if told[0] != told[1]:
                self.hub_changed.emit(told[1])

    def _ask(self) -> None:
        """Read the token once it can be of use: a locked keyring asks the person for a password."""
        network = self._settings.settings.network
        if network.token_kept and not network.offline and not self._asked:
            self._asked = True
            self._tell("waiting", "")
            self.fetch_wanted.emit()

    @Slot(str, object)
    def on_read(self, token: str, error: UserError | None) -> None:
        if self._token:
            return  # the person entered another one meanwhile
        self._token = token
        if error is not None:
            self._tell("none", str(error))
        elif token:
            self._tell("kept", "")
            self.hub_changed.emit(self.hub_settings())
        else:
            self._settings.change("network", token_kept=False)
            self._tell("none", "")

    @Slot(str)
    def set_token(self, text: str) -> None:
        """A token that the person entered; it counts at once."""
        token = text.strip()
        if not is_token(token):
            self._settings.refused.emit("network", "token", tr(_NO_TOKEN))
            return
        self._asked, self._token = True, token
        self._tell("waiting", "")
        self.hub_changed.emit(self.hub_settings())
        self.keep_wanted.emit(token)

    @Slot()
    def remove_token(self) -> None:
        """No token is sent from now on, and none is kept."""
        self._asked, self._token = True, ""
        self._tell("waiting", "")
        self.hub_changed.emit(self.hub_settings())
        self.keep_wanted.emit("")

    @Slot(object)
    def on_written(self, error: UserError | None) -> None:
        kept = bool(self._token) and error is None
        if error is None or self._token:
            self._settings.change("network", token_kept=kept)
        state = "kept" if kept else "held" if self._token else "none"
        self._tell(state, str(error) if error is not None else "")

    def _tell(self, state: str, words: str) -> None:
        self.token_state = (state, words)
        self.token_changed.emit(state, words)
