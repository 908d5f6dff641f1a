"""What a value of a setting may be. Files and fields are a stranger's until they have passed here."""

from __future__ import annotations

import math
from dataclasses import field
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from app.language import tr

LONGEST_PATH: Final = 4096
LONGEST_ADDRESS: Final = 2000
LONGEST_CODE: Final = 20
_CHECK: Final = "check"


class Check(Protocol):
    """Whether a value may stand for a setting, and what to say where it may not."""

    @property
    def words(self) -> str: ...

    def passes(self, value: object) -> bool: ...


class Whole:
    """A whole number in a range, or None where that is allowed."""

    def __init__(self, low: int, high: int, *, none: bool) -> None:
        self._low, self._high, self._none = low, high, none

    @property
    def words(self) -> str:
        return tr("It has to be a whole number from {low} to {high}.", low=self._low, high=self._high)

    def passes(self, value: object) -> bool:
        if value is None:
            return self._none
        return type(value) is int and self._low <= value <= self._high


class Real:
    """A finite number in a range, or None."""

    def __init__(self, low: float, high: float) -> None:
        self._low, self._high = low, high

    @property
    def words(self) -> str:
        return tr("It has to be a number from {low:g} to {high:g}.", low=self._low, high=self._high)

    def passes(self, value: object) -> bool:
        if value is None:
            return True
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        return self._low <= value <= self._high and math.isfinite(value)


class Choice:
    """One of a few values; True is not taken for 1."""

    @property
    def words(self) -> str:
        return tr("It is none of the choices.")

    def __init__(self, values: tuple[object, ...]) -> None:
        self._values = values

    def passes(self, value: object) -> bool:
        return any(type(value) is type(one) and value == one for one in self._values)


class FilePath:
    """The path of a file or folder, or an empty string."""

    @property
    def words(self) -> str:
        return tr("This path cannot be used.")

    def passes(self, value: object) -> bool:
        if not isinstance(value, str) or len(value) > LONGEST_PATH or "\0" in value:
            return False
        try:
            value.encode("utf-8", "surrogateescape")  # names of files may be no UTF-8
        except UnicodeEncodeError:
            return False
        return True


class LanguageCode:
    """The code of a language, such as "de" or "pt_BR", or an empty string."""

    words = "It is none of the choices."

    def passes(self, value: object) -> bool:
        if not isinstance(value, str) or len(value) > LONGEST_CODE:
            return False
        return not value or (value.isascii() and value.replace("_", "").isalnum())


class Address:
    """An http or https address without a query, or an empty string.

    `login`: whether a name and a password may stand in it.
    """

    def __init__(self, *, login: bool) -> None:
        self._login = login

    @property
    def words(self) -> str:
        example = "https://hub.example" if not self._login else "http://proxy.example:8080"
        return tr("This address cannot be used. Give one such as {example}.", example=example)

    def passes(self, value: object) -> bool:
        if not isinstance(value, str) or len(value) > LONGEST_ADDRESS:
            return False
        return not value or self._is_address(value)

    def _is_address(self, value: str) -> bool:
        if not value.isascii() or any(one <= " " or one in '"<>\\^`{|}\x7f' for one in value):
            return False
        try:
            parts = urlsplit(value)
            sound = parts.port != 0 and bool(parts.hostname)
        except ValueError:
            return False
        plain = self._login or "@" not in parts.netloc
        return sound and plain and parts.scheme in ("http", "https") and not parts.query + parts.fragment


class Group:
    """Settings within a setting: a frozen dataclass of its own."""

    @property
    def words(self) -> str:
        return tr("It is not a group of settings.")

    def __init__(self, kind: type) -> None:
        self.kind = kind

    def passes(self, value: object) -> bool:
        return type(value) is self.kind


def setting(default: object, check: Check) -> Any:
    """A field of a group, with what its value may be."""
    assert check.passes(default), default
    return field(default=default, metadata={_CHECK: check})


def whole(default: int | None, low: int, high: int) -> Any:
    return setting(default, Whole(low, high, none=default is None))


def real(low: float, high: float) -> Any:
    return setting(None, Real(low, high))


def choice(default: object, *others: object) -> Any:
    return setting(default, Choice((default, *others)))


def switch(default: bool) -> Any:
    return choice(default, not default)


def group(kind: type) -> Any:
    return setting(kind(), Group(kind))


def check_of(metadata: Any) -> Check:
    """The check of a field by its metadata."""
    check: Check = metadata[_CHECK]
    return check
