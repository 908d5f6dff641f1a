"""How models are fetched: from where, through what, as whom, or not at all."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QHBoxLayout

from app.language import mark, tr
from app.settings.model import NetworkSettings, Settings
from ui.settings.page import SettingsPage
from ui.settings.rows import SettingRow, SwitchSetting, TextSetting
from ui.theme import SPACE, ThemeManager

_STATES: Final = {
    "none": mark("No token is kept."),
    "waiting": mark("Waiting for the system's keyring…"),
    "kept": mark("A token is kept in the system's keyring."),
    "held": mark("A token is held until the app is closed."),
}
_UNSAFE: Final = mark(
    "This address is not encrypted: others on the way can read what is sent, the token too."
)


class NetworkPage(SettingsPage):
    """The token is sent on its way at once and never shown again.

    Signals:
        token_given: what the person entered.
        token_removed: none is to be sent and kept any more.
        test_wanted: whether the hub answers is to be found out; `set_test_result` says it.
    """

    token_given = Signal(str)
    token_removed = Signal()
    test_wanted = Signal()

    def __init__(self, theme: ThemeManager, endpoint: str) -> None:
        super().__init__("network", tr("Network"), theme)
        hint = tr("Nothing is fetched or looked up. The models that are here work.")
        self.offline = SwitchSetting("offline", tr("Offline"), hint, theme)
        hint = tr("Where models are listed and fetched. The token is sent there, too.")
        words = tr("Address of the hub or of a mirror")
        self.endpoint = TextSetting("endpoint", words, hint, theme, placeholder=endpoint)
        hint, example = tr("Empty for what the system says."), "http://proxy.example:8080"
        self.proxy = TextSetting("proxy", tr("Proxy"), hint, theme, placeholder=example)
        hint = tr("Only for models that ask for one. It is kept in the system's keyring, never in a file.")
        self.token = TextSetting("token", tr("Token"), hint, theme, secret=True)
        self._given, self._testing = "", False
        for row in (self.offline, self.endpoint, self.proxy):
            row.changed.connect(self._on_changed)
        self.token.changed.connect(self._on_token)
        for row in (self.offline, self.endpoint, self.proxy, self.token):
            self.add(row)
        self._add_buttons()
        hint = tr("Whether the hub answers with what is set here.")
        self.connection = SettingRow("connection", tr("Connection"), hint, theme)
        self.connection.take(self.test)
        self.add(self.connection)
        self._kept = NetworkSettings()
        self.set_token("none", "")

    def _add_buttons(self) -> None:
        self.keep = self.push("token_keep", tr("Keep token"), self.token.finish)
        self.keep.setEnabled(False)
        self.remove = self.push("token_remove", tr("Remove token"), self._on_remove)
        self.test = self.push("network_test", tr("Test"), self._on_test)
        self.test.setAccessibleName(tr("Test the connection"))
        self.token.sought += " " + tr("remove")
        below = QHBoxLayout()
        below.setContentsMargins(0, SPACE[1], 0, 0)
        below.setSpacing(SPACE[1])
        below.addWidget(self.keep)
        below.addWidget(self.remove)
        below.addStretch(1)
        self.token.box.addLayout(below)
        self.token.edit.returnPressed.connect(self.token.finish)
        self.token.edit.textChanged.connect(self._on_token_typed)

    # ---- what is shown --------------------------------------------------------------------

    def show_settings(self, settings: Settings) -> None:
        if settings.network != self._kept:
            self._testing = False  # an answer would be about what was set before
            self.connection.set_note("")
        self._kept = network = settings.network
        self.offline.set_value(network.offline)
        self.endpoint.refresh(network.endpoint)
        self.proxy.refresh(network.proxy)
        self.endpoint.set_note(tr(_UNSAFE) if network.endpoint.startswith("http://") else "", warning=True)
        self.test.setEnabled(not network.offline)

    @Slot(str, str)
    def set_token(self, state: str, words: str) -> None:
        """Say where the token is, or what went wrong with it."""
        if state != "none" and self._given and self._given == self.token.value():
            self.token.set_value("")  # it was taken: it does not stay in the field
        self.token.set_note(words or tr(_STATES[state]), warning=bool(words))
        self.token.edit.setPlaceholderText(
            "hf_…" if state == "none" else tr("A token is set; enter another one")
        )
        self.remove.setVisible(state in ("kept", "held"))

    @Slot(bool, str)
    def set_test_result(self, good: bool, text: str) -> None:
        """Say whether the hub answered."""
        if self._testing:
            self._testing = False
            self.connection.set_note(text, warning=not good)

    def values(self) -> dict[str, dict[str, object]]:
        rows = (self.offline, self.endpoint, self.proxy)
        return {"network": {row.field: row.value() for row in rows}}

    # ---- what the person does -------------------------------------------------------------

    @Slot()
    def _on_changed(self) -> None:
        row = self.sender()
        if isinstance(row, SwitchSetting | TextSetting):
            self.want("network", **{row.field: row.value()})

    @Slot()
    def _on_token(self) -> None:
        self._given = self.token.value()
        if self._given:
            self.token_given.emit(self._given)

    @Slot(str)
    def _on_token_typed(self, text: str) -> None:
        self.keep.setEnabled(bool(text))

    @Slot()
    def _on_remove(self) -> None:
        self.reset.setFocus()
        self.token_removed.emit()

    @Slot()
    def _on_test(self) -> None:
        # The button stays: without it the focus, and the next press of a key, would be the reset's.
        if self._testing:
            return
        self.flush()
        self._testing = True
        self.connection.set_note(tr("Asking the hub…"))
        self.test_wanted.emit()
