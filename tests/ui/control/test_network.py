"""How the hub is reached, and what becomes of the token."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject

from app.errors import SettingsError
from app.models.catalogue import DEFAULT_ENDPOINT
from app.models.hub_settings import HubSettings
from app.settings.model import NetworkSettings, Settings
from app.settings.store import Found
from app.settings.tokens import TokenStore
from tests.settings.test_tokens import TOKEN, Broken, Memory
from ui.control.network import NetworkControl
from ui.control.settings import SettingsControl
from ui.workers.tokens import TokenWorker


class Net:
    """The control over a keyring in memory, and what it says."""

    def __init__(self, keyring: Memory, root: QObject) -> None:
        self.keyring = keyring
        self.settings = SettingsControl(root)
        self.control = NetworkControl(self.settings, root)
        self.worker = TokenWorker(TokenStore(keyring))
        self.hubs: list[HubSettings] = []
        self.states: list[tuple[str, str]] = []
        self.refused: list[tuple[str, str, str]] = []
        self.fetched = 0
        self.control.fetch_wanted.connect(self._fetch)
        self.control.keep_wanted.connect(self.worker.keep)
        self.worker.read.connect(self.control.on_read)
        self.worker.written.connect(self.control.on_written)
        self.control.hub_changed.connect(self.hubs.append)
        self.control.token_changed.connect(self._on_token)
        self.settings.refused.connect(self._on_refused)

    def _fetch(self) -> None:
        self.fetched += 1
        self.worker.fetch()

    def _on_token(self, state: str, words: str) -> None:
        self.states.append((state, words))

    def _on_refused(self, group: str, field: str, words: str) -> None:
        self.refused.append((group, field, words))

    def start(self, **network: object) -> None:
        self.settings.on_loaded(Found(Settings(network=NetworkSettings(**network))))  # type: ignore[arg-type]

    @property
    def kept(self) -> bool:
        return self.settings.settings.network.token_kept


@pytest.fixture
def root(qapp: object) -> Iterator[QObject]:
    made = QObject()
    yield made
    for timer in made.findChildren(QObject):
        timer.blockSignals(True)


@pytest.fixture
def net(root: QObject) -> Net:
    return Net(Memory(), root)


def test_the_keyring_is_left_alone_where_no_token_is_kept(net: Net) -> None:
    net.start()
    assert net.fetched == 0
    assert net.hubs == [HubSettings()]
    assert net.control.hub_settings().endpoint == DEFAULT_ENDPOINT


def test_a_token_is_kept_and_there_again(net: Net, root: QObject) -> None:
    net.start()
    net.control.set_token(f" {TOKEN}\n")
    assert net.kept
    assert net.states == [("waiting", ""), ("kept", "")]
    assert net.hubs[-1].token == TOKEN
    again = Net(net.keyring, root)
    again.start(token_kept=True)
    assert again.hubs[-1] == HubSettings(token=TOKEN)
    again.control.remove_token()
    assert again.hubs[-1].token == ""
    assert not again.kept
    assert not net.keyring.kept
    assert again.states[-1] == ("none", "")


def test_offline_nothing_is_asked_for_until_it_ends(net: Net) -> None:
    net.worker.keep(TOKEN)
    net.start(token_kept=True, offline=True)
    assert net.fetched == 0
    assert net.hubs[-1].offline
    net.settings.change("network", offline=False)
    assert net.fetched == 1
    assert net.hubs[-1] == HubSettings(token=TOKEN)
    net.settings.change("network", offline=True)
    net.settings.change("network", offline=False)
    assert net.fetched == 1


def test_changes_of_the_network_are_told_and_others_are_not(net: Net) -> None:
    net.start()
    net.settings.change("network", endpoint="https://mirror.example/", proxy="http://proxy.example:1")
    assert net.hubs[-1] == HubSettings("https://mirror.example", proxy="http://proxy.example:1")
    told = len(net.hubs)
    net.settings.change("engine", n_threads=2)
    net.settings.change("network", token_kept=True)
    assert all(hub == net.hubs[told - 1] for hub in net.hubs[told:])


def test_without_a_keyring_a_token_is_held_until_the_app_is_closed(root: QObject) -> None:
    net = Net(Broken(), root)
    net.start()
    net.control.set_token(TOKEN)
    state, words = net.states[-1]
    assert state == "held"
    assert "until the app is closed" in words
    assert not net.kept
    assert net.hubs[-1].token == TOKEN


def test_a_keyring_that_stays_locked_is_told(root: QObject) -> None:
    net = Net(Broken(), root)
    net.start(token_kept=True)
    state, words = net.states[-1]
    assert state == "none"
    assert "does not hand the token out" in words
    assert net.kept  # the next time it may


def test_a_token_that_is_gone_from_the_keyring_is_not_sought_again(net: Net) -> None:
    net.start(token_kept=True)
    assert not net.kept


def test_a_token_that_was_entered_meanwhile_stays(net: Net) -> None:
    net.start()
    net.control.set_token(TOKEN)
    net.control.on_read("hf_older", None)
    net.control.on_read("", SettingsError("locked"))
    assert net.control.hub_settings().token == TOKEN


@pytest.mark.parametrize("text", ["", "two words", "é", "x" * 500])
def test_what_is_no_token_is_refused(net: Net, text: str) -> None:
    net.start()
    net.control.set_token(text)
    assert net.refused[0][:2] == ("network", "token")
    assert text == "" or text not in net.refused[0][2]
    assert not net.keyring.kept


def test_the_token_reaches_no_setting(net: Net) -> None:
    written: list[object] = []
    net.settings.change_wanted.connect(written.append)
    net.start()
    net.control.set_token(TOKEN)
    net.settings.flush()
    assert written
    assert TOKEN not in repr(written)
    assert TOKEN not in repr(net.settings.settings)
