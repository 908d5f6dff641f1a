"""The token in the keyring; a keyring that fails, and none."""

from __future__ import annotations

import sys
from types import ModuleType

import pytest

from app.errors import SettingsError
from app.settings.tokens import LONGEST_TOKEN, TokenStore, is_token

TOKEN = "hf_abcDEF123"


class Memory:
    """A keyring in memory."""

    def __init__(self, priority: float = 5) -> None:
        self.kept: dict[tuple[str, str], str] = {}
        self.priority = priority

    def get_password(self, service: str, username: str) -> str | None:
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.kept[service, username]


class Broken(Memory):
    """One that raises what a backend may raise."""

    def get_password(self, service: str, username: str) -> str | None:
        raise OSError(f"no bus for {service}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise ValueError(password)


def test_a_token_is_kept_replaced_and_removed() -> None:
    keyring = Memory()
    store = TokenStore(keyring)
    assert store.read() == ""
    store.write(TOKEN)
    assert TokenStore(keyring).read() == TOKEN
    store.write(TOKEN + "2")
    assert store.read() == TOKEN + "2"
    store.write("")
    store.write("")
    assert store.read() == ""
    assert not keyring.kept


def test_a_keyring_that_fails_is_told_without_the_token() -> None:
    store = TokenStore(Broken())
    with pytest.raises(SettingsError, match="does not hand the token out"):
        store.read()
    with pytest.raises(SettingsError, match="until the app is closed") as caught:
        store.write(TOKEN)
    assert TOKEN not in str(caught.value)
    with pytest.raises(SettingsError, match="does not give the token up"):
        store.write("")


@pytest.mark.parametrize("kept", ["two words", "", "x" * (LONGEST_TOKEN + 1), "é", "a\nb"])
def test_what_is_no_token_is_none(kept: str) -> None:
    assert not is_token(kept)
    keyring = Memory()
    store = TokenStore(keyring)
    store.write(TOKEN)
    keyring.kept = dict.fromkeys(keyring.kept, kept)
    assert store.read() == ""


class Library:
    """Stands for the library `keyring` with one backend."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, backend: Memory | None) -> None:
        core, whole = ModuleType("keyring.core"), ModuleType("keyring")
        core.recommended = lambda found: found.priority >= 1  # type: ignore[attr-defined]
        whole.core, whole.get_keyring = core, self._get  # type: ignore[attr-defined]
        self._backend = backend
        monkeypatch.setitem(sys.modules, "keyring", whole)
        monkeypatch.setitem(sys.modules, "keyring.core", core)

    def _get(self) -> Memory:
        if self._backend is None:
            raise RuntimeError("a configuration that is broken")
        return self._backend


def test_the_systems_keyring_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    keyring = Memory()
    Library(monkeypatch, keyring)
    TokenStore().write(TOKEN)
    assert list(keyring.kept.values()) == [TOKEN]
    assert TokenStore().read() == TOKEN


@pytest.mark.parametrize("backend", [Memory(priority=0.5), None])
def test_a_keyring_that_writes_into_a_plain_file_is_none(
    monkeypatch: pytest.MonkeyPatch, backend: Memory | None
) -> None:
    Library(monkeypatch, backend)
    with pytest.raises(SettingsError, match="no keyring"):
        TokenStore().write(TOKEN)
    with pytest.raises(SettingsError, match="Enter the token again"):
        TokenStore().read()
    assert backend is None or not backend.kept


def test_the_real_library_answers_or_there_is_no_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
    from keyring.backends import fail
    from keyring.core import recommended

    assert not recommended(fail.Keyring())
